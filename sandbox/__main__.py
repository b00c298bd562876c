"""The command line: `python3 -m sandbox --help`."""

import argparse
import json
import signal
import sys
import threading
import urllib.error
import urllib.request
from datetime import date
from pathlib import Path
from typing import Any

from sandbox.company import Company
from sandbox.faults import KINDS
from sandbox.hibob_fields import catalog
from sandbox.hibob_record import APPEND, Shape, choose, encode, stream
from sandbox.server import Server
from sandbox.world import SERVICE_USER, TOKEN, World

URL = "http://127.0.0.1:9001"
SYNC_FIELDS = (  # what a first sync asks for
    "root.id root.email root.firstName root.surname root.displayName work.title work.department work.site work.siteId "
    "work.reportsTo work.startDate work.employeeIdInCompany internal.status internal.lifecycleStatus internal.terminationDate "
    "work.customColumns.column_1700000000002")


def serve(options: argparse.Namespace) -> int:
    """Serves until a signal ends it."""
    world = World(options.size, options.seed, options.date, not options.no_oddities, options.rate)
    try:
        server = Server(world, options.port, options.tls)
    except OSError as problem:
        print(f"sandbox: cannot listen on port {options.port}: {problem.strerror}; --port 0 takes any free one", file=sys.stderr)
        return 3
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=server.run, daemon=True).start()
    print(f"sandbox ready {server.url}/v1", flush=True)
    stop.wait()
    server.stop()
    return 0


def dump(options: argparse.Namespace) -> int:
    """Writes the people/search answer of a new company, without HTTP."""
    company = Company(options.size, options.seed, options.date, not options.no_oddities)
    fields = None if options.fields == "default" else options.fields.replace(",", " ").split()
    shape = Shape(company, *choose(catalog(), fields, lambda field: True), options.human)
    people = (p for p in company.people if p.active or not options.active_only)
    with sys.stdout.buffer if options.output == "-" else Path(options.output).open("wb") as out:
        for piece in stream(b'{"employees":[', (encode(shape.record(p)) for p in people), b"]}"):
            out.write(piece)
    return 0


def advance(options: argparse.Namespace) -> int:
    return _call(options.url, "POST", "advance", {"days": options.days})


def heal(options: argparse.Namespace) -> int:
    return _call(options.url, "DELETE", "fault")


def fault(options: argparse.Namespace) -> int:
    spec: dict[str, Any] = {"kind": options.kind}
    for pair in options.settings:
        key, _, value = pair.partition("=")
        spec[key] = _value(value)
    return _call(options.url, "POST", "fault", spec)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _call(url: str, method: str, path: str, body: dict[str, Any] | None = None) -> int:
    request = urllib.request.Request(f"{url.removesuffix('/v1')}/_sandbox/{path}", encode(body or {}), method=method)
    try:
        with urllib.request.urlopen(request) as reply:
            print(reply.read().decode())
        return 0
    except urllib.error.HTTPError as refusal:
        print(f"sandbox: {json.loads(refusal.read())['error']}", file=sys.stderr)
        return 2
    except OSError as problem:
        print(f"sandbox: {url} does not answer: {problem}. Is `python3 -m sandbox serve` running?", file=sys.stderr)
        return 3


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m sandbox", description="A company that does not exist, behind an imitation of HiBob.",
                                     epilog=f"Service user {SERVICE_USER}, token {TOKEN}. The manual is sandbox/README.md.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    company = argparse.ArgumentParser(add_help=False)
    company.add_argument("--size", type=int, default=1000, help="people, leavers and future starters included (1000)")
    company.add_argument("--seed", type=int, default=42, help="the same seed makes the same company (42)")
    company.add_argument("--date", type=_day, default=date.today().isoformat(), help="the first simulated day (today)")
    company.add_argument("--no-oddities", action="store_true", help="no circle, no missing e-mail, no spelling variants, …")
    remote = argparse.ArgumentParser(add_help=False)
    remote.add_argument("--url", default=URL, help=f"where the sandbox listens ({URL})")

    command = commands.add_parser("serve", parents=[company], help="serve the API until Ctrl-C")
    command.add_argument("--port", type=int, default=9001, help="0 is any free port (9001)")
    command.add_argument("--rate", type=int, default=50, help="people/search per minute, 0 is unlimited (50)")
    command.add_argument("--tls", action="store_true", help="HTTPS with a self-signed certificate")
    command.set_defaults(run=serve)
    command = commands.add_parser("advance", parents=[remote], help="let days pass")
    command.add_argument("days", type=int)
    command.set_defaults(run=advance)
    kinds = "\n".join(f"  {name:16} {kind.help}" + "".join(f"\n{'':19}{k}={json.dumps(v)}" for k, v in kind.defaults.items())
                      for name, kind in KINDS.items())
    command = commands.add_parser("fault", parents=[remote], help="switch a fault on", formatter_class=argparse.RawDescriptionHelpFormatter,
                                  epilog=f"every kind also takes times=N, path=PREFIX and skip=N\n\nkinds and their options:\n{kinds}")
    command.add_argument("kind", choices=KINDS, metavar="KIND")
    command.add_argument("settings", nargs="*", metavar="key=value")
    command.set_defaults(run=fault)
    command = commands.add_parser("heal", parents=[remote], help="switch all faults off")
    command.set_defaults(run=heal)
    command = commands.add_parser("dump", parents=[company], help="write a people/search answer to a file")
    command.add_argument("-o", "--output", default="-", help="file, - is standard output (-)")
    command.add_argument("--fields", default=SYNC_FIELDS, help="field ids, comma between them; `default` asks for none (those of a sync)")
    command.add_argument("--human", default=APPEND, choices=("", APPEND, "REPLACE"), help="humanReadable (APPEND)")
    command.add_argument("--active-only", action="store_true", help="as without showInactive")
    command.set_defaults(run=dump)
    return parser


if __name__ == "__main__":
    chosen = _parser().parse_args()
    sys.exit(chosen.run(chosen))
