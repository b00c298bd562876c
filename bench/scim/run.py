"""Measures the SCIM server against what limits it and what else one might use, all in one run, into a CSV.

Only lines of one run may be compared. For each workload every round walks through all servers in turn, and
asks the ceiling first: what is noise hits everybody. See run.sh for how to call it; report.py makes the tables.
"""

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from machine import machine  # noqa: E402

from client import WrongAnswer, add_group, check, check_filters, check_groups, fill, link, nick, walk_cursors, Loaded  # noqa: E402
from load import SLOW, Line, Lines, beside, mix, wrk  # noqa: E402
from servers import BUILD, PEERS, PROGRAMS, SCRATCH, Ceiling, Ours, Server, peers, say  # noqa: E402

QUICK = "quick" in sys.argv[1:]
N = int(os.environ.get("USERS", 10_000))
BIG = 0 if QUICK else int(os.environ.get("MANY", 1_000_000))
ROUNDS = int(os.environ.get("ROUNDS", 1 if QUICK else 3))
SECONDS = int(os.environ.get("DUR", 1 if QUICK else 3))
CONNECTIONS = (1, 64) if QUICK else (1, 16, 64)
PEER_CONNECTIONS = (1, 16, 64)
DEFAULT_PEERS = [name for name in PEERS if os.environ.get("RUST") or not name.startswith("scim-server-crate")]
CHOSEN = [] if QUICK else os.environ.get("PEERS", " ".join(DEFAULT_PEERS)).split()
LINKED = 10_000             # of the big store
STEADY = 2000               # keyed reads a second beside slow handlers
# What a POST writes; all other tables of a store are not part of it.
POSTED = {"person", "person_key", "membership", "link", "claim", "run_row"}
READS = ("get", "filter_name", "filter_external", "filter_email", "page_first", "page_deep", "cursor_first", "cursor_deep")
ONLY_OURS = ("filter_external", "filter_email", "cursor_first", "cursor_deep")


@dataclass
class Field:
    """Everybody who is measured."""

    lines: Lines
    started: list[Server] = field(default_factory=list)
    ceiling: Loaded | None = None
    ours: Loaded | None = None
    big: Loaded | None = None
    slow: Loaded | None = None
    posted: Path | None = None
    peers: list[Loaded] = field(default_factory=list)
    facts: dict = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)

    def everybody(self) -> list[Loaded]:
        return [loaded for loaded in (self.ours, self.big, *self.peers) if loaded]

    def attempt(self, what: Callable[[], None]) -> None:
        """One that fails is told in the report; the others are measured all the same."""
        try:
            what()
        except (WrongAnswer, RuntimeError, OSError) as error:
            self.trouble.append(str(error))
            say(f"FAILED: {error}")


# ---- setting up ----


def start_ours(f: Field, name: str) -> Ours:
    server = Ours(name)
    f.started.append(server)
    server.init()
    server.start()
    return server


def check_ours(loaded: Loaded) -> None:
    check(loaded)
    check_groups(loaded)
    check_filters(loaded)


