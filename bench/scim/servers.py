"""The servers that are measured: ours, the ceiling, and the peers, each started on a port of its own.

A peer that cannot be installed here (no Go, no network, …) is left out, with a word about it.
"""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / os.environ.get("BUILD", "build")
MUSTER = BUILD / "release" / "muster"
PROGRAMS = BUILD / "bench"
SCRATCH = Path(os.environ.get("TMPDIR", "/tmp")) / "muster-bench"
TICKS = os.sysconf("SC_CLK_TCK")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that answers SCIM below `base`, with `token`. What is loaded into it is known to load.py's Loaded."""

    name = "server"
    base = "/scim/v2"
    token = "bench-token"
    durable = False
    ready_within = 20.0

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = free_port()
        self.folder = SCRATCH / "run" / name
        self.process: subprocess.Popen | None = None
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def command(self) -> list:
        raise NotImplementedError(self.name)

    def environment(self) -> dict[str, str]:
        return {}

    def start(self) -> None:
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([str(word) for word in self.command()], stdout=log, stderr=log,
                                            env={**os.environ, **self.environment()}, start_new_session=True)
        end = time.monotonic() + self.ready_within
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{self.name} does not start; see {self.folder / 'log'}") from None
                time.sleep(0.05)

    def stop(self) -> None:
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(20)
        except ProcessLookupError:
            pass
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def pids(self) -> list[int]:
        """The process and its children: gunicorn works in one."""
        found, at = [self.process.pid], 0
        while at < len(found):
            children = Path(f"/proc/{found[at]}/task/{found[at]}/children").read_text().split()
            found += map(int, children)
            at += 1
        return found

    def memory_kb(self, field: str = "VmRSS") -> int:
        lines = (line for pid in self.pids() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return sum(int(line.split()[1]) for line in lines if line.startswith(field + ":"))

    def cpu_seconds(self) -> float:
        ticks = 0
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS


class Ceiling(Server):
    def __init__(self) -> None:
        super().__init__("ceiling")

    def command(self) -> list:
        return [PROGRAMS / "ceiling", self.port]


class Ours(Server):
    """`muster serve` on a SQLite store; `slow`: every fsync takes 5 ms longer."""

    durable = True

    def __init__(self, name: str, slow: bool = False) -> None:
        super().__init__(name)
        self.store, self.slow = self.folder / "muster.db", slow

    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(PROGRAMS / "slow_sync.so")} if self.slow else {}

    def command(self) -> list:
        return [MUSTER, "--store", self.store, "serve", "--listen", f"127.0.0.1:{self.port}"]

    def muster(self, *words: str, allowed: tuple[int, ...] = (0,), **more) -> str:
        ended = subprocess.run([MUSTER, "--store", self.store, *words], text=True, stderr=subprocess.PIPE,
                               **{"stdout": subprocess.PIPE, **more})
        if ended.returncode not in allowed:
            raise RuntimeError(f"muster {' '.join(words)}: status {ended.returncode}\n{ended.stdout or ''}{ended.stderr}")
        return ended.stdout or ""

    def init(self) -> None:
        self.muster("init")
        said = self.muster("token", "add", "scim", "--name", "bench").split()
        self.token = next(word for word in said if word.startswith("muster_scim_"))

    def copy_to(self, other: "Ours") -> None:
        """The store as it is now, in one file, and its key; its tokens are good there too."""
        with closing(sqlite3.connect(self.store)) as db:
            db.execute("VACUUM INTO ?", (str(other.store),))
        with closing(sqlite3.connect(other.store)) as db:
            db.execute("PRAGMA journal_mode = WAL")     # which a copy made so is not
        os.chmod(other.store, 0o600)
        shutil.copy(f"{self.store}.key", f"{other.store}.key")
        other.token = self.token


# ---- peers ----


def run_in(folder: Path, *command) -> None:
    ended = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True)
    if ended.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {(ended.stderr or ended.stdout).strip()[-400:]}")


