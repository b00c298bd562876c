"""A SCIM client for the tests: every answer is held against what the RFC says of all answers, then given back.

`Scim` speaks to one server with one token. Its verbs take the status that is expected (a tuple: any of them) and fail
with the whole exchange when another one comes.
"""

import http.client
import json
import os
import socket
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

CORE = "urn:ietf:params:scim:schemas:core:2.0:"
USER, GROUP = CORE + "User", CORE + "Group"
ENT = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MUSTER = "urn:ietf:params:scim:schemas:extension:muster:2.0:User"
API = "urn:ietf:params:scim:api:messages:2.0:"
PATCH_OP, LIST, ERROR, SEARCH = API + "PatchOp", API + "ListResponse", API + "Error", API + "SearchRequest"
BULK, BULK_ANSWER = API + "BulkRequest", API + "BulkResponse"
TYPE = "application/scim+json"
SCIM_TYPES = {"invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget", "invalidValue",
              "invalidVers", "sensitive", "invalidCursor", "expiredCursor", "invalidCount"}

Status = int | tuple[int, ...]


def unique(prefix: str = "u") -> str:
    """A word nobody has used."""
    return f"{prefix}{uuid.uuid4().hex[:12]}"


def user(**more: Any) -> dict[str, Any]:
    """A User body with a user name of its own; `more` on top."""
    return {"schemas": [USER], "userName": f"{unique()}@example.com", **more}


def group(*members: str, **more: Any) -> dict[str, Any]:
    """A Group body with a name of its own and these people."""
    return {"schemas": [GROUP], "displayName": unique("Group "), "members": [{"value": id} for id in members], **more}


def op(kind: str, path: str | None = None, *value: Any) -> dict[str, Any]:
    """op("replace", "title", "Chef"), op("remove", "title"), op("add", None, {…})"""
    return {"op": kind, **({} if path is None else {"path": path}), **({"value": value[0]} if value else {})}


def patch(*ops: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH_OP], "Operations": list(ops)}


def q(text: str) -> str:
    """Text as a string of a filter."""
    return json.dumps(text, ensure_ascii=False)


@dataclass
class Answer:
    """What came back."""

    asked: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def __getitem__(self, name: str) -> Any:
        return self.json[name]

    @property
    def kind(self) -> str | None:
        """The scimType of an error."""
        return self.json.get("scimType")

    @property
    def resources(self) -> list[dict[str, Any]]:
        return self.json.get("Resources") or []

    @property
    def ids(self) -> list[str]:
        return [resource["id"] for resource in self.resources]

    def __str__(self) -> str:
        head = "".join(f"{name}: {value}\n" for name, value in self.headers.items())
        return f"{self.asked}\n→ {self.status}\n{head}\n{self.body[:4000].decode(errors='replace')}"


def check(answer: Answer, head: bool = False) -> None:
    """What holds for every answer (RFC 7644 §3.1, §3.12)."""
    if answer.status in (204, 304) or head:
        assert answer.body == b"", str(answer)
        return
    assert answer.headers.get_content_type() == TYPE, str(answer)
    if answer.status < 400:
        return
    told = answer.json
    assert ERROR in told["schemas"], str(answer)
    assert told["status"] == str(answer.status), str(answer)
    assert isinstance(told["detail"], str) and told["detail"], str(answer)
    if "scimType" in told:
        assert told["scimType"] in SCIM_TYPES, str(answer)
        assert answer.status == 400 or (answer.status, told["scimType"]) in {(409, "uniqueness"), (403, "sensitive")}, str(answer)


