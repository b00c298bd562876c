"""What every whole-program test needs: `muster` on both engines, `bob` (a company behind HiBob), `source`.

The program under test is build/asan/muster; a sanitizer report in it fails the test that ran it.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Iterator

import pytest

from scim import Scim, given_server

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / os.environ.get("BUILD", "build") / "asan" / "muster"
TODAY = "2026-11-02"  # the sandbox's first day, and the program's clock unless a test moves it
SANITIZER = re.compile(r"(Address|Leak|UndefinedBehavior)Sanitizer|runtime error:")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@dataclass
class Reply:
    """An HTTP answer, whatever its status."""

    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


def http(method: str, url: str, body: Any = None, timeout: float = 30) -> Reply:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return Reply(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refusal:
        return Reply(refusal.code, refusal.headers, refusal.read())


def until_answers(url: str, process: subprocess.Popen, seconds: float = 30) -> Reply:
    """Asks until the answer is 200; a process that ended meanwhile is a failure at once."""
    deadline, last = time.monotonic() + seconds, "no answer"
    while time.monotonic() < deadline:
        assert process.poll() is None, f"ended with status {process.returncode} instead of serving {url}"
        try:
            reply = http("GET", url, timeout=5)
            if reply.status == 200:
                return reply
            last = f"{reply.status} {reply.text}"
        except OSError as problem:
            last = str(problem)
        time.sleep(0.02)
    raise AssertionError(f"{url} is not ready after {seconds} s: {last}")


# --- the program ---------------------------------------------------------------------------------


@dataclass
class Result:
    """How one command ended."""

    args: tuple[str, ...]
    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one object of --json."""
        return json.loads(self.out)

    def rows(self) -> list[Any]:
        """The lines of --json lists."""
        return [json.loads(line) for line in self.out.splitlines()]

    def __str__(self) -> str:
        return f"muster {' '.join(self.args)}\nstatus {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


