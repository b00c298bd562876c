"""Measures a sync against what limits it and what else one might use, all in one run, and prints Markdown.

Only lines of one run may be compared: machines differ, and so do their neighbours. Every round walks
through all programs in turn; the median of the rounds counts. See run.sh for how to call it.
"""

import json
import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from machine import machine  # noqa: E402

ROOT = HERE.parent.parent
BUILD = ROOT / os.environ.get("BUILD", "build")
N = int(os.environ.get("N", 100_000))
ROUNDS = int(os.environ.get("ROUNDS", 3))
BIG = 1_000_000 if os.environ.get("BIG") else 0
SINGER = bool(os.environ.get("SINGER"))

FIRST, NONE, CHANGED, UNDO = "first sync", "sync, no change", "sync, 1 % changed", "undo of that"
FETCH, YAJL, INSERT = "limit: receive, slice, parse", "limit: yajl picks 15 fields", "limit: insert the same rows"
SCRIPT, SCRIPT_AGAIN = "Python script, first", "Python script, again"
TAP, TAP_AGAIN = "Singer, first", "Singer, again"
WHAT_LIMITS = {
    FIRST: "SQLite: one B-tree insert per table and index of each person; one fsync a batch",
    NONE: "JSON: cutting and parsing every byte; loopback",
    CHANGED: "as without change, plus its writes",
    UNDO: "reading the run's rows, then its writes",
    FETCH: "a plain C loop over every byte, then yyjson",
    YAJL: "yajl's callback for every value",
    INSERT: "SQLite's B-trees, fed by prepared statements in the order of arrival",
    SCRIPT: "building Python objects of the whole answer",
    SCRIPT_AGAIN: "the same; it has no way to skip",
    TAP: "JSON between two processes, SQL built per batch",
    TAP_AGAIN: "the same rows written again",
}


@dataclass
class Sample:
    """One run of one program."""

    wall: float
    cpu: float
    peak: float  # MB
    out: str = ""


