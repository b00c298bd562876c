"""People, teams, attributes and levels by hand, past days and erasing, as typed on a terminal."""

import csv
import io
import json

import pytest

from conftest import Muster


@pytest.fixture
def company(muster: Muster) -> Muster:
    """Ada manages Bo, Bo manages Cy."""
    muster("person", "add", "email=ada@example.com", "given_name=Ada", "family_name=Lovelace", "external_id=H-1")
    muster("person", "add", "email=bo@example.com", "given_name=Bo", "manager=H-1", "title=Engineer")
    muster("person", "add", "email=cy@example.com", "given_name=Cy", "manager=bo@example.com")
    return muster


def person(muster: Muster, who: str) -> dict:
    return muster("person", "show", who, "--json").json()


def emails(muster: Muster, *args: str) -> list[str]:
    return [row["email"] for row in muster("people", "--json", *args).rows()]


def test_a_person_is_added_with_a_user_name_and_found_by_every_key(company: Muster) -> None:
    ada = person(company, "ADA@example.com")
    assert (ada["user_name"], ada["state"], ada["version"], ada["manager"]) == ("ada@example.com", "active", 1, None)
    assert person(company, "H-1") == person(company, ada["id"]) == ada
    assert person(company, "bo@example.com")["manager"]["display_name"] == "Ada Lovelace"


@pytest.mark.parametrize("args, code, said", [
    (("add", "given_name=X"), 2, "without an e-mail"),
    (("add", "email=Ada@Example.com"), 3, "belongs to somebody else"),
    (("set", "ada@example.com", "titel=X"), 2, "did you mean 'title'"),
    (("set", "ada@example.com", "title"), 2, "ATTRIBUTE=VALUE"),
    (("set", "ada@example.com", "start_date=2026-02-30"), 2, "2026-02-30"),
    (("set", "ada@example.com", "email="), 2, "without an e-mail"),
    (("set", "ada@example.com", "state=active"), 2, "muster person deactivate"),
    (("set", "ada@example.com", "teams=X"), 2, "muster team join"),
    (("set", "ada@example.com", "level=Senior"), 2, "muster level add"),
    (("set", "ada@example.com", "manager=cy@example.com"), 3, "already manages"),
    (("set", "ada@example.com", "manager=ada@example.com"), 3, "their own manager"),
    (("set", "ada@example.com", "manager=nobody@example.com"), 3, "nobody@example.com"),
    (("set", "ada@example.com", "title=X", "--pin", "--until", "2020-01-01"), 2, "over already"),
    (("set", "ada@example.com", "title=X", "--until", "2030-01-01"), 2, "--pin"),
    (("set", "ada@example.com", "title", "--unpin"), 3, "no override"),
    (("delete", "ada@example.com"), 2, "--yes"),
])
def test_what_cannot_be_is_refused_and_changes_nothing(company: Muster, args: tuple[str, ...], code: int, said: str) -> None:
    before = company("people", "--json").out
    assert said in company("person", *args, expect=code).err
    assert company("people", "--json").out == before


def test_values_are_set_and_taken_away(company: Muster) -> None:
    company("person", "set", "bo@example.com", "title=", "email=bob@example.com", "additional_managers=cy@example.com, H-1")
    bo = person(company, "bob@example.com")
    assert (bo["title"], bo["user_name"], bo["version"]) == (None, "bob@example.com", 2)
    assert [one["email"] for one in bo["additional_managers"]] == ["cy@example.com", "ada@example.com"]
    company("person", "set", "bob@example.com", "user_name=robert")
    company("person", "set", "bob@example.com", "email=bo@example.com", "manager=")
    bo = person(company, "robert")
    assert (bo["email"], bo["manager"]) == ("bo@example.com", None)


def test_a_filter_and_the_state(company: Muster) -> None:
    company("person", "deactivate", "cy@example.com")
    assert emails(company) == ["ada@example.com", "bo@example.com", "cy@example.com"]
    assert emails(company, "--filter", 'active eq true and manager pr') == ["bo@example.com"]
    company("person", "reactivate", "cy@example.com")
    assert emails(company, "--filter", 'state ne "active"') == []
    assert "column 10" in company("people", "--filter", "title eq ", expect=2).err


def test_an_override_and_its_end_are_told(company: Muster) -> None:
    company("person", "set", "bo@example.com", "title=Count", "--pin", "--reason", "promised", "--until", "2030-01-01")
    why = company("why", "bo@example.com", "title", "--json").json()["values"][0]
    assert (why["value"], why["origin"], why["override"]["reason"]) == ("Count", "override", "promised")
    assert why["override"]["until"] == "2030-01-01T23:59:59Z"
    company("person", "set", "bo@example.com", "title", "--unpin")
    assert company("why", "bo@example.com", "title", "--json").json()["values"][0]["override"] is None


