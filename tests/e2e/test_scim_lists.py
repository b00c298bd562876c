"""SCIM lists: sorting, index pages, cursors, projections, search: requirements SRT, PAG, CUR, ATT and SEA."""

import re
import time

import pytest

from scim import ENT, LIST, SEARCH, USER, Scim, unique

UNRESERVED = re.compile(r"[A-Za-z0-9._~-]+")


@pytest.fixture(scope="module")
def crew(scim: Scim) -> dict:
    """Twelve people who share a user type; every third has no title, names differ in case."""
    kind = unique("crew")
    people = []
    for n, name in enumerate(["bob", "Ann", "Éva", "carl", "Dan", "eve", "Fay", "gus", "Hal", "ivy", "Jo", "kim"]):
        mail = f"{name.lower()}@{kind}.com".replace("é", "e")
        people.append(scim.add(
            userType=kind, displayName=name, externalId=f"{kind}{'Aa'[n % 2]}{n:02}", **({"title": f"T{n % 4}"} if n % 3 else {}),
            emails=[{"value": f"z{12 - n:02}-{mail}", "type": "home"}, {"value": f"a{n:02}-{mail}", "type": "work", "primary": True}],
            name={"familyName": f"F{12 - n:02}", "givenName": name}, **{ENT: {"employeeNumber": f"{n:03}"}}))
    return {"filter": f'userType eq "{kind}"', "people": people, "kind": kind}


def sorted_by(scim: Scim, crew: dict, by: str, read: object, **query: object) -> list:
    found = scim.get("/Users", filter=crew["filter"], sortBy=by, **query).resources
    assert len(found) == len(crew["people"])
    return [read(resource) for resource in found]


@pytest.mark.parametrize("by, read", [
    ("name.familyName", lambda u: u["name"]["familyName"]), (f"{ENT}:employeeNumber", lambda u: u[ENT]["employeeNumber"]),
    ("userName", lambda u: u["userName"].lower()), ("externalId", lambda u: u["externalId"]), ("id", lambda u: u["id"]),
    ("meta.created", lambda u: u["meta"]["created"]), (f"{USER}:name.familyName", lambda u: u["name"]["familyName"])])
def test_SRT_01_by_any_path_both_ways(scim: Scim, crew: dict, by: str, read: object) -> None:
    up = sorted_by(scim, crew, by, read)
    assert up == sorted(up)
    assert sorted_by(scim, crew, by, read, sortOrder="ascending") == up
    assert sorted_by(scim, crew, by, read, sortOrder="descending") == sorted(up, reverse=True)
    assert sorted_by(scim, crew, by, read, sortOrder="Descending") == sorted(up, reverse=True)


def test_SRT_02_case_primaries_and_missing_values(scim: Scim, crew: dict) -> None:
    names = sorted_by(scim, crew, "displayName", lambda u: u["displayName"])
    assert [name for name in names if name.isascii()] == ["Ann", "bob", "carl", "Dan", "eve", "Fay", "gus", "Hal", "ivy", "Jo", "kim"]
    mails = sorted_by(scim, crew, "emails", lambda u: next(mail["value"] for mail in u["emails"] if mail.get("primary")))
    assert mails == sorted(mails)
    titles = sorted_by(scim, crew, "title", lambda u: u.get("title"))
    assert titles[-4:] == [None] * 4 and titles[:-4] == sorted(titles[:-4])
    assert sorted_by(scim, crew, "title", lambda u: u.get("title"), sortOrder="descending")[:4] == [None] * 4
    exact = sorted_by(scim, crew, "externalId", lambda u: u["externalId"])
    assert all(id.removeprefix(crew["kind"])[0] == "A" for id in exact[:6]), "externalId is exact: capitals first"


def test_SRT_03_ties_are_broken_the_same_way_on_every_page(scim: Scim, crew: dict) -> None:
    whole = sorted_by(scim, crew, "title", lambda u: u["id"])
    paged = [id for start in range(1, 13, 5) for id in scim.get("/Users", filter=crew["filter"], sortBy="title", startIndex=start, count=5).ids]
    assert paged == whole


def test_SRT_04_sorting_is_announced_and_done(scim: Scim, crew: dict) -> None:
    assert scim.get("/ServiceProviderConfig")["sort"]["supported"] is True
    answer = scim.get("/Users", filter=crew["filter"], sortBy="shoeSize", status=(200, 400))
    assert answer.status == 400 or len(answer.ids) == 12