@dataclass
class Results:
    """Everything measured, by size and program."""

    samples: dict[tuple[int, str], list[Sample]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    def add(self, size: int, what: str, sample: Sample) -> Sample:
        self.samples.setdefault((size, what), []).append(sample)
        print(f"{size:>9} {what:32} {sample.wall:8.3f} s  {sample.cpu:8.3f} s CPU  {sample.peak:7.1f} MB", file=sys.stderr)
        return sample

    def median(self, size: int, what: str, of: str = "wall") -> float | None:
        samples = self.samples.get((size, what))
        return statistics.median(getattr(s, of) for s in samples) if samples else None

    def peak(self, size: int, what: str) -> float | None:
        samples = self.samples.get((size, what))
        return max(s.peak for s in samples) if samples else None


def measure(command: list, env: dict | None = None, allowed: tuple[int, ...] = (0,), **more) -> Sample:
    with tempfile.NamedTemporaryFile("r") as numbers:
        ended = subprocess.run([BUILD / "bench" / "measure", numbers.name, *map(str, command)], capture_output=True,
                               text=True, env={**os.environ, **(env or {})}, **more)
        if ended.returncode not in allowed:
            sys.exit(f"{' '.join(map(str, command))}: status {ended.returncode}\n{ended.stdout}{ended.stderr}")
        wall, cpu, peak = map(float, numbers.read().split())
    return Sample(wall, cpu, peak, ended.stdout)


class Company:
    """The people of one size, served from files."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder / f"company-{size}", size
        self.folder.mkdir()
        subprocess.run([BUILD / "bench" / "gen_people", str(size), self.folder], check=True)
        self.bytes = (self.folder / "people.json").stat().st_size
        self.server = subprocess.Popen([BUILD / "bench" / "serve_people", self.folder], stdout=subprocess.PIPE, text=True)
        self.url = self.server.stdout.readline().strip()
        for file in ("people.json", "changed.json"):  # warm: the disk is not what is measured here
            subprocess.run(["cat", self.folder / file], stdout=subprocess.DEVNULL, check=True)

    def change(self, changed: bool) -> None:
        mark = self.folder / "one-percent"
        mark.touch() if changed else mark.unlink(missing_ok=True)

    def close(self) -> None:
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.folder)


class Store:
    """A fresh SQLite store with one source, and the commands that are measured on it."""

    def __init__(self, folder: Path, company: Company) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.path = folder / "muster.db"
        self.env = {"MUSTER_STORE": str(self.path), "MUSTER_ALLOW_PRIVATE": "1", "MUSTER_SECRET": "bench-token"}
        self.muster("init")
        self.muster("source", "add", "hibob", "--set", f"url={company.url}", "--set", "service_user=BENCH")

    def muster(self, *words: str) -> Sample:
        # 1: findings wait for a person; the run itself is judged by its tally
        return measure([BUILD / "release" / "muster", *words], self.env, allowed=(0, 1))

    def sync(self) -> tuple[Sample, dict]:
        sample = self.muster("sync", "hibob", "--json")
        tally = json.loads(sample.out)
        if tally["state"] != "applied":
            sys.exit(f"the sync was not applied: {tally}")
        return sample, tally

    def rows(self) -> dict[str, int]:
        with sqlite3.connect(f"file:{self.path}?mode=ro", uri=True) as db:
            names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def must(condition: bool, message: str) -> None:
    if not condition:
        sys.exit(message)


def sync_round(results: Results, company: Company, folder: Path) -> None:
    """First sync, no change, one percent, undo: each next to its limit."""
    size = company.size
    company.change(False)
    store = Store(folder / "store", company)

    sample, first = store.sync()
    must(first["read"] == size and first["created"] > size * 0.9, f"the first sync missed somebody: {first}")
    results.add(size, FIRST, sample)
    if size <= N:  # holds all rows in memory
        limit = measure([BUILD / "bench" / "limit_insert", store.path, folder / "limit.db"])
        limit.wall = float(limit.out.split()[0])  # without reading the finished rows
        results.add(size, INSERT, limit)

    before = store.rows()
    sample, tally = store.sync()
    must(tally["created"] + tally["updated"] + tally["deactivated"] == 0, f"a change where there was none: {tally}")
    results.add(size, NONE, sample)
    grown = {name: n - before[name] for name, n in store.rows().items() if n != before[name]}
    results.facts["rows a no-change run adds"] = ", ".join(f"{name} +{n}" for name, n in grown.items()) or "none"
    for what, program in ((FETCH, "limit_fetch"), (YAJL, "limit_yajl")):
        sample = results.add(size, what, measure([BUILD / "bench" / program, company.url]))
        must(sample.out.startswith(f"{size} employees"), f"{program} missed somebody: {sample.out}")

    company.change(True)
    sample, tally = store.sync()
    must(size * 0.008 < tally["updated"] <= size * 0.01, f"not one percent changed: {tally}")
    results.add(size, CHANGED, sample)
    results.facts["share"] = str(tally["updated"] / first["created"])
    results.add(size, UNDO, store.muster("undo", str(tally["run"]), "--yes", "--json"))


def script_round(results: Results, company: Company, folder: Path) -> None:
    company.change(False)
    (folder / "script.db").unlink(missing_ok=True)
    for what in (SCRIPT, SCRIPT_AGAIN):
        results.add(company.size, what, measure([sys.executable, HERE / "peer_script.py", company.url, folder / "script.db"]))


def singer_round(results: Results, company: Company, folder: Path) -> None:
    """target-sqlite 0.2.0, the newest there is, does not run on Python 3.10 and newer."""
    candidates = [*map(str, Path.home().glob(".pyenv/versions/3.9*/bin/python3")), "python3.9"]
    python = next((p for p in candidates if shutil.which(p) and subprocess.run([p, "-V"], capture_output=True).returncode == 0), None)
    must(python is not None, "SINGER=1 needs a Python 3.9: target-sqlite does not run on newer ones")
    target = folder / "singer" / "bin" / "target-sqlite"
    if not target.exists():
        subprocess.run([python, "-m", "venv", folder / "singer"], check=True)
        subprocess.run([folder / "singer" / "bin" / "pip", "install", "-q", "target-sqlite==0.2.0"], check=True)
    config = folder / "target.json"
    config.write_text(json.dumps({"database": str(folder / "singer.db"), "batch_size": 5000}))
    (folder / "singer.db").unlink(missing_ok=True)
    for what in (TAP, TAP_AGAIN):
        pipe = f"'{sys.executable}' '{HERE}/peer_tap.py' '{company.url}' | '{target}' -c '{config}'"
        results.add(company.size, what, measure(["bash", "-o", "pipefail", "-c", pipe]))


def writer_round(results: Results, company: Company, folder: Path) -> None:
    """A serving process writes while a command applies the first sync."""
    company.change(False)
    store = Store(folder / "store", company)
    writer = subprocess.Popen([BUILD / "bench" / "writer", store.path], env={**os.environ, **store.env},
                              stdout=subprocess.PIPE, text=True)
    must(writer.stdout.readline() == "ready\n", "the writer did not start")
    sample, _ = store.sync()
    writer.send_signal(signal.SIGTERM)
    said = writer.stdout.read().strip()
    must(writer.wait() == 0, f"the writer failed: {said}")
    results.add(company.size, f"{FIRST}, beside a writing server", sample)
    results.facts["writes of a server meanwhile"] = said


def rules(r: Results) -> list[tuple[str, str, float | None, bool]]:
    """What was promised: rule, bound, measured, kept."""
    def ratio(a: float | None, b: float | None) -> float | None:
        return a / b if a and b else None

    def most(text: str, value: float | None, bound: float, unit: str = "×"):
        return text, f"≤ {bound:g} {unit}", value, value is not None and value <= bound

    none, fetch, insert = r.median(N, NONE), r.median(N, FETCH), r.median(N, INSERT)
    again = ratio(r.median(N, SCRIPT_AGAIN), none)
    writes = insert * float(r.facts["share"])
    listed = [
        most("no change / receive, slice, parse", ratio(none, fetch), 1.5),
        most("no change / yajl", ratio(none, r.median(N, YAJL)), 0.4),
        ("Python script again / no change", "≥ 15 ×", again, again is not None and again >= 15),
        most("first sync / insert of the same rows", ratio(r.median(N, FIRST), insert), 2),
        most("1 % changed, without the insert of its share, / no change", ratio(r.median(N, CHANGED) - writes, none), 1.3),
    ]
    p99 = float(r.facts["writes of a server meanwhile"].split("p99 ")[1].split()[0])
    listed.append(most("a server's own writes while a command applies, p99", p99, 100, "ms"))
    if BIG:
        listed += [
            most("a million, no change: peak", r.peak(BIG, NONE), 128, "MB"),
            most("a million, first sync: peak", r.peak(BIG, FIRST), 256, "MB"),
            most(f"no change, a million / {N:,}", ratio(r.median(BIG, NONE), none), 12 * BIG / N / 10),
            most(f"first sync, a million / {N:,}", ratio(r.median(BIG, FIRST), r.median(N, FIRST)), 12 * BIG / N / 10),
        ]
    return listed


def print_report(r: Results, companies: dict[int, int], where: str) -> None:
    print("## Sync\n")
    print("`bench/sync/` writes this section. A HiBob of prepared files on loopback; SQLite store; medians of "
          f"{ROUNDS} rounds, peaks their largest. Only lines of one run compare.\n")
    print(f"Machine: {where}\n")
    print("### Promises\n\n| measured at " + f"{N:,} people | bound | here | |\n|---|---|---|---|")
    for rule, bound, value, kept in rules(r):
        print(f"| {rule} | {bound} | {'–' if value is None else f'{value:.2f}'} | {'kept' if kept else '**not kept**'} |")
    print(f"\nA no-change run adds: {r.facts['rows a no-change run adds']}. "
          f"A server's writes while a command applies the first sync: {r.facts['writes of a server meanwhile']}.\n")
    print("### Measurements\n\n| people | what | wall s | CPU s | peak MB | what limits it |\n|--:|---|--:|--:|--:|---|")
    for size in companies:
        for (of, what) in r.samples:
            if of == size:
                print(f"| {size:,} | {what} | {r.median(size, what):.3f} | {r.median(size, what, 'cpu'):.3f} "
                      f"| {r.peak(size, what):.0f} | {WHAT_LIMITS.get(what, 'as above, and the lock they share')} |")
    print("\nAnswers: " + ", ".join(f"{size:,} people {size_bytes / 1e6:.1f} MB" for size, size_bytes in companies.items()) + ".")


def main() -> None:
    results, sizes = Results(), {}
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as name:
        folder = Path(name)
        where = machine(folder)
        for size in sorted({1_000, 10_000, N, BIG} - {0}):
            company = Company(folder, size)
            sizes[size] = company.bytes
            try:
                for _ in range(1 if size == BIG else ROUNDS):
                    sync_round(results, company, folder)
                    if size == N:
                        script_round(results, company, folder)
                if size == N:
                    writer_round(results, company, folder)
                    if SINGER:
                        singer_round(results, company, folder)
            finally:
                company.close()
    print_report(results, sizes, where)


if __name__ == "__main__":
    main()
