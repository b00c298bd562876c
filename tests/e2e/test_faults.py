"""What an HR system and a network can do to a sync: nobody is deactivated by any of it, the message names the
cause and the place to mend it, the exit status is that of the contract, and the next run is well again."""

from typing import Any

import pytest

from conftest import Bob, Muster, free_port, running_sandbox
from model import ANCHOR, STATUS, Model, answer, differences
from reading import assert_says, expected, findings, guards, last_run, people, what_it_says

# None of this depends on where the directory is kept; two at the end look at both.
ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.fixture
def before(muster: Muster, bob: Bob, source: str) -> dict[str, Any]:
    """The directory after a healthy first sync."""
    muster("sync", source, expect=(0, 1))
    return people(muster)


def heals(muster: Muster, bob: Bob, source: str, before: dict[str, Any]) -> None:
    bob.heal()
    bob.permission(hidden_fields=[], hidden_categories=[], employed_only=False, no_people=False)
    muster("sync", source)
    assert differences(before, people(muster)) == []


# --- the run fails and nothing changes -----------------------------------------------------------

FAILING = {  # fault: a pattern its message must match
    "a refused token": ({"kind": "status", "status": 401}, r"(?i)token"),
    "forbidden people": ({"kind": "status", "status": 403}, r"(?i)permission"),
    "a wrong path": ({"kind": "status", "status": 404}, r"404|(?i:url|address)"),
    "a broken server": ({"kind": "status", "status": 500}, r"500"),
    "a broken gateway": ({"kind": "status", "status": 502}, r"502"),
    "a login page": ({"kind": "html"}, r"(?i)html|content.type|login|JSON"),
    "a wrong content type": ({"kind": "content_type", "value": "text/html"}, r"(?i)html|content.type"),
    "a connection reset in the body": ({"kind": "reset", "after": 3000}, r"(?i)reset|connection|closed|ended|incomplete"),
    "a body shorter than promised": ({"kind": "cut", "mode": "length"}, r"(?i)end|cut|incomplete|closed|short|transfer"),
    "a body without its last chunk": ({"kind": "cut", "mode": "chunked"}, r"(?i)end|cut|incomplete|closed|short|transfer|chunk"),
    "a body that just stops": ({"kind": "cut", "mode": "close"}, r"(?i)end|cut|incomplete|closed|short|transfer"),
    "cut JSON in well-formed HTTP": ({"kind": "cut", "mode": "clean"}, r"(?i)end|cut|incomplete|short|JSON"),
    "a brace that is missing": ({"kind": "invalid_json", "form": "brace"}, r"(?i)JSON|record \d+.*cannot be read"),
    "a value that is no JSON": ({"kind": "invalid_json", "form": "value"}, r"(?i)JSON|record \d+.*cannot be read"),
    "a server that hangs up": ({"kind": "hang", "seconds": 0.1}, r"(?i)answer|time|closed|connection|empty"),
}


@ONE_ENGINE
@pytest.mark.parametrize("name", FAILING)
def test_the_run_fails_and_changes_nothing(muster: Muster, bob: Bob, source: str, before: dict[str, Any], name: str) -> None:
    fault, says = FAILING[name]
    bob.fault(**fault)

    result = muster("sync", source, expect=3)

    assert_says(says, result.err)
    assert differences(before, people(muster)) == []
    assert last_run(muster, source)["state"] == "failed"
    heals(muster, bob, source, before)


@ONE_ENGINE
@pytest.mark.parametrize("setting, secret, says", [
    ([], "not-the-token", r"(?is)token.*service.user|service.user.*token"),
    (["--set", "service_user=SERVICE-9999"], None, r"(?is)service.user"),
])
def test_a_wrong_credential_is_named_with_the_place_to_mend_it(muster: Muster, bob: Bob, source: str, before: dict[str, Any],
                                                               setting: list[str], secret: str | None, says: str) -> None:
    muster("source", "set", source, *setting, *(["--secret-file", "-"] if secret else []), stdin=secret or "")
    for command in ("check", "sync"):
        result = muster(*(("source", "check", source) if command == "check" else ("sync", source)), expect=3)
        assert_says(says, result.err + result.out)
        assert_says(r"(?i)hibob", result.err + result.out)
    assert differences(before, people(muster)) == []