@pytest.mark.parametrize("start", [-5, 0, 1])
def test_PAG_01_start_is_one_based(scim: Scim, crew: dict, start: int) -> None:
    answer = scim.get("/Users", filter=crew["filter"], startIndex=start, count=3)
    assert answer["startIndex"] == 1 and answer.ids == scim.get("/Users", filter=crew["filter"]).ids[:3]


@pytest.mark.parametrize("count", [0, -1, -100])
def test_PAG_01_a_count_of_nothing_gives_the_total(scim: Scim, crew: dict, count: int) -> None:
    answer = scim.get("/Users", filter=crew["filter"], count=count)
    assert answer["totalResults"] == 12 and answer.resources == []


def test_PAG_02_the_numbers_are_integers_and_true(scim: Scim, crew: dict) -> None:
    for start, count, got in ((1, 5, 5), (11, 5, 2), (1, 100, 12), (6, 1, 1)):
        answer = scim.get("/Users", filter=crew["filter"], startIndex=start, count=count).json
        assert answer["schemas"] == [LIST]
        assert [type(answer[name]) for name in ("totalResults", "startIndex", "itemsPerPage")] == [int, int, int]
        assert (answer["totalResults"], answer["startIndex"], answer["itemsPerPage"]) == (12, start, got) and len(answer["Resources"]) == got
    assert scim.get("/Users", count=0)["totalResults"] >= 12


def test_PAG_03_never_more_than_asked_or_announced(scim: Scim, crew: dict) -> None:
    most = scim.get("/ServiceProviderConfig")["filter"]["maxResults"]
    assert most == 1000
    for count in (1, 7, most, most + 1, 10_000_000):
        answer = scim.get("/Users", count=count)
        assert len(answer.resources) == answer["itemsPerPage"] == min(count, most, answer["totalResults"])
    assert len(scim.get("/Users").resources) == min(100, scim.get("/Users", count=0)["totalResults"])


def test_PAG_04_the_order_is_stable(scim: Scim) -> None:
    for _ in range(8):
        scim.add()
    first, seen, start = scim.get("/Users", count=1000).ids, [], 1
    assert first == scim.get("/Users", count=1000).ids
    while page := scim.get("/Users", startIndex=start, count=200).ids:
        if start == 1:
            scim.add()  # somebody new meanwhile
        seen += page
        start += len(page)
    assert set(first) <= set(seen), "nobody is missed"
    assert len(seen) <= len(set(seen)) + 1, "one who came may shift one"


@pytest.mark.parametrize("start", [13, 1000, 2_000_000_000, 9_000_000_000_000_000_000])
def test_PAG_05_past_the_end_is_empty(scim: Scim, crew: dict, start: int) -> None:
    answer = scim.get("/Users", filter=crew["filter"], startIndex=start)
    assert answer["totalResults"] == 12 and answer.resources == [] and answer["itemsPerPage"] == 0


@pytest.mark.parametrize("query", [{"count": "ten"}, {"startIndex": "x"}, {"count": "1e3"}, {"count": "1.5"}, {"startIndex": "99999999999999999999999"}, {"count": "5;drop"}])
def test_PAG_06_what_is_no_number_is_refused(scim: Scim, query: dict) -> None:
    assert scim.get("/Users", status=400, **query).kind in ("invalidValue", "invalidSyntax", "invalidCount")


def test_PAG_07_deep_pages_cost_what_the_page_costs(scim: Scim) -> None:
    total = scim.get("/Users", count=0)["totalResults"]
    if total < 500:
        pytest.skip("too few people to tell; bench measures it at a million")

    def seconds(start: int) -> float:
        best = 9.0
        for _ in range(5):
            began = time.perf_counter()
            scim.get("/Users", startIndex=start, count=20)
            best = min(best, time.perf_counter() - began)
        return best

    assert seconds(total - 20) < 5 * seconds(1) + 0.01


