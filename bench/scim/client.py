"""A small SCIM client: fills a server with the same people as every other, and checks that it answers rightly.

User i is "u0000042@example.com"; bodies are what Entra sends: core and enterprise user, about 700 bytes.
"""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from servers import Server, say

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
AT_ONCE = 1000      # members in one request, operations in one Bulk
THREADS = 4
WALK_SECONDS = 300


class WrongAnswer(Exception):
    """The server did not do what it was asked."""


def must(condition: bool, server: Server, *what: object) -> None:
    if not condition:
        raise WrongAnswer(f"{server.name}: {' '.join(str(part)[:300] for part in what)}")


def nick(i: int) -> str:
    return f"u{i:07d}"


def user(n: str) -> dict:
    return {
        "schemas": [CORE, ENTERPRISE], "externalId": f"ext-{n}", "userName": f"{n}@example.com",
        "name": {"givenName": f"Given{n}", "familyName": f"Family{n}", "formatted": f"Given{n} Family{n}"},
        "displayName": f"Given{n} Family{n}", "title": "Engineer", "preferredLanguage": "en-US", "active": True,
        "emails": [{"value": f"{n}@example.com", "type": "work", "primary": True}],
        ENTERPRISE: {"employeeNumber": n, "department": "Engineering", "costCenter": "4711"},
    }


def patch(*operations: dict) -> dict:
    return {"schemas": [PATCH], "Operations": list(operations)}


