"""The imitation against what is known of HiBob: each row of the checklist, and the odd habits."""

import re
from datetime import date

import pytest

from sandbox.hibob_fields import catalog
from sandbox.limits import Firewall

SYNC = ("root.id", "root.email", "work.title", "work.department", "work.reportsTo", "work.startDate", "internal.status",
        "internal.lifecycleStatus", "internal.terminationDate", "work.customColumns.column_1700000000002")


def test_each_person_has_slash_nested_and_readable_forms(bob):
    reply = bob.search(*SYNC, showInactive=True, humanReadable="APPEND")
    assert reply.status == 200 and reply.headers["Content-Type"] == "application/json"
    people = reply.json["employees"]
    assert len(people) == 120 and list(reply.json) == ["employees"]
    boss = next(p for p in people if p["work"]["reportsTo"] is None)
    assert "/work/reportsTo" not in boss and "reportsTo" not in boss["humanReadable"]["work"]  # null only where nested
    for person in people:
        assert person["companyId"] == 100200 and person["/root/id"] == {"value": person["id"]}
        assert person["/work/title"]["value"] == person["work"]["title"]
        year, month, day = person["work"]["startDate"].split("-")
        assert person["humanReadable"]["work"]["startDate"] == f"{day}/{month}/{year}"
        assert person["humanReadable"]["internal"]["lifecycleStatus"] == person["internal"]["lifecycleStatus"].capitalize()
    report = next(p for p in people if p["work"]["reportsTo"])
    assert set(report["work"]["reportsTo"]) == {"id", "firstName", "surname", "email", "displayName"}
    assert report["work"]["manager"] == report["work"]["reportsTo"]["id"]


def test_ids_have_19_digits_and_come_unasked(bob):
    people = bob.people("root.email")
    assert all(re.fullmatch(r"\d{19}", p["id"]) and "/root/id" not in p for p in people)


def test_departments_are_list_ids_and_texts_in_one_company(bob):
    lists = bob.get("/company/named-lists").json["department"]
    names = {e["id"]: e["name"] for e in lists["values"]}
    used = {p["work"]["department"] for p in bob.people("work.department")}
    assert any(id.isdecimal() for id in used & names.keys()) and "Facilities" in used & names.keys()
    assert "Board Office" in used - names.keys()  # a text that is in no list
    archived = bob.get("/company/named-lists?includeArchived=true").json["department"]["values"]
    assert used & {e["id"] for e in archived if e["archived"]}


def test_unknown_and_forbidden_fields_are_left_out_without_a_word(bob):
    bob.control("POST", "permission", {"hidden_fields": ["work.title"], "hidden_categories": ["internal"]})
    person = bob.people("root.id", "work.title", "work.department", "internal.status", "nonsense.field")[0]
    assert set(person["work"]) == {"department"} and "internal" not in person and "nonsense" not in person
    assert "/work/title" not in person


def test_the_people_condition_makes_the_list_shorter(bob):
    everybody = bob.people("root.id", "internal.status")
    bob.control("POST", "permission", {"employed_only": True})
    fewer = bob.people("root.id", "internal.status")
    assert len(fewer) < len(everybody) and {p["internal"]["status"] for p in fewer} == {"Active"}
    gone = next(p["id"] for p in everybody if p["internal"]["status"] == "Inactive")
    assert bob.call("POST", f"/v1/people/{gone}", {"showInactive": True}).status == 404


def test_a_manager_out_of_sight_is_still_named(bob):
    bob.control("POST", "permission", {"employed_only": True})
    people = bob.people("root.id", "work.reportsTo")
    ids = {p["id"] for p in people}
    assert any(p["work"]["reportsTo"] and p["work"]["reportsTo"]["id"] not in ids for p in people)


def test_a_hidden_person_is_seen_only_with_show_inactive(bob):
    seen = {p["internal"]["lifecycleStatus"]: p["internal"]["status"] for p in bob.people("internal.status", "internal.lifecycleStatus")}
    assert seen["hired"] == seen["terminated"] == "Inactive" and seen["garden leave"] == seen["parental leave"] == "Active"
    for quiet in ({}, {"showInactive": False}):
        people = bob.search("internal.status", **quiet).json["employees"]
        assert {p["internal"]["status"] for p in people} == {"Active"}


def test_top_person_and_a_circle_of_two(bob):
    boss_of = {p["id"]: p["work"]["manager"] for p in bob.people("work.reportsTo")}
    assert list(boss_of.values()).count(None) == 1
    assert any(boss_of.get(boss) == id for id, boss in boss_of.items())