@ONE_ENGINE
def test_nothing_listens_there(muster: Muster, bob: Bob, source: str, before: dict[str, Any]) -> None:
    port = free_port()
    muster("source", "set", source, "--set", f"url=http://127.0.0.1:{port}/v1")
    result = muster("sync", source, expect=3)
    assert_says(rf"(?i)127\.0\.0\.1.*{port}|refused|connect", result.err)
    assert differences(before, people(muster)) == []


@ONE_ENGINE
def test_a_certificate_nobody_vouches_for(muster: Muster, bob: Bob, source: str, before: dict[str, Any]) -> None:
    with running_sandbox("--tls") as other:
        muster("source", "set", source, "--set", f"url={other.url}")
        result = muster("sync", source, expect=3)
    assert_says(r"(?i)certificate|TLS|SSL", result.err)
    assert differences(before, people(muster)) == []


@ONE_ENGINE
@pytest.mark.company(size=12)
def test_cut_at_every_4_kB_nobody_is_touched(muster: Muster, bob: Bob, source: str, before: dict[str, Any]) -> None:
    for after in range(0, len(before) * 1000, 4096):
        bob.fault("cut", mode="clean", after=after)
        muster("sync", source, expect=3)
        bob.heal()
    assert differences(before, people(muster)) == []


@ONE_ENGINE
@pytest.mark.parametrize("fault", [
    {"kind": "status", "status": 429, "retry_after": 1, "times": 2},
    {"kind": "status", "status": 429, "reset_in": 1, "times": 1},
    {"kind": "status", "status": 503, "retry_after": 1, "times": 1},
    {"kind": "slow", "bytes_per_second": 40_000},
], ids=["429 with Retry-After", "429 with X-RateLimit-Reset", "503 once", "a drip"])
def test_a_passing_trouble_is_waited_out(muster: Muster, bob: Bob, source: str, before: dict[str, Any], fault: dict[str, Any]) -> None:
    someone = bob.active()[-1]
    bob.edit(someone[ANCHOR], {"work.title": "Astronaut"})
    bob.fault(**fault)
    tally = muster("sync", source, "--json").json()
    assert (tally["state"], tally["updated"]) == ("applied", 1)
    assert people(muster)[someone[ANCHOR]]["title"] == "Astronaut"


# --- bytes and values no HR system should send ---------------------------------------------------

SPOILED = {
    "invalid UTF-8": ({"kind": "invalid_utf8"}, r"(?i)utf-?8|JSON"),
    "half a surrogate pair": ({"kind": "surrogate"}, r"(?i)surrogate|unicode|utf|JSON|escape"),
    "NUL in a text": ({"kind": "nul"}, r"(?i)NUL|\\u0000|control|JSON"),
    "a value of 10 MB": ({"kind": "huge_value"}, r"(?i)long|large|big|MB|KB|bytes|characters"),
    "nesting 10,000 deep": ({"kind": "deep"}, r"(?i)nest|deep|brackets"),
}


@ONE_ENGINE
@pytest.mark.parametrize("name", SPOILED)
def test_what_cannot_be_a_value_touches_nobody(muster: Muster, bob: Bob, source: str, before: dict[str, Any], name: str) -> None:
    fault, says = SPOILED[name]
    bob.fault(**fault)
    result = muster("sync", source, expect=(0, 1, 3))
    assert differences(before, people(muster)) == []
    if result.code == 0:
        assert name.startswith("nesting"), f"{name} must not pass in silence\n{result}"
    else:
        assert_says(says, what_it_says(muster, source, result))
    heals(muster, bob, source, before)


