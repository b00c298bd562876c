"""SCIM resources, and how they are made, read and deleted: requirements RES, CRT, GET and DEL."""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from http.client import HTTPException

import pytest

from conftest import Muster, free_port, until_answers
from scim import ENT, GROUP, LIST, USER, Scim, group, op, q, unique, user

DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")


def full_user() -> dict:
    """RFC 7643 §8.2, with keys of its own."""
    name = unique("bjensen")
    return {
        "schemas": [USER], "externalId": unique("7019"), "userName": f"{name}@example.com",
        "name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara", "middleName": "Jane",
                 "honorificPrefix": "Ms.", "honorificSuffix": "III"},
        "displayName": "Babs Jensen", "nickName": "Babs", "profileUrl": "https://login.example.com/bjensen",
        "emails": [{"value": f"{name}@example.com", "type": "work", "primary": True}, {"value": f"{name}@jensen.org", "type": "home"}],
        "addresses": [
            {"type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "region": "CA", "postalCode": "91608",
             "country": "US", "formatted": "100 Universal City Plaza\nHollywood, CA 91608 USA", "primary": True},
            {"type": "home", "streetAddress": "456 Hollywood Blvd", "locality": "Hollywood", "region": "CA", "postalCode": "91608",
             "country": "US", "formatted": "456 Hollywood Blvd\nHollywood, CA 91608 USA"}],
        "phoneNumbers": [{"value": "555-555-5555", "type": "work"}, {"value": "555-555-4444", "type": "mobile"}],
        "ims": [{"value": "someaimhandle", "type": "aim"}],
        "photos": [{"value": "https://photos.example.com/profilephoto/72930000000Ccne/F", "type": "photo"},
                   {"value": "https://photos.example.com/profilephoto/72930000000Ccne/T", "type": "thumbnail"}],
        "userType": "Employee", "title": "Tour Guide", "preferredLanguage": "en-US", "locale": "en-US", "timezone": "America/Los_Angeles",
        "active": True, "x509Certificates": [{"value": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx"}],
        "entitlements": [{"value": "gold", "type": "support"}], "roles": [{"value": "guide", "display": "Guide", "type": "x"}],
    }


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_RES_01_a_clients_id_is_ignored(scim: Scim) -> None:
    other = scim.add()
    for id in ("x", other["id"], "bulkId:1"):
        made = scim.add(id=id)
        assert made["id"] not in (id, other["id"])
        assert isinstance(made["id"], str) and "bulkId" not in made["id"]
        assert re.fullmatch(r"[A-Za-z0-9._~-]+", made["id"])
    assert scim.of(other["id"])["userName"] == other["userName"]
    assert scim.add_group()["id"] not in (other["id"],)


def test_RES_02_an_id_is_never_given_twice(scim: Scim) -> None:
    body, seen = user(externalId=unique()), set()
    for _ in range(3):
        id = scim.post("/Users", body)["id"]
        assert id not in seen
        seen.add(id)
        scim.delete(f"/Users/{id}")


def test_RES_03_external_ids_are_exact(scim: Scim) -> None:
    mark = unique("Ext")
    made = scim.add(externalId=mark)
    assert scim.of(made["id"])["externalId"] == mark
    assert scim.find(f'externalId eq "{mark}"') == [made["id"]]
    assert scim.find(f'externalId eq "{mark.upper()}"') == []
    other = scim.add(externalId=mark.upper())
    assert scim.find(f'externalId eq "{mark.upper()}"') == [other["id"]]


def test_RES_04_meta_is_the_servers(scim: Scim) -> None:
    theirs = {"resourceType": "Toaster", "created": "1999-01-01T00:00:00Z", "lastModified": "1999-01-01T00:00:00Z", "location": "http://x/",
              "version": 'W/"evil"'}
    made = scim.add(meta=theirs)
    assert set(made["meta"]) == {"resourceType", "created", "lastModified", "location", "version"}
    assert made["meta"]["resourceType"] == "User"
    assert all(made["meta"][name] != value for name, value in theirs.items())
    put = scim.put(f"/Users/{made['id']}", {**made, "meta": theirs, "title": "x"})
    assert put["meta"]["created"] == made["meta"]["created"]
    assert put["meta"]["location"] == made["meta"]["location"]


def test_RES_05_date_times_have_a_zone_and_compare_by_instant(scim: Scim) -> None:
    made = scim.add()
    created = instant(made["meta"]["created"])
    assert DATE_TIME.match(made["meta"]["created"]) and DATE_TIME.match(made["meta"]["lastModified"])
    assert abs(datetime.now(timezone.utc) - created) < timedelta(minutes=2)
    abroad = timezone(timedelta(hours=5, minutes=30))
    before, after = ((created + timedelta(seconds=s)).astimezone(abroad).isoformat() for s in (-2, 2))
    assert scim.holds(made["id"], f'meta.created gt "{before}" and meta.created lt "{after}"')
    assert not scim.holds(made["id"], f'meta.created gt "{after}"')
    assert scim.holds(made["id"], f'meta.created lt "{(created + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")}.1234567Z"')


def test_RES_06_schemas_lists_what_has_data(scim: Scim) -> None:
    assert set(scim.add()["schemas"]) == {USER}
    made = scim.add(schemas=[ENT, USER], **{ENT: {"department": "R&D"}})
    assert set(made["schemas"]) == {USER, ENT}
    assert set(scim.patched(made["id"], op("remove", f"{ENT}:department"))["schemas"]) == {USER}
    # Named without data, or with data and not named: what counts is the data.
    assert set(scim.add(schemas=[USER, ENT])["schemas"]) == {USER}
    assert set(scim.add(schemas=[USER], **{ENT: {"division": "West"}})["schemas"]) == {USER, ENT}


def test_RES_07_missing_schemas_are_tolerated(scim: Scim) -> None:
    for schemas in (None, []):
        assert scim.add(schemas=schemas)["schemas"] == [USER]
    body = user()
    del body["schemas"]
    assert scim.post("/Users", body)["schemas"] == [USER]


@pytest.mark.parametrize("schemas", [[GROUP], ["urn:example:Toaster"], "x", [5], {}], ids=["group", "toaster", "string", "number", "object"])
def test_RES_07_a_wrong_base_type_is_refused(scim: Scim, schemas: object) -> None:
    assert scim.post("/Users", user(schemas=schemas), status=400).kind in ("invalidSyntax", "invalidValue")


def test_RES_08_an_unknown_schema_without_data_is_tolerated(scim: Scim) -> None:
    odd = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
    made = scim.add_group(schemas=[GROUP, odd])
    assert made["schemas"] == [GROUP]
    assert scim.add(schemas=[USER, "urn:example:Odd"])["schemas"] == [USER]


def test_RES_09_null_and_empty_mean_absent(scim: Scim) -> None:
    made = scim.add(title=None, roles=[], name={"givenName": "Ann", "middleName": None}, emails=None, addresses=[], **{ENT: None})
    assert not {"title", "roles", "emails", "addresses", ENT} & set(made)
    assert made["name"] == {"givenName": "Ann"} or set(made["name"]) == {"givenName", "formatted"}
    assert b"null" not in scim.get(f"/Users/{made['id']}").body
    put = scim.put(f"/Users/{scim.add(title='Chef')['id']}", user(title=None))
    assert "title" not in put.json


def test_RES_10_unknown_attributes_are_ignored(scim: Scim) -> None:
    made = scim.add(adreses=[{"x": 1}], name={"givenName": "Ann", "petName": "A"}, **{ENT: {"shoeSize": 42, "department": "R&D"}})
    assert "adreses" not in made and "petName" not in made["name"] and "shoeSize" not in made[ENT]
    assert made[ENT]["department"] == "R&D"
    assert "adreses" not in scim.put(f"/Users/{made['id']}", {**made, "adreses": 1}).json


@pytest.mark.parametrize("wrong", [
    {"name": "x"}, {"name": ["x"]}, {"emails": [["x"]]}, {"emails": [{"value": {"x": 1}}]}, {"emails": [{"value": "x@y", "primary": "maybe"}]},
    {"title": {"x": 1}}, {"title": ["x"]}, {"active": 5}, {"active": {}}, {"userName": {"x": 1}}, {"userName": ["a"]}, {ENT: "x"}, {ENT: [1]},
    {"phoneNumbers": [{"value": True}]}, {"displayName": False}, {"externalId": {}}], ids=json.dumps)
def test_RES_11_types_are_checked(scim: Scim, wrong: dict) -> None:
    answer = scim.post("/Users", user(**wrong), status=400)
    assert answer.kind in ("invalidValue", "invalidSyntax")
    name = next(iter(wrong))
    assert name.rsplit(":", 1)[-1].lower() in answer["detail"].lower(), "the detail names the attribute"


@pytest.mark.parametrize("sent, meant", [("True", True), ("true", True), ("False", False), ("false", False), ("TRUE", True)])
def test_RES_12_booleans_as_strings(scim: Scim, sent: str, meant: bool) -> None:
    made = scim.add(active=sent, emails=[{"value": f"{unique()}@example.com", "type": "work", "primary": sent}])
    assert scim.of(made["id"])["active"] is meant
    assert made["emails"][0].get("primary", False) is meant


def test_RES_12_perhaps_is_no_boolean(scim: Scim) -> None:
    assert scim.post("/Users", user(active="perhaps"), status=400).kind == "invalidValue"


@pytest.mark.parametrize("name", [None, "", "missing"])
def test_RES_13_a_user_name_is_required(scim: Scim, name: str | None) -> None:
    body = user(userName=name, displayName="Nobody")
    if name == "missing":
        del body["userName"]
    answer = scim.post("/Users", body, status=400)
    assert answer.kind == "invalidValue" and "userName" in answer["detail"]


def test_RES_14_user_names_are_unique_without_case(scim: Scim) -> None:
    first, second = scim.add(), scim.add(title="Chef")
    taken = first["userName"].upper()
    for answer in (scim.post("/Users", user(userName=taken), status=409),
                   scim.put(f"/Users/{second['id']}", {**second, "userName": taken}, status=409),
                   scim.patch(f"/Users/{second['id']}", op("replace", "userName", taken), status=409)):
        assert answer.kind == "uniqueness"
    assert scim.of(second["id"]) == second
    assert scim.patched(first["id"], op("replace", "userName", taken))["userName"] == taken, "one's own name in another case"


def test_RES_15_case_is_kept(scim: Scim) -> None:
    name = f"McTest.{unique()}@Example.COM"
    made = scim.add(userName=name, emails=[{"value": name, "type": "Work"}])
    read = scim.of(made["id"])
    assert read["userName"] == name and read["emails"][0]["value"] == name


def test_RES_16_a_password_is_never_seen_again(scim: Scim) -> None:
    secret = unique("Secr3t-")
    made = scim.post("/Users", user(password=secret))
    url = f"/Users/{made['id']}"
    for answer in (made, scim.get(url), scim.get(url, attributes="password"), scim.put(url, {**made.json, "password": secret}),
                   scim.patch(url, op("replace", None, {"password": secret, "title": "x"})),
                   scim.get("/Users", filter=f'id eq "{made["id"]}"', attributes="password,userName")):
        assert secret.encode() not in answer.body and b'"password"' not in answer.body
    scim.refused(f'password eq "{secret}"')
    scim.refused("password pr")


def test_RES_17_at_most_one_primary(scim: Scim) -> None:
    a, b = (f"{unique()}@example.com" for _ in "ab")
    made = scim.add(emails=[{"value": a, "type": "work", "primary": True}])
    emails = scim.patched(made["id"], op("add", "emails", [{"value": b, "type": "home", "primary": True}]))["emails"]
    assert {e["value"]: e.get("primary", False) for e in emails} == {a: False, b: True}


def test_RES_17_two_primaries_in_one_body(scim: Scim) -> None:
    answer = scim.post("/Users", user(phoneNumbers=[{"value": str(n), "type": kind, "primary": True} for n, kind in enumerate(("work", "home"))]),
                       status=(201, 400))
    if answer.status == 201:
        assert sum(phone.get("primary", False) for phone in answer["phoneNumbers"]) == 1


def test_RES_18_no_item_twice_and_any_type(scim: Scim) -> None:
    made = scim.add(phoneNumbers=[{"value": "+47 1", "type": "work"}, {"value": "+47 1", "type": "work"}, {"value": "+47 1", "type": "boat"}])
    assert sorted(phone["type"] for phone in made["phoneNumbers"]) == ["boat", "work"]


@pytest.mark.parametrize("number", ["55555555555", "+47 22 22 22 22", "tel:+1-201-555-0123;ext=7", "(030) 12/34"])
def test_RES_19_phone_numbers_stay_as_sent(scim: Scim, number: str) -> None:
    made = scim.add(phoneNumbers=[{"value": number, "type": "work"}])
    assert scim.of(made["id"])["phoneNumbers"][0]["value"] == number


def test_RES_20_the_whole_user_of_the_rfc_comes_back(scim: Scim) -> None:
    body = full_user()
    made = scim.of(scim.post("/Users", body)["id"])
    for name, value in body.items():
        if isinstance(value, list) and name != "schemas":
            without = [{k: v for k, v in item.items() if not (k == "primary" and v is False)} for item in made[name]]
            key = lambda item: json.dumps(item, sort_keys=True)  # noqa: E731
            assert sorted(without, key=key) == sorted(value, key=key), name
        else:
            assert made[name] == value, name


@pytest.mark.parametrize("value", ["MIIDQzCCAqyg+/8=", "MIIDQzCCAqyg-_8="], ids=["base64", "url-safe"])
def test_RES_21_binary_values(scim: Scim, value: str) -> None:
    assert scim.of(scim.add(x509Certificates=[{"value": value}])["id"])["x509Certificates"][0]["value"] == value


@pytest.mark.parametrize("value", ["https://example.com/a?b=c#d", "/relative/path"])
def test_RES_21_references(scim: Scim, value: str) -> None:
    assert scim.of(scim.add(profileUrl=value)["id"])["profileUrl"] == value


def test_RES_22_groups_of_a_user_are_computed(scim: Scim) -> None:
    made = scim.add(groups=[{"value": "x"}])
    assert "groups" not in made
    team = scim.add_group(made["id"])
    (entry,) = scim.of(made["id"])["groups"]
    assert entry["value"] == team["id"] and entry["display"] == team["displayName"] and entry["type"] == "direct"
    assert entry["$ref"] == team["meta"]["location"]
    put = scim.put(f"/Users/{made['id']}", {**made, "groups": [], "title": "x"})
    assert [g["value"] for g in put["groups"]] == [team["id"]]
    assert scim.patch(f"/Users/{made['id']}", op("add", "groups", [{"value": "x"}]), status=400).kind == "mutability"


def test_RES_23_read_only_values_are_ignored_in_bodies(scim: Scim) -> None:
    boss = scim.add(displayName="Boss")
    made = scim.add(groups=[{"value": "x"}], **{ENT: {"manager": {"value": boss["id"], "displayName": "Somebody else", "$ref": "http://x/"}}})
    assert made[ENT]["manager"]["displayName"] == "Boss"
    assert scim.put(f"/Users/{made['id']}", {**made, "id": "x"})["id"] == made["id"]


def test_RES_24_always_and_never_hold(scim: Scim) -> None:
    made = scim.add(title="x", password="pw")
    read = scim.of(made["id"], attributes="title")
    assert set(read) - {"schemas"} == {"id", "title"}
    assert "password" not in scim.of(made["id"], attributes="password")
    assert scim.of(made["id"], excludedAttributes="id,title")["id"] == made["id"]


def test_RES_25_what_is_declared_unique_is(scim: Scim) -> None:
    schema = {a["name"]: a for a in scim.get(f"/Schemas/{USER}")["attributes"]}
    assert schema["userName"]["uniqueness"] == "server"
    assert schema["displayName"]["uniqueness"] == "none"
    made = scim.add(displayName="Same", title="Same")
    assert scim.add(displayName="Same", title="Same")["id"] != made["id"]
    assert scim.post("/Users", user(userName=made["userName"]), status=409).kind == "uniqueness"


@pytest.mark.parametrize("name", ["userName", "displayName", "title", "nickName", "userType", "locale", "profileUrl"])
def test_RES_26_filters_follow_case_exact_as_declared(scim: Scim, name: str) -> None:
    schema = {a["name"]: a for a in scim.get(f"/Schemas/{USER}")["attributes"]}
    value = unique("MiXed") if name != "profileUrl" else "https://example.com/" + unique("MiXed")
    if name == "locale":
        value = "en-US"
    made = scim.add(**{name: value})
    assert scim.holds(made["id"], f"{name} eq {q(value)}")
    assert scim.holds(made["id"], f"{name} eq {q(value.upper())}") is not schema[name].get("caseExact", False)


def test_RES_27_composed_and_decomposed_are_one_name(scim: Scim) -> None:
    mark = unique()
    scim.add(userName=f"{mark}caf\u00e9@example.com")
    scim.post("/Users", user(userName=f"{mark}cafe\u0301@example.com"), status=409)
    scim.post("/Users", user(userName=f"{mark}CAF\u00c9@example.com"), status=409)


@pytest.mark.parametrize("body", [b'{"userName":"x","title":"' + b"x" * 10_000_000 + b'"}', b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
                                  b'{"userName":"x","emails":' + b"[" * 10_000 + b"]" * 10_000 + b"}", b"[" * 100_000],
                         ids=["10 MB", "objects", "arrays", "open"])
def test_RES_28_huge_and_deep_bodies_are_refused(scim: Scim, body: bytes) -> None:
    link = scim.other()
    try:
        answer = link.ask("POST", "/Users", body, status=(400, 413))
        assert answer.status == 413 or answer.kind == "invalidSyntax"
    except OSError:
        pass  # refused so early that we were still sending
    assert scim.get("/Users", count=0).status == 200


def test_CRT_01_a_new_user_is_answered_whole(scim: Scim) -> None:
    body = user(displayName="Ann", name={"givenName": "Ann", "familyName": "Lee"}, active=True)
    made = scim.post("/Users", body)
    for name, value in body.items():
        if name != "name":
            assert made[name] == value, name
    assert made["name"].items() >= body["name"].items()
    assert made.headers["Location"] == made["meta"]["location"]
    assert made.headers["ETag"] == made["meta"]["version"]
    assert made.json == scim.of(made["id"])


def test_CRT_02_the_answer_is_shaped_by_attributes(scim: Scim) -> None:
    made = scim.post("/Users", user(title="x"), attributes="userName").json
    assert set(made) - {"schemas"} == {"id", "userName"}
    url = f"/Users/{made['id']}"
    assert "title" not in scim.put(url, user(title="y"), excludedAttributes="title").json
    assert set(scim.patch(url, op("add", "title", "z"), status=200, attributes="title").json) - {"schemas"} == {"id", "title"}


def test_CRT_03_read_only_attributes_are_ignored(scim: Scim) -> None:
    made = scim.add(groups=[], meta={"resourceType": "User"}, id="")
    assert "groups" not in made and made["id"]


def test_CRT_04_a_duplicate_changes_nothing(scim: Scim) -> None:
    mail = f"{unique()}@example.com"
    made = scim.add(externalId=unique(), title="Chef", emails=[{"value": mail, "type": "work", "primary": True}])
    for same in ({"userName": made["userName"]}, {"externalId": made["externalId"]}, {"emails": [{"value": mail.upper(), "type": "work"}]}):
        body = user(title="Thief", **same)
        assert scim.post("/Users", body, status=409).kind == "uniqueness"
        if "userName" not in same:
            assert scim.find(f'userName eq "{body["userName"]}"') == []
    assert scim.of(made["id"]) == made


def test_CRT_05_of_two_at_once_one_wins(scim: Scim) -> None:
    with ThreadPoolExecutor(8) as pool:
        for body in (user() for _ in range(25)):
            answers = list(pool.map(lambda _, body=body: scim.post("/Users", body, status=(201, 409)), range(2)))
            assert sorted(answer.status for answer in answers) == [201, 409]
            assert len(scim.find(f'userName eq "{body["userName"]}"')) == 1


def test_CRT_06_what_was_answered_survives_a_kill(muster: Muster) -> None:
    """Killed in the middle of creating, three times over: who was answered with 201 is there, who was not can be made."""
    muster.now = None
    token = muster("token", "add", "scim", "--name", "test").out.strip()
    answered: list[str] = []
    for _ in range(3):
        port = free_port()
        server = muster.start("serve", "--listen", f"127.0.0.1:{port}")
        until_answers(f"http://127.0.0.1:{port}/readyz", server)
        scim, asked, enough = Scim(f"http://127.0.0.1:{port}/scim/v2", token), [], threading.Event()

        def create() -> None:
            link = scim.other()
            try:
                while True:
                    body = user()
                    asked.append(body)
                    link.post("/Users", body)
                    answered.append(body["userName"])
                    if len(answered) % 20 == 0:
                        enough.set()
            except (OSError, ValueError, HTTPException):
                pass

        workers = [threading.Thread(target=create) for _ in range(4)]
        for worker in workers:
            worker.start()
        assert enough.wait(60)
        server.kill()
        server.wait()
        for worker in workers:
            worker.join(70)
        with muster.serve() as url:
            again = Scim(f"{url}/scim/v2", token)
            for name in answered:
                assert len(again.find(f'userName eq "{name}"')) == 1, name
            for body in asked[-8:]:
                again.post("/Users", body, status=(201, 409))
                assert len(again.find(f'userName eq "{body["userName"]}"')) == 1


def test_GET_01_one_user_or_none(scim: Scim) -> None:
    made = scim.add()
    assert scim.of(made["id"]) == made
    for id in ("none", "0000000000000", made["id"] + "x", made["id"].upper() + "A", "%20", "'", "1" * 400):
        scim.get(f"/Users/{id}", status=404)
    scim.get(f"/Groups/{made['id']}", status=404)


def test_GET_02_inactive_users_are_returned(scim: Scim) -> None:
    made = scim.add(active=False)
    assert scim.of(made["id"])["active"] is False
    assert scim.find(f'userName eq "{made["userName"]}"') == [made["id"]]
    assert scim.holds(made["id"], "active eq false") and not scim.holds(made["id"], "active eq true")
    walked, start = [], 1
    while page := scim.get("/Users", startIndex=start, count=500).ids:
        walked += page
        start += len(page)
    assert made["id"] in walked


def test_GET_03_the_root_searches_every_type(scim: Scim) -> None:
    name = unique("Both ")
    ids = {scim.add(displayName=name)["id"], scim.add_group(displayName=name)["id"]}
    answer = scim.get("/", filter=f'displayName eq "{name}"')
    assert answer["schemas"] == [LIST] and set(answer.ids) == ids
    assert {resource["meta"]["resourceType"] for resource in answer.resources} == {"User", "Group"}


def test_DEL_01_what_is_deleted_is_gone(scim: Scim) -> None:
    body = user(externalId=unique(), emails=[{"value": f"{unique()}@example.com", "type": "work"}])
    made = scim.post("/Users", body)
    url = f"/Users/{made['id']}"
    scim.delete(url)
    scim.get(url, status=404)
    scim.put(url, body, status=404)
    scim.patch(url, op("add", "title", "x"), status=404)
    scim.delete(url, status=404)
    for filter in (f'userName eq "{body["userName"]}"', f'id eq "{made["id"]}"', f'externalId eq "{body["externalId"]}"'):
        assert scim.find(filter) == []
    again = scim.post("/Users", body)
    assert again["id"] != made["id"]
    scim.get(url, status=404)


def test_DEL_02_nobody_refers_to_the_deleted(scim: Scim) -> None:
    boss, other = scim.add(), scim.add()
    report = scim.add(**{ENT: {"manager": {"value": boss["id"]}}})
    team = scim.add_group(boss["id"], other["id"])
    scim.delete(f"/Users/{boss['id']}")
    after = scim.group_of(team["id"])
    assert [member["value"] for member in after["members"]] == [other["id"]]
    assert after["meta"]["version"] != team["meta"]["version"]
    now = scim.of(report["id"])
    assert "manager" not in now.get(ENT, {})
    assert now["meta"]["version"] != report["meta"]["version"]


def test_DEL_03_a_stale_version_deletes_nothing(scim: Scim) -> None:
    made = scim.add()
    scim.patch(f"/Users/{made['id']}", op("add", "title", "x"))
    scim.delete(f"/Users/{made['id']}", status=412, headers={"If-Match": made["meta"]["version"]})
    now = scim.of(made["id"])
    scim.delete(f"/Users/{made['id']}", headers={"If-Match": now["meta"]["version"]})


def test_DEL_04_a_deleted_user_is_not_found_whatever_is_kept(scim: Scim) -> None:
    """Deleting deactivates in the directory; in SCIM the id is gone."""
    made = scim.add()
    scim.delete(f"/Users/{made['id']}")
    scim.get(f"/Users/{made['id']}", status=404)
    assert scim.get("/Users", filter=f'id eq "{made["id"]}"')["totalResults"] == 0
    answer = scim.post("/Groups", group(made["id"]), status=(201, 400))
    assert answer.status == 400 or not answer.json.get("members")