def test_a_renamed_entry_keeps_its_id(bob):
    entry = bob.get("/company/named-lists/department").json["values"][0]
    before = {p["id"]: p["work"]["department"] for p in bob.people("work.department")}
    bob.control("POST", f"lists/department/{entry['id']}", {"name": "Research"})
    people = bob.people("work.department", humanReadable="APPEND")
    assert before == {p["id"]: p["work"]["department"] for p in people}
    assert {p["humanReadable"]["work"]["department"] for p in people if p["work"]["department"] == entry["id"]} == {"Research"}


def test_without_fields_the_default_categories_and_never_custom(bob):
    person = bob.people()[0]
    assert {"email", "about", "work", "employment"} <= set(person) and not {"internal", "payroll", "personal"} & set(person)
    assert "custom" not in person["work"] and "customColumns" not in person["work"]


def test_custom_fields_of_each_type(bob):
    ids = [id for id in catalog() if ".custom" in id]
    people = bob.people(*ids, humanReadable="APPEND")
    assert {type(v) for p in people for v in p["work"]["custom"].values()} == {str, int, bool, type(None)}
    assert any(p["work"]["customColumns"]["column_1700000000002"] for p in people)
    squad = next(p for p in people if p["work"]["customColumns"]["column_1700000000002"])
    assert squad["humanReadable"]["work"]["customColumns"]["column_1700000000002"].startswith("Squad")


def test_replace_puts_readable_texts_in_the_normal_place(bob):
    ids = ("work.startDate", "work.title", "work.employeeIdInCompany", "work.custom.field_1700000000007")
    person = bob.people(*ids, humanReadable="REPLACE")[0]
    assert "humanReadable" not in person and re.fullmatch(r"\d\d/\d\d/\d{4}", person["work"]["startDate"])
    assert person["work"]["title"] == "Chief Executive Officer" and person["work"]["employeeIdInCompany"] == "1"
    assert person["work"]["custom"]["field_1700000000007"] in ("Yes", "No")


@pytest.mark.parametrize("body", [
    {"filters": []}, {"filters": {}}, {"fields": [f"work.f{n}" for n in range(401)]}, {"humanReadable": "YES"}, {"fields": "root.id"},
    {"filters": [{"fieldPath": "work.title", "operator": "equals", "values": ["x"]}]}, {"showInactive": "yes"},
])
def test_bad_bodies_are_400(bob, body):
    reply = bob.call("POST", "/v1/people/search", body)
    assert reply.status == 400 and set(reply.json) == {"key", "error"}


def test_400_fields_and_one_filter_are_fine(bob):
    ids = [p["id"] for p in bob.people("root.id")][3:5]
    only = {"fieldPath": "root.id", "operator": "equals", "values": ids}
    assert [p["id"] for p in bob.people(*[f"work.f{n}" for n in range(400)], filters=[only])] == ids


def test_one_person_by_id_and_by_email(bob):
    known = next(p for p in bob.people("root.email", "internal.status") if p["email"])
    for who in (known["id"], known["email"], known["email"].replace("@", "%40")):
        assert bob.call("POST", f"/v1/people/{who}", {"fields": ["root.email"]}).json["email"] == known["email"]
    assert bob.call("POST", "/v1/people/123", {}).status == 404


def test_field_definitions(bob):
    reply = bob.get("/company/people/fields")
    fields = {f["id"]: f for f in reply.json}
    assert 220 < len(fields) == len(reply.json) < 260
    assert fields["work.department"]["typeData"] == {"listId": "department"} and fields["work.department"]["historical"]
    assert fields["root.email"]["jsonPath"] == "email" and fields["work.custom.field_1700000000003"]["type"] == "number"
    assert fields["employee.disabilityStatus"]["categoryId"] == "personal"
    lists = bob.get("/company/named-lists").json
    assert {f["typeData"]["listId"] for f in fields.values() if f["typeData"]} <= lists.keys()


def test_named_lists(bob):
    lists = bob.get("/company/named-lists").json
    assert all(l["values"] == l["items"] and l["name"] == name for name, l in lists.items())
    assert lists["workplaceType"]["values"][0]["id"] == "onsite"
    assert any(e["children"] for e in lists["work.column_1700000000006"]["values"])
    assert bob.get("/company/named-lists/site").json == lists["site"]
    assert bob.get("/company/named-lists/Site").status == 404


def test_profiles_are_active_people(bob):
    people = bob.get("/profiles").json["employees"]
    assert len(people) == len(bob.search("root.id").json["employees"]) and people[0]["displayName"]


