"""Many callers at once: one winner where there can be one, nothing lost, nothing by halves, whatever dies meanwhile."""

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Iterator
from uuid import uuid4

import pytest

from scim_server import (BULK, Client, Node, Scim, at_once, patch, place, refused, scim, start, thousand,  # noqa: F401
                         new_token, user)

KILLS = 100 if os.environ.get("MUSTER_SOAK") else 10
SQLITE, POSTGRESQL = "sqlite with 1,000 people", "postgresql, empty"
EVERYWHERE = pytest.mark.parametrize(("place", "processes"), [(SQLITE, 1), (POSTGRESQL, 1), (POSTGRESQL, 2)], indirect=["place"])


@dataclass
class Callers:
    """Clients of one or two processes on one store, in turn."""

    first: list[Client]

    def __call__(self, n: int) -> list[Client]:
        return [self.first[i % len(self.first)].another() for i in range(n)]


@pytest.fixture
def callers(scim: Scim, processes: int) -> Iterator[Callers]:
    yield Callers([scim.client, *(scim.one_more_node() for _ in range(processes - 1))])


def unique() -> str:
    return f"r{uuid4().hex[:12]}"


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def make_users(client: Client, n: int) -> list[str]:
    """The ids of so many new ones."""
    operations = [{"method": "POST", "path": "/Users", "bulkId": f"b{i}", "data": user(unique())} for i in range(n)]
    done = client.ok("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})["Operations"]
    assert [each["status"] for each in done] == ["201"] * n, done[:3]
    return [each["location"].rsplit("/", 1)[-1] for each in done]


@EVERYWHERE
def test_of_64_who_create_the_same_user_one_wins_CRT_05(callers: Callers, scim: Scim) -> None:
    for spelling in (str, lambda name: random.choice([name, name.upper(), name.title()])):
        name = unique()
        clients = callers(64)
        replies = at_once([lambda mine=mine: mine("POST", "/Users", user(spelling(name))) for mine in clients])
        won = [reply for reply in replies if reply.status == 201]
        assert len(won) == 1, sorted(reply.status for reply in replies)
        for reply in replies:
            if reply is not won[0]:
                refused(reply, 409, "uniqueness")
        for client in callers(len(callers.first)):
            assert [each["id"] for each in client.find(name)] == [won[0].json()["id"]]


@EVERYWHERE
def test_of_two_who_replace_the_same_version_one_wins_ETG_06(callers: Callers, scim: Scim) -> None:
    made = scim.client.add_user(unique())
    one, two = callers(2)
    for round in range(15):
        read = one("GET", f"/Users/{made['id']}")
        version = read.headers["ETag"]
        assert version == read.json()["meta"]["version"]
        bodies = [user(made["userName"], title=f"{which} {round}") for which in ("first", "second")]
        replies = at_once([lambda mine=mine, body=body: mine("PUT", f"/Users/{made['id']}", body, If_Match=version)
                           for mine, body in zip((one, two), bodies)])
        assert sorted(reply.status for reply in replies) == [200, 412], [reply.text for reply in replies]
        winner = next(reply for reply in replies if reply.status == 200)
        refused(next(reply for reply in replies if reply.status == 412), 412)
        assert two.ok("GET", f"/Users/{made['id']}")["title"] == winner.json()["title"]


@EVERYWHERE
def test_a_delete_and_a_change_of_one_version_do_not_both_happen(callers: Callers, scim: Scim) -> None:
    one, two = callers(2)
    for _ in range(8):
        made = scim.client.add_user(unique())
        path, version = f"/Users/{made['id']}", made["meta"]["version"]
        gone, changed = at_once([lambda: one("DELETE", path, If_Match=version),
                                 lambda: two("PATCH", path, patch(replace("title", "Cook")), If_Match=version)])
        assert (gone.status, changed.status) in ((204, 404), (412, 200), (204, 412)), (gone.text, changed.text)
        assert one("GET", path).status == (404 if gone.status == 204 else 200)


@EVERYWHERE
def test_32_who_change_the_members_of_one_group_lose_nobody_GRP_07(callers: Callers, scim: Scim) -> None:
    old, new = make_users(scim.client, 32), make_users(scim.client, 32 * 4)
    crew = scim.client.add_group(unique(), *old)["id"]

    def work(i: int, mine: Client) -> None:
        for id in new[4 * i:4 * i + 3]:
            mine.ok("PATCH", f"/Groups/{crew}", patch({"op": "add", "path": "members", "value": [{"value": id}]}))
        mine.ok("PATCH", f"/Groups/{crew}", patch({"op": "remove", "path": f'members[value eq "{old[i]}"]'},
                                                  {"op": "add", "path": "members", "value": [{"value": new[4 * i + 3]}]}))

    at_once([lambda i=i, mine=mine: work(i, mine) for i, mine in enumerate(callers(32))])
    for client in callers(len(callers.first)):
        assert client.members(crew) == set(new)


@EVERYWHERE
def test_a_change_is_seen_whole_or_not_at_all_PAT_04(callers: Callers, scim: Scim) -> None:
    taken = unique()
    scim.client.add_user(taken)
    made = scim.client.add_user(unique(), title="0", nickName="0")
    path = f"/Users/{made['id']}"
    over = threading.Event()
    torn: list[Any] = []

    def read(mine: Client) -> None:
        while not over.is_set():
            seen = mine.ok("GET", path)
            if seen["title"] != seen["nickName"] or seen["userName"] != made["userName"]:
                torn.append(seen)

    def write(i: int, mine: Client) -> None:
        for round in range(6):
            both = str(i * 100 + round)
            mine.ok("PATCH", path, patch(replace("title", both), replace("nickName", both)))
            refused(mine("PATCH", path, patch(replace("title", "half"), replace("userName", taken.upper()))), 409, "uniqueness")
            refused(mine("PATCH", path, patch(replace("nickName", "half"), replace("meta.created", "x"))), 400)

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read, mine) for mine in callers(4)]
        try:
            at_once([lambda i=i, mine=mine: write(i, mine) for i, mine in enumerate(callers(8))])
        finally:
            over.set()
        for reader in readers:
            reader.result(60)
    assert not torn, torn[:3]


