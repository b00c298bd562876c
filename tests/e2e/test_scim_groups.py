"""SCIM groups, the Enterprise User and custom attributes: requirements GRP, ENT and EXT."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import Muster
from scim import BULK, ENT, GROUP, MUSTER, USER, Scim, group, op, unique, user


def crowd(scim: Scim, size: int) -> list[str]:
    """Ids of so many new people."""
    ids: list[str] = []
    while len(ids) < size:
        steps = [{"method": "POST", "path": "/Users", "bulkId": str(n), "data": user()} for n in range(min(size - len(ids), 1000))]
        entries = scim.post("/Bulk", {"schemas": [BULK], "Operations": steps}, status=200)["Operations"]
        ids += [entry["location"].rsplit("/", 1)[1] for entry in entries]
    return ids


def test_GRP_01_a_display_name_is_required_and_unique_without_case(scim: Scim) -> None:
    for name in (None, ""):
        assert scim.post("/Groups", group(displayName=name), status=400).kind == "invalidValue"
    team = scim.add_group()
    for same in (team["displayName"], team["displayName"].upper()):
        assert scim.post("/Groups", group(displayName=same), status=409).kind == "uniqueness"
    other = scim.add_group()
    scim.put(f"/Groups/{other['id']}", {**other, "displayName": team["displayName"]}, status=409)
    scim.patch(f"/Groups/{other['id']}", op("replace", "displayName", team["displayName"]), status=409)
    assert scim.find(f'displayName eq "{team["displayName"]}"', "/Groups") == [team["id"]]
    assert scim.find(f'displayName eq "{team["displayName"].lower()}"', "/Groups") == [team["id"]]


def test_GRP_02_members_have_a_reference_and_unknown_ones_are_skipped(scim: Scim) -> None:
    ann = scim.add(displayName="Ann")
    team = scim.add_group(ann["id"], "nobody", ann["meta"]["location"])
    (member,) = scim.group_of(team["id"])["members"]
    assert member == {"value": ann["id"], "$ref": ann["meta"]["location"], "type": "User", "display": "Ann"}
    scim.patch(f"/Groups/{team['id']}", op("add", "members", [{"value": "nobody"}]))
    assert scim.members(team["id"]) == {ann["id"]}


def test_GRP_03_a_member_is_in_once(scim: Scim) -> None:
    ann = scim.add()["id"]
    team = scim.add_group(ann, ann)
    for _ in range(2):
        scim.patch(f"/Groups/{team['id']}", op("add", "members", [{"value": ann}, {"value": ann, "display": "x"}]), op("add", "members", {"value": ann}))
    assert [member["value"] for member in scim.group_of(team["id"])["members"]] == [ann]


def test_GRP_04_groups_in_groups_are_refused(scim: Scim) -> None:
    inner, outer = scim.add_group(), scim.add_group()
    scim.post("/Groups", {"schemas": [GROUP], "displayName": unique(), "members": [{"value": inner["id"], "type": "Group"}]}, status=400)
    for id in (inner["id"], outer["id"]):
        scim.patch(f"/Groups/{outer['id']}", op("add", "members", [{"value": id, "type": "Group"}]), status=400)
    assert scim.members(outer["id"]) == set()


def test_GRP_05_what_one_member_costs_does_not_grow_with_the_group(scim: Scim) -> None:
    people = crowd(scim, 1520)
    big, small = scim.add_group(*people[:1500])["id"], scim.add_group(*people[:10])["id"]

    def seconds(id: str) -> float:
        best = 9.0
        for person in people[1500:]:
            began = time.perf_counter()
            scim.patch(f"/Groups/{id}", op("add", "members", [{"value": person}]), attributes="id")
            best = min(best, time.perf_counter() - began)
        return best

    assert seconds(big) < 4 * seconds(small) + 0.005
    assert len(scim.members(big)) == 1520


def test_GRP_06_a_big_group_is_read_whole_or_without_members(scim: Scim) -> None:
    people = crowd(scim, 1200)
    team = scim.add_group(*people)
    assert scim.members(team["id"]) == set(people)
    began = time.perf_counter()
    light = scim.group_of(team["id"], excludedAttributes="members")
    assert "members" not in light and time.perf_counter() - began < 0.5
    (listed,) = scim.get("/Groups", filter=f'id eq "{team["id"]}"').resources
    assert len(listed["members"]) == 1200


def test_GRP_07_nothing_is_lost_between_many_writers(scim: Scim) -> None:
    people = crowd(scim, 160)
    team = scim.add_group(people[0])["id"]

    def some(ids: list[str]) -> None:
        link = scim.other()
        for id in ids:
            link.patch(f"/Groups/{team}", op("add", "members", [{"value": id}]))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(some, [people[n::8] for n in range(8)]))
    assert scim.members(team) == set(people)


def test_GRP_08_a_full_push_changes_only_the_difference(scim: Scim) -> None:
    a, b, c = (scim.add()["id"] for _ in "abc")
    team = scim.add_group(a, b)["id"]
    stays = scim.of(b)["meta"]["version"]
    scim.patch(f"/Groups/{team}", op("replace", "members", [{"value": b}, {"value": c}]))
    assert scim.members(team) == {b, c}
    assert scim.of(b)["meta"]["version"] == stays
    before = scim.group_of(team)["meta"]
    scim.patch(f"/Groups/{team}", op("replace", "members", [{"value": c}, {"value": b}]))
    assert scim.group_of(team)["meta"] == before


@pytest.mark.parametrize("value", [{"displayName": None}, {"externalId": "x"}, {"displayName": "@", "id": "@"}, {}])
def test_GRP_09_a_replace_without_members_leaves_them(scim: Scim, value: dict) -> None:
    ann = scim.add()["id"]
    team = scim.add_group(ann)["id"]
    change = {name: unique() if given in (None, "@", "x") and name != "id" else team for name, given in value.items()}
    scim.patch(f"/Groups/{team}", op("replace", None, change))
    assert scim.members(team) == {ann}


def test_GRP_10_a_rename_keeps_the_rest(scim: Scim) -> None:
    ann = scim.add()["id"]
    team, name = scim.add_group(ann, externalId=unique()), unique()
    scim.patch(f"/Groups/{team['id']}", op("Replace", "displayName", name))
    now = scim.group_of(team["id"])
    assert (now["id"], now["externalId"], now["displayName"], now["members"]) == (team["id"], team["externalId"], name, team["members"])
    assert scim.of(ann)["groups"][0]["display"] == name


def test_GRP_11_deleting_a_group_leaves_its_people(scim: Scim) -> None:
    ann = scim.add()
    team = scim.add_group(ann["id"])
    scim.delete(f"/Groups/{team['id']}")
    scim.get(f"/Groups/{team['id']}", status=404)
    assert "groups" not in scim.of(ann["id"])
    assert scim.add_group(displayName=team["displayName"])["id"] != team["id"]


@pytest.mark.parametrize("sub", ["display", "type", "$ref"])
def test_GRP_12_parts_of_a_member_are_immutable(scim: Scim, sub: str) -> None:
    ann = scim.add(displayName="Ann")["id"]
    team = scim.add_group(ann)
    answer = scim.patch(f"/Groups/{team['id']}", op("replace", f'members[value eq "{ann}"].{sub}', "x"), status=400)
    assert answer.kind == "mutability"
    assert scim.group_of(team["id"]) == team


def test_GRP_13_the_groups_of_somebody(scim: Scim) -> None:
    ann, bob = scim.add()["id"], scim.add()["id"]
    teams = {scim.add_group(ann)["id"], scim.add_group(ann, bob)["id"]}
    assert set(scim.find(f'members[value eq "{ann}"]', "/Groups")) == teams
    assert set(scim.find(f'members.value eq "{ann}"', "/Groups", excludedAttributes="members")) == teams
    assert scim.find(f'members eq "{ann}" and members eq "{bob}"', "/Groups") == [g["value"] for g in scim.of(bob)["groups"]]
    assert scim.find(f'members[value eq "{scim.add()["id"]}"]', "/Groups") == []


def test_ENT_01_every_enterprise_attribute(scim: Scim) -> None:
    boss = scim.add(displayName="Boss")
    sent = {"employeeNumber": "701984", "costCenter": "4130", "organization": "Universal Studios", "division": "Theme Park", "department": "Tour Operations"}
    made = scim.add(schemas=[USER, ENT], **{ENT: {**sent, "manager": {"value": boss["id"]}}})
    assert made[ENT] == {**sent, "manager": {"value": boss["id"], "$ref": boss["meta"]["location"], "displayName": "Boss"}}
    assert scim.find(f'{ENT}:manager.value eq "{boss["id"]}"') == [made["id"]]


def test_ENT_02_a_manager_who_comes_later(scim: Scim) -> None:
    """Accepted, not shown, and there the moment they appear, in whatever form they were named."""
    mark = unique("boss")
    named = {"externalId": f"{mark}-x", "userName": f"{mark}@example.com", "email": f"{mark}-mail@example.com"}
    reports = {how: scim.add(**{ENT: {"manager": {"value": text}}}) for how, text in named.items()}
    assert all("manager" not in made.get(ENT, {}) for made in reports.values())
    boss = scim.add(userName=named["userName"], externalId=named["externalId"], emails=[{"value": named["email"], "type": "work", "primary": True}])
    for how, made in reports.items():
        now = scim.of(made["id"])
        assert now.get(ENT, {}).get("manager", {}).get("value") == boss["id"], how
        assert now["meta"]["version"] != made["meta"]["version"]


def test_ENT_03_the_managers_name_is_computed(scim: Scim) -> None:
    boss = scim.add(displayName="Boss")
    made = scim.add(**{ENT: {"manager": {"value": boss["id"], "displayName": "Somebody"}}})
    assert made[ENT]["manager"]["displayName"] == "Boss"
    scim.patch(f"/Users/{boss['id']}", op("replace", "displayName", "Chief"))
    assert scim.of(made["id"])[ENT]["manager"]["displayName"] == "Chief"


@pytest.mark.parametrize("how", ["id", "externalId", "userName", "email", "bare"])
def test_ENT_04_a_manager_by_any_key(scim: Scim, how: str) -> None:
    mail = f"{unique()}@example.com"
    boss = scim.add(externalId=unique("X"), emails=[{"value": mail, "type": "work", "primary": True}])
    key = mail.upper() if how == "email" else boss["id"] if how == "bare" else boss[how]
    manager = key if how == "bare" else {"value": key}
    made = scim.add(**{ENT: {"manager": manager}})
    assert scim.of(made["id"])[ENT]["manager"]["value"] == boss["id"]
    other = scim.add()
    assert scim.patched(other["id"], op("Add", f"{ENT}:manager", key))[ENT]["manager"]["value"] == boss["id"]


def test_ENT_05_a_circle_never_hangs(scim: Scim) -> None:
    """Managers form a forest: the edge that would close a circle is not set, and nothing is refused."""
    a = scim.add()["id"]
    b = scim.add(**{ENT: {"manager": {"value": a}}})["id"]
    c = scim.add(**{ENT: {"manager": {"value": b}}})["id"]
    scim.patch(f"/Users/{a}", op("add", f"{ENT}:manager", c))
    scim.patch(f"/Users/{a}", op("add", f"{ENT}:manager", a))
    assert scim.of(c)[ENT]["manager"]["value"] == b and scim.of(b)[ENT]["manager"]["value"] == a
    assert scim.get("/Users", count=1).status == 200


def test_ENT_06_enterprise_attributes_at_the_top(scim: Scim) -> None:
    boss = scim.add()
    made = scim.add(department="Sales", manager={"value": boss["id"]}, costCenter=None)
    inside = made.get(ENT, {})
    assert "department" not in made and inside.get("department", "Sales") == "Sales"
    assert inside.get("manager", {"value": boss["id"]})["value"] == boss["id"]
    scim.add(department=None, manager=None)


@pytest.fixture(scope="module")
def custom(scim: Scim) -> dict[str, str]:
    """An attribute of each type, made while the server runs; and two levels."""
    if scim.muster is None:
        pytest.skip("somebody else's server")
    names = {"text": "squad", "select": "employment", "number": "shoe_size", "date": "visa_until", "flag": "remote"}
    for kind, name in names.items():
        options = ("--option", "Full time", "--option", "Part time") if kind == "select" else ()
        scim.muster("attribute", "add", name, "--type", kind, *options)
    for level in ("Junior", "Senior"):
        scim.muster("level", "add", level)
    announced(scim, "level", *names.values())
    return names


def announced(scim: Scim, *names: str) -> dict[str, dict]:
    """The attributes of our extension, once these are among them: within a second or two."""
    deadline = time.monotonic() + 3
    while True:
        told = {attribute["name"]: attribute for attribute in scim.get(f"/Schemas/{MUSTER}")["attributes"]}
        if set(names) <= set(told):
            return told
        assert time.monotonic() < deadline, f"{sorted(set(names) - set(told))} not announced"
        time.sleep(0.1)


def test_EXT_01_what_an_admin_adds_is_announced_at_once(scim: Scim, custom: dict, muster_of: Muster) -> None:
    (kind,) = [kind for kind in scim.get("/ResourceTypes").resources if kind["name"] == "User"]
    assert {"schema": MUSTER, "required": False} in kind["schemaExtensions"]
    told = announced(scim)
    assert set(custom.values()) | {"level", "location", "gender", "birthday", "startDate", "endDate", "additionalManagers"} <= set(told)
    types = {kind: told[name]["type"] for kind, name in custom.items()}
    assert types["text"] == types["select"] == types["date"] == "string" and types["flag"] == "boolean" and types["number"] in ("decimal", "integer")
    assert set(told["employment"]["canonicalValues"]) == {"Full time", "Part time"}
    muster_of("attribute", "add", "mood", "--type", "text")
    announced(scim, "mood")
    assert scim.patched(scim.add()["id"], op("add", f"{MUSTER}:mood", "good"))[MUSTER]["mood"] == "good"


def test_EXT_02_every_type_comes_back(scim: Scim, custom: dict) -> None:
    sent = {"squad": "Blue", "employment": "Full time", "shoe_size": 42.5, "visa_until": "2027-01-31", "remote": False, "level": "Senior", "location": "Oslo",
            "gender": "female", "birthday": "1990-02-28", "startDate": "2020-01-31", "endDate": "2030-12-31"}
    made = scim.add(schemas=[USER, MUSTER], **{MUSTER: sent})
    assert made[MUSTER] == sent and MUSTER in made["schemas"]
    assert scim.of(made["id"])[MUSTER] == sent


@pytest.mark.parametrize("sent", ["2020-01-31", "2020-01-31T00:00:00Z", "2020-01-31T15:30:00.123+02:00"])
def test_EXT_02_a_day_is_a_day_with_or_without_an_hour(scim: Scim, custom: dict, sent: str) -> None:
    assert scim.add(**{MUSTER: {"startDate": sent}})[MUSTER]["startDate"] == "2020-01-31"


@pytest.mark.parametrize("wrong", [{"shoe_size": "many"}, {"visa_until": "tomorrow"}, {"remote": "perhaps"}, {"squad": {"x": 1}}, {"startDate": 5}, {"birthday": "2020-02-31"}])
def test_EXT_02_other_types_are_refused(scim: Scim, custom: dict, wrong: dict) -> None:
    answer = scim.post("/Users", user(**{MUSTER: wrong}), status=400)
    assert answer.kind == "invalidValue"
    name = next(iter(wrong)).replace("_", "").lower()
    assert name in answer["detail"].replace("_", "").replace(" ", "").lower(), "by its name or its label"


def test_EXT_02_additional_managers_as_text_or_a_list(scim: Scim, custom: dict) -> None:
    a, b = (scim.add(emails=[{"value": f"{unique()}@example.com", "type": "work", "primary": True}]) for _ in "ab")
    mails = [person["emails"][0]["value"] for person in (a, b)]
    for sent in (", ".join(mails), ",".join(reversed(mails)), f"{a['id']}, {b['userName']}", mails, [{"value": mail} for mail in mails]):
        made = scim.add(**{MUSTER: {"additionalManagers": sent}})
        shown = scim.of(made["id"])[MUSTER]["additionalManagers"]
        assert {mail.strip() for mail in shown.split(",")} == set(mails), sent


def test_EXT_03_custom_attributes_do_what_others_do(scim: Scim, custom: dict) -> None:
    blue, red = (scim.add(nickName=unique(), **{MUSTER: {"squad": squad, "shoe_size": size}}) for squad, size in (("Blue", 9), ("Red", 42)))
    assert scim.holds(blue["id"], f'{MUSTER}:squad eq "blue"') and not scim.holds(red["id"], f'{MUSTER}:squad eq "blue"') and scim.holds(red["id"], 'squad sw "R"')
    both = f'(id eq "{blue["id"]}" or id eq "{red["id"]}")'
    assert scim.find(f"{both} and {MUSTER}:shoe_size gt 10") == [red["id"]], "numbers compare as numbers"
    assert scim.find(both, sortBy=f"{MUSTER}:squad", sortOrder="descending") == [red["id"], blue["id"]]
    assert scim.find(both, sortBy=f"{MUSTER}:shoe_size") == [blue["id"], red["id"]]
    assert scim.of(blue["id"], attributes=f"{MUSTER}:squad")[MUSTER] == {"squad": "Blue"}
    assert "squad" not in scim.of(blue["id"], excludedAttributes=f"{MUSTER}:squad").get(MUSTER, {})
    now = scim.patched(blue["id"], op("replace", f"{MUSTER}:squad", "Green"), op("remove", f"{MUSTER}:shoe_size"), op("add", None, {f"{MUSTER}:remote": "True"}))
    assert now[MUSTER] == {"squad": "Green", "remote": True}
    assert MUSTER not in scim.put(f"/Users/{blue['id']}", {name: value for name, value in blue.items() if name != MUSTER}).json


@pytest.mark.parametrize("name, bad, good", [("employment", "Fulltime", "Part time"), ("level", "Wizard", "Junior")])
def test_EXT_05_a_value_that_is_no_option_is_not_set(scim: Scim, custom: dict, name: str, bad: str, good: str) -> None:
    made = scim.add(title="x", **{MUSTER: {name: bad}})
    assert name not in made.get(MUSTER, {}) and made["title"] == "x"
    assert scim.patched(made["id"], op("add", f"{MUSTER}:{name}", good))[MUSTER][name] == good


def test_EXT_06_names_of_attributes(scim: Scim, custom: dict) -> None:
    for schema in scim.get("/Schemas").resources:
        for attribute in schema["attributes"]:
            name = attribute["name"].removeprefix("$")
            assert name[0].isascii() and name[0].isalpha() and all(c.isascii() and (c.isalnum() or c in "-_$") for c in name), name
