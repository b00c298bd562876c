"""A SCIM server to be tried: `place` (a store of two kinds), `scim` (one node that serves it, and a client).

The kinds: SQLite with a thousand people of HiBob's in it, and PostgreSQL with nobody. A test module takes
the fixtures by importing `place`, `scim` and `thousand`.
"""

import http.client
import json
import os
import re
import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from conftest import SANITIZER, Muster, Reply, free_port, fresh_store, running_sandbox, until_answers

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
# Freed memory is given back at once, so that what a server holds can be measured under a sanitizer.
FRUGAL = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "exitcode=86") + ":quarantine_size_mb=4:malloc_context_size=5"}


class Client:
    """One caller with one connection at a time; not to be shared between threads (`another()` makes more)."""

    def __init__(self, origin: str, token: str, timeout: float = 60) -> None:
        self.origin, self.token, self.timeout = origin, token, timeout
        self.host = origin.removeprefix("http://")
        self.connection: http.client.HTTPConnection | None = None

    def another(self, token: str = "") -> "Client":
        return Client(self.origin, token or self.token, self.timeout)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Asks below /scim/v2; `body` is JSON unless it is bytes. Header names: If_Match for If-Match."""
        sent = {"Authorization": f"Bearer {self.token}", **{name.replace("_", "-"): text for name, text in headers.items()}}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/scim+json")
        return self.send(method, f"/scim/v2{path}", data, sent)

    def send(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> Reply:
        fresh = self.connection is None
        if fresh:
            self.connection = http.client.HTTPConnection(self.host, timeout=self.timeout)
        try:
            self.connection.request(method, path, data, headers)
            answer = self.connection.getresponse()
            reply = Reply(answer.status, answer.headers, answer.read())
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()
            if fresh:
                raise
            return self.send(method, path, data, headers)  # the server had closed a connection that was idle
        except BaseException:
            self.close()
            raise
        if answer.will_close:
            self.close()
        return reply

    def close(self) -> None:
        if self.connection:
            self.connection.close()
            self.connection = None

    def ok(self, method: str, path: str, body: Any = None, expect: int | tuple[int, ...] = (200, 201, 204), **headers: str) -> Any:
        """The JSON of an answer that must be one of these."""
        reply = self(method, path, body, **headers)
        wanted = expect if isinstance(expect, tuple) else (expect,)
        assert reply.status in wanted, f"{method} {path}: {reply.status} {reply.text[:500]}"
        return reply.json() if reply.body else None

    def add_user(self, name: str, **more: Any) -> dict[str, Any]:
        return self.ok("POST", "/Users", user(name, **more), expect=201)

    def add_group(self, name: str, *members: str) -> dict[str, Any]:
        return self.ok("POST", "/Groups", group(name, *members), expect=201)

    def find(self, name: str) -> list[dict[str, Any]]:
        return self.ok("GET", f"/Users?filter=userName%20eq%20%22{name}%22").get("Resources", [])

    def members(self, id: str) -> set[str]:
        return {member["value"] for member in self.ok("GET", f"/Groups/{id}").get("members", [])}


def user(name: str, **more: Any) -> dict[str, Any]:
    return {"schemas": [USER], "userName": name, **more}


def group(name: str, *members: str) -> dict[str, Any]:
    return {"schemas": [GROUP], "displayName": name, "members": [{"value": id} for id in members]}


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


def refused(reply: Reply, status: int, kind: str | None = None) -> None:
    """The answer is a SCIM error of this status (and scimType)."""
    assert reply.status == status, f"{reply.status} {reply.text[:500]}"
    error = reply.json()
    assert error["schemas"] == [ERROR] and error["status"] == str(status) and error["detail"], error
    assert kind is None or error.get("scimType") == kind, error


# --- the server ----------------------------------------------------------------------------------


@dataclass
class Node:
    """A running `muster serve`."""

    muster: Muster
    process: Any
    origin: str

    def memory(self) -> int:
        """What it holds, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        code = self.process.wait(60)
        said = self.process.log.read_text()
        assert code == 0 and not SANITIZER.search(said), f"ended with status {code}\n{said[-8000:]}"


