"""One measurement: wrk or mix against one server, with the server's own CPU time and memory beside it."""

import csv
import os
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from client import BULK, Client, Loaded, patch
from servers import PROGRAMS, Server, say

HERE = Path(__file__).resolve().parent


@dataclass
class Line:
    """One line of the CSV."""

    round: int
    server: str
    workload: str
    connections: int
    requests: int
    seconds: float
    p50_us: int
    p99_us: int
    longest_us: int
    failed: int
    bytes: int = 0
    cpu_us: float = 0           # of the server, per request
    rss_kb: int = 0
    peak_kb: int = 0

    @property
    def rate(self) -> float:
        return self.requests / self.seconds if self.seconds else 0.0


class Lines:
    """All measurements of a run; every one is in the CSV as soon as it is made."""

    def __init__(self, path: Path, fresh: bool = True) -> None:
        self.path = path
        self.all: list[Line] = []
        kinds = {field.name: field.type for field in fields(Line)}
        if fresh:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(",".join(kinds) + "\n")
            return
        with open(path, newline="") as file:
            self.all = [Line(**{name: kinds[name](text) for name, text in row.items()}) for row in csv.DictReader(file)]

    def add(self, line: Line) -> None:
        self.all.append(line)
        with open(self.path, "a", newline="") as file:
            csv.writer(file).writerow([round(value, 4) if isinstance(value, float) else value for value in astuple(line)])
        say(f"{line.round} {line.server:22} {line.workload:20} {line.connections:3}  {line.rate:10,.0f}/s  p50 {line.p50_us / 1000:8.2f} ms"
            f"  p99 {line.p99_us / 1000:8.2f} ms  CPU {line.cpu_us:7.1f} us  {line.rss_kb / 1024:6.1f} MB"
            + (f"  {line.failed} FAILED" if line.failed else ""))

    def of(self, server: str, workload: str, connections: int) -> list[Line]:
        return [line for line in self.all if (line.server, line.workload, line.connections) == (server, workload, connections)]

    def median(self, server: str, workload: str, connections: int, what: str = "rate") -> float | None:
        found = self.of(server, workload, connections)
        return statistics.median(getattr(line, what) for line in found) if found else None


def settle(server: Server) -> None:
    """Waits until it does nothing any more: a slow one goes on with what wrk gave up, and would disturb the next."""
    for _ in range(300):
        before = server.cpu_seconds()
        time.sleep(0.1)
        if server.cpu_seconds() - before <= 0.02:
            return


def wrk(lines: Lines, number: int, loaded: Loaded, workload: str, connections: int, seconds: int, group: int = 0,
        called: str | None = None) -> None:
    """`group`: the size of the one whose members change; the line is called "member of 5000" then, or as `called` says."""
    server = loaded.server
    called = called or (f"{workload} of {group}" if group else workload)
    environment = {
        **os.environ, "WORKLOAD": workload, "HOST": f"127.0.0.1:{server.port}", "BASE": server.base, "TOKEN": server.token,
        "TAG": f"{workload[0]}{number}x{connections}x{time.time_ns() // 1000000}x", "SEED": str(number * 1000 + connections),
        "IDS": str(loaded.ids_file), "USERS": str(loaded.users), "LINKED": str(loaded.linked),
        "GROUP": loaded.groups.get(group, ""), "MEMBERS": str(group), "SEQUENCE": str(loaded.asked.get(group, 0)),
    }
    if loaded.cursors_file.exists():
        environment["CURSORS"] = str(loaded.cursors_file)
    before = server.cpu_seconds()
    ended = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", HERE / "load.lua",
                            f"http://127.0.0.1:{server.port}/"], capture_output=True, text=True, env=environment)
    spent = server.cpu_seconds() - before
    said = re.search(r"^MEASURED (.*)$", ended.stdout, re.MULTILINE)
    if said is None:
        raise RuntimeError(f"wrk on {server.name}, {workload}: {ended.stdout}{ended.stderr}")
    numbers = said[1].split()
    requests = int(numbers[0])
    if group:
        loaded.asked[group] = loaded.asked.get(group, 0) + requests
    lines.add(Line(number, server.name, called, connections, requests, float(numbers[1]),
                   *map(int, numbers[2:5]), int(numbers[5]) + int(numbers[6]), int(numbers[7]), spent / max(requests, 1) * 1e6,
                   server.memory_kb(), server.memory_kb("VmHWM")))
    settle(server)