def test_yesterday_is_as_it_was(company: Muster) -> None:
    before = company("people", "--json").rows()
    company("team", "add", "Chess")
    company.now = "2026-11-03T12:00:00Z"
    company("team", "join", "Chess", "bo@example.com")
    company("person", "set", "bo@example.com", "title=", "email=bob@example.com", "manager=")
    company("person", "deactivate", "cy@example.com")
    company("person", "add", "email=new@example.com")
    company.now = "2026-11-04T12:00:00Z"
    company("team", "rename", "Chess", "Go")
    assert company("people", "--at", "2026-11-02", "--json").rows() == before
    then = {row["given_name"]: row for row in company("people", "--at", "2026-11-03", "--json").rows()}
    assert then["Bo"]["teams"] == ["Chess"] and then["Cy"]["state"] == "deactivated" and len(then) == 4
    assert emails(company, "--at", "2026-11-02", "--filter", 'email eq "bo@example.com"') == ["bo@example.com"]
    assert emails(company, "--at", "2026-11-01") == []


def test_teams_by_hand(company: Muster) -> None:
    company("team", "add", " Sales & Ops ")
    assert "looks like the team ' Sales & Ops '" in company("team", "add", "sales-ops").err
    company("team", "join", " Sales & Ops ", "bo@example.com")
    company("team", "join", "sales-ops", "cy@example.com")
    assert "already" in company("team", "add", " Sales & Ops ", expect=3).err
    company("team", "merge", "sales-ops", " Sales & Ops ")
    teams = company("team", "list", "--json").rows()
    assert [(team["name"], team["kind"], team["members"]) for team in teams] == [(" Sales & Ops ", "manual", 2)]
    assert person(company, "cy@example.com")["teams"] == [" Sales & Ops "]
    company("team", "leave", "sales-ops", "cy@example.com")
    assert person(company, "cy@example.com")["teams"] == []
    assert "is not in" in company("team", "leave", " Sales & Ops ", "cy@example.com", expect=3).err
    assert "did you mean" in company("team", "rename", "SALES OPS", "X", expect=3).err


def test_attributes_and_levels(company: Muster) -> None:
    company("attribute", "add", "contract", "--type", "select", "--option", "Full time")
    assert "Part time" in company("person", "set", "bo@example.com", "contract=Part time", expect=2).err
    company("attribute", "add", "contract", "--option", "Part time")
    company("person", "set", "bo@example.com", "contract=Part time")
    company("attribute", "add", "desk", "--type", "number")
    company("attribute", "add", "remote", "--type", "flag")
    company("level", "add", "Senior")
    company("person", "set", "bo@example.com", "desk=12.50", "custom.remote=yes", "level=Senior")
    bo = person(company, "bo@example.com")
    assert bo["custom"] == {"contract": "Part time", "desk": 12.5, "remote": True} and bo["level"] == "Senior"
    company("attribute", "add", "contract", "--type", "text")
    company("person", "set", "bo@example.com", "contract=whatever")
    assert "already" in company("attribute", "add", "desk", "--type", "date", expect=3).err
    assert {"custom.desk", "title"} <= {row["name"] for row in company("attribute", "list", "--json").rows()}
    assert company("level", "list", "--json").rows() == [{"name": "Senior", "place": 1}]
    assert emails(company, "--filter", "custom.desk gt 9") == emails(company, "--filter", "desk gt 9") == ["bo@example.com"]
    assert emails(company, "--filter", "remote eq false") == []


def test_erasing_leaves_no_trace(company: Muster) -> None:
    company("person", "set", "bo@example.com", "title=Unforgettable")
    company("person", "delete", "bo@example.com", "--yes")
    left = "".join(company("export", what).out for what in ("people", "teams", "history"))
    assert "bo@example.com" not in left and "Unforgettable" not in left and "erased" in left
    assert person(company, "cy@example.com")["manager"] is None
    assert "nobody here" in company("why", "bo@example.com", expect=3).err
    company("person", "add", "email=bo@example.com")


def test_the_history_is_one_line_a_change(company: Muster) -> None:
    company("person", "set", "bo@example.com", "title=Head", "--reason", "promoted")
    rows = company("export", "history").rows()
    assert rows == company("export", "history", "--format", "json").json()
    assert len(rows) == len(list(csv.DictReader(io.StringIO(company("export", "history", "--format", "csv").out))))
    last = rows[-1]
    assert (last["person"], last["attribute"], last["before"], last["after"]) == ("bo@example.com", "title", "Engineer", "Head")
    assert (last["kind"], last["reason"], last["source"]) == ("update", "promoted", None)
    assert last["change"].startswith(last["run"] + ".")
    manager = [row for row in rows if row["attribute"] == "manager"]
    assert [row["after"] for row in manager] == ["ada@example.com", "bo@example.com"]
    assert json.loads(company("export", "teams", "--format", "json").out) == []
