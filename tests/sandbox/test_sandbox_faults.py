"""Each fault does what the manual says, and healing ends it."""

import http.client
import json
import re
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from sandbox.bend import NOBODY
from sandbox.faults import KINDS
from sandbox.server import Server
from sandbox.world import World

FIELDS = ("root.id", "root.firstName", "root.email", "work.startDate", "work.reportsTo")


def raw_search(bob) -> bytes:
    """The bytes of an answer up to the end of the connection; a reset is a ConnectionResetError."""
    connection = socket.create_connection(bob.server.server_address, timeout=5)
    with connection:
        body = json.dumps({"fields": FIELDS}).encode()
        connection.sendall(b"POST /v1/people/search HTTP/1.1\r\nHost: x\r\nAuthorization: Basic U0VSVklDRS0xMDAwOnNhbmRib3gtdG9rZW4=\r\n"
                           b"Content-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body))
        got = b""
        while piece := connection.recv(65536):
            got += piece
        return got


def test_every_fault_is_in_the_manual():
    manual = (Path(__file__).resolve().parents[2] / "sandbox" / "README.md").read_text()
    assert not [kind for kind in KINDS if f"`{kind}`" not in manual]


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 503])
def test_status(bob, status):
    bob.fault("status", status=status, retry_after=1, times=1)
    reply = bob.search("root.id")
    assert reply.status == status and reply.headers["Retry-After"] == "1" and "X-RateLimit-Reset" not in reply.headers
    assert bob.search("root.id").status == 200


def test_429_with_reset(bob):
    bob.fault("status", status=429, reset_in=2)
    reply = bob.search("root.id")
    assert "Retry-After" not in reply.headers and abs(int(reply.headers["X-RateLimit-Reset"]) - time.time()) < 4
    bob.control("DELETE", "fault")
    assert bob.search("root.id").status == 200


def test_a_fault_can_be_for_a_path_and_can_wait(bob):
    bob.fault("status", status=500, path="/v1/company", skip=1, times=1)
    assert [bob.get("/company/named-lists").status for _ in range(3)] == [200, 500, 200]
    assert bob.search("root.id").status == 200


def test_html(bob):
    bob.fault("html")
    reply = bob.search("root.id")
    assert reply.status == 200 and reply.headers["Content-Type"].startswith("text/html")


def test_content_type(bob):
    bob.fault("content_type", value="text/csv")
    reply = bob.search("root.id")
    assert reply.headers["Content-Type"] == "text/csv" and reply.json["employees"]


def test_hang_ends_when_healed(bob):
    bob.fault("hang", times=1)
    threading.Timer(0.3, lambda: bob.control("DELETE", "fault")).start()
    start = time.monotonic()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        bob.search("root.id")
    assert time.monotonic() - start > 0.2


def test_refuse_heals_by_itself(bob):
    bob.fault("refuse", seconds=0.5)
    tries, deadline = [], time.monotonic() + 5
    while tries[-2:] != ["ConnectionRefusedError", 200] and time.monotonic() < deadline:
        time.sleep(0.05)
        try:
            tries.append(bob.search("root.id").status)
        except OSError as problem:
            tries.append(type(problem).__name__)
    assert tries[-2:] == ["ConnectionRefusedError", 200]


def test_reset(bob):
    bob.fault("reset", after=500, times=1)
    with pytest.raises(ConnectionResetError):
        raw_search(bob)
    assert bob.search("root.id").status == 200


def test_slow(bob):
    size = len(bob.search("root.id").body)
    bob.fault("slow", bytes_per_second=size * 2, delay=0.1, times=1)
    start = time.monotonic()
    assert len(bob.search("root.id").body) == size
    assert 0.4 < time.monotonic() - start < 3


@pytest.mark.parametrize("mode, framing, ending", [
    ("length", b"Content-Length:", b""), ("chunked", b"Transfer-Encoding: chunked", b""),
    ("close", b"Connection: close", b""), ("clean", b"Transfer-Encoding: chunked", b"\r\n0\r\n\r\n")])
def test_cut(bob, mode, framing, ending):
    bob.fault("cut", mode=mode, after=700)
    got = raw_search(bob)
    head, _, body = got.partition(b"\r\n\r\n")
    assert framing in head and body.endswith(ending) and not body.endswith(b"]}")
    assert body.endswith(b"0\r\n\r\n") == (mode == "clean")
    if mode in ("length", "close"):
        assert len(body) == 700
    if mode == "length":
        assert int(re.search(rb"Content-Length: (\d+)", head)[1]) > 700
    if mode == "close":
        assert b"Content-Length" not in head and b"chunked" not in head


def test_cut_in_the_middle(bob):
    size = len(bob.search(*FIELDS).body)
    bob.fault("cut", mode="clean")
    assert len(bob.search(*FIELDS).body) == size // 2