@dataclass
class Scim:
    """A server and a token. `muster` is the program behind it, None for somebody else's server."""

    base: str
    token: str
    muster: Any = None
    local: threading.local = field(default_factory=threading.local)  # a connection per thread

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.base)
        return parts.hostname, parts.port or 80

    def wire(self, method: str, url: str, data: bytes | None, headers: dict[str, str]) -> Answer:
        """One exchange on this thread's connection, which is opened anew when the server had closed it."""
        for again in (True, False):
            link = getattr(self.local, "link", None)
            if link is None:
                link = self.local.link = http.client.HTTPConnection(*self.address, timeout=60)
            try:
                link.request(method, url, data, headers)
                reply = link.getresponse()
                return Answer(f"{method} {url} {headers}\n{(data or b'')[:2000].decode(errors='replace')}", reply.status,
                              reply.headers, reply.read())
            except (http.client.HTTPException, OSError):
                link.close()
                self.local.link = None
                if not again:
                    raise
        raise AssertionError("not reached")

    def ask(self, method: str, path: str, body: Any = None, status: Status | None = None, headers: dict[str, str | None] | None = None,
            query: dict[str, Any] | None = None, checked: bool = True) -> Answer:
        """`body`: JSON, or bytes as they are. A header of None is left out; `path` may be a whole location."""
        url = path if path.startswith("http") else self.base + path
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        if query:
            target += ("&" if parts.query else "?") + urlencode(query, quote_via=quote)
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.token}", **({"Content-Type": TYPE} if data is not None else {}), **(headers or {})}
        answer = self.wire(method, target, data, {name: value for name, value in sent.items() if value is not None})
        if status is not None:
            assert answer.status in (status if isinstance(status, tuple) else (status,)), f"expected {status}\n{answer}"
        if checked:
            check(answer, head=method == "HEAD")
        return answer

    def get(self, path: str, status: Status = 200, headers: dict[str, str | None] | None = None, **query: Any) -> Answer:
        return self.ask("GET", path, status=status, headers=headers, query=query)

    def post(self, path: str, body: Any, status: Status = 201, headers: dict[str, str | None] | None = None, **query: Any) -> Answer:
        return self.ask("POST", path, body, status, headers, query)

    def put(self, path: str, body: Any, status: Status = 200, headers: dict[str, str | None] | None = None, **query: Any) -> Answer:
        return self.ask("PUT", path, body, status, headers, query)

    def patch(self, path: str, *ops: dict[str, Any], status: Status = (200, 204), headers: dict[str, str | None] | None = None,
              **query: Any) -> Answer:
        return self.ask("PATCH", path, patch(*ops), status, headers, query)

    def delete(self, path: str, status: Status = 204, headers: dict[str, str | None] | None = None) -> Answer:
        return self.ask("DELETE", path, status=status, headers=headers)

    def add(self, **more: Any) -> dict[str, Any]:
        """A new user."""
        return self.post("/Users", user(**more)).json

    def add_group(self, *members: str, **more: Any) -> dict[str, Any]:
        return self.post("/Groups", group(*members, **more)).json

    def of(self, id: str, **query: Any) -> dict[str, Any]:
        """The user as it is now."""
        return self.get(f"/Users/{id}", **query).json

    def group_of(self, id: str, **query: Any) -> dict[str, Any]:
        return self.get(f"/Groups/{id}", **query).json

    def members(self, id: str) -> set[str]:
        return {member["value"] for member in self.group_of(id).get("members", [])}

    def patched(self, id: str, *ops: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The user after a PATCH, as read again."""
        self.patch(f"/Users/{id}", *ops, **more)
        return self.of(id)

    def find(self, filter: str, path: str = "/Users", status: Status = 200, **query: Any) -> list[str]:
        """Ids of those who match."""
        answer = self.get(path, status=status, filter=filter, **query)
        return answer.ids if answer.status == 200 else []

    def holds(self, id: str, filter: str) -> bool:
        """Does this one user match? Asked together with the id, so that others do not matter."""
        found = self.find(f'id eq "{id}" and ({filter})')
        assert found in ([], [id]), found
        return bool(found)

    def refused(self, filter: str, path: str = "/Users") -> Answer:
        """A filter that is answered with 400."""
        return self.get(path, status=400, filter=filter)

    def connect(self, timeout: float = 20) -> socket.socket:
        return socket.create_connection(self.address, timeout=timeout)

    def head(self, method: str, path: str, *lines: str) -> bytes:
        """A request's head for a raw socket."""
        target = urlsplit(self.base).path + path
        host, port = self.address
        return "\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {host}:{port}", f"Authorization: Bearer {self.token}", *lines,
                            "", ""]).encode()

    def other(self) -> "Scim":
        """The same server on another connection."""
        return Scim(self.base, self.token, self.muster)


def read_reply(link: socket.socket, method: str = "GET") -> Answer:
    """One answer from a raw socket; what follows it on the connection stays there (the socket is read unbuffered)."""
    reply = http.client.HTTPResponse(link, method=method)
    reply.fp.close()
    reply.fp = link.makefile("rb", buffering=0)
    reply.begin()
    return Answer("raw socket", reply.status, reply.headers, reply.read())


def given_server() -> Scim | None:
    """SCIM_URL and SCIM_TOKEN: a server that is already running takes the place of ours."""
    return Scim(os.environ["SCIM_URL"].rstrip("/"), os.environ.get("SCIM_TOKEN", "")) if os.environ.get("SCIM_URL") else None
