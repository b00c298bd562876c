"""SCIM /Me, security and tenants: requirements ME, SEC and TEN."""

import json
import re
import time
from typing import Iterator

import pytest

from conftest import Muster, http
from scim import ENT, GROUP, TYPE, Scim, group, op, patch, q, read_reply, unique, user


@pytest.mark.parametrize("method, body", [("GET", None), ("PUT", user()), ("PATCH", patch(op("add", "title", "x"))), ("DELETE", None)])
def test_ME_02_nobody_is_me(scim: Scim, method: str, body: object) -> None:
    scim.ask(method, "/Me", body, status=501)


def test_ME_03_nobody_registers_themselves(scim: Scim) -> None:
    body = user()
    scim.post("/Me", body, status=(403, 501))
    assert scim.find(f'userName eq "{body["userName"]}"') == []


def test_SEC_02_tokens_are_long_shown_once_and_revoked_at_once(scim: Scim, muster_of: Muster) -> None:
    name = unique("t")
    token = muster_of("token", "add", "scim", "--name", name, "--expires", "90d").out.strip()
    assert re.fullmatch(r"muster_scim_[a-z0-9]{13}_[a-z0-9]{32}", token)
    listed = muster_of("token", "list", "--json")
    assert name in listed.out and token not in listed.out and token.rsplit("_", 1)[1] not in listed.out
    link = Scim(scim.base, token)
    assert link.get("/Users", count=0).status == 200
    muster_of("token", "revoke", name)
    deadline = time.monotonic() + 5
    while link.get("/Users", status=(200, 401), count=0).status == 200:
        assert time.monotonic() < deadline, "a revoked token still works"
        time.sleep(0.2)
    link.get("/Users", status=401, count=0)


def test_SEC_02_the_store_does_not_hold_a_token(scim: Scim, muster_of: Muster) -> None:
    if muster_of.engine != "sqlite":
        pytest.skip("looked at as a file")
    secret = scim.token.rsplit("_", 1)[1].encode()
    for file in muster_of.folder.iterdir():
        if file.is_file():
            assert secret not in file.read_bytes(), file


def test_SEC_03_two_tokens_at_once(scim: Scim, muster_of: Muster) -> None:
    """Rotation: the new one sees what the old one made, groups included, and writes it."""
    ann = scim.add()
    team = scim.add_group(ann["id"])
    other = Scim(scim.base, muster_of("token", "add", "scim", "--name", unique("t")).out.strip())
    assert other.of(ann["id"]) == ann | scim.of(ann["id"])
    other.patch(f"/Groups/{team['id']}", op("remove", "members", [{"value": ann["id"]}]))
    assert scim.members(team["id"]) == set()


def test_SEC_04_a_token_of_another_class_is_told_what_to_do(scim: Scim, muster_of: Muster) -> None:
    for kind in ("content", "admin"):
        token = muster_of("token", "add", kind, "--name", unique("t")).out.strip()
        answer = scim.get("/Users", status=403, headers={"Authorization": f"Bearer {token}"})
        if kind == "content":
            assert "Content API token" in answer["detail"]


