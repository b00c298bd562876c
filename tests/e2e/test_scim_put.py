"""SCIM PUT and versions: requirements PUT and ETG."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from scim import ENT, Scim, group, op, read_reply, unique, user


def rich(scim: Scim) -> dict:
    """A user with something of everything, as GET gives it."""
    boss = scim.add()
    made = scim.add(
        externalId=unique(), displayName="Ann Lee", nickName="Annie", title="Chef", userType="Employee", locale="en-GB", active=True,
        preferredLanguage="en", timezone="Europe/Oslo", profileUrl="https://example.com/ann",
        name={"givenName": "Ann", "familyName": "Lee", "honorificPrefix": "Dr."},
        emails=[{"value": f"{unique()}@example.com", "type": "work", "primary": True}, {"value": f"{unique()}@example.org", "type": "home"}],
        phoneNumbers=[{"value": "+47 1", "type": "work"}, {"value": "+47 2", "type": "mobile"}],
        addresses=[{"type": "work", "streetAddress": "Street 1", "locality": "Oslo", "country": "NO"}],
        roles=[{"value": "cook"}], ims=[{"value": "ann", "type": "xmpp"}],
        **{ENT: {"employeeNumber": "7", "department": "Kitchen", "division": "North", "costCenter": "42", "organization": "Acme",
                 "manager": {"value": boss["id"]}}})
    scim.add_group(made["id"])
    return scim.of(made["id"])


def test_PUT_01_what_is_left_out_is_cleared(scim: Scim) -> None:
    made = rich(scim)
    answer = scim.put(f"/Users/{made['id']}", user(userName=made["userName"], displayName="Bea"))
    now = scim.of(made["id"])
    assert answer.json == now
    assert now["displayName"] == "Bea"
    for name in ("nickName", "title", "userType", "locale", "preferredLanguage", "timezone", "profileUrl", "phoneNumbers", "addresses", "roles",
                 "ims", "externalId", ENT):
        assert name not in now, name
    assert "givenName" not in now.get("name", {})


def test_PUT_02_read_only_values_are_ignored(scim: Scim) -> None:
    made, other = rich(scim), scim.add()
    body = {**made, "id": other["id"], "groups": [], "meta": {"location": "http://x/", "version": "x"}, "title": "Cook"}
    now = scim.put(f"/Users/{made['id']}", body).json
    assert now["id"] == made["id"] and now["groups"] == made["groups"] and now["title"] == "Cook"
    assert scim.of(other["id"]) == other


def test_PUT_03_immutable_parts_of_a_member(scim: Scim) -> None:
    """The same passes, left out keeps it, something else is refused."""
    made = scim.add()
    team = scim.add_group(made["id"])
    url, body = f"/Groups/{team['id']}", {**team}
    for member in (team["members"][0], {"value": made["id"]}, {"value": made["id"], "type": "User"}):
        now = scim.put(url, {**body, "members": [member]}).json
        assert [m["value"] for m in now["members"]] == [made["id"]] and now["members"][0].get("type", "User") == "User"
    scim.put(url, {**body, "members": [{"value": made["id"], "type": "Group"}]}, status=400)
    assert scim.members(team["id"]) == {made["id"]}


@pytest.mark.parametrize("name", [None, "", "left out"])
def test_PUT_05_what_is_required_is_required_here_too(scim: Scim, name: str | None) -> None:
    made = scim.add()
    body = {**made, "userName": name}
    if name == "left out":
        del body["userName"]
    assert scim.put(f"/Users/{made['id']}", body, status=400).kind == "invalidValue"
    assert scim.of(made["id"]) == made
    team = scim.add_group()
    scim.put(f"/Groups/{team['id']}", {**team, "displayName": None}, status=400)


def test_PUT_06_nothing_is_created(scim: Scim) -> None:
    body = user()
    scim.put("/Users/aaaaaaaaaaaaa", {**body, "id": "aaaaaaaaaaaaa"}, status=404)
    scim.put("/Groups/aaaaaaaaaaaaa", group(), status=404)
    assert scim.find(f'userName eq "{body["userName"]}"') == []


def test_PUT_07_without_the_extension_its_data_goes(scim: Scim) -> None:
    made = rich(scim)
    body = {name: value for name, value in made.items() if name != ENT}
    now = scim.put(f"/Users/{made['id']}", body).json
    assert ENT not in now and ENT not in now["schemas"]
    assert now["title"] == made["title"]


def test_PUT_08_putting_back_what_was_read_changes_nothing(scim: Scim) -> None:
    made = rich(scim)
    answer = scim.put(f"/Users/{made['id']}", made)
    assert answer.json == made
    assert answer.headers["ETag"] == made["meta"]["version"]
    team = scim.add_group(made["id"], externalId=unique())
    assert scim.put(f"/Groups/{team['id']}", team).json == team


@pytest.mark.parametrize("active", [True, False])
def test_PUT_09_without_active_the_state_stays(scim: Scim, active: bool) -> None:
    made = scim.add(active=active)
    body = {name: value for name, value in made.items() if name != "active"}
    assert scim.put(f"/Users/{made['id']}", {**body, "title": "x"})["active"] is active
    assert scim.put(f"/Users/{made['id']}", {**body, "active": not active})["active"] is not active


def test_PUT_10_created_stays_and_last_modified_follows_changes(scim: Scim) -> None:
    made = rich(scim)
    same = scim.put(f"/Users/{made['id']}", made).json
    assert same["meta"] == made["meta"]
    changed = scim.put(f"/Users/{made['id']}", {**made, "title": "Cook"}).json
    assert changed["meta"]["created"] == made["meta"]["created"]
    assert changed["meta"]["lastModified"] >= made["meta"]["lastModified"]
    assert changed["meta"]["version"] != made["meta"]["version"]


def test_PUT_11_members_are_replaced_wholesale(scim: Scim) -> None:
    a, b, c = (scim.add()["id"] for _ in "abc")
    team = scim.add_group(a, b)
    scim.put(f"/Groups/{team['id']}", {**team, "members": [{"value": b}, {"value": c}]})
    assert scim.members(team["id"]) == {b, c}
    scim.put(f"/Groups/{team['id']}", {name: value for name, value in team.items() if name != "members"})
    assert scim.members(team["id"]) == set()


def test_PUT_11_a_refused_put_leaves_the_members(scim: Scim) -> None:
    a, b = scim.add()["id"], scim.add()["id"]
    team, other = scim.add_group(a), scim.add_group()
    scim.put(f"/Groups/{team['id']}", {**team, "displayName": other["displayName"], "members": [{"value": b}]}, status=409)
    assert scim.members(team["id"]) == {a}


def test_ETG_01_header_and_meta_agree(scim: Scim) -> None:
    made = scim.post("/Users", user())
    url = f"/Users/{made['id']}"
    for answer in (made, scim.get(url), scim.put(url, {**made.json, "title": "x"}), scim.patch(url, op("add", "title", "y"), status=200)):
        assert answer.headers["ETag"] == answer["meta"]["version"]
        assert answer["meta"]["version"].startswith('W/"')
    team = scim.post("/Groups", group())
    assert team.headers["ETag"] == team["meta"]["version"] == scim.get(f"/Groups/{team['id']}").headers["ETag"]


def test_ETG_02_every_change_is_another_version(scim: Scim) -> None:
    made, seen = scim.add(), set()
    url = f"/Users/{made['id']}"

    def fresh(version: str) -> None:
        assert version not in seen
        seen.add(version)

    fresh(made["meta"]["version"])
    fresh(scim.patched(made["id"], op("add", "title", "x"))["meta"]["version"])
    fresh(scim.patched(made["id"], op("replace", "active", False))["meta"]["version"])
    fresh(scim.patched(made["id"], op("add", f"{ENT}:department", "R&D"))["meta"]["version"])
    fresh(scim.put(url, {**made, "nickName": "N"})["meta"]["version"])
    team = scim.add_group(made["id"])
    fresh(scim.of(made["id"])["meta"]["version"])
    before = team["meta"]["version"]
    scim.patch(f"/Groups/{team['id']}", op("remove", f'members[value eq "{made["id"]}"]'))
    assert scim.group_of(team["id"])["meta"]["version"] != before
    fresh(scim.of(made["id"])["meta"]["version"])


def test_ETG_03_what_is_known_is_not_sent_again(scim: Scim) -> None:
    made = scim.post("/Users", user())
    url, tag = f"/Users/{made['id']}", made.headers["ETag"]
    strong = tag.removeprefix("W/")
    for known in (tag, strong, "*", f'W/"other", {tag}', f'"a","b" , {strong}'):
        answer = scim.get(url, status=304, headers={"If-None-Match": known})
        assert answer.headers["ETag"] == tag
    for unknown in ('W/"other"', '"x", "y"'):
        scim.get(url, headers={"If-None-Match": unknown})
    scim.patch(url, op("add", "title", "x"))
    assert scim.get(url, headers={"If-None-Match": tag})["title"] == "x"


def test_ETG_03_a_304_keeps_the_connection(scim: Scim) -> None:
    made = scim.post("/Users", user())
    with scim.connect() as link:
        link.sendall(scim.head("GET", f"/Users/{made['id']}", f"If-None-Match: {made.headers['ETag']}") + scim.head("GET", f"/Users/{made['id']}"))
        assert [read_reply(link).status for _ in range(2)] == [304, 200]


def test_ETG_04_a_stale_version_changes_nothing(scim: Scim) -> None:
    made = scim.add()
    url, old = f"/Users/{made['id']}", made["meta"]["version"]
    now = scim.patched(made["id"], op("add", "title", "x"))
    stale = {"If-Match": old}
    scim.put(url, {**made, "title": "y"}, status=412, headers=stale)
    scim.patch(url, op("add", "title", "y"), status=412, headers=stale)
    scim.delete(url, status=412, headers=stale)
    assert scim.of(made["id"]) == now
    good = scim.put(url, {**made, "title": "z"}, headers={"If-Match": f'"other", {now["meta"]["version"]}'})
    scim.patch(url, op("add", "title", "*"), headers={"If-Match": "*"})
    scim.put("/Users/aaaaaaaaaaaaa", user(), status=(404, 412), headers={"If-Match": "*"})
    assert good["title"] == "z"
    team = scim.add_group()
    scim.patch(f"/Groups/{team['id']}", op("replace", "displayName", unique()))
    scim.put(f"/Groups/{team['id']}", team, status=412, headers={"If-Match": team["meta"]["version"]})


def test_ETG_05_strong_and_weak_are_the_same(scim: Scim) -> None:
    made = scim.add()
    strong = made["meta"]["version"].removeprefix("W/")
    scim.patch(f"/Users/{made['id']}", op("add", "title", "x"), headers={"If-Match": strong})
    scim.patch(f"/Users/{made['id']}", op("add", "title", "y"), status=412, headers={"If-Match": strong})


def test_ETG_06_of_two_writers_one_wins(scim: Scim) -> None:
    with ThreadPoolExecutor(8) as pool:
        for _ in range(10):
            made = scim.add()
            match = {"If-Match": made["meta"]["version"]}
            titles = [unique("t") for _ in range(4)]
            answers = list(pool.map(lambda title: scim.put(f"/Users/{made['id']}", {**made, "title": title}, status=(200, 412), headers=match),
                                    titles))
            won = [title for title, answer in zip(titles, answers) if answer.status == 200]
            assert len(won) == 1
            assert scim.of(made["id"])["title"] == won[0]
