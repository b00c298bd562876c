"""Runs the test suites, two at a time, counts what passed, and shows what did not.

A suite is a C test program (cmocka, TAP), a fuzz corpus run under sanitizers (TAP too) or one Python
file (pytest). `suites.py` runs all of them; `suites.py people/manager`, `e2e/test_sync.py`,
`fuzz/slice` or `sync` (a folder of tests/) narrow it down. tools/test.sh sets the environment.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = os.environ.get("BUILD", "build")
AT_ONCE = 2
LIMIT = {".c": 120, ".py": 3600 if os.environ.get("MUSTER_SOAK") else 300}  # seconds until a suite counts as hanging
SHOWN = 80  # lines of a failing suite's output
SANITIZER = re.compile(r"ERROR: (Address|Leak)Sanitizer|runtime error:")


@dataclass
class Suite:
    """One file under tests/, and how it went."""

    path: Path
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    why: list[str] = field(default_factory=list)
    output: str = ""

    @property
    def name(self) -> str:
        """As T= takes it."""
        inner = self.path.relative_to(ROOT / "tests")
        if inner.suffix == ".py":
            return str(inner)
        return str(inner.with_name(re.sub(r"^(test|fuzz)_", "", inner.stem)))

    @property
    def program(self) -> str:
        inner = self.path.relative_to(ROOT / "tests").with_suffix("")
        return f"{BUILD}/asan/tests/{inner}/run"

    def command(self) -> list[str]:
        if self.path.suffix == ".py":
            return [".venv/bin/pytest", "-q", "-rfEs", "--tb=short", "--color=no", "-p", "no:cacheprovider", str(self.path)]
        if self.path.name.startswith("fuzz_"):
            corpus = self.path.parent / "corpus" / self.path.stem.removeprefix("fuzz_")
            return [self.program, *sorted(str(file) for file in corpus.iterdir())]
        return [self.program]


class Runner:
    """Starts suites in sessions of their own, so that a hanging one is ended with all its children."""

    def __init__(self) -> None:
        self.running: set[subprocess.Popen] = set()
        self.stopped = threading.Event()

    def run(self, suite: Suite) -> Suite:
        if self.stopped.is_set():
            return suite
        started = time.monotonic()
        process = subprocess.Popen(suite.command(), cwd=ROOT, text=True, errors="replace", start_new_session=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP", "PYTHONPATH": str(ROOT)})
        self.running.add(process)
        limit, late = LIMIT[suite.path.suffix], False
        try:
            suite.output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            late = True
        end(process)
        if late:
            suite.output, _ = process.communicate()
            suite.why.append(f"ended after {limit} s: it hangs")
        self.running.discard(process)
        suite.seconds = time.monotonic() - started
        judge(suite, process.returncode)
        if not self.stopped.is_set():
            report(suite)
        return suite

    def stop(self) -> None:
        self.stopped.set()
        for process in list(self.running):
            end(process)


def end(process: subprocess.Popen) -> None:
    """Ends what is left of the process's session."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def judge(suite: Suite, code: int) -> None:
    """Counts, and makes sure that whatever went wrong is at least one failure."""
    count = count_pytest if suite.path.suffix == ".py" else count_tap
    promised = count(suite)
    seen = suite.passed + suite.failed + suite.skipped
    if code < 0 and not suite.why:
        suite.why.append(f"died of {signal.Signals(-code).name}")
    if SANITIZER.search(suite.output) and code:
        suite.why.append("a sanitizer complained")
    if seen < promised and not suite.why:
        suite.why.append(f"stopped after {seen} of {promised} tests with status {code}")
    if code and not suite.failed and not suite.why:
        suite.why.append(f"ended with status {code}")
    if not seen and not suite.why:
        suite.why.append("has no tests")
    if suite.why:
        suite.failed += 1