def test_history(bob):
    someone = next(p["id"] for p in bob.people("root.id", "internal.lifecycleStatus") if p["internal"]["lifecycleStatus"] == "terminated")
    rows = bob.get(f"/people/{someone}/lifecycle").json["values"]
    assert [r["status"] for r in rows][-1] == "terminated" and set(rows[0]) == {"id", "status", "effectiveDate", "reason", "reasonType"}
    bob.control("POST", f"person/{someone}", {"work.title": "Archivist"})
    work = bob.get(f"/people/{someone}/work").json["values"]
    assert len(work) == 2 and work[0]["title"] != work[1]["title"] and work[1]["effectiveDate"] == "2026-11-02"
    assert bob.get(f"/people/{someone}/employment").json["values"][0]["type"]
    assert bob.get("/people/123/work").status == 404


def test_restricted_columns_are_null_and_named(bob):
    someone = bob.people("root.id")[0]["id"]
    bob.control("POST", "permission", {"hidden_fields": ["work.title"]})
    reply = bob.get(f"/people/{someone}/work")
    assert reply.headers["X-Has-Restricted-Columns"] == "true" and reply.json["values"][0]["title"] is None
    assert reply.json["restricted_columns"]["no_view_permission"] == ["title"]
    bob.control("POST", "permission", {"hidden_categories": ["work"]})
    assert bob.get(f"/people/{someone}/work").status == 403


def test_bulk_history_has_pages(bob):
    seen, cursor = [], ""
    while cursor is not None:
        page = bob.get(f"/bulk/people/work?limit=50{cursor and '&cursor=' + cursor}").json
        seen += [row["employeeId"] for row in page["results"]]
        cursor = page["response_metadata"]["next_cursor"]
    assert len(set(seen)) == 120


def test_avatar_addresses_change_from_day_to_day(bob):
    person = bob.people("root.email")[0]
    url = bob.get(f"/avatars/{person['id']}").body
    assert url.startswith(b"https://") and bob.get(f"/avatars?email={person['email']}").body == url
    bob.control("POST", "advance", {"days": 1})
    assert bob.get(f"/avatars/{person['id']}").body != url


def test_a_wrong_token_is_401(bob):
    for token in ("wrong", "sandbox-token "):
        reply = bob.call("GET", "/v1/company/people/fields", token=token)
        assert reply.status == 401 and reply.json["key"] == "tokenNotMatch"
    assert bob.get("/company/people/fields", headers={"Authorization": "sandbox-token"}).status == 401


def test_no_right_on_people_is_403(bob):
    bob.control("POST", "permission", {"no_people": True})
    assert bob.search("root.id").status == 403
    assert bob.get("/company/people/fields").status == 200


def test_a_wrong_path_is_a_login_page(bob):
    for reply in (bob.get("/peoples"), bob.call("GET", "/v2/people/search"), bob.get("/people/search")):
        assert reply.status == 200 and reply.headers["Content-Type"].startswith("text/html") and b"Sign in" in reply.body


def test_get_with_a_content_type_is_400_html(bob):
    reply = bob.get("/company/people/fields", headers={"Content-Type": "application/json"})
    assert reply.status == 400 and reply.headers["Content-Type"].startswith("text/html")


def test_the_rate_limit_says_when_to_come_back(bob):
    bob.control("POST", "rate", {"limit": 2})
    first, _, third = (bob.search("root.id") for _ in range(3))
    assert first.status == 200 and first.headers["X-RateLimit-Remaining"] == "1" and first.headers["X-RateLimit-Limit"] == "2"
    assert third.status == 429 and "Retry-After" not in third.headers
    assert int(third.headers["X-RateLimit-Reset"]) > 1_700_000_000
    assert bob.get("/company/people/fields").status == 200


def test_the_firewall_shuts_out_who_fails_fifty_times(bob):
    assert [bob.call("GET", "/v1/profiles", token="wrong").status for _ in range(50)] == [401] * 50
    reply = bob.get("/profiles")
    assert reply.status == 403 and reply.headers["Content-Type"].startswith("text/html")
    bob.control("DELETE", "fault")
    assert bob.get("/profiles").status == 200


def test_the_firewall_counts_403_by_header_only():
    wall = Firewall()
    for _ in range(50):
        wall.note(403, "10.0.0.1", "Basic x")
    assert wall.blocks("10.0.0.2", "Basic x") and not wall.blocks("10.0.0.1", "Basic y")


def test_periods_change_without_an_edit(bob):
    before = bob.people("work.tenureDuration")[0]["work"]["tenureDuration"]
    assert set(before) == {"periodISO", "sortFactor", "humanize"}
    bob.control("POST", "advance", {"days": 1})
    assert bob.people("work.tenureDuration")[0]["work"]["tenureDuration"] != before


def test_every_list_value_and_date_is_readable(bob):
    for person in bob.people(*catalog(), humanReadable="APPEND"):
        assert person["humanReadable"]["id"] == person["id"]
        date.fromisoformat(person["work"]["startDate"])
