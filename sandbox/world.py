"""Everything one running sandbox holds: the company, the rights of its service user, limits, faults, the log."""

import dataclasses
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Iterator, Mapping

from sandbox.company import Company, Person
from sandbox.faults import Faults
from sandbox.hibob_fields import Field, catalog
from sandbox.limits import Firewall, RateLimit

SERVICE_USER, TOKEN = "SERVICE-1000", "sandbox-token"


@dataclass(slots=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    address: str


@dataclass(slots=True)
class Answer:
    """What it gets back; a body that is an iterator is sent piece by piece."""

    status: int = 200
    body: bytes | Iterator[bytes] = b""
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Permission:
    """The permission group of the service user: which fields, and which people."""

    hidden_fields: set[str] = field(default_factory=set)
    hidden_categories: set[str] = field(default_factory=set)
    employed_only: bool = False
    no_people: bool = False

    def may_read(self, field: Field) -> bool:
        return field.id not in self.hidden_fields and field.category not in self.hidden_categories

    def may_see(self, person: Person) -> bool:
        return person.active or not self.employed_only


class World:
    """The state behind one port. `lock` guards the company; hold it only for moments."""

    def __init__(self, size: int, seed: int, today: str, odd: Iterable[str] | bool, rate: int) -> None:
        self.lock = threading.RLock()
        self.rate = RateLimit(rate)
        self.on_refuse: Callable[[float], None] = lambda seconds: None
        self.faults = Faults()
        self.reset(size, seed, today, odd)

    def reset(self, size: int, seed: int, today: str, odd: Iterable[str] | bool) -> None:
        """A new company, full rights, no faults, an empty log."""
        company = Company(size, seed, today, odd)
        with self.lock:
            self.company, self.size = company, size
            self.catalog = catalog()
            self.permission = Permission()
            self.faults.clear()
            self.firewall = Firewall()
            self.rate = RateLimit(self.rate.limit)
            self.log: deque[dict[str, Any]] = deque(maxlen=10_000)

    def rename_field(self, id: str, changes: dict[str, Any]) -> None:
        """Gives a field another id or name; an id of None takes it out of the tenant."""
        if id not in self.catalog:
            raise ValueError(f"no such field: {id}")
        changed = {}
        for key, field in self.catalog.items():
            if key == id and changes.get("id", id) is None:
                continue
            if key == id:
                field = dataclasses.replace(field, id=changes.get("id", id), name=changes.get("name", field.name))
            changed[field.id] = field
        self.catalog = changed
