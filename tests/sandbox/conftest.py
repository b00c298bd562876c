"""A running sandbox for the tests of the sandbox, and a client that is as plain as can be."""

import base64
import http.client
import json
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sandbox.server import Server  # noqa: E402
from sandbox.world import SERVICE_USER, TOKEN, World  # noqa: E402

TODAY = "2026-11-02"


@dataclass
class Reply:
    """An HTTP answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """Talks to one sandbox."""

    server: Server

    def call(self, method: str, path: str, body: Any = None, token: str = TOKEN, headers: dict | None = None) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_address[1], timeout=5)
        secret = base64.b64encode(f"{SERVICE_USER}:{token}".encode()).decode()
        sent = {"Authorization": f"Basic {secret}", "Accept": "application/json"} | (headers or {})
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, sent)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **more: Any) -> Reply:
        return self.call("GET", f"/v1{path}", **more)

    def search(self, *fields: str, **body: Any) -> Reply:
        wanted = {"fields": list(fields)} if fields else {}
        return self.call("POST", "/v1/people/search", {**wanted, **body})

    def people(self, *fields: str, **body: Any) -> list[dict[str, Any]]:
        return self.search(*fields, **{"showInactive": True, **body}).json["employees"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        reply = self.call(method, f"/_sandbox/{path}", body)
        assert reply.status < 300, reply.body
        return reply.json

    def fault(self, kind: str, **options: Any) -> None:
        self.control("POST", "fault", {"kind": kind, **options})

    def truth(self) -> dict[str, dict[str, Any]]:
        return {p["root.id"]: p for p in self.control("GET", "people")["people"]}


@pytest.fixture(scope="session")
def server():
    running = Server(World(120, 42, TODAY, True, 0), 0)
    threading.Thread(target=running.run, daemon=True).start()
    yield running
    running.stop()


@pytest.fixture
def bob(server: Server) -> Client:
    """A client of a sandbox as new."""
    client = Client(server)
    server.world.rate.limit = 0
    client.control("POST", "reset", {"size": 120, "seed": 42, "date": TODAY, "oddities": True})
    return client