@EVERYWHERE
def test_the_same_address_goes_to_one_of_many(callers: Callers, scim: Scim) -> None:
    address = f"{unique()}@example.com"
    emails = [{"value": address, "type": "work", "primary": True}]
    replies = at_once([lambda mine=mine: mine("POST", "/Users", user(unique(), emails=emails)) for mine in callers(24)])
    assert {reply.status for reply in replies} <= {201, 409}, {reply.status: reply.text for reply in replies}
    found = scim.client.ok("GET", f"/Users?filter=emails.value%20eq%20%22{address}%22")
    assert found["totalResults"] == sum(reply.status == 201 for reply in replies) >= 1


@pytest.mark.parametrize("place", [POSTGRESQL], indirect=True)
def test_what_one_process_answered_the_other_knows(scim: Scim) -> None:
    here, there = scim.client, scim.one_more_node()
    for _ in range(20):
        made = here.add_user(unique())
        assert there.ok("GET", f"/Users/{made['id']}") ["userName"] == made["userName"]
        changed = there.ok("PATCH", f"/Users/{made['id']}", patch(replace("title", made["id"])))
        assert here.ok("GET", f"/Users/{made['id']}")["title"] == made["id"]
        assert here("GET", f"/Users/{made['id']}", If_None_Match=changed["meta"]["version"]).status == 304
        here.ok("DELETE", f"/Users/{made['id']}")
        refused(there("GET", f"/Users/{made['id']}"), 404)
    page = here.ok("GET", "/Users?cursor&count=5")
    make_users(here, 12)
    page = here.ok("GET", "/Users?cursor&count=5")
    following = there.ok("GET", f"/Users?cursor={page['nextCursor']}&count=5")
    assert len(following["Resources"]) == 5
    assert not {each["id"] for each in page["Resources"]} & {each["id"] for each in following["Resources"]}


@EVERYWHERE
def test_a_token_is_replaced_without_a_gap_and_the_old_one_is_dead_within_a_second_SEC_03(callers: Callers, scim: Scim) -> None:
    made = scim.client.add_user(unique(), externalId=f"x-{unique()}")
    crew = scim.client.add_group(unique(), made["id"])
    second = new_token(scim.muster, "second")
    over = threading.Event()
    old: list[tuple[float, int]] = []
    new: list[int] = []

    def ask_with_the_old_one(mine: Client) -> None:
        while not over.is_set():
            begun = time.monotonic()
            old.append((begun, mine("GET", f"/Users/{made['id']}").status))
            over.wait(0.25)  # an address that fails often is slowed down

    def ask_with_the_new_one(mine: Client) -> None:
        for n in range(10**6):
            if over.is_set():
                return
            new.append(mine("PATCH", f"/Users/{made['id']}", patch(replace("title", str(n)))).status)
            over.wait(0.02)

    nodes = len(callers.first)
    with ThreadPoolExecutor(2 * nodes) as pool:
        asking = [pool.submit(ask_with_the_old_one, mine) for mine in callers(nodes)]
        asking += [pool.submit(ask_with_the_new_one, mine.another(second)) for mine in callers(nodes)]
        time.sleep(0.6)
        scim.muster("token", "revoke", "test")
        revoked = time.monotonic()
        time.sleep(2)
        over.set()
        for each in asking:
            each.result(60)
    assert {status for _, status in old} == {200, 401}
    late = [begun - revoked for begun, status in old if status == 200 and begun > revoked + 1]
    assert not late, f"the revoked token was still good {late} s later"
    assert set(new) == {200}

    for mine in [each.another(second) for each in callers.first]:
        assert mine.ok("GET", f"/Users?filter=externalId%20eq%20%22{made['externalId']}%22")["Resources"][0]["id"] == made["id"]
        assert mine.members(crew["id"]) == {made["id"]}
    mine = scim.client.another(second)
    assert crew["id"] in [each["id"] for each in mine.ok("GET", "/Groups?count=1000")["Resources"]]
    mine.ok("PATCH", f"/Groups/{crew['id']}", patch(replace("displayName", f"{crew['displayName']} renamed")))
    read = mine.ok("GET", f"/Users/{made['id']}")
    assert mine.ok("PUT", f"/Users/{made['id']}", {**read, "title": "after"})["title"] == "after"
    refused(mine("POST", "/Users", user(made["userName"])), 409, "uniqueness")
    mine.ok("DELETE", f"/Groups/{crew['id']}")


