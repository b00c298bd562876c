"""Two at once, and a disk that is full: one wins, the other hears why, and the store stays whole."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Iterator

import pytest

from conftest import TODAY, Bob, Muster, Result, http
from model import ANCHOR, Model, answer, differences
from reading import assert_says, expected, people


def together(muster: Muster, *commands: tuple[str, ...]) -> list[Result]:
    """Runs commands at the same time, each in a process of its own."""
    with ThreadPoolExecutor(len(commands)) as pool:
        return list(pool.map(lambda command: muster(*command, expect=None), commands))


def truth(bob: Bob) -> Model:
    model = Model()
    model.accept(model.predict(answer(bob.people().values()), {}))
    return model


def test_two_syncs_at_once_are_one_run(muster: Muster, bob: Bob, source: str) -> None:
    bob.fault("slow", bytes_per_second=1_000_000, delay=1)
    results = together(muster, ("sync", source, "--json"), ("sync", source, "--json"))

    runs = muster("runs", source, "--json").rows()
    assert len(runs) == 1 and runs[0]["state"] == "applied"
    assert any(result.code == 0 for result in results)
    for result in results:
        if result.code == 0:
            assert result.json()["run"] == runs[0]["run"]
        else:
            assert_says(r"(?i)in progress|already|busy|running", result.err)
    assert differences(expected(truth(bob)), people(muster)) == []


@pytest.mark.parametrize("how", ["plan", "undo"])
def test_what_would_disturb_a_running_sync_waits_or_is_refused(muster: Muster, bob: Bob, source: str, how: str) -> None:
    done = muster("sync", source, "--json").json()["run"]
    bob.edit(bob.active()[-1][ANCHOR], {"work.title": "Astronaut"})
    bob.fault("slow", bytes_per_second=1_000_000, delay=1)
    one, other = together(muster, ("sync", source, "--json"), (how, source if how == "plan" else done))
    assert one.code in (0, 1), str(one)
    assert other.code in (0, 1, 3), str(other)
    assert {run["state"] for run in muster("runs", source, "--json").rows()} <= {"applied", "planned", "superseded", "undone", "held"}


def test_one_address_is_given_once_however_many_ask(muster: Muster) -> None:
    for n in range(5):
        results = together(muster, *(("person", "add", f"email=ada{n}@haldenoak.example", f"given_name=Ada {who}") for who in range(4)))
        assert sorted(result.code == 0 for result in results) == [False, False, False, True], "\n".join(map(str, results))
        for result in results:
            if result.code:
                assert f"ada{n}@haldenoak.example" in result.err
    rows = muster("export", "people", "--format", "ndjson").rows()
    assert sorted(row["email"] for row in rows) == [f"ada{n}@haldenoak.example" for n in range(5)]


def test_addresses_that_differ_by_case_are_one(muster: Muster) -> None:
    one, other = together(muster, ("person", "add", "email=Ada@haldenoak.example"), ("person", "add", "email=aDA@HALDENOAK.example"))
    assert sorted((one.code == 0, other.code == 0)) == [False, True]


def test_a_sync_beside_a_running_server(muster: Muster, bob: Bob, source: str) -> None:
    with muster.serve() as site:
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(muster, "sync", source)
            while not running.done():
                assert http("GET", f"{site}/healthz").status == 200
            running.result()
        assert "hibob" in http("GET", f"{site}/").text
    assert differences(expected(truth(bob)), people(muster)) == []


# --- a full disk -----------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("a small file system can only be mounted as root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", place], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@pytest.mark.parametrize("left", [4_096, 65_536, 262_144])
@pytest.mark.company(size=400)
def test_a_full_disk_fails_the_run_and_not_the_store(small_disk: Path, bob: Bob, left: int) -> None:
    muster = Muster("sqlite", str(small_disk / "muster.db"), small_disk.parent, now=f"{TODAY}T12:00:00Z")
    muster("init")
    muster("source", "add", "hibob", "--set", f"url={bob.url}", "--set", f"service_user={bob.service_user}",
           "--secret-file", "-", stdin=bob.token)
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        free = os.statvfs(small_disk)
        file.write(b"\0" * max(0, free.f_bavail * free.f_frsize - left))

    result = muster("sync", "hibob", expect=3)

    assert_says(r"(?i)disk|space|full", result.err)
    halfway = people(muster)
    whole = expected(truth(bob))
    assert all(person | {"manager": None} == whole[anchor] | {"manager": None} for anchor, person in halfway.items())
    filler.unlink()
    muster("sync", "hibob", expect=(0, 1))
    assert differences(whole, people(muster)) == []