def need(*programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            raise RuntimeError(f"there is no {program}; `tools/deps.sh bench` installs it")


class Peer(Server):
    """Somebody else's server. install() fills SCRATCH once; what is there already is used again."""

    def database(self) -> list:
        return [self.folder / "peer.db"] if self.durable else []

    def install(self) -> None:
        raise NotImplementedError(self.name)


class Elimity(Peer):
    """github.com/elimity-com/scim, Go; @latest is not what its tags say, so the version is pinned."""

    home = SCRATCH / "elimity"

    def install(self) -> None:
        need("go")
        self.home.mkdir(parents=True, exist_ok=True)
        if (self.home / "elimity").exists():
            return
        shutil.copy(HERE / "peers" / "elimity.go", self.home / "main.go")
        (self.home / "go.mod").write_text("module bench\n\ngo 1.21\n")
        run_in(self.home, "go", "get", "github.com/elimity-com/scim@v0.0.0-20240320110924-172bf2aee9c8",
               "github.com/mattn/go-sqlite3@v1.14.52")
        run_in(self.home, "go", "mod", "tidy")
        run_in(self.home, "go", "build", "-o", "elimity", ".")

    def command(self) -> list:
        return [self.home / "elimity", self.port, self.token, *self.database()]


class Scimmy(Peer):
    """scimmy-routers, Node."""

    home = SCRATCH / "scimmy"

    def install(self) -> None:
        need("node", "npm")
        self.home.mkdir(parents=True, exist_ok=True)
        if not (self.home / "node_modules" / "better-sqlite3").exists():
            (self.home / "package.json").write_text('{"private": true}\n')
            run_in(self.home, "npm", "install", "scimmy@1.3.5", "scimmy-routers@1.3.2", "express@4", "better-sqlite3@12.11.1")

    def environment(self) -> dict[str, str]:
        return {"NODE_ENV": "production", "PEER_MODULES": str(self.home / "package.json")}

    def command(self) -> list:
        return ["node", HERE / "peers" / "scimmy.mjs", self.port, self.token, *self.database()]


class Scim2Server(Peer):
    """scim2-server, Python, behind gunicorn."""

    home = SCRATCH / "scim2-server"
    base = "/v2"

    def install(self) -> None:
        if not (self.home / "bin" / "gunicorn").exists():
            run_in(HERE, sys.executable, "-m", "venv", self.home)
            run_in(HERE, self.home / "bin" / "pip", "install", "-q", "scim2-server==0.8.3", "gunicorn")

    def environment(self) -> dict[str, str]:
        return {"TOKEN": self.token, "PYTHONDONTWRITEBYTECODE": "1"}

    def command(self) -> list:
        return [self.home / "bin" / "gunicorn", "-w1", "-k", "gthread", "--threads", "16", "--keep-alive", "600",
                "-b", f"127.0.0.1:{self.port}", "--chdir", HERE / "peers", "scim2_wsgi:app"]


class ScimSdk(Peer):
    """SCIM-SDK, Java."""

    home = SCRATCH / "scimsdk"

    def install(self) -> None:
        need("mvn", "javac")
        self.home.mkdir(parents=True, exist_ok=True)
        if not (self.home / "ScimSdkPeer.class").exists():
            shutil.copy(HERE / "peers" / "pom.xml", self.home)
            run_in(self.home, "mvn", "-q", "dependency:copy-dependencies", "-DoutputDirectory=lib")
            run_in(self.home, "javac", "-cp", "lib/*", "-d", ".", HERE / "peers" / "ScimSdkPeer.java")

    def command(self) -> list:
        return ["java", "-Dsun.net.httpserver.nodelay=true", "-Xmx512m", "-cp", f"{self.home}/lib/*:{self.home}",
                "ScimSdkPeer", self.port, self.token]


class ScimServerCrate(Peer):
    """scim-server, Rust, behind axum: two minutes to build, so only with RUST=1."""

    home = SCRATCH / "scim-server-crate"

    def install(self) -> None:
        need("cargo")
        shutil.copytree(HERE / "peers" / "rust", self.home, dirs_exist_ok=True)
        if not (self.home / "target" / "release" / "scimrs").exists():
            run_in(self.home, "cargo", "build", "--release", "-q")

    def command(self) -> list:
        return [self.home / "target" / "release" / "scimrs", self.port, self.token]


PEERS: dict[str, type[Peer]] = {
    "elimity-mem": Elimity, "elimity-sqlite": Elimity, "scimmy-mem": Scimmy, "scimmy-sqlite": Scimmy,
    "scim2-server-mem": Scim2Server, "scimsdk-mem": ScimSdk, "scim-server-crate-mem": ScimServerCrate,
}


def peers(names: list[str]) -> tuple[list[Peer], list[str]]:
    """Installed and started peers, and why others are left out."""
    there, why_not = [], []
    for name in names:
        peer = PEERS[name](name)
        peer.durable = name.endswith("-sqlite")
        try:
            say(f"{name}: installing and starting")
            peer.install()
            peer.start()
            there.append(peer)
        except (RuntimeError, OSError) as error:
            why_not.append(f"{name}: {error}")
            say(f"left out: {why_not[-1]}")
    return there, why_not
