"""An answer on its way to the client, and everything that can happen to it there."""

import select
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler
from typing import Iterator

from sandbox.faults import Fault
from sandbox.world import Answer

LINGER_ZERO = struct.pack("ii", 1, 0)  # close() then sends a reset instead of an end


def send(handler: BaseHTTPRequestHandler, answer: Answer, faults: dict[str, Fault]) -> None:
    """Sends the answer as the faults on the wire will have it."""
    cut, slow, reset = faults.get("cut"), faults.get("slow"), faults.get("reset")
    mode = cut.options["mode"] if cut else "chunked" if reset else None
    body = answer.body
    length = len(body) if isinstance(body, bytes) else None
    pieces: Iterator[bytes] = iter((body,)) if isinstance(body, bytes) else body
    if cut and (mode == "length" or cut.options["after"] is None):
        whole = b"".join(pieces)
        length, pieces = len(whole), iter((whole,))
    if cut or reset:
        after = (cut or reset).options["after"]
        pieces = _first(pieces, length // 2 if after is None else after)
    if slow:
        pieces = _drip(pieces, slow)
    framing = {None: "length" if length is not None else "chunked", "clean": "chunked"}.get(mode, mode)
    if framing == "chunked" and handler.request_version == "HTTP/1.0":
        framing, handler.close_connection = "close", True
    _send_head(handler, answer, framing, length, faults)
    for piece in filter(None, pieces):
        handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if framing == "chunked" else piece)
    if framing == "chunked" and mode in (None, "clean"):
        handler.wfile.write(b"0\r\n\r\n")
    elif mode:
        handler.close_connection = True
    if reset:
        _reset(handler)


def _send_head(handler: BaseHTTPRequestHandler, answer: Answer, framing: str, length: int | None, faults: dict[str, Fault]) -> None:
    handler.send_response(answer.status)
    wrong = faults.get("content_type")
    handler.send_header("Content-Type", wrong.options["value"] if wrong else answer.type)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if framing == "chunked":
        handler.send_header("Transfer-Encoding", "chunked")
    elif framing == "length":
        handler.send_header("Content-Length", str(length))
    if framing == "close" or handler.close_connection:
        handler.send_header("Connection", "close")
    handler.end_headers()


def hang(handler: BaseHTTPRequestHandler, fault: Fault) -> None:
    """Waits without a word until the fault is healed, its time is over or the client has gone."""
    handler.close_connection = True
    deadline = time.monotonic() + (fault.options["seconds"] or 3600)
    while time.monotonic() < deadline and not fault.healed.wait(0.05):
        readable, _, _ = select.select([handler.connection], [], [], 0)
        if readable and not _still_there(handler.connection):
            return


def _still_there(connection: socket.socket) -> bool:
    try:
        return bool(socket.socket.recv(connection, 1, socket.MSG_PEEK))
    except OSError:
        return False


def _first(pieces: Iterator[bytes], count: int) -> Iterator[bytes]:
    """The first `count` bytes."""
    for piece in pieces:
        if count <= 0:
            return
        yield piece[:count]
        count -= len(piece)


def _drip(pieces: Iterator[bytes], slow: Fault) -> Iterator[bytes]:
    """The same bytes, a tenth of a second's worth at a time."""
    slow.healed.wait(slow.options["delay"])
    step = max(1, slow.options["bytes_per_second"] // 10)
    for piece in pieces:
        for start in range(0, len(piece), step):
            slow.healed.wait(0.1)
            yield piece[start:start + step]


def _reset(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.05)  # what was sent should arrive first
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    handler.rfile.close()
    handler.connection.close()
