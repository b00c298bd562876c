"""The rules a toy would get wrong, each a test: what is undone stays undone, who owns a decision, which names are one."""

import json
from typing import Any

import pytest

from conftest import Bob, Muster
from model import ANCHOR, STATUS, differences
from reading import assert_says, departments, findings, guards, last_run, people, remap, state_of, what_it_says

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"])
LIFECYCLE, EMAIL, TITLE, REPORTS_TO = "internal.lifecycleStatus", "root.email", "work.title", "work.reportsTo"
SQUAD = "work.customColumns.column_1700000000002"
CONTRACT = "payroll.employment.type"


def sync(muster: Muster, *more: str, expect: Any = 0) -> dict[str, Any]:
    """One run of the source; its tally."""
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


# --- a decision outlives the night ----------------------------------------------------------------


def test_what_was_undone_stays_undone_until_it_is_released(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone = ordinary(bob)[0]
    bob.edit(someone[ANCHOR], {TITLE: "Astronaut"})
    run = sync(muster)["run"]
    assert people(muster)[someone[ANCHOR]]["title"] == "Astronaut"

    muster("undo", run)
    assert differences(first, people(muster)) == []
    for _ in range(2):
        assert sync(muster)["updated"] == 0
        assert differences(first, people(muster)) == []
        assert findings(muster, "hibob", "held_back")

    muster("release", someone[EMAIL])
    assert sync(muster)["updated"] == 1
    assert people(muster)[someone[ANCHOR]]["title"] == "Astronaut"


def test_held_back_ends_when_hr_says_something_else(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone = ordinary(bob)[0]
    bob.edit(someone[ANCHOR], {TITLE: "Astronaut"})
    muster("undo", sync(muster)["run"])
    bob.edit(someone[ANCHOR], {TITLE: "Cosmonaut"})
    assert sync(muster)["updated"] == 1
    assert people(muster)[someone[ANCHOR]]["title"] == "Cosmonaut"


def test_whom_an_admin_deactivates_no_night_brings_back(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone = ordinary(bob)[0]
    muster("person", "deactivate", someone[EMAIL])
    sync(muster)
    assert findings(muster, "hibob", "inactive_here")
    sync(muster)
    assert state_of(muster, someone[EMAIL]) == "deactivated"
    bob.edit(someone[ANCHOR], {TITLE: "Astronaut"})
    sync(muster)
    after = people(muster)[someone[ANCHOR]]
    assert (after["state"], after["title"]) == ("deactivated", "Astronaut")


def test_auto_reactivate_does_not_overrule_the_admin_either(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    remap(muster, "hibob", lambda m: m["options"].update(auto_reactivate=True))
    by_hand, by_hr = ordinary(bob)[:2]
    muster("person", "deactivate", by_hand[EMAIL])
    bob.edit(by_hr[ANCHOR], {STATUS: "Inactive"})
    sync(muster)
    bob.edit(by_hr[ANCHOR], {STATUS: "Active"})
    assert sync(muster)["reactivated"] == 1
    assert state_of(muster, by_hr[EMAIL]) == "active"
    assert state_of(muster, by_hand[EMAIL]) == "deactivated"


def test_who_comes_back_is_not_reactivated_unasked(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone = ordinary(bob)[0]
    bob.edit(someone[ANCHOR], {STATUS: "Inactive"})
    assert sync(muster)["deactivated"] == 1
    bob.edit(someone[ANCHOR], {STATUS: "Active", "root.surname": "Lovelace"})
    assert sync(muster, expect=1)["reactivated"] == 0
    after = people(muster)[someone[ANCHOR]]
    assert (after["state"], after["family_name"]) == ("deactivated", "Lovelace")
    assert findings(muster, "hibob", "not_reactivated")
    muster("person", "reactivate", someone[EMAIL])
    sync(muster)
    assert state_of(muster, someone[EMAIL]) == "active"


def test_a_held_plan_gives_way_to_the_next_nights(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    one, other = ordinary(bob)[:2]
    bob.edit(one[ANCHOR], {TITLE: "Astronaut"})
    old = sync(muster, "--review", expect=1)
    assert old["state"] == "held"
    bob.edit(other[ANCHOR], {TITLE: "Cosmonaut"})
    new = sync(muster, "--review", expect=1)

    assert muster("run", "show", old["run"], "--json").json()["state"] == "superseded"
    late = muster("apply", old["run"], expect=(1, 2, 3))
    assert_says(r"(?i)supersed|newer|replaced", late.err + late.out)
    assert differences(first, people(muster)) == []
    muster("apply", new["run"])
    after = people(muster)
    assert (after[one[ANCHOR]]["title"], after[other[ANCHOR]]["title"]) == ("Astronaut", "Cosmonaut")


def test_what_is_refused_is_not_planned_again(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone = ordinary(bob)[0]
    bob.edit(someone[ANCHOR], {TITLE: "Astronaut"})
    held = sync(muster, "--review", expect=1)
    muster("refuse", held["run"])
    assert muster("run", "show", held["run"], "--json").json()["state"] == "refused"
    assert sync(muster)["updated"] == 0
    assert differences(first, people(muster)) == []
    assert findings(muster, "hibob", "held_back")


def test_an_unticked_create_whose_reports_name_them_as_manager(muster: Muster, bob: Bob, source: str) -> None:
    truth = bob.people()
    boss = next(truth[p[REPORTS_TO]] for p in bob.active() if p[REPORTS_TO] and truth[p[REPORTS_TO]][REPORTS_TO])
    reports = [p[ANCHOR] for p in bob.active() if p[REPORTS_TO] == boss[ANCHOR]]
    file = muster.folder / "plan.ndjson"
    muster("plan", source, "-o", file)
    rows = file.read_text().splitlines()
    left = [row for row in rows if not _is_about(row, boss[EMAIL])]
    assert len(left) == len(rows) - 1
    file.write_text("\n".join(left) + "\n")

    muster("apply", file, expect=(0, 1))
    after = people(muster)
    assert boss[ANCHOR] not in after and reports
    assert {after[report]["manager"] for report in reports} == {None}
    sync(muster, expect=(0, 1))
    assert boss[ANCHOR] not in people(muster)

    muster("release", boss[ANCHOR])
    assert sync(muster, expect=(0, 1))["created"] == 1
    after = people(muster)
    assert {after[report]["manager"] for report in reports} == {boss[ANCHOR]}


def _is_about(row: str, email: str) -> bool:
    """Whether a plan's row creates the person with this address (a report's row may name them as manager)."""
    known = json.loads(row)
    return known["kind"] == "create" and email in json.dumps([known.get(key) for key in ("email", "who", "person", "subject", "label")]
                                                             + [known.get("changes", {}).get("email")], ensure_ascii=False)


# --- who is who ------------------------------------------------------------------------------------


def test_two_people_swap_addresses_in_one_run(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    one, other = ordinary(bob)[:2]
    bob.edit(one[ANCHOR], {EMAIL: other[EMAIL]})
    bob.edit(other[ANCHOR], {EMAIL: one[EMAIL]})
    assert sync(muster)["updated"] == 2
    after = people(muster)
    assert (after[one[ANCHOR]]["email"], after[other[ANCHOR]]["email"]) == (other[EMAIL], one[EMAIL])
    assert after[one[ANCHOR]]["user_name"] == other[EMAIL] and len(after) == len(first)


def test_a_ring_of_addresses_moves_on_by_one(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    ring = ordinary(bob)[:7]
    for person, next_one in zip(ring, ring[1:] + ring[:1]):
        bob.edit(person[ANCHOR], {EMAIL: next_one[EMAIL]})
    assert sync(muster)["updated"] == 7
    after = people(muster)
    assert [after[p[ANCHOR]]["email"] for p in ring] == [p[EMAIL] for p in ring[1:] + ring[:1]]


def test_a_leavers_address_is_given_to_a_new_person(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    """HR gave the leaver another address in the same night: two people, one step."""
    leaver = ordinary(bob)[0]
    bob.edit(leaver[ANCHOR], {STATUS: "Inactive", EMAIL: f"former.{leaver[EMAIL]}"})
    new = bob.add({"root.firstName": "Ada", EMAIL: leaver[EMAIL]})
    tally = sync(muster)
    assert (tally["created"], tally["deactivated"]) == (1, 1)
    after = people(muster)
    assert (after[new[ANCHOR]]["email"], after[new[ANCHOR]]["state"]) == (leaver[EMAIL], "active")
    assert (after[leaver[ANCHOR]]["email"], after[leaver[ANCHOR]]["state"]) == (f"former.{leaver[EMAIL]}", "deactivated")


def test_a_newcomer_with_an_address_that_is_taken_is_never_merged_into_the_leaver(muster: Muster, bob: Bob,
                                                                                  first: dict[str, Any]) -> None:
    leaver = ordinary(bob)[0]
    bob.edit(leaver[ANCHOR], {STATUS: "Inactive"})
    sync(muster)
    bob.edit(leaver[ANCHOR], {EMAIL: None})
    new = bob.add({"root.firstName": "Ada", EMAIL: leaver[EMAIL]})
    before = people(muster)

    tally = sync(muster, expect=1)

    assert (tally["created"], tally["conflicts"]) == (0, 1)
    assert differences(before, people(muster)) == []
    taken, = findings(muster, "hibob", "email_taken")
    assert leaver[EMAIL] in json.dumps(taken) and taken["advice"]

    muster("person", "set", leaver[ANCHOR], f"email=former.{leaver[EMAIL]}")
    assert sync(muster, expect=(0, 1))["created"] == 1
    assert people(muster)[new[ANCHOR]]["email"] == leaver[EMAIL]


def test_a_person_made_by_hand_is_linked_after_review(muster: Muster, bob: Bob, source: str) -> None:
    someone = ordinary(bob)[0]
    muster("person", "add", f"email={someone[EMAIL].upper()}", "given_name=Ada")
    held = sync(muster, expect=1)
    assert held["state"] == "held" and "first_plan" in guards(muster, source)
    assert len(muster("export", "people", "--format", "ndjson").rows()) == 1
    muster("apply", held["run"])
    rows = muster("export", "people", "--format", "ndjson").rows()
    mine = [row for row in rows if row["email"].lower() == someone[EMAIL].lower()]
    assert len(mine) == 1 and mine[0]["external_id"] == someone[ANCHOR]
    assert mine[0]["given_name"] == someone["root.firstName"]


def test_a_gone_record_never_matches_by_address(muster: Muster, bob: Bob, source: str) -> None:
    gone = next(p for p in bob.people().values() if p[STATUS] == "Inactive" and p[EMAIL])
    muster("person", "add", f"email={gone[EMAIL]}", "given_name=Ada")
    sync(muster, expect=(0, 1))
    person = muster("person", "show", gone[EMAIL], "--json").json()
    assert (person["state"], person["given_name"]) == ("active", "Ada")


# --- reporting lines -------------------------------------------------------------------------------


def test_a_circle_is_repaired_by_the_other_persons_record(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    """Low's report to High is refused as long as High reports to Low; when High moves on, it is set, though Low's
    record did not change."""
    truth = bob.people()
    low, high = next((p, truth[p[REPORTS_TO]]) for p in bob.active()
                     if p[REPORTS_TO] and truth[p[REPORTS_TO]][REPORTS_TO] and not truth[p[REPORTS_TO]][REPORTS_TO] == p[ANCHOR])
    top = high[REPORTS_TO]
    bob.edit(high[ANCHOR], {REPORTS_TO: low[ANCHOR]})
    sync(muster)
    assert differences(first, people(muster)) == [] and findings(muster, "hibob", "manager_circle")

    bob.edit(low[ANCHOR], {REPORTS_TO: top})
    sync(muster)
    after = people(muster)
    assert (after[high[ANCHOR]]["manager"], after[low[ANCHOR]]["manager"]) == (low[ANCHOR], top)
    assert not findings(muster, "hibob", "manager_circle")


def test_a_manager_who_comes_later_heals_the_reference(muster: Muster, bob: Bob, source: str) -> None:
    truth = bob.people()
    boss = next(truth[p[REPORTS_TO]] for p in bob.active() if p[REPORTS_TO] and truth[p[REPORTS_TO]][REPORTS_TO])
    bob.edit(boss[ANCHOR], {STATUS: "Inactive"})
    reports = [p[ANCHOR] for p in bob.active() if p[REPORTS_TO] == boss[ANCHOR]]
    sync(muster)
    assert {people(muster)[report]["manager"] for report in reports} == {None}
    assert findings(muster, source, "manager_unknown")
    bob.edit(boss[ANCHOR], {STATUS: "Active"})
    sync(muster)
    assert {people(muster)[report]["manager"] for report in reports} == {boss[ANCHOR]}


# --- rules on fields -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [5, 500])
@pytest.mark.parametrize("field", [STATUS, CONTRACT], ids=["status", "exclusion"])
def test_a_field_a_rule_needs_is_hidden_and_nobody_is_touched(muster: Muster, bob: Bob, source: str, field: str, size: int) -> None:
    bob.reset(size=size)
    remap(muster, source, lambda m: m.update(exclude=[f'{CONTRACT} == "Contractor"']))
    sync(muster, expect=(0, 1))
    before = people(muster)
    bob.edit(bob.active()[-1][ANCHOR], {TITLE: "Astronaut"})
    bob.permission(hidden_fields=[field])

    result = muster("sync", source, expect=(1, 3))

    assert_says(rf"{field}|Status|Contract type", what_it_says(muster, source, result))
    assert last_run(muster, source)["state"] in ("failed", "held")
    assert differences(before, people(muster)) == []


def test_leavers_invisible_for_two_complete_runs_make_one_held_plan(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    leavers = [p[ANCHOR] for p in ordinary(bob)[:2]]
    for leaver in leavers:
        bob.edit(leaver, {LIFECYCLE: "terminated"})
    bob.permission(employed_only=True)

    assert sync(muster, expect=(0, 1))["missing"] == 2
    bob.fault("cut")
    muster("sync", "hibob", expect=3)  # an incomplete answer proves nothing and counts for nothing
    bob.heal()
    assert differences(first, people(muster)) == []

    held = sync(muster, expect=1)
    assert (held["state"], held["missing"]) == ("held", 2) and guards(muster, "hibob") == {"missing"}
    assert differences(first, people(muster)) == []
    again = sync(muster, expect=1)
    states = [muster("run", "show", run["run"], "--json").json()["state"] for run in (held, again)]
    assert states == ["superseded", "held"]

    muster("apply", again["run"], expect=(0, 1))
    after = people(muster)
    assert {after[leaver]["state"] for leaver in leavers} == {"deactivated"}
    assert sum(p["state"] == "deactivated" for p in after.values()) == 2


def test_who_reappears_after_one_run_starts_anew(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone = ordinary(bob)[0]
    for _ in range(2):
        bob.fault("missing_id", count=1)
        tally = sync(muster, expect=1)
        assert (tally["state"], tally["missing"], tally["conflicts"]) == ("applied", 1, 1)
        bob.heal()
        assert sync(muster)["missing"] == 0
    assert differences(first, people(muster)) == [] and someone


def test_an_option_added_later_fills_the_values(muster: Muster, bob: Bob, source: str) -> None:
    squads = sorted({p[SQUAD] for p in bob.active() if p[SQUAD]})
    muster("attribute", "add", "squad", "--type", "select", *(word for squad in squads[1:] for word in ("--option", squad)))
    remap(muster, source, lambda m: m["mapping"].append({"attribute": "custom.squad", "from": SQUAD}))
    sync(muster, expect=1)
    without = {p[ANCHOR] for p in bob.active() if p[SQUAD] == squads[0]}
    found, = findings(muster, source, "not_an_option")
    assert found["value"] == squads[0] and found["count"] == len(without)
    assert {a for a, squad in _squads(muster).items() if squad is None} >= without

    muster("attribute", "add", "squad", "--type", "select", "--option", squads[0])
    tally = sync(muster)
    assert tally["updated"] == len(without)
    assert {anchor: squad for anchor, squad in _squads(muster).items()} == {p[ANCHOR]: p[SQUAD] for p in bob.active()}


def _squads(muster: Muster) -> dict[str, str | None]:
    return {row["external_id"]: (row.get("custom") or {}).get("squad") for row in muster("export", "people", "--format", "ndjson").rows()}


@pytest.mark.parametrize("status", ["Sabbatical", None])
def test_a_status_never_seen_leaves_the_person_as_is(muster: Muster, bob: Bob, first: dict[str, Any], status: str | None) -> None:
    someone = ordinary(bob)[0]
    bob.edit(someone[ANCHOR], {STATUS: status, "root.surname": "Lovelace"})
    for _ in range(2):
        tally = sync(muster, expect=1)
        assert (tally["updated"], tally["deactivated"]) == (0, 0)
        assert differences(first, people(muster)) == []
    assert findings(muster, "hibob", "unknown_status" if status else "status_absent")
    if status:
        remap(muster, "hibob", lambda m: m["status"]["active"].append(status))
        sync(muster)
        assert people(muster)[someone[ANCHOR]]["family_name"] == "Lovelace"


# --- on one engine: what the mapping's options and teams promise -------------------------------------


@ONE_ENGINE
@pytest.mark.parametrize("suspend, state", [(False, "deactivated"), (True, "suspended")])
def test_leave_deactivates_or_suspends(muster: Muster, bob: Bob, source: str, suspend: bool, state: str) -> None:
    def by_lifecycle(mapping: dict[str, Any]) -> None:
        mapping["status"] = {"from": LIFECYCLE, "active": ["Employed", "Garden leave"], "leave": ["Leave", "Parental leave"]}
        mapping["options"].update(suspend_on_leave=suspend, auto_reactivate=True)

    remap(muster, source, by_lifecycle)
    sync(muster, expect=(0, 1))
    someone = next(p for p in ordinary(bob) if p[LIFECYCLE] == "employed")
    bob.edit(someone[ANCHOR], {LIFECYCLE: "parental leave"})
    tally = sync(muster, expect=(0, 1))
    assert state_of(muster, someone[EMAIL]) == state and tally[state] == 1
    bob.edit(someone[ANCHOR], {LIFECYCLE: "employed"})
    assert sync(muster, expect=(0, 1))["reactivated"] == 1
    assert state_of(muster, someone[EMAIL]) == "active"


@ONE_ENGINE
@pytest.mark.company(size=12)
def test_the_first_leaver_of_a_company_without_any_leaves(muster: Muster, bob: Bob, source: str) -> None:
    for person in bob.people().values():
        if person[STATUS] != "Active":
            bob.delete(person[ANCHOR])
    sync(muster, expect=1)  # not one leaver is visible, which may be a permission
    someone = ordinary(bob)[0]
    bob.edit(someone[ANCHOR], {LIFECYCLE: "terminated"})
    assert sync(muster, expect=(0, 1))["deactivated"] == 1
    assert state_of(muster, someone[EMAIL]) == "deactivated"


@ONE_ENGINE
def test_an_excluded_person_is_not_touched_at_all(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone, gone = ordinary(bob)[:2]
    remap(muster, "hibob", lambda m: m.update(exclude_people=[someone[EMAIL], gone[EMAIL]]))
    bob.edit(someone[ANCHOR], {TITLE: "Astronaut"})
    bob.edit(gone[ANCHOR], {STATUS: "Inactive"})
    tally = sync(muster, expect=1)
    assert (tally["excluded"], tally["updated"], tally["deactivated"]) == (2, 0, 0)
    assert differences(first, people(muster)) == []
    assert findings(muster, "hibob", "excluded_gone")


@ONE_ENGINE
def test_hr_overrides_what_was_typed_but_not_manual_teams(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone = ordinary(bob)[0]
    muster("person", "set", someone[EMAIL], "title=Poet")
    muster("team", "add", "Chess club")
    muster("team", "join", "Chess club", someone[EMAIL])
    sync(muster)
    after = people(muster)[someone[ANCHOR]]
    assert after["title"] == someone[TITLE]
    assert after["teams"] == sorted([someone["work.department"], "Chess club"])


@ONE_ENGINE
def test_a_pinned_value_wins_until_it_is_unpinned(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    someone = ordinary(bob)[0]
    muster("person", "set", someone[EMAIL], "title=Poet", "--pin", "--reason", "her own wish")
    bob.edit(someone[ANCHOR], {TITLE: "Astronaut"})
    sync(muster)
    assert people(muster)[someone[ANCHOR]]["title"] == "Poet"
    assert "her own wish" in muster("why", someone[EMAIL], "title").out
    bob.edit(someone[ANCHOR], {TITLE: "Poet"})
    sync(muster)
    assert findings(muster, "hibob", "pinned_agrees")
    bob.edit(someone[ANCHOR], {TITLE: "Astronaut"})
    muster("person", "set", someone[EMAIL], "title", "--unpin")
    sync(muster)
    assert people(muster)[someone[ANCHOR]]["title"] == "Astronaut"


@ONE_ENGINE
def test_a_renamed_department_renames_its_team(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    name = ordinary(bob)[0]["work.department"]
    before = {row["name"]: row for row in muster("export", "teams", "--format", "ndjson").rows()}
    bob.rename_list_entry("department", departments(bob)[name], "Ministry of Silly Walks")
    sync(muster)
    after = {row["name"]: row for row in muster("export", "teams", "--format", "ndjson").rows()}
    assert name not in after and after["Ministry of Silly Walks"]["id"] == before[name]["id"]
    assert after["Ministry of Silly Walks"]["members"] == before[name]["members"]


@ONE_ENGINE
@pytest.mark.company(size=100, oddities=["spelling"])
def test_look_alike_teams_stay_apart_and_are_noted_until_merged(muster: Muster, bob: Bob, first: dict[str, Any]) -> None:
    alike = findings(muster, "hibob", "team_alike")
    assert alike and all(finding["severity"] == "note" for finding in alike)
    teams = {row["name"]: row["members"] for row in muster("export", "teams", "--format", "ndjson").rows()}
    pair = alike[0]["value"], alike[0]["subject"]
    assert set(pair) <= teams.keys()
    muster("team", "merge", *pair)
    sync(muster)
    merged = {row["name"]: row["members"] for row in muster("export", "teams", "--format", "ndjson").rows()}
    assert sum(merged.get(name, 0) for name in pair) == sum(teams[name] for name in pair)
    assert pair[0] not in merged or merged[pair[0]] == 0


@ONE_ENGINE
def test_a_future_starter_is_created_on_time(muster: Muster, bob: Bob, source: str) -> None:
    new = bob.add({"work.startDate": "2026-11-20"})
    assert new[STATUS] == "Inactive"
    remap(muster, source, lambda m: m["options"].update(create_days_before=7))
    sync(muster, expect=(0, 1))
    assert new[ANCHOR] not in people(muster)
    muster.now = "2026-11-13T04:00:00Z"
    assert sync(muster, expect=(0, 1))["created"] == 1
    assert people(muster)[new[ANCHOR]]["state"] == "active"