def mix(lines: Lines, number: int, loaded: Loaded, workload: str, connections: int, seconds: int, writes: int, rate: int = 0) -> None:
    """Adds a line "WORKLOAD: read" and, with writes, "WORKLOAD: write"."""
    server = loaded.server
    before = server.cpu_seconds()
    ended = subprocess.run([str(word) for word in (PROGRAMS / "mix", server.port, server.base, server.token, loaded.ids_file, seconds,
                           connections, writes, rate, f"m{number}x{time.time_ns() // 1000000}x")], capture_output=True, text=True)
    if ended.returncode != 0:
        raise RuntimeError(f"mix on {server.name}: {ended.stdout}{ended.stderr}")
    rows = [row.split(",") for row in ended.stdout.splitlines()]
    cpu = (server.cpu_seconds() - before) / max(sum(int(row[1]) for row in rows), 1) * 1e6
    for name, *numbers in rows:
        requests, p50, p99, longest, failed = map(int, numbers)
        lines.add(Line(number, server.name, f"{workload}: {name}", connections, requests, seconds, p50, p99, longest, failed, 0, cpu,
                       server.memory_kb(), server.memory_kb("VmHWM")))


# ---- slow handlers, for keyed reads beside them ----


def bulk_of_1000(loaded: Loaded, ids: list[str], turn: int) -> tuple[str, str, dict | None]:
    changes = [{"method": "PATCH", "path": f"/Users/{ids[(turn * 1000 + i) % len(ids)]}",
                "data": patch({"op": "replace", "path": "title", "value": f"Bulk {turn}"})} for i in range(min(1000, len(ids)))]
    return "POST", "/Bulk", {"schemas": [BULK], "Operations": changes}


def unindexed_filter(loaded: Loaded, ids: list[str], turn: int) -> tuple[str, str, dict | None]:
    return "GET", f"/Users?filter=title%20co%20%22nobody%20{turn}%22", None


def big_list(loaded: Loaded, ids: list[str], turn: int) -> tuple[str, str, dict | None]:
    return "GET", f"/Users?startIndex={1 + 1000 * turn % max(loaded.users - 1000, 1)}&count=1000", None


SLOW: dict[str, Callable[[Loaded, list[str], int], tuple[str, str, dict | None]]] = {
    "Bulk of 1,000": bulk_of_1000, "unindexed filter": unindexed_filter, "list of 1,000": big_list,
}


def beside(lines: Lines, number: int, loaded: Loaded, slow: str | None, seconds: int, rate: int) -> None:
    """Keyed reads at a steady rate on 16 connections, beside two clients that ask slow things all the time."""
    stop, ids, refused, answered = threading.Event(), loaded.ids() if slow else [], [], []

    def keep_asking(part: int) -> None:
        client, turn = Client(loaded.server), part
        while not stop.is_set():
            status, text = client.bytes(*SLOW[slow](loaded, ids, turn))
            (answered if status == 200 else refused).append(f"{status} {text[:200]!r}")
            turn += 2

    threads = [threading.Thread(target=keep_asking, args=(part,)) for part in range(2 if slow else 0)]
    for thread in threads:
        thread.start()
    try:
        mix(lines, number, loaded, f"beside {slow or 'nothing'}", 16, seconds, 0, rate)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if refused:
        say(f"{loaded.server.name}: {slow}: {len(refused)} of {len(refused) + len(answered)} refused, {refused[0]}")
