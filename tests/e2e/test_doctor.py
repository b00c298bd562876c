"""`muster doctor`: every kind of trouble has a line that says what to do, and an exit status."""

import os

import pytest

from conftest import Bob, Muster


def lines(muster: Muster, expect: int) -> dict[str, list[dict]]:
    """What it says, by what it is about."""
    said: dict[str, list[dict]] = {}
    for line in muster("doctor", "--json", expect=expect).rows():
        said.setdefault(line["check"], []).append(line)
    return said


def test_all_is_well(muster: Muster, source: str) -> None:
    muster("sync", source, expect=(0, 1))
    said = lines(muster, expect=0)
    assert {line["level"] for about in said.values() for line in about} <= {"ok", "note"}
    assert {"key", "store", "clock", "plans", f"source {source}", "version"} <= said.keys()


def test_people_read_it_too(muster: Muster) -> None:
    said = muster("doctor").out
    assert "ok       store:" in said
    assert "muster source add" in said


def test_a_key_others_can_read_is_told_with_the_command(muster: Muster) -> None:
    key = muster.folder / "muster.key"
    key.chmod(0o644)
    (line,) = lines(muster, expect=1)["key"]
    assert line["level"] == "warn"
    assert line["advice"] == f"chmod 600 {key}"


def test_without_key_or_store_nothing_works(muster: Muster) -> None:
    assert lines_of_store(muster, {"MUSTER_STORE": str(muster.folder / "nowhere.db")})["level"] == "problem"
    os.rename(muster.folder / "muster.key", muster.folder / "elsewhere")
    assert lines(muster, expect=3)["key"][0]["level"] == "problem"


def lines_of_store(muster: Muster, env: dict[str, str]) -> dict:
    rows = muster("doctor", "--json", expect=3, env=env).rows()
    return next(row for row in rows if row["check"] == "store")


def test_a_held_plan_comes_with_its_commands(muster: Muster, source: str) -> None:
    run = muster("sync", source, "--review", "--json", expect=1).json()["run"]
    (line,) = lines(muster, expect=1)["plans"]
    assert run in line["message"]
    assert f"muster apply {run}" in line["advice"]


def test_a_source_that_refuses_us_says_why(muster: Muster, source: str, bob: Bob) -> None:
    muster("source", "set", source, "--secret-file", "-", stdin="another token")
    assert any(line["level"] == "warn" for line in lines(muster, expect=1)[f"source {source}"])


def test_a_hidden_field_is_a_line_of_its_own(muster: Muster, source: str, bob: Bob) -> None:
    bob.permission(hidden_fields=["work.title"])
    warned = [line["message"] for line in lines(muster, expect=1)[f"source {source}"] if line["level"] == "warn"]
    assert any("work.title" in message for message in warned)


def test_a_clock_behind_the_last_run_is_told(muster: Muster, source: str) -> None:
    muster("sync", source, expect=(0, 1))
    (line,) = [row for row in muster("doctor", "--json", expect=1, env={"MUSTER_NOW": "2026-10-01T00:00:00Z"}).rows()
               if row["check"] == "clock"]
    assert line["level"] == "warn"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_key_file_beside_the_store_is_found(muster: Muster) -> None:
    os.rename(muster.folder / "muster.key", muster.store + ".key")
    (line,) = [row for row in muster("doctor", "--json", env={"MUSTER_KEY_FILE": ""}).rows() if row["check"] == "key"]
    assert line["message"].startswith(muster.store + ".key")
