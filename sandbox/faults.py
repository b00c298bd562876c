"""Faults that can be switched on: which there are, and which are on.

What a fault does is done where it belongs: bend.py spoils data, wire.py spoils the transport.
"""

import threading
from dataclasses import dataclass
from typing import Any

SEARCH = "/v1/people/search"


@dataclass(slots=True, frozen=True)
class Kind:
    """A fault there is; `defaults` are its options."""

    help: str
    defaults: dict[str, Any]
    path: str = "/v1/"


def _data(help: str, **defaults: Any) -> Kind:
    return Kind(help, defaults, SEARCH)


KINDS = {
    "status": Kind("answers with an error status; retry_after and reset_in (seconds) add the headers",
                   {"status": 500, "retry_after": None, "reset_in": None}),
    "html": Kind("answers 200 with the HTML of a login page", {}),
    "hang": Kind("takes the request and never answers (until healed, or `seconds`)", {"seconds": None}),
    "refuse": Kind("closes the listening socket at once, for `seconds`; heals by itself", {"seconds": 3}),
    "reset": Kind("resets the connection (RST) after N bytes of the body", {"after": 1000}),
    "slow": Kind("drips the body; waits `delay` seconds before the first byte", {"bytes_per_second": 1000, "delay": 0}),
    "cut": Kind("ends the body early (after N bytes, or half): mode length (Content-Length says more), chunked (no last chunk), "
                "close (no length, Connection: close) or clean (well-formed chunks, cut JSON)", {"mode": "length", "after": None}),
    "content_type": Kind("sends the right body with another Content-Type", {"value": "text/plain"}),
    "invalid_json": Kind("breaks one record: form value (a bad literal, braces balanced) or brace (one brace missing)",
                         {"form": "value"}, SEARCH),
    "invalid_utf8": _data("puts bytes that are no UTF-8 into a string of one record"),
    "surrogate": _data("half a surrogate pair (\\ud800) in a field", field="root.firstName", count=1),
    "nul": _data("\\u0000 in a field", field="root.firstName", count=1),
    "huge_value": _data("a very long string in a field", field="root.firstName", count=1, size=10_000_000),
    "deep": _data("arrays nested very deep beside the values of one record", depth=10_000),
    "duplicate_id": _data("people with the id of another", count=1),
    "duplicate_email": _data("people with the e-mail of another, in capitals", count=1),
    "missing_id": _data("people without any id", count=1),
    "empty": _data("nobody: employees is []"),
    "half": _data("every second person is missing"),
    "zero_dates": _data("impossible dates as start date: 0000-00-00, 2026-02-30, …", count=7),
    "manager_missing": _data("people who report to an id that does not exist", count=1),
    "manager_self": _data("people who report to themselves", count=1),
    "circle": _data("so many people who report to one another in a ring", size=2),
    "other_company": _data("another company's data: companyId changes", company_id=999999),
}
_COMMON = ("kind", "times", "path", "skip")


@dataclass(slots=True)
class Fault:
    """A fault that is on: for `times` requests to paths that begin with `path`, after `skip` of them."""

    kind: str
    options: dict[str, Any]
    times: int | None
    path: str
    skip: int
    healed: threading.Event

    def summary(self) -> dict[str, Any]:
        return {"kind": self.kind, "times": self.times, "path": self.path, "skip": self.skip, **self.options}


class Faults:
    """The faults that are on, in the order they were set."""

    def __init__(self) -> None:
        self._on: list[Fault] = []
        self._met: list[Fault] = []  # also those used up: a request may still hang in them
        self._lock = threading.Lock()

    def add(self, spec: dict[str, Any]) -> Fault:
        """Switches a fault on; a ValueError says what is wrong with the wish."""
        kind = KINDS.get(spec.get("kind", ""))
        if kind is None:
            raise ValueError(f"no fault {spec.get('kind')!r}; there are {', '.join(KINDS)}")
        unknown = spec.keys() - kind.defaults.keys() - set(_COMMON)
        if unknown:
            raise ValueError(f"{spec['kind']} knows no {', '.join(sorted(unknown))}; it knows {', '.join((*kind.defaults, *_COMMON[1:]))}")
        options = {name: spec.get(name, default) for name, default in kind.defaults.items()}
        fault = Fault(spec["kind"], options, spec.get("times"), spec.get("path") or kind.path, spec.get("skip", 0), threading.Event())
        if fault.kind != "refuse":
            with self._lock:
                self._on.append(fault)
                self._met.append(fault)
        return fault

    def take(self, path: str) -> dict[str, Fault]:
        """The faults a request to this path meets, by kind; each is used up a little."""
        met: dict[str, Fault] = {}
        with self._lock:
            for fault in self._on:
                if not path.startswith(fault.path) or fault.kind in met:
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                else:
                    met[fault.kind] = fault
                    fault.times = fault.times - 1 if fault.times is not None else None
            self._on = [f for f in self._on if f.times is None or f.times > 0]
        return met

    def clear(self) -> None:
        """Heals everything; requests that hang end."""
        with self._lock:
            for fault in self._met:
                fault.healed.set()
            self._on, self._met = [], []

    def summary(self) -> list[dict[str, Any]]:
        return [fault.summary() for fault in self._on]