@dataclass
class Muster:
    """The program with a store of its own."""

    engine: str
    store: str
    folder: Path
    now: str | None = f"{TODAY}T12:00:00Z"  # MUSTER_NOW; None: the real clock
    env: dict[str, str] = field(default_factory=dict)
    running: list[subprocess.Popen] = field(default_factory=list)

    def environment(self, more: dict[str, str] | None = None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
        own = {"MUSTER_STORE": self.store, "MUSTER_KEY_FILE": str(self.folder / "muster.key"), "MUSTER_ALLOW_PRIVATE": "1"}
        if self.now:
            own["MUSTER_NOW"] = self.now
        return {**kept, **own, **self.env, **(more or {})}

    def __call__(self, *args: Any, expect: int | tuple[int, ...] | None = 0, stdin: str = "",
                 env: dict[str, str] | None = None, timeout: float = 120) -> Result:
        """Runs one command to its end. `expect`: the exit status, several, or None for any."""
        words = tuple(str(arg) for arg in args)
        ended = subprocess.run([PROGRAM, *words], input=stdin, capture_output=True, text=True, errors="replace",
                               cwd=self.folder, env=self.environment(env), timeout=timeout)
        result = Result(words, ended.returncode, ended.stdout, ended.stderr)
        assert not SANITIZER.search(result.err), str(result)
        if expect is not None:
            assert result.code in (expect if isinstance(expect, tuple) else (expect,)), f"expected {expect}\n{result}"
        return result

    def start(self, *args: Any, env: dict[str, str] | None = None) -> subprocess.Popen:
        """Starts a command and leaves it running; whatever is left is ended with the test."""
        log = (self.folder / f"process-{len(self.running)}.log").open("w")
        process = subprocess.Popen([PROGRAM, *(str(arg) for arg in args)], cwd=self.folder, env=self.environment(env),
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        log.close()
        process.log = Path(log.name)
        self.running.append(process)
        return process

    @contextmanager
    def serve(self, *args: Any, env: dict[str, str] | None = None) -> Iterator[str]:
        """`muster serve` on a free port, ready; stopped gracefully at the end. Gives its address."""
        port = free_port()
        process = self.start("serve", "--listen", f"127.0.0.1:{port}", *args, env=env)
        try:
            until_answers(f"http://127.0.0.1:{port}/readyz", process)
            yield f"http://127.0.0.1:{port}"
            process.terminate()
            assert process.wait(20) == 0, process.log.read_text()
            assert not SANITIZER.search(process.log.read_text()), process.log.read_text()
        except BaseException:
            print(process.log.read_text())
            raise

    def stop(self) -> None:
        for process in self.running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@contextmanager
def fresh_store(engine: str, folder: Path) -> Iterator[str]:
    """A store that nobody has used: a new file, or a new database of $MUSTER_TEST_PG."""
    if engine == "sqlite":
        yield str(folder / "muster.db")
        return
    server = os.environ.get("MUSTER_TEST_PG")
    if not server:
        pytest.fail("MUSTER_TEST_PG names no PostgreSQL; `make test` brings one up, or: tools/postgres.sh start")
    name = f"e2e_{uuid.uuid4().hex[:16]}"
    psql(server, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield re.sub(r"^(\w+://[^/?]*)(/[^?]*)?", rf"\1/{name}", server)
    finally:
        psql(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def psql(url: str, statement: str) -> str:
    ended = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture
def muster(engine: str, tmp_path: Path) -> Iterator[Muster]:
    """The program with a fresh, initialised store; every test runs once per engine."""
    with fresh_store(engine, tmp_path) as store:
        program = Muster(engine, store, tmp_path)
        try:
            program("init")
            yield program
        finally:
            program.stop()


# --- the company ---------------------------------------------------------------------------------


class Bob:
    """A company behind HiBob's API, and the hand from above that moves it."""

    service_user, token = "SERVICE-1000", "sandbox-token"

    def __init__(self, url: str) -> None:
        self.url = url  # the API's base, as `--set url=` takes it
        self.origin = url.removesuffix("/v1")

    def control(self, method: str, path: str, body: Any = None) -> Any:
        reply = http(method, f"{self.origin}/_sandbox/{path}", body)
        assert reply.status < 300, f"{method} {path}: {reply.status} {reply.text}"
        return reply.json()

    def reset(self, size: int = 60, seed: int = 42, date: str = TODAY, oddities: bool = False) -> None:
        """Another company: everything said and done before is forgotten."""
        self.control("POST", "reset", {"size": size, "seed": seed, "date": date, "oddities": oddities})
        self.control("POST", "rate", {"limit": 0})

    def advance(self, days: int = 1) -> str:
        return self.control("POST", "advance", {"days": days})["today"]

    def today(self) -> str:
        return self.control("GET", "today")["today"]

    def people(self) -> dict[str, dict[str, Any]]:
        """Everybody as they are, permissions apart: record id → field id → value."""
        return {person["root.id"]: person for person in self.control("GET", "people")["people"]}

    def person(self, email: str) -> dict[str, Any]:
        return next(p for p in self.people().values() if (p["root.email"] or "").lower() == email.lower())

    def active(self) -> list[dict[str, Any]]:
        """Those HR calls active, with an e-mail, the longest-serving record first."""
        return [p for p in self.people().values() if p["internal.status"] == "Active" and p["root.email"]]

    def edit(self, id: str, fields: dict[str, Any]) -> dict[str, Any]:
        """edit(id, {"work.title": "…"})"""
        return self.control("POST", f"person/{id}", fields)

    def add(self, fields: dict[str, Any]) -> dict[str, Any]:
        return self.control("POST", "person", fields)

    def delete(self, id: str) -> None:
        self.control("DELETE", f"person/{id}")

    def rename_list_entry(self, list_name: str, id: str, name: str) -> None:
        self.control("POST", f"lists/{list_name}/{id}", {"name": name})

    def permission(self, **rights: Any) -> None:
        """hidden_fields=[…], hidden_categories=[…], employed_only=True"""
        self.control("POST", "permission", rights)

    def fault(self, kind: str, **options: Any) -> None:
        self.control("POST", "fault", {"kind": kind, **options})

    def heal(self) -> None:
        self.control("DELETE", "fault")

    def requests(self, path: str = "") -> list[dict[str, Any]]:
        """What was asked since the last reset or forget(), oldest first; only of this path if given."""
        return [asked for asked in self.control("GET", "requests")["requests"] if path in asked["path"]]

    def forget(self) -> None:
        self.control("DELETE", "requests")


@contextmanager
def running_sandbox(*args: str) -> Iterator[Bob]:
    """A sandbox process of its own; `args` go to `sandbox serve` (--tls …)."""
    command = [sys.executable, "-m", "sandbox", "serve", "--port", "0", "--size", "60", "--date", TODAY, "--rate", "0", *args]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            ready = re.match(r"sandbox ready (\S+)", process.stdout.readline())
            assert ready, "the sandbox did not start"
            yield Bob(ready[1])
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Bob]:
    with running_sandbox() as bob:
        yield bob


@pytest.fixture
def bob(sandbox: Bob, request: pytest.FixtureRequest) -> Bob:
    """A company as new; @pytest.mark.company(size=300, seed=7, oddities=True) makes another one."""
    marker = request.node.get_closest_marker("company")
    sandbox.heal()
    sandbox.reset(**(marker.kwargs if marker else {}))
    sandbox.forget()
    return sandbox


@pytest.fixture
def source(muster: Muster, bob: Bob) -> str:
    """The name of a hibob source that points at bob."""
    muster("source", "add", "hibob", "--set", f"url={bob.url}", "--set", f"service_user={bob.service_user}",
           "--secret-file", "-", stdin=bob.token)
    return "hibob"


# --- SCIM ----------------------------------------------------------------------------------------


SCIM_KINDS = ["given"] if given_server() else ["sqlite-people", "postgresql-empty"]


@contextmanager
def scim_program(kind: str, folder: Path) -> Iterator[Muster]:
    """The program by the real clock, not yet serving: beside 1,000 people of HiBob, or with nobody."""
    with ExitStack() as until:
        program = Muster(kind.split("-")[0], until.enter_context(fresh_store(kind.split("-")[0], folder)), folder, now=None)
        until.callback(program.stop)
        program("init")
        if kind.endswith("people"):
            with running_sandbox("--size", "1000", "--date", date.today().isoformat()) as company:
                program("source", "add", "hibob", "--set", f"url={company.url}", "--set", f"service_user={company.service_user}",
                        "--secret-file", "-", stdin=company.token)
                program("sync", "hibob", expect=(0, 1))
        yield program


@pytest.fixture(scope="module", params=SCIM_KINDS)
def scim(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scim]:
    """A SCIM server of the file's own, once per kind; tests share it, and make their own users with `unique` names."""
    if request.param == "given":
        yield given_server()
        return
    with scim_program(request.param, tmp_path_factory.mktemp("scim")) as program:
        token = program("token", "add", "scim", "--name", "test").out.strip()
        with program.serve() as url:
            yield Scim(f"{url}/scim/v2", token, program)


@pytest.fixture
def muster_of(scim: Scim) -> Muster:
    """The program behind `scim`, for what only its commands can do."""
    if scim.muster is None:
        pytest.skip("somebody else's server")
    return scim.muster


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "company(size, seed, date, oddities): the company that bob starts with")