def walk(scim: Scim, count: int, **query: object) -> list[str]:
    """Everybody, by cursor."""
    seen, cursor = [], ""
    while cursor is not None:
        answer = scim.get("/Users", cursor=cursor, count=count, **query).json
        resources = answer.get("Resources", [])
        assert answer["schemas"] == [LIST] and answer["itemsPerPage"] == len(resources) <= count
        assert "startIndex" not in answer
        seen += [resource["id"] for resource in resources]
        cursor = answer.get("nextCursor")
        assert cursor is None or UNRESERVED.fullmatch(cursor), cursor
    return seen


def test_CUR_01_pagination_is_announced(scim: Scim) -> None:
    told = scim.get("/ServiceProviderConfig")["pagination"]
    assert told["cursor"] is True and told["index"] is True
    assert told["defaultPaginationMethod"] == "index"
    assert (told["defaultPageSize"], told["maxPageSize"], told["cursorTimeout"]) == (100, 1000, 3600)


@pytest.mark.parametrize("first", ["cursor", "cursor="])
def test_CUR_02_a_walk_by_cursor(scim: Scim, crew: dict, first: str) -> None:
    answer = scim.get(f"/Users?{first}&count=5", filter=crew["filter"])
    assert len(answer.ids) == 5 and answer["nextCursor"]
    ids = [person["id"] for person in crew["people"]]
    for count in (1, 5, 6, 12, 100):
        assert sorted(walk(scim, count, filter=crew["filter"])) == sorted(ids)
    assert "nextCursor" not in scim.get("/Users", cursor="", count=12, filter=crew["filter"]).json
    assert walk(scim, 5, filter=crew["filter"], sortBy="name.familyName") == scim.get("/Users", filter=crew["filter"], sortBy="name.familyName").ids


def test_CUR_02_everybody_once(scim: Scim) -> None:
    seen = walk(scim, 170)
    assert len(seen) == len(set(seen)) == scim.get("/Users", count=0)["totalResults"]


def test_CUR_03_no_previous_cursor_on_the_first_page(scim: Scim, crew: dict) -> None:
    answer = scim.get("/Users", cursor="", count=5, filter=crew["filter"])
    assert "previousCursor" not in answer.json
    second = scim.get("/Users", cursor=answer["nextCursor"], count=5, filter=crew["filter"])
    if "previousCursor" in second.json:
        assert scim.get("/Users", cursor=second["previousCursor"], count=5, filter=crew["filter"]).ids == answer.ids