def count_tap(suite: Suite) -> int:
    """Counts TAP lines; the number of tests the suite promised."""
    suite.skipped = len(re.findall(r"^(?:not )?ok \d+ # SKIP", suite.output, re.M))  # cmocka says "not ok"
    suite.passed = len(re.findall(r"^ok \d+(?! # SKIP)", suite.output, re.M))
    suite.failed = len(re.findall(r"^not ok \d+(?! # SKIP)", suite.output, re.M))
    return sum(int(n) for n in re.findall(r"^1\.\.(\d+)", suite.output, re.M))


def count_pytest(suite: Suite) -> int:
    """Counts from pytest's closing line."""
    last = next((line for line in reversed(suite.output.splitlines()) if re.search(r" in [\d.]+s", line)), "")
    found = {word.rstrip("s"): int(n) for n, word in re.findall(r"(\d+) (\w+)", last)}
    suite.passed = found.get("passed", 0)
    suite.failed = found.get("failed", 0) + found.get("error", 0)
    suite.skipped = found.get("skipped", 0)
    return 0


def report(suite: Suite) -> None:
    """One line as soon as a suite is through."""
    counts = f"{suite.passed} passed" + (f", {suite.failed} FAILED" if suite.failed else "")
    counts += f", {suite.skipped} skipped" if suite.skipped else ""
    print(f"{suite.name:36} {counts}, {suite.seconds:.1f} s", flush=True)


def show(suite: Suite) -> None:
    """What a person needs to see of a failing suite."""
    print(f"\n--- {suite.name}: {'; '.join(suite.why) or f'{suite.failed} failed'}")
    lines = [line for line in suite.output.splitlines() if not re.match(r"ok \d+|1\.\.\d+|not ok \d+ # SKIP|# (not )?ok - ", line)]
    if len(lines) > SHOWN:
        print(f"[the last {SHOWN} of {len(lines)} lines]")
    print("\n".join(lines[-SHOWN:]))
    print(f"again: make test T={suite.name}")


def find(wanted: str) -> list[Suite]:
    """The suites that T names; all without it."""
    files = [*ROOT.glob("tests/*/test_*.py"), *ROOT.glob("tests/*/test_*.c"), *ROOT.glob("tests/fuzz/fuzz_*.c")]
    suites = [Suite(file) for file in sorted(files)]
    if wanted:
        suites = [s for s in suites if wanted in (s.name, s.path.parent.name, str(s.path.relative_to(ROOT)))]
    # Whole-program suites take longest: they start first, so that nobody waits for one at the end.
    return sorted(suites, key=lambda s: (s.path.suffix != ".py", s.path.parent.name != "e2e", s.name))


def build(suites: list[Suite]) -> bool:
    goals = [suite.program for suite in suites if suite.path.suffix == ".c"]
    if any(suite.path.parent.name == "e2e" for suite in suites):
        goals.append(f"{BUILD}/asan/muster")
    if not goals:
        return True
    make = [os.environ.get("MAKE", "make"), "--silent", f"-j{os.cpu_count()}", f"BUILD={BUILD}", *goals]
    # Not a part of the make that called us: its job server is not ours.
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return subprocess.run(make, cwd=ROOT, env=env).returncode == 0


def main(wanted: str) -> int:
    suites = find(wanted)
    if not suites:
        print(f"No suite is called {wanted!r}. T= takes e.g. people/manager, e2e/test_sync.py, fuzz/slice, or a folder of tests/.")
        return 2
    if not build(suites):
        print("The tests do not build.\n0 passed, 1 failed")
        return 1
    runner = Runner()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                list(pool.map(runner.run, suites))
            except KeyboardInterrupt:
                runner.stop()
                raise
    except KeyboardInterrupt:
        print("\nstopped")
        return 130
    for suite in suites:
        if suite.failed:
            show(suite)
    passed, failed, skipped = (sum(getattr(s, kind) for s in suites) for kind in ("passed", "failed", "skipped"))
    print(f"\n{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
