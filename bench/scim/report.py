"""report.py CSV — the tables of a run of run.py, as Markdown: what was promised, then all that was measured."""

import json
import sys
from pathlib import Path

from load import Line, Lines

WORDS = {
    "get": "GET by id", "filter_name": "filter userName eq", "filter_external": "filter externalId eq",
    "filter_email": "filter emails.value eq", "page_first": "page of 100, first", "page_deep": "page of 100, any, by startIndex",
    "cursor_first": "page of 100 by cursor, first", "cursor_deep": "page of 100 by cursor, of the last tenth",
    "patch": "PATCH user", "post": "POST user",
}


class Report:
    def __init__(self, path: Path) -> None:
        self.lines = Lines(path, fresh=False)
        self.facts = json.loads(path.with_suffix(".json").read_text())
        self.ours, self.big = f"muster-{self.facts['users']}", f"muster-{self.facts['big']}"
        self.most = max(self.facts["connections"])
        known = {line.server for line in self.lines.all}
        self.peers = [name for name in dict.fromkeys(line.server for line in self.lines.all)
                      if name in known - {"ceiling", "sqlite", self.ours, self.big, "muster-slow-disk"}]

    def median(self, server: str, workload: str, connections: int | None = None, what: str = "rate") -> float | None:
        return self.lines.median(server, workload, connections or self.most, what)

    def best(self, server: str, workload: str) -> float:
        """At the number of connections that suits it most."""
        return max(self.median(server, workload, c) or 0.0 for c in (1, 16, 64))

    def strongest(self, workload: str, durable: bool = False) -> tuple[str, float] | None:
        found = [(name, self.best(name, workload)) for name in self.peers if name.endswith("-sqlite") or not durable]
        return max(((name, rate) for name, rate in found if rate), key=lambda one: one[1], default=None)

    def peak_mb(self, server: str) -> float | None:
        peaks = [line.peak_kb for line in self.lines.all if line.server == server and line.workload != "post"]
        return max(peaks) / 1024 if peaks else None


def divided(a: float | None, b: float | None) -> float | None:
    return a / b if a is not None and b else None


class Rules:
    """What was promised, the bound, what was measured, kept or not."""

    def __init__(self, report: Report) -> None:
        self.r, self.rows = report, []

    def add(self, text: str, bound: str, value: float | None, kept: bool, unit: str = "") -> None:
        self.rows.append((text, bound, "–" if value is None else f"{value:.3g}{unit}" if unit != " %" else f"{value:.0f} %",
                          "not measured" if value is None else "kept" if kept else "**not kept**"))

    def least(self, text: str, value: float | None, bound: float, unit: str) -> None:
        self.add(text, f"≥ {bound:g}{unit}", value, value is not None and value >= bound, unit)

    def most(self, text: str, value: float | None, bound: float, unit: str) -> None:
        self.add(text, f"≤ {bound:g}{unit}", value, value is not None and value <= bound, unit)

    def percent(self, a: float | None, b: float | None) -> float | None:
        ratio = divided(a, b)
        return None if ratio is None else 100 * ratio

    def reads(self) -> None:
        r = self.r
        for workload, bound in (("get", 60), ("filter_name", 55), ("filter_external", 55), ("filter_email", 55)):
            for connections in sorted({1, r.most}):
                self.least(f"{WORDS[workload]} / ceiling, requests a second at {connections}", self.percent(
                    r.median(r.ours, workload, connections), r.median("ceiling", workload, connections)), bound, " %")
        self.most(f"GET by id / ceiling, CPU per request at {r.most}", divided(
            r.median(r.ours, "get", what="cpu_us"), r.median("ceiling", "get", what="cpu_us")), 2, " ×")
        for workload in ("get", "filter_name", "filter_external", "filter_email"):
            self.least(f"{WORDS[workload]}, {r.facts['big']:,} users / {r.facts['users']:,}", self.percent(
                r.median(r.big, workload), r.median(r.ours, workload)), 85, " %")
        for workload in ("page_first", "page_deep"):
            peer = r.strongest(workload)
            self.least(f"{WORDS[workload]} / strongest peer{f' ({peer[0]})' if peer else ''}",
                       divided(r.best(r.ours, workload), peer and peer[1]), 8, " ×")
        for server in (r.ours, r.big):
            self.most(f"{WORDS['cursor_deep']} / first, time of one, {int(server.removeprefix('muster-')):,} users", divided(
                r.median(server, "cursor_first"), r.median(server, "cursor_deep")), 1.1, " ×")

    def writes(self) -> None:
        r = self.r
        for workload in ("post", "patch"):
            for connections, bound in ((16, 30), (64, 40)):
                self.least(f"{WORDS[workload]}, durable, at {connections} / SQLite with the same rows, commits of 64", self.percent(
                    r.median(r.ours, workload, connections), r.median("sqlite", f"{workload} by 64", 1)), bound, " %")
        small, large = "member of 10", max((line.workload for line in r.lines.all if line.server == r.big and line.workload.startswith(
            "member")), key=lambda name: int(name.split()[-1]), default="member of 100000")
        for connections in sorted({1, r.most}):
            self.most(f"a member of a group of {int(large.split()[-1]):,} / of 10, time of one at {connections}", divided(
                r.median(r.big, small, connections), r.median(r.big, large, connections)), 1.2, " ×")
        middle = f"member of {min(5000, r.facts['users'] // 2)}"
        for durable in (True, False):
            peer = r.strongest(middle, durable)
            self.least(f"a member of a group of {int(middle.split()[-1]):,} / strongest {'durable ' if durable else ''}peer"
                       f"{f' ({peer[0]})' if peer else ''}", divided(r.best(r.ours, middle), peer and peer[1]), 8, " ×")

    def latencies(self) -> None:
        r = self.r
        plain, slow = (r.median(name, "mix: read", 64, "p99_us") for name in (r.ours, "muster-slow-disk"))
        self.most("90 % reads, 10 % writes at 64: p99 of reads", divided(plain, 1000), 4, " ms")
        more = None if plain is None or slow is None else (slow - plain) / 1000
        self.most("that, more when each commit takes 5 ms longer", more, 2, " ms")
        where = r.big if r.facts["big"] else r.ours
        for workload in dict.fromkeys(line.workload for line in r.lines.all if line.workload.startswith("beside ")):
            if workload != "beside nothing: read":
                name = workload.removesuffix(": read")
                self.most(f"keyed reads {name}: p99", divided(r.median(where, workload, 16, "p99_us"), 1000), 5, " ms")
        self.most(f"peak memory, {r.facts['users']:,} users", r.peak_mb(r.ours), 40, " MB")
        self.most(f"peak memory, {r.facts['big']:,} users", r.peak_mb(r.big), 200, " MB")