def test_CUR_04_a_cursor_cannot_be_made_or_changed(scim: Scim, crew: dict) -> None:
    cursor = scim.get("/Users", cursor="", count=5, filter=crew["filter"])["nextCursor"]
    for n in {0, len(cursor) // 2, len(cursor) - 2}:
        other = "A" if cursor[n] != "A" else "B"
        bad = cursor[:n] + other + cursor[n + 1:]
        assert scim.get("/Users", status=400, cursor=bad, count=5, filter=crew["filter"]).kind == "invalidCursor"
    for bad in ("x", "VALUES", cursor * 3, cursor[:-4], "%", "é"):
        assert scim.get("/Users", status=400, cursor=bad, count=5, filter=crew["filter"]).kind == "invalidCursor"


def test_CUR_05_a_cursor_belongs_to_its_query(scim: Scim, crew: dict) -> None:
    cursor = scim.get("/Users", cursor="", count=5, filter=crew["filter"])["nextCursor"]
    assert scim.get("/Users", status=400, cursor=cursor, count=5, filter="title pr").kind == "invalidCursor"
    assert scim.get("/Users", status=400, cursor=cursor, count=5, filter=crew["filter"], sortBy="title").kind == "invalidCursor"
    assert scim.get("/Groups", status=400, cursor=cursor, count=5).kind in ("invalidCursor", "invalidFilter")
    assert scim.get("/Users", status=400, cursor=cursor, count=6, filter=crew["filter"]).kind == "invalidCount"


def test_CUR_06_a_count_above_the_most_is_capped_or_refused(scim: Scim) -> None:
    answer = scim.get("/Users", cursor="", count=5000, status=(200, 400))
    assert answer.kind == "invalidCount" if answer.status == 400 else answer["itemsPerPage"] <= 1000


def test_CUR_07_cursors_in_search(scim: Scim, crew: dict) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        answer = scim.post("/Users/.search", {"schemas": [SEARCH], "filter": crew["filter"], "count": 5, "cursor": cursor}, status=200).json
        seen += [resource["id"] for resource in answer["Resources"]]
        cursor = answer.get("nextCursor")
    assert len(seen) == len(set(seen)) == 12


def test_CUR_08_index_stays_the_default(scim: Scim) -> None:
    answer = scim.get("/Users", count=1)
    assert answer["startIndex"] == 1 and "nextCursor" not in answer.json


def test_CUR_09_cursor_pages_say_how_many_they_hold(scim: Scim, crew: dict) -> None:
    answer = scim.get("/Users", cursor="", count=5, filter=crew["filter"]).json
    assert answer["itemsPerPage"] == 5 and "startIndex" not in answer
    assert answer.get("totalResults", 12) == 12


def test_CUR_10_a_page_needs_the_token_again(scim: Scim, crew: dict) -> None:
    cursor = scim.get("/Users", cursor="", count=5, filter=crew["filter"])["nextCursor"]
    scim.get("/Users", status=401, headers={"Authorization": None}, cursor=cursor, count=5, filter=crew["filter"])


def test_CUR_11_first_pages_leave_nothing_behind(scim: Scim, crew: dict) -> None:
    """Cursors are kept by the client: the first one still works after many others."""
    first = scim.get("/Users", cursor="", count=5, filter=crew["filter"])["nextCursor"]
    for _ in range(300):
        scim.get("/Users", cursor="", count=1)
    assert len(scim.get("/Users", cursor=first, count=5, filter=crew["filter"]).ids) == 5


def test_CUR_12_not_both_at_once(scim: Scim) -> None:
    scim.get("/Users", status=400, cursor="", startIndex=1)


def test_ATT_01_only_what_is_asked_for(scim: Scim, crew: dict) -> None:
    id = crew["people"][1]["id"]
    read = scim.of(id, attributes="displayName")
    assert set(read) - {"schemas"} == {"id", "displayName"}
    assert set(scim.of(id, attributes="meta")) - {"schemas"} == {"id", "meta"}
    for resource in scim.get("/Users", filter=crew["filter"], attributes="title").resources:
        assert set(resource) - {"schemas", "title"} == {"id"}
    assert scim.get("/Users", filter=crew["filter"], attributes="id", sortBy="displayName")["totalResults"] == 12


def test_ATT_02_what_is_excluded_but_never_the_id(scim: Scim, crew: dict) -> None:
    id = crew["people"][1]["id"]
    read = scim.of(id, excludedAttributes="id,schemas,emails,meta,name")
    assert read["id"] == id and read["schemas"] and read["userName"]
    assert not {"emails", "meta", "name"} & set(read)


def test_ATT_03_parts_urns_and_whole_extensions(scim: Scim, crew: dict) -> None:
    id = crew["people"][1]["id"]
    assert scim.of(id, attributes="name.givenName")["name"] == {"givenName": "Ann"}
    assert set(scim.of(id, attributes=f"{USER}:name.givenName")["name"]) == {"givenName"}
    assert all(set(mail) == {"value"} for mail in scim.of(id, attributes="emails.value")["emails"])
    assert scim.of(id, attributes=f"{ENT}:employeeNumber")[ENT] == {"employeeNumber": "001"}
    assert set(scim.of(id, attributes=ENT)) - {"schemas"} == {"id", ENT}
    assert ENT not in scim.of(id, excludedAttributes=ENT)
    without = scim.of(id, excludedAttributes=f"name.givenName,{ENT}:employeeNumber,emails.type")
    assert "givenName" not in without["name"] and without["name"]["familyName"] and ENT not in without
    assert all("type" not in mail and mail["value"] for mail in without["emails"])


def test_ATT_04_lists_blanks_repetition_and_case(scim: Scim, crew: dict) -> None:
    id = crew["people"][1]["id"]
    for query in ("attributes=userName,title", "attributes=userName,%20title", "attributes=+userName+,+title+", "attributes=userName&attributes=title",
                  "attributes=USERNAME,Title", "ATTRIBUTES=username,title"):
        assert set(scim.get(f"/Users/{id}?{query}").json) - {"schemas"} == {"id", "userName", "title"}, query


def test_ATT_05_not_both_at_once(scim: Scim, crew: dict) -> None:
    scim.get(f"/Users/{crew['people'][0]['id']}", status=400, attributes="title", excludedAttributes="name")
    scim.get("/Users", status=400, attributes="title", excludedAttributes="name")


def test_ATT_06_what_is_returned_on_request(scim: Scim, crew: dict) -> None:
    """Whatever the schemas say is returned only when named is so."""
    id = crew["people"][1]["id"]
    schema = scim.get(f"/Schemas/{USER}").json
    read = scim.of(id)
    for attribute in schema["attributes"]:
        if attribute["returned"] in ("request", "never"):
            assert attribute["name"] not in read
        if attribute["returned"] == "always":
            assert attribute["name"] in scim.of(id, attributes="id"), attribute["name"]


@pytest.mark.parametrize("names", ["shoeSize", "shoeSize,title", "name.petName,title", "urn:example:Odd:x,title", 'emails[type eq "work"],title', ",,title,"])
def test_ATT_07_unknown_names_are_ignored(scim: Scim, crew: dict, names: str) -> None:
    read = scim.of(crew["people"][1]["id"], attributes=names)
    assert set(read) - {"schemas", "emails"} == ({"id", "title"} if "title" in names else {"id"})
    assert scim.of(crew["people"][1]["id"], excludedAttributes=names)["userName"]


def test_ATT_08_groups_without_their_members(scim: Scim, crew: dict) -> None:
    ids = [person["id"] for person in crew["people"]]
    team = scim.add_group(*ids)
    url = f"/Groups/{team['id']}"
    assert "members" not in scim.get(url, excludedAttributes="members").json
    for resource in scim.get("/Groups", excludedAttributes="members", filter=f'displayName eq "{team["displayName"]}"').resources:
        assert "members" not in resource and resource["displayName"] == team["displayName"]
    assert len(scim.get(url)["members"]) == 12
    assert scim.get("/Groups", filter=f'id eq "{team["id"]}" and members eq "{ids[0]}"', attributes="id").ids == [team["id"]]


def test_SEA_01_a_search_is_the_same_query(scim: Scim, crew: dict) -> None:
    body = {"schemas": [SEARCH], "filter": crew["filter"], "sortBy": "displayName", "sortOrder": "descending", "startIndex": 3, "count": 4, "attributes": ["displayName"]}
    answer = scim.post("/Users/.search", body, status=200)
    assert answer.json == scim.get("/Users", filter=crew["filter"], sortBy="displayName", sortOrder="descending", startIndex=3, count=4, attributes="displayName").json
    team = scim.add_group()
    assert scim.post("/Groups/.search", {"schemas": [SEARCH], "filter": f'displayName eq "{team["displayName"]}"'}, status=200).ids == [team["id"]]


def test_SEA_02_the_root_searches_every_type(scim: Scim) -> None:
    name = unique("Both ")
    ids = {scim.add(displayName=name)["id"], scim.add_group(displayName=name)["id"]}
    answer = scim.post("/.search", {"schemas": [SEARCH], "filter": f'displayName eq "{name}"', "attributes": ["displayName"]}, status=200)
    assert set(answer.ids) == ids and answer["totalResults"] == 2


@pytest.mark.parametrize("body, status", [
    ({"schemas": [USER], "filter": "title pr"}, 400), ({"schemas": [LIST]}, 400), ({"schemas": [SEARCH], "filter": 5}, 400), ({"schemas": [SEARCH], "count": "many"}, 400),
    ({"schemas": [SEARCH], "filter": "title pr and"}, 400), ([], 400), ({"schemas": [SEARCH], "attributes": ["title"], "excludedAttributes": ["name"]}, 400)])
def test_SEA_03_wrong_searches_are_refused(scim: Scim, body: object, status: int) -> None:
    scim.post("/Users/.search", body, status=status)


def test_SEA_03_attributes_are_arrays(scim: Scim, crew: dict) -> None:
    body = {"schemas": [SEARCH], "filter": crew["filter"], "attributes": ["name.givenName", "title"]}
    for resource in scim.post("/Users/.search", body, status=200).resources:
        assert set(resource) - {"schemas", "title"} == {"id", "name"}
    body = {"schemas": [SEARCH], "filter": crew["filter"], "excludedAttributes": ["emails", "name.givenName"]}
    for resource in scim.post("/Users/.search", body, status=200).resources:
        assert "emails" not in resource and "givenName" not in resource["name"] and "familyName" in resource["name"]