@ONE_ENGINE
@pytest.mark.parametrize("field", ["root.firstName", "root.surname", "root.email"])
def test_a_spoiled_key_or_name_of_a_new_person_creates_nobody_else(muster: Muster, bob: Bob, source: str, before: dict[str, Any],
                                                                   field: str) -> None:
    bob.fault("nul", field=field, count=3)
    result = muster("sync", source, expect=(1, 3))
    after = people(muster)
    assert after.keys() == before.keys() and [p["state"] for p in after.values()] == [p["state"] for p in before.values()]
    assert_says(r"(?i)NUL|\\u0000|control|JSON", what_it_says(muster, source, result))


# --- data that contradicts itself: the model knows what is left -----------------------------------

CONTRADICTIONS = {  # fault: the finding that tells of it
    "two people with one id": ({"kind": "duplicate_id", "count": 1}, "duplicate_id"),
    "three people with one e-mail": ({"kind": "duplicate_email", "count": 2}, "duplicate_email"),
    "people without an id": ({"kind": "missing_id", "count": 2}, "no_id"),
    "dates that are none": ({"kind": "zero_dates", "count": 6}, "invalid_value"),
    "managers nobody knows": ({"kind": "manager_missing", "count": 3}, "manager_unknown"),
    "people who manage themselves": ({"kind": "manager_self", "count": 3}, "manager_self"),
    "a circle of two": ({"kind": "circle", "size": 2}, "manager_circle"),
    "a circle of fifty": ({"kind": "circle", "size": 50}, "manager_circle"),
}


@ONE_ENGINE
@pytest.mark.parametrize("first", [True, False], ids=["in the first run", "in a later run"])
@pytest.mark.parametrize("name", CONTRADICTIONS)
@pytest.mark.company(size=130)
def test_a_contradiction_is_a_finding_and_the_rest_goes_on(muster: Muster, bob: Bob, source: str, name: str, first: bool) -> None:
    fault, finding = CONTRADICTIONS[name]
    model, departments = Model(), {}
    if not first:
        muster("sync", source)
        model.accept(model.predict(answer(bob.people().values()), departments))
        bob.edit(bob.active()[-1][ANCHOR], {"work.title": "Astronaut"})
    outcome = model.predict(answer(bob.people().values(), fault=fault), departments)
    bob.fault(**fault)

    result = muster("sync", source, "--json", expect=None)

    tally = result.json()
    assert result.code in outcome.codes and tally["state"] == "applied", str(result)
    assert {key: tally[key] for key in outcome.tally} == outcome.tally
    model.accept(outcome)
    assert differences(expected(model), people(muster)) == []
    found = findings(muster, source, finding)
    assert found and found[0]["message"] and found[0]["advice"] and found[0]["people"], found


# --- less than everything, in an answer that looks well -------------------------------------------


@ONE_ENGINE
@pytest.mark.parametrize("fault, guard, says", [
    ({"kind": "empty"}, "no_records", r"(?i)no (record|employee|people|person)|nobody|empty"),
    ({"kind": "half"}, "records", r"(?i)record"),
    ({"kind": "other_company"}, "company", r"(?i)company"),
])
def test_a_part_of_the_company_or_another_one_stops_the_run(muster: Muster, bob: Bob, source: str, before: dict[str, Any],
                                                            fault: dict[str, Any], guard: str, says: str) -> None:
    bob.edit(bob.active()[-1][ANCHOR], {"work.title": "Astronaut"})
    bob.fault(**fault)
    result = muster("sync", source, expect=(1, 3))
    assert_says(says, what_it_says(muster, source, result))
    assert differences(before, people(muster)) == []
    run = last_run(muster, source)
    assert run["state"] in ("held", "failed")
    assert run["state"] == "failed" or guard in guards(muster, source)


@ONE_ENGINE
@pytest.mark.parametrize("kind", ["empty", "other_company"])
def test_what_always_stops_cannot_be_overruled(muster: Muster, bob: Bob, source: str, before: dict[str, Any], kind: str) -> None:
    bob.fault(kind)
    muster("sync", source, "--yes", expect=(1, 3))
    run = last_run(muster, source)
    if run["state"] == "held":
        muster("apply", run["run"], expect=(1, 2, 3))
    assert differences(before, people(muster)) == []