@pytest.mark.parametrize("sent", [None, "Bearer wrong", "Bearer muster_scim_aaaaaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])
def test_SEC_05_strangers_learn_nothing(scim: Scim, sent: str | None) -> None:
    known, unknown = scim.add()["id"], "aaaaaaaaaaaaa"
    answers = [scim.get(f"/Users/{id}", status=401, headers={"Authorization": sent}).json for id in (known, unknown)]
    assert answers[0] == answers[1]


def test_SEC_05_the_scheme_is_read_in_any_case(scim: Scim) -> None:
    scim.get("/Users", count=0, headers={"Authorization": f"bearer {scim.token}"})


def test_SEC_06_a_token_in_the_address_is_not_one(scim: Scim) -> None:
    scim.get("/Users", status=(400, 401), headers={"Authorization": None}, access_token=scim.token)
    scim.get("/Users", status=(200, 400), count=0, access_token=scim.token)


def test_SEC_07_filters_are_not_in_the_log(scim: Scim, muster_of: Muster) -> None:
    mark = unique("private")
    scim.find(f'userName eq "{mark}@example.com"')
    scim.post("/Users/.search", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": f'title eq "{mark}"'}, status=200)
    assert mark not in "".join(process.log.read_text() for process in muster_of.running)


def test_SEC_09_heads_have_a_limit(scim: Scim) -> None:
    with scim.connect() as link:
        try:
            link.sendall(scim.head("GET", "/Users", *(f"X-Filler-{n}: {'x' * 1000}" for n in range(200))))
            first = link.recv(65536)
        except OSError:
            first = b""
    assert first == b"" or first.split(b" ")[1] in (b"400", b"413", b"414", b"431"), first[:100]
    assert scim.get("/Users", count=0).status == 200


@pytest.mark.parametrize("path, ceiling", [("/Users", 256 * 1024), ("/Groups", 8 * 1024 * 1024)])
def test_SEC_09_bodies_have_a_ceiling(scim: Scim, path: str, ceiling: int) -> None:
    body = json.dumps(user() if path == "/Users" else group()).encode()
    scim.post(path, body + b" " * (ceiling - len(body)))
    with scim.connect() as link:
        link.sendall(scim.head("POST", path, f"Content-Type: {TYPE}", f"Content-Length: {ceiling + 1}"))
        try:
            link.sendall(b" " * (ceiling + 1))
        except OSError:
            pass  # refused before all of it was sent
        assert read_reply(link, "POST").status == 413


def test_SEC_09_a_chunked_body_has_the_same_ceiling(scim: Scim) -> None:
    with scim.connect() as link:
        try:
            link.sendall(scim.head("POST", "/Users", f"Content-Type: {TYPE}", "Transfer-Encoding: chunked"))
            for _ in range(40):
                link.sendall(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
            link.sendall(b"0\r\n\r\n")
        except OSError:
            pass
        try:
            first = link.recv(200)
        except OSError:
            first = b""
    assert first == b"" or b" 413 " in first, first


def test_SEC_09_many_operations_are_refused(scim: Scim) -> None:
    made = scim.add()
    answer = scim.patch(f"/Users/{made['id']}", *(op("add", "title", "x") for _ in range(2001)), status=(400, 413))
    assert answer.status == 413 or answer.kind in ("tooMany", "invalidSyntax")


def test_SEC_09_a_slow_client_holds_nobody_up(scim: Scim) -> None:
    slow = [scim.connect() for _ in range(40)]
    try:
        for link in slow:
            link.sendall(scim.head("POST", "/Users", f"Content-Type: {TYPE}", "Content-Length: 1000") + b"{")
        began = time.perf_counter()
        for _ in range(10):
            assert scim.get("/Users", count=1).status == 200
        assert time.perf_counter() - began < 5
    finally:
        for link in slow:
            link.close()


def test_SEC_10_every_change_is_in_the_history(scim: Scim, muster_of: Muster) -> None:
    made = scim.add(title="Chef")
    scim.patch(f"/Users/{made['id']}", op("replace", "title", "Cook"))
    told = muster_of("why", made["userName"], "title").out
    assert "Cook" in told and "scim" in told.lower()


def test_SEC_11_secrets_are_in_no_log(scim: Scim, muster_of: Muster) -> None:
    secret = unique("Secr3t")
    made = scim.add(password=secret)
    scim.patch(f"/Users/{made['id']}", op("replace", "password", secret), status=(200, 400))
    scim.post("/Users", json.dumps(user(password=secret)).encode()[:-1], status=400)
    logs = "".join(process.log.read_text() for process in muster_of.running)
    assert secret not in logs and scim.token not in logs
    if muster_of.engine == "sqlite":
        assert all(secret.encode() not in file.read_bytes() for file in muster_of.folder.iterdir() if file.is_file())


def test_SEC_12_browsers_are_kept_out(scim: Scim) -> None:
    answer = scim.get("/Users", count=1, headers={"Origin": "https://evil.example"})
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and "no-store" in answer.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in answer.headers
    asked = scim.ask("OPTIONS", "/Users", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}, checked=False)
    assert "Access-Control-Allow-Origin" not in asked.headers


@pytest.mark.parametrize("one, other", [("caf\u00e9", "CAFE\u0301"), ("\u212bngstrom", "\u00e5ngstrom"), ("\u03a3igma", "\u03c3IGMA")],
                         ids=["accent", "angstrom", "sigma"])
def test_SEC_13_names_that_are_the_same(scim: Scim, one: str, other: str) -> None:
    mark = unique()
    scim.add(userName=f"{mark}{one}@example.com")
    scim.post("/Users", user(userName=f"{mark}{other}@example.com"), status=409)
    assert len(scim.find(f"userName eq {q(f'{mark}{other}@example.com')}")) == 1


def test_SEC_17_many_deactivations_are_an_incident(muster: Muster) -> None:
    """More than a fifth, and more than five, within an hour: what follows is refused where the workspace wants that, or told."""
    muster.now = None
    token = muster("token", "add", "scim", "--name", "test").out.strip()
    with muster.serve() as url:
        scim = Scim(f"{url}/scim/v2", token)
        people = [scim.add()["id"] for _ in range(10)]
        for id in people[:8]:
            scim.patch(f"/Users/{id}", op("replace", "active", False), status=(200, 503))
        told = muster("source", "list").out + muster("source", "show", "scim").out + muster("runs", "scim", "--json").out + http("GET", f"{url}/").text
        assert re.search(r"deactivat", told, re.I), told


@pytest.fixture(scope="module")
def second(scim: Scim) -> Iterator[Scim]:
    """Another workspace of the same server."""
    if scim.muster is None:
        pytest.skip("somebody else's server")
    scim.muster("init", "-w", "second")
    yield Scim(scim.base, scim.muster("token", "add", "scim", "--name", "other", "-w", "second").out.strip(), scim.muster)


def test_TEN_01_the_token_decides_the_workspace(scim: Scim, second: Scim) -> None:
    made = second.add()
    assert second.of(made["id"])["userName"] == made["userName"]
    scim.get(f"/Users/{made['id']}", status=404)
    assert second.get("/Users", count=0)["totalResults"] < 100


def test_TEN_02_what_is_another_workspaces_is_not_there(scim: Scim, second: Scim) -> None:
    made, team = scim.add(title="x"), scim.add_group()
    for path, body in ((f"/Users/{made['id']}", user()), (f"/Groups/{team['id']}", group())):
        second.get(path, status=404)
        second.put(path, body, status=404)
        second.patch(path, op("replace", "displayName", "x"), status=404)
        second.delete(path, status=404)
    for filter in (f'id eq "{made["id"]}"', f'userName eq "{made["userName"]}"'):
        assert second.find(filter) == []
    assert second.find(f'displayName eq "{team["displayName"]}"', "/Groups") == []
    theirs = second.add_group(made["id"])
    assert second.members(theirs["id"]) == set(), "nobody of another workspace becomes a member"
    report = second.add(**{ENT: {"manager": {"value": made["id"]}}})
    assert "manager" not in report.get(ENT, {})
    entries = second.post("/Bulk", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                                    "Operations": [{"method": "DELETE", "path": f"/Users/{made['id']}"}]}, status=200)["Operations"]
    assert entries[0]["status"] == "404"
    cursor = scim.get("/Users", cursor="", count=1).json.get("nextCursor")
    if cursor:
        second.get("/Users", status=400, cursor=cursor, count=1)
    assert scim.of(made["id"]) == made


def test_TEN_03_the_same_names_in_two_workspaces(scim: Scim, second: Scim) -> None:
    body, team = user(externalId=unique()), {"schemas": [GROUP], "displayName": unique()}
    assert scim.post("/Users", body)["id"] != second.post("/Users", body)["id"]
    assert scim.post("/Groups", team)["id"] != second.post("/Groups", team)["id"]


def test_TEN_05_forwarded_headers_of_strangers_change_nothing(scim: Scim) -> None:
    made = scim.post("/Users", user(), headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"})
    assert "evil.example" not in made.headers["Location"] + made["meta"]["location"]