def set_up_ours(f: Field) -> None:
    server = start_ours(f, f"muster-{N}")
    began = time.monotonic()
    f.ours = fill(server, N)
    f.facts["filled"] = f"{N:,} users by POST from a Python client in {time.monotonic() - began:.0f} s"
    for size in sorted({10, min(5000, N // 2)}):
        add_group(f.ours, size)
    f.attempt(lambda: walk_cursors(f.ours))
    check_ours(f.ours)
    ceiling = Ceiling()
    f.started.append(ceiling)
    ceiling.start()
    f.ceiling = Loaded(ceiling, N)
    shutil.copy(f.ours.ids_file, f.ceiling.ids_file)
    slow = Ours("muster-slow-disk", slow=True)
    f.started.append(slow)
    server.copy_to(slow)
    slow.start()
    f.slow = Loaded(slow, N, N)
    shutil.copy(f.ours.ids_file, f.slow.ids_file)


def set_up_posted(f: Field) -> None:
    """A store with what POST writes and nothing else: the rows of the limits."""
    server = start_ours(f, "posted")
    nobody = Loaded(server, 0)
    nobody.ids_file.touch()
    wrk(Lines(BUILD / "bench" / "posted.csv"), 0, nobody, "post", 64, 3 if SECONDS > 1 else 1)
    other = Ours("posted-rows")
    server.copy_to(other)
    server.stop()
    with closing(sqlite3.connect(other.store, isolation_level=None)) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")}
        for table in tables - POSTED:
            db.execute(f'DELETE FROM "{table}"')
        people = db.execute("SELECT count(*) FROM person").fetchone()[0]
        counts = {table: db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] / max(people, 1) for table in sorted(POSTED)}
    f.facts["rows of a POST"] = ", ".join(f"{table} {count:.2f}" for table, count in counts.items())
    f.posted = other.store


def people_file(path: Path, n: int) -> None:
    with open(path, "w") as file:
        for i in range(n):
            name = nick(i)
            file.write(json.dumps({
                "id": f"hr-{name}", "user_name": f"{name}@example.com", "email": f"{name}@example.com", "given_name": f"Given{name}",
                "family_name": f"Family{name}", "display_name": f"Given{name} Family{name}", "title": "Engineer",
                "employee_number": name, "department": "Engineering", "cost_center": "4711", "locale": "en-US"}) + "\n")


def set_up_big(f: Field) -> None:
    """A million people do not come by POST: a file source brings them."""
    server = Ours(f"muster-{BIG}")
    f.started.append(server)
    server.init()
    people_file(server.folder / "people.ndjson", BIG)
    server.muster("source", "add", "file", "--name", "hr", "--set", f"path={server.folder / 'people.ndjson'}", allowed=(0, 1))
    began = time.monotonic()
    server.muster("sync", "hr", allowed=(0, 1))
    f.facts["loaded"] = f"{BIG:,} people by a file source in {time.monotonic() - began:.0f} s"
    with open(server.folder / "people.csv", "w+", newline="") as file:
        server.muster("export", "people", "--format", "csv", stdout=file)
        file.seek(0)
        found = {row["user_name"]: row["id"] for row in csv.DictReader(file)}
    server.start()
    loaded = Loaded(server, BIG)
    loaded.keep_ids([found[f"{nick(i)}@example.com"] for i in range(BIG)])
    link(loaded, LINKED)
    for size in sorted({10, min(100_000, BIG // 2)}):
        add_group(loaded, size)
    f.attempt(lambda: walk_cursors(loaded))
    check_ours(loaded)
    f.big = loaded


def set_up_peers(f: Field) -> None:
    there, f.facts["left out"] = peers(CHOSEN)
    f.started += there
    for peer in there:
        say(f"{peer.name}: filling")
        try:
            loaded = fill(peer, N)
            add_group(loaded, min(5000, N // 2))
            check(loaded)
        except (WrongAnswer, OSError) as error:
            f.facts["left out"].append(str(error))
            say(f"left out: {error}")
            continue
        f.peers.append(loaded)
        try:
            check_groups(loaded)
        except (WrongAnswer, OSError) as error:
            loaded.groups.clear()
            f.facts["left out"].append(f"members of a group: {error}")
            say(f"left out: members of a group: {error}")


# ---- measuring ----


def connections_of(loaded: Loaded) -> tuple[int, ...]:
    return CONNECTIONS if isinstance(loaded.server, Ours) else PEER_CONNECTIONS


def ask_ceiling(f: Field, workload: str, number: int) -> None:
    """Its line has the name of the workload it was asked beside."""
    for connections in CONNECTIONS:
        f.attempt(lambda: wrk(f.lines, number, f.ceiling, "get", connections, SECONDS, called=workload))


def workload_round(f: Field, workload: str, number: int) -> None:
    ask_ceiling(f, workload, number)
    for loaded in f.everybody():
        if workload in ONLY_OURS and not isinstance(loaded.server, Ours):
            continue
        if workload == "cursor_deep" and not loaded.cursors_file.exists():
            continue        # told already
        groups = sorted(loaded.groups) if workload == "member" else [0]
        for connections in connections_of(loaded):
            for group in groups:
                f.attempt(lambda: wrk(f.lines, number, loaded, workload, connections, SECONDS, group))


def limit(f: Field, number: int, workload: str, group: int) -> None:
    copy = f.posted.with_name("limit.db")
    for leftover in copy.parent.glob("limit.db*"):
        leftover.unlink()
    if workload == "post":
        command = [PROGRAMS / "limit_insert", f.posted, copy, str(group)]
    else:
        shutil.copy(f.posted, copy)
        command = [PROGRAMS / "limit_patch", copy, str(group), str(SECONDS)]
    ended = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if ended.returncode != 0:
        raise RuntimeError(f"{command[0]}: {ended.stdout}{ended.stderr}")
    words = ended.stdout.split()
    f.lines.add(Line(number, "sqlite", f"{workload} by {group}", 1, int(words[2]), float(words[0]), 0, 0, 0, 0))


def write_round(f: Field, workload: str, number: int) -> None:
    for group in (1, 16, 64):
        f.attempt(lambda: limit(f, number, workload, group))
    workload_round(f, workload, number)


def mix_round(f: Field, number: int) -> None:
    for loaded, name in ((f.ours, "mix"), (f.slow, "mix"), (f.big, "mix")):
        if loaded:
            f.attempt(lambda: mix(f.lines, number, loaded, name, 64, SECONDS, 10))


def beside_round(f: Field, number: int) -> None:
    loaded = f.big or f.ours
    for slow in (None, *SLOW):
        f.attempt(lambda: beside(f.lines, number, loaded, slow, SECONDS, STEADY))


def measure(f: Field) -> None:
    """POST comes last: it makes the stores larger than their names say."""
    rounds = range(1, ROUNDS + 1)
    for workload in READS:
        for number in rounds:
            workload_round(f, workload, number)
    for number in rounds:
        beside_round(f, number)
    for number in rounds:
        write_round(f, "patch", number)
    for number in rounds:
        workload_round(f, "member", number)
    for number in rounds:
        mix_round(f, number)
    for number in rounds:
        write_round(f, "post", number)


def main() -> int:
    f = Field(Lines(BUILD / "bench" / "scim.csv"))
    SCRATCH.mkdir(parents=True, exist_ok=True)
    f.facts |= {"machine": machine(SCRATCH), "users": N, "big": BIG, "rounds": ROUNDS, "seconds": SECONDS,
                "connections": CONNECTIONS, "quick": QUICK, "left out": []}
    try:
        set_up_ours(f)
        set_up_posted(f)
        if BIG:
            f.attempt(lambda: set_up_big(f))
        set_up_peers(f)
        f.facts["groups"] = {loaded.server.name: sorted(loaded.groups) for loaded in f.everybody()}
        measure(f)
        for loaded in f.everybody():
            f.attempt(lambda: check(loaded))
            f.attempt(lambda: check_groups(loaded))
    finally:
        for server in f.started:
            server.stop()
    f.facts["trouble"] = f.trouble
    f.lines.path.with_suffix(".json").write_text(json.dumps(f.facts, indent=1) + "\n")
    return 1 if f.trouble else 0


if __name__ == "__main__":
    sys.exit(main())