class Client:
    """One connection, kept alive."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
        self.headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/scim+json",
                        "Accept": "application/scim+json"}

    def bytes(self, method: str, path: str, body: dict | None = None) -> tuple[int, bytes]:
        text = None if body is None else json.dumps(body)
        for again in (True, False):
            try:
                self.connection.request(method, self.server.base + path, text, self.headers)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, ConnectionError):
                self.connection.close()     # kept alive for too long
                if not again:
                    raise
        raise AssertionError

    def __call__(self, method: str, path: str, body: dict | None = None) -> tuple[int, dict]:
        status, text = self.bytes(method, path, body)
        return status, json.loads(text) if text else {}


@dataclass
class Loaded:
    """What is in a server: line i of the file `ids` is the id of user i; groups by their size."""

    server: Server
    users: int
    linked: int = 0                     # that many users have an externalId
    groups: dict[int, str] = field(default_factory=dict)
    asked: dict[int, int] = field(default_factory=dict)     # requests about members, by group

    @property
    def ids_file(self) -> Path:
        return self.server.folder / "ids"

    @property
    def cursors_file(self) -> Path:
        return self.server.folder / "cursors"

    def ids(self) -> list[str]:
        return self.ids_file.read_text().split("\n")[:-1]

    def keep_ids(self, ids: list[str]) -> None:
        self.ids_file.write_text("\n".join(ids) + "\n")


def in_threads(parts: int, work: Callable[[int], None]) -> None:
    """work(0) … work(parts - 1) at once; the first failure is raised."""
    failed: list[Exception] = []

    def one(part: int) -> None:
        try:
            work(part)
        except Exception as error:      # of any kind: it is raised again below
            failed.append(error)

    threads = [threading.Thread(target=one, args=(part,)) for part in range(parts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def fill(server: Server, users: int) -> Loaded:
    """By POST, one after the other, as a client would."""
    ids = [""] * users

    def work(part: int) -> None:
        client = Client(server)
        for i in range(part, users, THREADS):
            status, answer = client("POST", "/Users", user(nick(i)))
            must(status == 201 and bool(answer.get("id")), server, "POST /Users", status, answer)
            ids[i] = answer["id"]

    in_threads(THREADS, work)
    loaded = Loaded(server, users, linked=users)
    loaded.keep_ids(ids)
    return loaded


def link(loaded: Loaded, most: int) -> None:
    """Gives the first people an externalId, by Bulk: those who came from another source have none of this one."""
    client, ids = Client(loaded.server), loaded.ids()
    for at in range(0, min(most, loaded.users), AT_ONCE):
        operations = [{"method": "PATCH", "path": f"/Users/{ids[i]}",
                       "data": patch({"op": "add", "path": "externalId", "value": f"ext-{nick(i)}"})}
                      for i in range(at, min(at + AT_ONCE, most, loaded.users))]
        status, answer = client("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})
        wrong = [one for one in answer.get("Operations", []) if not str(one.get("status")).startswith("2")]
        must(status == 200 and not wrong, loaded.server, "Bulk of externalId", status, wrong[:1] or answer)
    loaded.linked = min(most, loaded.users)


def add_group(loaded: Loaded, size: int) -> None:
    """A group of the first `size` users, in requests of at most 1,000 members."""
    client, ids = Client(loaded.server), loaded.ids()[:size]
    first = {"schemas": [GROUP], "displayName": f"bench group of {size}", "members": [{"value": i} for i in ids[:AT_ONCE]]}
    status, answer = client("POST", "/Groups", first)
    must(status == 201 and bool(answer.get("id")), loaded.server, "POST /Groups", status, answer)
    loaded.groups[size] = group = answer["id"]
    for at in range(AT_ONCE, size, AT_ONCE):
        more = {"op": "add", "path": "members", "value": [{"value": i} for i in ids[at:at + AT_ONCE]]}
        status, answer = client("PATCH", f"/Groups/{quote(group)}", patch(more))
        must(status in (200, 204), loaded.server, "PATCH /Groups, members", status, answer)


def walk_cursors(loaded: Loaded) -> None:
    """Keeps the cursors of the last tenth of the list: those are deep."""
    client, path, cursors, end = Client(loaded.server), "/Users?cursor&count=100", [], time.monotonic() + WALK_SECONDS
    while True:
        must(time.monotonic() < end, loaded.server, "after", WALK_SECONDS, "s the cursors have come to page", len(cursors))
        status, text = client.bytes("GET", path)
        must(status == 200, loaded.server, path, status, text)
        at = text.rfind(b'"nextCursor"')
        if at < 0:
            break
        cursors.append(text[at:].split(b'"', 4)[3].decode())
        path = f"/Users?cursor={quote(cursors[-1])}&count=100"
    must(len(cursors) >= loaded.users // 100 - 1, loaded.server, "the cursors ended after", len(cursors), "pages")
    loaded.cursors_file.write_text("\n".join(cursors[-max(len(cursors) // 10, 1):]) + "\n")


# ---- does it answer rightly? ----


def check_user(client: Client, loaded: Loaded, i: int, ident: str, title: str) -> None:
    server, name = client.server, f"{nick(i)}@example.com"
    status, got = client("GET", f"/Users/{quote(ident)}")
    must(status == 200 and got["id"] == ident and got["userName"] == name and got["emails"][0]["value"] == name
         and got[ENTERPRISE]["department"] == "Engineering", server, "GET", status, got)
    status, got = client("GET", "/Users?filter=" + quote(f'userName eq "{name}"'))
    must(status == 200 and got["totalResults"] == 1 and got["Resources"][0]["id"] == ident, server, "filter", status, got)
    start = 1 + 100 * (i % (loaded.users // 100))
    status, got = client("GET", f"/Users?startIndex={start}&count=100")
    must(status == 200 and len(got["Resources"]) == 100 and got["totalResults"] >= loaded.users, server, "page", status, got)
    change = patch({"op": "replace", "path": "displayName", "value": f"Name {title}"},
                   {"op": "replace", "path": "title", "value": title})
    status, got = client("PATCH", f"/Users/{quote(ident)}", change)
    must(status in (200, 204), server, "PATCH", status, got)
    status, got = client("GET", f"/Users/{quote(ident)}")
    must(got["title"] == title and got["displayName"] == f"Name {title}", server, "PATCH was not kept", got)


def members(client: Client, group: str) -> set[str]:
    status, got = client("GET", f"/Groups/{quote(group)}")
    must(status == 200, client.server, "GET /Groups", status, got)
    return {member["value"] for member in got.get("members", [])}


def check_group(client: Client, group: str, whom: str, size: int) -> None:
    server, path = client.server, f"/Groups/{quote(group)}"
    before = members(client, group)
    must(len(before) >= size, server, "a group of", size, "has", len(before), "members")
    status, got = client("PATCH", path, patch({"op": "add", "path": "members", "value": [{"value": whom}]}))
    must(status in (200, 204), server, "PATCH, add a member", status, got)
    must(members(client, group) == before | {whom}, server, "the member was not added")
    status, got = client("PATCH", path, patch({"op": "remove", "path": f'members[value eq "{whom}"]'}))
    must(status in (200, 204), server, "PATCH, remove a member", status, got)
    must(members(client, group) == before - {whom}, server, "the member was not removed")


def check(loaded: Loaded) -> None:
    client, ids, dice = Client(loaded.server), loaded.ids(), random.Random(7)
    for _ in range(10):
        i = dice.randrange(loaded.users)
        check_user(client, loaded, i, ids[i], f"Checked {dice.randrange(1 << 30)}")
    status, got = client("GET", "/Users?filter=" + quote('userName eq "nobody@example.com"'))
    must(status == 200 and got["totalResults"] == 0, loaded.server, "filter for nobody", status, got)
    say(f"{loaded.server.name}: answers rightly")


def check_groups(loaded: Loaded) -> None:
    client, last = Client(loaded.server), loaded.ids()[-1]
    for size, group in loaded.groups.items():
        check_group(client, group, last, size)


def check_filters(loaded: Loaded) -> None:
    """The two that only ours is measured with."""
    client, ids, i = Client(loaded.server), loaded.ids(), loaded.linked // 2
    for asked in (f'externalId eq "ext-{nick(i)}"', f'emails.value eq "{nick(i)}@example.com"'):
        status, got = client("GET", "/Users?filter=" + quote(asked))
        must(status == 200 and got["totalResults"] == 1 and got["Resources"][0]["id"] == ids[i], loaded.server, asked, status, got)