def start(muster: Muster, *args: str) -> Node:
    origin = f"127.0.0.1:{free_port()}"
    process = muster.start("serve", "--listen", origin, *args, env=FRUGAL)
    node = Node(muster, process, f"http://{origin}")
    try:
        until_answers(f"{node.origin}/readyz", process)
    except BaseException:
        print(process.log.read_text())
        raise
    return node


def new_token(muster: Muster, name: str = "test") -> str:
    return muster("token", "add", "scim", "--name", name).out.strip()


@dataclass
class Scim:
    """A place, a node that serves it, and a client of that node."""

    muster: Muster
    node: Node
    client: Client
    kind: str
    nodes: list[Node] = field(default_factory=list)

    def one_more_node(self) -> Client:
        """Another process on the same store (PostgreSQL), and a client of it."""
        node = start(self.muster)
        self.nodes.append(node)
        return Client(node.origin, self.client.token)


@pytest.fixture(scope="session")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an SQLite store that holds a thousand people."""
    folder = tmp_path_factory.mktemp("thousand")
    program = Muster("sqlite", str(folder / "muster.db"), folder)
    with running_sandbox() as bob:
        bob.reset(size=1000)
        program("init")
        program("source", "add", "hibob", "--set", f"url={bob.url}", "--set", f"service_user={bob.service_user}",
                "--secret-file", "-", stdin=bob.token)
        assert program("sync", "hibob", "--yes", "--json", expect=(0, 1)).json()["created"] > 800
    return folder


@pytest.fixture(params=["sqlite with 1,000 people", "postgresql, empty"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Muster]:
    """The program with a store of one of the two kinds."""
    engine = request.param.split()[0].rstrip(",")
    with fresh_store(engine, tmp_path) as store:
        program = Muster(engine, store, tmp_path, now=None)
        try:
            if engine == "sqlite":
                copy(request.getfixturevalue("thousand"), tmp_path)
            else:
                program("init")
            yield program
        finally:
            program.stop()


def copy(folder: Path, to: Path) -> None:
    """A store with its key, and what is not yet in the main file."""
    for file in folder.glob("muster.*"):
        shutil.copy(file, to / file.name)


@pytest.fixture
def scim(place: Muster) -> Iterator[Scim]:
    """Ready to be asked; ended gracefully, and without a word of a sanitizer."""
    token = new_token(place)
    node = start(place)
    served = Scim(place, node, Client(node.origin, token), place.engine, [node])
    try:
        yield served
        for each in served.nodes:
            if each.process.poll() is None:
                each.stop()
    except BaseException:
        for each in served.nodes:
            print(each.process.log.read_text()[-8000:])
        raise


# --- many at once --------------------------------------------------------------------------------


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    """Does them all at the same moment, each in a thread of its own; their results in order."""
    gate = threading.Barrier(len(jobs))

    def wait_and(job: Callable[[], Any]) -> Any:
        gate.wait(60)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(wait_and, jobs))


def p99(times: list[float]) -> float:
    return sorted(times)[max(0, int(len(times) * 0.99) - 1)]


@contextmanager
def watched(client: Client, path: str, pause: float = 0.005) -> Iterator[list[float]]:
    """Somebody else asks for `path` all the while; the list fills with how long each answer took."""
    times: list[float] = []
    trouble: list[BaseException] = []
    over = threading.Event()
    mine = client.another()

    def ask() -> None:
        try:
            while not over.is_set():
                begun = time.perf_counter()
                reply = mine("GET", path)
                times.append(time.perf_counter() - begun)
                assert reply.status == 200, f"{path}: {reply.status} {reply.text[:300]}"
                over.wait(pause)
        except BaseException as problem:  # told to the test below
            trouble.append(problem)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield times
    finally:
        over.set()
        thread.join(90)
        mine.close()
    if trouble:
        raise AssertionError(f"the other client was not served: {trouble[0]!r}") from trouble[0]
    assert times, "the other client was never answered"
