"""The way back: undo of every kind of change, what is held back afterwards, why a value is what it is, and any date."""

import json
from typing import Any

import pytest

from conftest import Bob, Muster
from model import ANCHOR, STATUS, differences, directory
from reading import assert_says, findings, last_run, people, remap, state_of

EMAIL, TITLE, REPORTS_TO = "root.email", "work.title", "work.reportsTo"
ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"])


def sync(muster: Muster, *more: str, expect: Any = 0) -> dict[str, Any]:
    return muster("sync", "hibob", "--json", *more, expect=expect).json()


@pytest.fixture
def first(muster: Muster, bob: Bob, source: str) -> dict[str, Any]:
    """A first sync; the directory."""
    sync(muster)
    return people(muster)


def ordinary(bob: Bob) -> list[dict[str, Any]]:
    """Active people whom nobody reports to."""
    leading = {p[REPORTS_TO] for p in bob.people().values()}
    return [p for p in bob.active() if p[ANCHOR] not in leading and p[REPORTS_TO]]


def visible(muster: Muster) -> dict[str, Any]:
    """The directory without those who are deactivated."""
    return {anchor: person for anchor, person in people(muster).items() if person["state"] != "deactivated"}


def test_a_night_with_everything_in_it_is_taken_back(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    renamed, moved, leaver, swapped, partner = ordinary(bob)[:5]
    chief = next(p for p in bob.active() if not p[REPORTS_TO])
    bob.edit(renamed[ANCHOR], {"root.surname": "Lovelace", EMAIL: "ada@haldenoak.example"})
    bob.edit(moved[ANCHOR], {REPORTS_TO: chief[ANCHOR], "work.department": "Legal & Compliance", "work.site": "Kraków"})
    bob.edit(leaver[ANCHOR], {STATUS: "Inactive", "internal.terminationDate": "2026-11-01"})
    bob.edit(swapped[ANCHOR], {EMAIL: partner[EMAIL]})
    bob.edit(partner[ANCHOR], {EMAIL: swapped[EMAIL]})
    new = bob.add({"root.firstName": "Grace"})
    tally = sync(muster)
    assert (tally["created"], tally["updated"], tally["deactivated"]) == (1, 4, 1)

    muster("undo", tally["run"])

    assert differences({a: p for a, p in first.items() if p["state"] == "active"}, visible(muster)) == []
    assert muster("run", "show", tally["run"], "--json").json()["state"] == "undone"
    again = sync(muster)
    assert (again["created"], again["updated"], again["deactivated"]) == (0, 0, 0)
    assert differences({a: p for a, p in first.items() if p["state"] == "active"}, visible(muster)) == []
    for person in (renamed, moved, leaver, swapped, partner, new):
        muster("release", person[ANCHOR])
    sync(muster)
    after = people(muster)
    assert after[renamed[ANCHOR]]["email"] == "ada@haldenoak.example"
    assert after[moved[ANCHOR]]["teams"] == ["Legal & Compliance"] and after[moved[ANCHOR]]["manager"] == chief[ANCHOR]
    assert after[leaver[ANCHOR]]["state"] == "deactivated" and after[new[ANCHOR]]["state"] == "active"
    assert after[swapped[ANCHOR]]["email"] == partner[EMAIL]


def test_undo_of_the_first_run_empties_the_directory_and_frees_every_address(muster: Muster, bob: Bob, source: str) -> None:
    run = sync(muster)["run"]
    before = people(muster)
    held = muster("undo", run, "--json", expect=1).json()  # so much is not undone unasked
    assert held["state"] == "held" and differences(before, people(muster)) == []
    muster("undo", run, "--yes")
    assert visible(muster) == {}
    muster("person", "add", f"email={next(iter(before.values()))['email']}", "given_name=Ada")


def test_a_value_that_changed_since_is_kept(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    one, other = ordinary(bob)[:2]
    for person in (one, other):
        bob.edit(person[ANCHOR], {TITLE: "Astronaut"})
    run = sync(muster)["run"]
    muster("person", "set", one[EMAIL], "title=Poet")

    undone = muster("undo", run, "--json", expect=(0, 1)).json()

    after = people(muster)
    assert (after[one[ANCHOR]]["title"], after[other[ANCHOR]]["title"]) == ("Poet", other[TITLE])
    assert_says(r"Title is kept: it changed since", muster("plan", "show", undone["run"]).out)


def test_a_person_who_changed_after_the_plan_is_stale_and_the_rest_goes_on(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    one, other = ordinary(bob)[:2]
    for person in (one, other):
        bob.edit(person[ANCHOR], {TITLE: "Astronaut"})
    run = muster("plan", "hibob", "--json").json()["run"]
    muster("person", "set", one[EMAIL], "title=Poet")
    tally = muster("apply", run, "--json", expect=1).json()
    assert tally["stale"] == 1
    after = people(muster)
    assert (after[one[ANCHOR]]["title"], after[other[ANCHOR]]["title"]) == ("Poet", "Astronaut")
    assert sync(muster)["updated"] == 1  # looked at again, though the record is as it was
    assert people(muster)[one[ANCHOR]]["title"] == "Astronaut"


def test_one_attribute_is_released_the_others_stay_held_back(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone = ordinary(bob)[0]
    bob.edit(someone[ANCHOR], {TITLE: "Astronaut", "root.surname": "Lovelace"})
    muster("undo", sync(muster)["run"])
    muster("release", someone[EMAIL], "title")
    sync(muster)
    after = people(muster)[someone[ANCHOR]]
    assert (after["title"], after["family_name"]) == ("Astronaut", someone["root.surname"])
    held, = [f for f in findings(muster, "hibob", "held_back") if f["subject"] in ("family_name", "Last name")]
    assert "release" in held["advice"]


def test_one_change_of_a_run_is_taken_back(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    one, other = ordinary(bob)[:2]
    for person in (one, other):
        bob.edit(person[ANCHOR], {TITLE: "Astronaut"})
    run = sync(muster)["run"]
    row, = [row for row in muster("plan", "show", run, "--json").rows() if one[EMAIL] in row["who"]]
    muster("undo", row["change"])
    for _ in range(2):
        after = people(muster)
        assert (after[one[ANCHOR]]["title"], after[other[ANCHOR]]["title"]) == (one[TITLE], "Astronaut")
        sync(muster)


def test_an_undo_is_not_undone_by_a_second_undo(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    bob.edit(ordinary(bob)[0][ANCHOR], {TITLE: "Astronaut"})
    run = sync(muster)["run"]
    muster("undo", run)
    muster("undo", run, expect=(0, 1, 2, 3))
    assert differences(first, people(muster)) == []


def test_an_undo_that_would_give_an_address_twice_is_refused_for_that_person(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone = ordinary(bob)[0]
    bob.edit(someone[ANCHOR], {EMAIL: "ada@haldenoak.example"})
    run = sync(muster)["run"]
    muster("person", "add", f"email={someone[EMAIL]}", "given_name=Other")
    undone = muster("undo", run, "--json", expect=1).json()
    assert undone["stale"] == 1
    assert_says(rf"e-mail {someone[EMAIL]} belongs to somebody else", muster("plan", "show", undone["run"]).out)
    assert people_by_email(muster)[someone[EMAIL]]["given_name"] == "Other"
    assert people(muster)[someone[ANCHOR]]["email"] == "ada@haldenoak.example"


def people_by_email(muster: Muster) -> dict[str, Any]:
    return {row["email"]: row for row in muster("export", "people", "--format", "ndjson").rows()}


@ONE_ENGINE
@pytest.mark.parametrize("what", ["no-such-run", "0000000000000"])
def test_undo_of_nothing_says_so(muster: Muster, first: dict[str, Any], what: str) -> None:
    result = muster("undo", what, expect=(2, 3))
    assert what in result.err


@ONE_ENGINE
def test_a_failed_run_has_nothing_to_undo(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    bob.fault("cut")
    muster("sync", "hibob", expect=3)
    bob.heal()
    muster("undo", last_run(muster, "hibob")["run"], expect=(1, 2, 3))
    assert differences(first, people(muster)) == []


# --- why -------------------------------------------------------------------------------------------


@ONE_ENGINE
def test_why_names_value_source_field_and_run(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone = ordinary(bob)[0]
    bob.edit(someone[ANCHOR], {TITLE: "Astronaut"})
    run = sync(muster)["run"]
    said = muster("why", someone[EMAIL], "title")
    for word in ("Astronaut", "hibob", TITLE, run):
        assert word in said.out, f"{word!r} is not in:\n{said}"
    whole = muster("why", someone[EMAIL]).out
    assert "given_name" in whole and "root.firstName" in whole
    assert "Astronaut" in json.dumps(muster("why", someone[EMAIL], "title", "--json").json())


@ONE_ENGINE
def test_why_knows_who_typed_a_value_and_what_was_undone(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone, other = ordinary(bob)[:2]
    muster("person", "set", someone[EMAIL], "phone=+44 20 7946 0000")
    assert_says(r"by cli:", muster("why", someone[EMAIL], "phone").out)
    bob.edit(other[ANCHOR], {TITLE: "Astronaut"})
    muster("undo", sync(muster)["run"])
    sync(muster)
    assert_says(r"(?is)held back|undone|undo", muster("why", other[EMAIL], "title").out)


@ONE_ENGINE
def test_why_tells_why_somebody_was_never_created(muster: Muster, bob: Bob, source: str) -> None:
    someone = ordinary(bob)[0]
    remap(muster, source, lambda m: m.update(exclude_people=[someone[EMAIL]]))
    sync(muster, expect=(0, 1))
    said = muster("why", someone[EMAIL])
    assert_says(r"(?i)exclu", said.out)
    gone = next(p for p in bob.people().values() if p[STATUS] == "Inactive" and p[EMAIL])
    assert_says(r"(?i)not list them as active|not active|inactive|gone", muster("why", gone[EMAIL]).out)
    muster("why", "nobody@haldenoak.example", expect=(2, 3))


# --- as it was -------------------------------------------------------------------------------------


def test_the_directory_as_it_was_on_a_date(muster: Muster, bob: Bob, source: str) -> None:
    days = {}
    for n in range(4):
        today = bob.advance(1)
        muster.now = f"{today}T04:00:00Z"
        someone = ordinary(bob)[n]
        bob.edit(someone[ANCHOR], {TITLE: f"Astronaut {n}", EMAIL: f"astronaut.{n}@haldenoak.example"})
        if n == 2:
            bob.edit(ordinary(bob)[9][ANCHOR], {STATUS: "Inactive"})
        run = sync(muster, expect=(0, 1))["run"]
        if n == 3:
            muster("undo", run)
        days[today] = people(muster)
    for day, then in days.items():
        assert differences(then, directory(muster("people", "--at", day, "--json").rows())) == [], day
    assert muster("people", "--at", "2026-11-01", "--json").rows() == []
    assert len({json.dumps(day, sort_keys=True) for day in days.values()}) >= 3


@ONE_ENGINE
@pytest.mark.parametrize("date", ["yesterday", "2026-02-30", "2026-13-01", ""])
def test_a_date_that_is_none_is_wrong_use(muster: Muster, first: dict[str, Any], date: str) -> None:
    result = muster("people", "--at", date, expect=2)
    assert_says(r"(?i)date|YYYY-MM-DD|2026-", result.err)


@ONE_ENGINE
def test_a_deleted_person_is_gone_from_history_too(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone = ordinary(bob)[0]
    muster("person", "delete", someone[EMAIL], "--yes")
    assert someone[ANCHOR] not in people(muster)
    everything = muster("export", "history", "--format", "ndjson").out + muster("people", "--at", bob.today(), "--json").out
    assert someone[EMAIL] not in everything and someone["root.surname"] + '"' not in _of(everything, someone[ANCHOR])
    assert state_of(muster, ordinary(bob)[1][EMAIL]) == "active"


def _of(text: str, anchor: str) -> str:
    return "\n".join(line for line in text.splitlines() if anchor in line)
