"""`make run`, as a stranger would type it: wait for the ready line, look at the pages, press Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Iterator

import pytest

from conftest import ROOT, free_port, http

PATIENCE = 240  # seconds for a build from nothing; nothing waits that long when all is well


class Terminal:
    """A command with a process group of its own, as a shell in a terminal gives it."""

    def __init__(self, *command: str) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("MUSTER_", "MAKE", "MFLAGS"))}
        self.lines: list[str] = []
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.patience = threading.Timer(PATIENCE, self.kill)
        self.patience.start()

    def read_until(self, pattern: str) -> re.Match[str]:
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"it ended without {pattern!r}:\n{self.text}")

    def press_ctrl_c(self) -> int:
        """SIGINT to everybody in the foreground; the exit status once all of them have let go of the terminal."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.lines += self.process.stdout.read().splitlines()
        return self.process.wait()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def kill(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def close(self) -> None:
        self.patience.cancel()
        self.kill()
        self.process.wait()


@pytest.fixture
def terminal() -> Iterator[type[Terminal]]:
    opened: list[Terminal] = []

    def start(*command: str) -> Terminal:
        opened.append(Terminal(*command))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def test_make_run_ends_ready_at_the_printed_address_and_ctrl_c_stops_all(terminal, tmp_path: Path) -> None:
    port = free_port()
    demo = terminal("make", "run", f"PORT={port}", f"DEMO={tmp_path}")

    site = demo.read_until(r"^Muster is ready at (\S+)$")[1]
    assert site == f"http://127.0.0.1:{port}/"
    tally = re.search(r"\bcreated\D{0,5}(\d+)|(\d+) created", demo.text)
    assert tally, demo.text
    created = int(tally[1] or tally[2])
    assert 700 < created <= 1000

    page = http("GET", site)
    assert page.status == 200 and page.headers.get_content_type() == "text/html"
    assert "hibob" in page.text and str(created) in page.text.replace(",", "")
    assert "<script" not in page.text
    assert http("GET", f"{site}healthz").status == 200
    assert http("GET", f"{site}readyz").status == 200
    metrics = http("GET", f"{site}metrics")
    assert metrics.headers.get_content_type() == "application/openmetrics-text" and metrics.text.endswith("# EOF\n")
    assert http("GET", f"{site}nothing-here").status == 404

    plan = plan_as_the_demo_says(demo)
    assert plan.returncode == 0, plan.stderr

    demo.press_ctrl_c()
    assert "Stopped." in demo.text
    with pytest.raises(OSError):
        http("GET", site, timeout=2)


def plan_as_the_demo_says(demo: Terminal) -> subprocess.CompletedProcess:
    """Types the two lines the demo prints for another terminal."""
    lines = [line.strip() for line in demo.lines]
    at = next(i for i, line in enumerate(lines) if re.fullmatch(r"\. \S+/env", line))
    assert lines[at + 1].endswith("muster plan hibob")
    return subprocess.run(["bash", "-ec", "\n".join(lines[at:at + 2])], cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_a_port_in_use_is_said_before_anything_is_started(terminal, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        demo = terminal("make", "run", f"PORT={port}", f"DEMO={tmp_path}")
        demo.read_until(rf"Port {port} is in use .* make run PORT=\d+")
        assert demo.process.wait() != 0
    assert list(tmp_path.iterdir()) == []