def words_of(workload: str) -> str:
    name, _, rest = workload.partition(" of ")
    if name == "member" and rest:
        return f"PATCH, one member of a group of {int(rest):,}"
    name, _, rest = workload.partition(" by ")
    if rest:
        return f"{WORDS[name]}: SQLite alone, commits of {rest}"
    return workload.replace("mix", "90 % reads, 10 % writes") if workload not in WORDS else WORDS[workload]


def cells(r: Report, server: str, workload: str) -> list[str]:
    found = [line for line in r.lines.all if (line.server, line.workload) == (server, workload)]
    at = sorted({line.connections for line in found})
    rates, times = [], []
    for connections in (1, 16, 64):
        if connections not in at:
            rates.append("")
            times.append("")
            continue
        rates.append(f"{r.median(server, workload, connections):,.0f}")
        p50, p99 = (r.median(server, workload, connections, what) / 1000 for what in ("p50_us", "p99_us"))
        times.append(f"{p50:.2f} / {p99:.2f}" if p99 else "")
    top = at[-1]
    share = divided(r.median(server, workload, top), r.median("ceiling", workload.partition(" of ")[0], top))
    cpu = r.median(server, workload, top, "cpu_us")
    memory = max(line.rss_kb for line in found) / 1024
    failed = sum(line.failed for line in found)
    return [*rates, *times, f"{100 * share:.0f} %" if share else "", f"{cpu:.0f}" if cpu else "",
            f"{memory:.0f}" if memory else "", str(failed) if failed else ""]


def print_all(r: Report) -> None:
    print("### Measurements\n\n| what | server | req/s at 1 | at 16 | at 64 | p50 / p99 ms at 1 | at 16 | at 64 | of the ceiling "
          "| CPU µs | MB | failed |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    def row(server: str, workload: str, words: str) -> None:
        print(f"| {words} | {server} | " + " | ".join(cells(r, server, workload)) + " |")

    row("ceiling", "get", "1 KB from memory, beside GET by id")
    for workload in dict.fromkeys(line.workload for line in r.lines.all):
        for server in dict.fromkeys(line.server for line in r.lines.all if line.workload == workload):
            if server != "ceiling":
                row(server, workload, words_of(workload))


def suspicious(line: Line) -> bool:
    """Answers that failed make a number worthless; the ones of a full queue may be a handful."""
    return line.failed > line.requests / 100


def main() -> None:
    r = Report(Path(sys.argv[1]))
    rules, f = Rules(r), r.facts
    rules.reads()
    rules.writes()
    rules.latencies()
    print("## SCIM server\n")
    print(f"`bench/scim/run.sh{' quick' if f['quick'] else ''}` writes this section. `muster serve` on SQLite, wrk with one thread and mix.c on "
          f"loopback, bearer token, bodies as Entra sends them; each load {f['seconds']} s, medians of {f['rounds']} "
          f"round{'s' if f['rounds'] > 1 else ''}, memory the largest. Only lines of one run compare. The ceiling is a bare "
          "libmicrohttpd with as many threads that answers 1 KB; it is asked again in each round.\n")
    print(f"Machine: {f['machine']}\n")
    print("### Promises\n\n| | bound | here | |\n|---|---|---|---|")
    for row in rules.rows:
        if not f["quick"] or row[-1] != "not measured":
            print("| " + " | ".join(row) + " |")
    print(f"\nRows of a POST: {f.get('rows of a POST', '–')}. Loaded: {'; '.join(f[k] for k in ('filled', 'loaded') if k in f)}. Keyed reads "
          "beside slow handlers: 2,000 a second on 16 connections, counted from when they were due. Ratios to peers: each at "
          "the number of connections that suits it.\n")
    for text in f["left out"]:
        print(f"Left out: {text}\n")
    for text in f["trouble"] + [f"{line.server}, {line.workload}: {line.failed} of {line.requests} failed" for line in r.lines.all
                                if suspicious(line)]:
        print(f"**Trouble:** {text}\n")
    print_all(r)


main()