@ONE_ENGINE
def test_an_empty_company_at_the_very_first_run_is_no_directory(muster: Muster, bob: Bob, source: str) -> None:
    bob.fault("empty")
    result = muster("sync", source, expect=(1, 3))
    assert_says(r"(?i)no (record|employee|people|person)|nobody|empty", what_it_says(muster, source, result))
    assert people(muster) == {}


@ONE_ENGINE
@pytest.mark.parametrize("field, label", [("work.title", "Position"), ("work.department", "Department"), ("work.reportsTo", "Reports to")])
def test_a_permission_withdrawn_keeps_what_is_there_and_says_which(muster: Muster, bob: Bob, source: str, before: dict[str, Any],
                                                                   field: str, label: str) -> None:
    someone = bob.active()[-1]
    bob.edit(someone[ANCHOR], {"root.surname": "Lovelace"})
    bob.permission(hidden_fields=[field, "work.manager"])

    result = muster("sync", source, expect=1)

    assert_says(rf"{field}|{label}", what_it_says(muster, source, result))
    before[someone[ANCHOR]]["family_name"] = "Lovelace"
    assert differences(before, people(muster)) == []
    check = muster("source", "check", source, expect=1)
    assert_says(rf"{field}|{label}", check.out + check.err)
    assert_says(r"(?i)permission", check.out + check.err)
    heals(muster, bob, source, before)


@ONE_ENGINE
@pytest.mark.parametrize("field", [STATUS, "root.email"])
@pytest.mark.parametrize("size", [5, 100])
def test_a_needed_field_that_may_not_be_read_stops_the_first_run(muster: Muster, bob: Bob, source: str, field: str, size: int) -> None:
    bob.reset(size=size)
    bob.permission(hidden_fields=[field])
    result = muster("sync", source, expect=(1, 3))
    assert_says(field.replace(".", r"\.") + "|Status|Email", what_it_says(muster, source, result))
    assert people(muster) == {}


@ONE_ENGINE
def test_leavers_who_become_invisible_are_kept_and_the_permission_is_named(muster: Muster, bob: Bob, source: str,
                                                                           before: dict[str, Any]) -> None:
    bob.permission(employed_only=True)
    check = muster("source", "check", source, expect=(0, 1))
    assert_says(r"(?i)lifecycle", check.out + check.err)
    leaver = bob.active()[-1]
    bob.edit(leaver[ANCHOR], {"internal.lifecycleStatus": "terminated"})
    result = muster("sync", source, "--json", expect=(0, 1))
    assert result.json()["missing"] == 1
    assert differences(before, people(muster)) == []
    bob.permission(employed_only=False)
    muster("sync", source)
    assert people(muster)[leaver[ANCHOR]]["state"] == "deactivated"


@ONE_ENGINE
def test_the_first_run_says_when_not_one_leaver_is_visible(muster: Muster, bob: Bob, source: str) -> None:
    bob.permission(employed_only=True)
    result = muster("sync", source, expect=1)
    assert findings(muster, source, "no_leavers")
    assert_says(r"(?i)lifecycle", what_it_says(muster, source, result))


# --- on both engines ------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [{"kind": "cut", "mode": "clean", "after": 30_000}, {"kind": "half"}], ids=["cut", "half"])
def test_on_every_engine_a_bad_night_leaves_the_directory_alone(muster: Muster, bob: Bob, source: str, before: dict[str, Any],
                                                                fault: dict[str, Any]) -> None:
    bob.advance(10)
    bob.fault(**fault)
    muster("sync", source, expect=(1, 3))
    assert differences(before, people(muster)) == []
    bob.heal()
    muster("sync", source, expect=(0, 1))
    after, truth = people(muster), bob.people()
    for anchor, person in after.items():
        assert (person["state"] == "active") == (truth[anchor][STATUS] == "Active")
        assert person["title"] == truth[anchor]["work.title"]