# --- kill -9 -------------------------------------------------------------------------------------


class Recruiter:
    """Creates users and adds them to a group, and remembers what it was told."""

    def __init__(self, crew: str) -> None:
        self.crew = crew
        self.promised: dict[str, str] = {}  # userName -> id, as 201 said
        self.members: set[str] = set()
        self.asked: set[str] = set()
        self.trouble: list[AssertionError] = []  # answers that are neither a promise nor the end
        self.lock = threading.Lock()

    def work(self, mine: Client) -> None:
        """Until the server is gone."""
        try:
            while True:
                name = unique()
                self.asked.add(name)
                made = mine.send_once("POST", "/Users", user(name))
                with self.lock:
                    self.promised[name] = made["id"]
                mine.send_once("PATCH", f"/Groups/{self.crew}", patch({"op": "add", "path": "members", "value": [{"value": made["id"]}]}))
                with self.lock:
                    self.members.add(made["id"])
        except OSError:
            return
        except AssertionError as problem:
            self.trouble.append(problem)
        finally:
            mine.close()


class Once(Client):
    """A client that asks once: a lost connection is told, not mended."""

    def send_once(self, method: str, path: str, body: Any) -> Any:
        try:
            return self.ok(method, path, body, expect=(200, 201, 204))
        except AssertionError:
            raise
        except Exception as problem:  # whatever http.client makes of half an answer
            raise OSError(str(problem)) from problem


@pytest.mark.parametrize("place", [SQLITE, POSTGRESQL], indirect=True)
def test_a_kill_after_201_loses_nobody_CRT_06(scim: Scim) -> None:
    recruiter = Recruiter(scim.client.add_group(unique())["id"])
    node: Node = scim.node
    for _ in range(KILLS):
        clients = [Once(node.origin, scim.client.token, timeout=20) for _ in range(6)]
        threads = [threading.Thread(target=recruiter.work, args=(mine,)) for mine in clients]
        for thread in threads:
            thread.start()
        time.sleep(random.uniform(0.15, 0.7))
        node.kill()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
        node = start(scim.muster)
        scim.nodes.append(node)
    client = Client(node.origin, scim.client.token)
    assert not recruiter.trouble, recruiter.trouble[0]
    assert len(recruiter.promised) > 20, "hardly anything was created between the kills"
    assert recruiter.members <= client.members(recruiter.crew)
    for name, id in recruiter.promised.items():
        assert client.ok("GET", f"/Users/{id}")["userName"] == name
    for name in recruiter.asked - set(recruiter.promised):  # the answer was lost: whoever retries finds out
        found = client.find(name)
        assert len(found) <= 1
        if found:
            refused(client("POST", "/Users", user(name)), 409, "uniqueness")
        else:
            client.add_user(name)


@pytest.mark.parametrize("place", [POSTGRESQL], indirect=True)
def test_one_process_dies_and_the_other_goes_on(scim: Scim) -> None:
    other = scim.one_more_node()
    recruiter = Recruiter(scim.client.add_group(unique())["id"])
    threads = [threading.Thread(target=recruiter.work, args=(Once(scim.node.origin, scim.client.token, timeout=20),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    scim.node.kill()
    begun = time.monotonic()
    other.add_user(unique())
    other.ok("PATCH", f"/Groups/{recruiter.crew}", patch(replace("displayName", unique())))
    assert time.monotonic() - begun < 5, "the other process waited for a dead one"
    for thread in threads:
        thread.join(60)
    assert recruiter.promised and not recruiter.trouble, recruiter.trouble
    for name, id in recruiter.promised.items():
        assert other.ok("GET", f"/Users/{id}")["userName"] == name
