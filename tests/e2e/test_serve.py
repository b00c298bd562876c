"""`muster serve`: what it answers, that it runs what is due, once, and that it ends as it should."""

import os
import re
import socket
import sqlite3
import time

import pytest

from conftest import Bob, Muster, free_port, http, psql

TALLY = re.compile(r"(\d+) created")
SAMPLE = re.compile(r'^(?P<name>[a-z_]+)(?P<labels>\{.*\})? (?P<value>-?[0-9.]+)$')


def sql(muster: Muster, statement: str) -> str:
    """By hand, behind the program's back."""
    if muster.engine == "postgresql":
        return psql(muster.store, statement)
    with sqlite3.connect(muster.store, timeout=10) as db:
        return "\n".join(str(row[0]) for row in db.execute(statement))


def make_due(muster: Muster) -> None:
    """As if the hour had come: the job's row says that it should have begun a minute ago."""
    since = int(time.time() * 1000) - 60_000
    sql(muster, f"UPDATE job SET due_at = {since} WHERE kind = 'sync'")


def arrange(muster: Muster) -> None:
    """A server runs until the schedule is in the table."""
    deadline = time.monotonic() + 30
    with muster.serve():
        while sql(muster, "SELECT count(*) FROM job WHERE kind = 'sync' AND due_at > 0") in ("", "0"):
            assert time.monotonic() < deadline, "nothing was scheduled"
            time.sleep(0.02)


def finished(muster: Muster, name: str, least: int = 1, seconds: float = 60) -> list[dict]:
    """The runs of a source once at least so many have ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        runs = [run for run in muster("runs", name, "--json").rows() if run["state"] not in ("fetching", "applying")]
        if len(runs) >= least:
            return runs
        time.sleep(0.1)
    raise AssertionError(f"no {least} runs of {name} after {seconds} s")


@pytest.fixture
def real_time(muster: Muster) -> Muster:
    muster.now = None
    return muster


def test_the_page_tells_what_a_run_did(muster: Muster, source: str) -> None:
    created = muster("sync", source, "--json", expect=(0, 1)).json()["created"]
    assert created > 0
    with muster.serve() as url:
        page = http("GET", f"{url}/")
        assert page.status == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert f"{created} created" in page.text
        assert source in page.text
        assert "<script" not in page.text


def test_a_held_plan_is_named_with_its_commands(muster: Muster, source: str) -> None:
    run = muster("sync", source, "--review", "--json", expect=1).json()["run"]
    with muster.serve() as url:
        page = http("GET", f"{url}/").text
        assert page.index(f"muster plan show {run}") < page.index("<h2>People</h2>")
        assert f"muster apply {run}" in page


def test_health_and_readiness(muster: Muster) -> None:
    with muster.serve() as url:
        assert http("GET", f"{url}/healthz").text.strip() == "ok"
        assert http("GET", f"{url}/readyz").status == 200
        assert http("GET", f"{url}/nothing-here").status == 404
        assert http("POST", f"{url}/healthz", {}).status == 405


def test_metrics_are_openmetrics(muster: Muster, source: str) -> None:
    created = muster("sync", source, "--json", expect=(0, 1)).json()["created"]
    with muster.serve() as url:
        reply = http("GET", f"{url}/metrics")
        assert reply.headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
        assert reply.text.endswith("\n# EOF\n")
        samples = {}
        for line in reply.text.splitlines():
            if line.startswith("#"):
                assert re.match(r"# (TYPE|HELP|UNIT) [a-z_]+ .+|# EOF", line), line
                continue
            sample = SAMPLE.match(line)
            assert sample, line
            key = sample["name"] + (sample["labels"] or "")
            assert key not in samples, f"twice: {key}"
            samples[key] = float(sample["value"])
        assert samples['muster_people{workspace="main",state="active"}'] == created
        assert samples[f'muster_source_state{{workspace="main",source="{source}",muster_source_state="ok"}}'] == 1
        assert samples["process_resident_memory_bytes"] > 1_000_000


def test_a_port_that_is_taken_is_refused_in_words(muster: Muster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = muster("serve", "--listen", f"127.0.0.1:{port}", expect=(2, 3))
    assert str(port) in refused.err
    assert "ready" not in refused.out


def test_the_ready_line_comes_when_it_answers(muster: Muster) -> None:
    port = free_port()
    server = muster.start("serve", "--listen", f"127.0.0.1:{port}")
    deadline = time.monotonic() + 30
    ready = f"Muster is ready at http://127.0.0.1:{port}/"
    while ready not in server.log.read_text() and time.monotonic() < deadline and server.poll() is None:
        time.sleep(0.01)
    assert ready in server.log.read_text()
    assert http("GET", f"http://127.0.0.1:{port}/healthz").status == 200
    server.terminate()
    assert server.wait(15) == 0


def test_a_due_run_happens_by_itself(real_time: Muster, source: str) -> None:
    arrange(real_time)
    make_due(real_time)
    with real_time.serve() as url:
        (run,) = finished(real_time, source)
        assert run["state"] == "applied"
        assert TALLY.search(http("GET", f"{url}/").text)


@pytest.mark.skipif("MUSTER_SOAK" not in os.environ, reason="waits for the clock, up to a minute: make soak")
def test_a_run_every_minute_follows_the_clock(real_time: Muster, source: str) -> None:
    mapping = real_time("mapping", "export", source).out
    changed = re.sub(r"(?m)^schedule:.*$", 'schedule: "* * * * *"', mapping)
    assert changed != mapping
    path = real_time.folder / "mapping.yaml"
    path.write_text(changed)
    real_time("mapping", "import", source, path, expect=(0, 1))
    with real_time.serve():
        finished(real_time, source, seconds=75)


def test_stopping_ends_a_run_in_progress_which_goes_on_later(real_time: Muster, source: str, bob: Bob) -> None:
    arrange(real_time)
    bob.fault("hang")
    make_due(real_time)
    port = free_port()
    server = real_time.start("serve", "--listen", f"127.0.0.1:{port}")
    deadline = time.monotonic() + 30
    while not bob.requests() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert bob.requests(), server.log.read_text()
    began = time.monotonic()
    server.terminate()
    assert server.wait(15) == 0, server.log.read_text()
    assert time.monotonic() - began < 10
    bob.heal()
    with real_time.serve():
        deadline = time.monotonic() + 60
        while not any(run["state"] == "applied" for run in finished(real_time, source)) and time.monotonic() < deadline:
            time.sleep(0.1)
    assert finished(real_time, source)[0]["state"] == "applied"


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_two_nodes_run_what_is_due_once(real_time: Muster, source: str) -> None:
    arrange(real_time)
    make_due(real_time)
    with real_time.serve(), real_time.serve():
        finished(real_time, source)
        time.sleep(1)  # a second run, if there were one, would have begun by now
        assert len(finished(real_time, source)) == 1
