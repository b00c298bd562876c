"""The HTTP server: one port for the imitated API and for its control, a thread per connection."""

import json
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sandbox import control, hibob, wire
from sandbox.faults import Fault
from sandbox.world import Request, World

HOST = "127.0.0.1"


class Handler(BaseHTTPRequestHandler):
    """Reads a request, has it answered, writes it down."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "sandbox", ""
    disable_nagle_algorithm = True
    server: "Server"

    def handle_any(self) -> None:
        world = self.server.world
        request = self._read()
        if request.path.startswith(control.PREFIX):
            wire.send(self, control.answer(world, request), {})
            self.server.refuse_if_wanted()
            return
        faults = world.faults.take(request.path)
        entry = _log_entry(request, list(faults))
        world.log.append(entry)
        if "hang" in faults:
            wire.hang(self, faults["hang"])
            return
        self._answer(request, faults, entry)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def _answer(self, request: Request, faults: dict[str, Fault], entry: dict[str, Any]) -> None:
        reply = hibob.answer(self.server.world, request, faults)
        entry["status"] = reply.status
        wire.send(self, reply, faults)

    def _read(self) -> Request:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = self._read_chunks()
        return Request(self.command, url.path, dict(parse_qsl(url.query)), self.headers, body, self.client_address[0])

    def _read_chunks(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def log_message(self, *_: Any) -> None:
        """The log is kept in memory; see GET /_sandbox/requests."""


def _log_entry(request: Request, faults: list[str]) -> dict[str, Any]:
    headers = {name: value for name, value in request.headers.items() if name.lower() != "authorization"}
    try:
        body = json.loads(request.body) if request.body else None
    except ValueError:
        body = request.body.decode(errors="replace")
    return {"method": request.method, "path": request.path, "query": request.query, "body": body, "headers": headers,
            "authorized": hibob.known(request.headers.get("Authorization", "")), "status": None, "faults": faults}


class Server(ThreadingHTTPServer):
    """Listens on the loopback address; can stop listening for a while."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world: World, port: int, tls: bool = False) -> None:
        super().__init__((HOST, port), Handler)
        self.world, self.tls = world, _tls_context() if tls else None
        self._refuse_for = 0.0
        self._stopping = threading.Event()
        self._open: set[socket.socket] = set()
        world.on_refuse = self._plan_refusal

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{HOST}:{self.server_address[1]}"

    def run(self) -> None:
        """Serves until stop(); between two spells of listening it may refuse connections for a while."""
        while not self._stopping.is_set():
            self.serve_forever(poll_interval=0.05)
            if not self._stopping.is_set():
                self._refuse()
        self.server_close()

    def stop(self) -> None:
        self._stopping.set()
        self.shutdown()

    def finish_request(self, request: socket.socket, client_address: Any) -> None:
        if self.tls:
            request = self.tls.wrap_socket(request, server_side=True)
        self._open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            self._open.discard(request)
            self.shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news; anything else is a bug and is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def _plan_refusal(self, seconds: float) -> None:
        self._refuse_for = seconds

    def refuse_if_wanted(self) -> None:
        if self._refuse_for:
            threading.Thread(target=self.shutdown, daemon=True).start()

    def _refuse(self) -> None:
        self.socket.close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._stopping.wait(self._refuse_for)
        self._refuse_for = 0.0
        self.socket = socket.socket(self.address_family, self.socket_type)
        self.server_bind()
        self.server_activate()


def _tls_context() -> ssl.SSLContext:
    """A certificate that nobody has reason to trust, made by the openssl program."""
    folder = tempfile.mkdtemp(prefix="sandbox-tls-")
    try:
        key, certificate = Path(folder, "key.pem"), Path(folder, "certificate.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context
    finally:
        shutil.rmtree(folder)