def test_invalid_json(bob):
    for form in ("value", "brace"):
        bob.fault("invalid_json", form=form, times=1)
        with pytest.raises(json.JSONDecodeError):
            bob.search(*FIELDS).json
    bob.fault("invalid_json", path="/v1/company", times=1)
    with pytest.raises(json.JSONDecodeError):
        bob.get("/company/people/fields").json


def test_invalid_utf8(bob):
    bob.fault("invalid_utf8")
    with pytest.raises(UnicodeDecodeError):
        bob.search(*FIELDS).body.decode()


def test_surrogate_and_nul(bob):
    bob.fault("surrogate")
    bob.fault("nul", field="root.email")
    body = bob.search(*FIELDS).body
    assert b"\\ud800" in body and b"\\u0000tail" in body
    json.loads(body)


def test_huge_value(bob):
    bob.fault("huge_value", size=100_000)
    assert max(len(p["firstName"]) for p in bob.people(*FIELDS)) == 100_000
    assert KINDS["huge_value"].defaults["size"] == 10_000_000


def test_deep(bob):
    bob.fault("deep")
    assert b"[" * 10_000 + b"]" * 10_000 in bob.search(*FIELDS).body


def test_duplicates(bob):
    bob.fault("duplicate_id", times=1)
    ids = [p["id"] for p in bob.people(*FIELDS)]
    assert len(ids) - len(set(ids)) == 1
    bob.fault("duplicate_email", times=1)
    emails = [p["email"].lower() for p in bob.people(*FIELDS) if p["email"]]
    assert len(emails) - len(set(emails)) == 1


def test_missing_id(bob):
    bob.fault("missing_id", count=2)
    people = bob.people(*FIELDS, humanReadable="APPEND")
    without = [p for p in people if "id" not in p]
    assert len(without) == 2 and "/root/id" not in without[0] and "id" not in without[0]["humanReadable"]


def test_empty_and_half(bob):
    bob.fault("half", times=1)
    assert len(bob.people("root.id")) == 60
    bob.fault("empty", times=1)
    assert bob.people("root.id") == []
    assert len(bob.people("root.id")) == 120


def test_zero_dates(bob):
    bob.fault("zero_dates")
    dates = [p["work"]["startDate"] for p in bob.people(*FIELDS, humanReadable="APPEND")]
    assert {"0000-00-00", "2026-02-30", "soon", ""} <= set(dates)


def test_managers(bob):
    bob.fault("manager_missing", times=1)
    assert [p["work"]["manager"] for p in bob.people(*FIELDS)].count(NOBODY) == 1
    bob.fault("manager_self", count=2, times=1)
    assert sum(p["work"]["manager"] == p["id"] for p in bob.people(*FIELDS)) == 2


@pytest.mark.parametrize("size", [2, 50])
def test_circle(bob, size):
    bob.control("POST", "reset", {"oddities": False})
    bob.fault("circle", size=size)
    boss = {p["id"]: p["work"]["manager"] for p in bob.people(*FIELDS)}
    rings = set()
    for start in boss:
        step, seen = start, []
        while step in boss and step not in seen:
            seen.append(step)
            step = boss[step]
        if step == start:
            rings.add(len(seen))
    assert rings == {size}


def test_other_company(bob):
    bob.fault("other_company")
    assert {p["companyId"] for p in bob.people("root.id")} == {999999}


def test_a_wrong_wish_is_refused(bob):
    for wish in ({"kind": "nonsense"}, {"kind": "cut", "colour": 1}, {"kind": "nul", "field": "x"}):
        assert bob.call("POST", "/_sandbox/fault", wish).status == 400


def test_faults_do_not_touch_the_company(bob):
    before = bob.truth()
    for kind in ("zero_dates", "circle", "duplicate_id", "nul", "manager_self"):
        bob.fault(kind)
    bob.people(*FIELDS)
    assert bob.truth() == before


def test_keep_alive_serves_many_requests_on_one_connection(bob):
    connection = http.client.HTTPConnection("127.0.0.1", bob.server.server_address[1], timeout=5)
    ports = set()
    for _ in range(3):
        connection.request("GET", "/_sandbox/people")
        assert connection.getresponse().read()
        ports.add(connection.sock.getsockname())
    connection.close()
    assert len(ports) == 1


def test_tls_has_a_certificate_nobody_trusts():
    server = Server(World(5, 1, "2026-11-02", True, 0), 0, tls=True)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        port = server.server_address[1]
        with pytest.raises(ssl.SSLCertVerificationError):
            http.client.HTTPSConnection("localhost", port, timeout=5).request("GET", "/_sandbox/today")
        trusting = http.client.HTTPSConnection("localhost", port, timeout=5, context=ssl._create_unverified_context())
        trusting.request("GET", "/_sandbox/today")
        assert json.load(trusting.getresponse())["people"] == 5
    finally:
        server.stop()
