"""A person as HiBob answers it: the same data under slash keys, nested by category, and readable.

A `Shape` is made once for a request; it knows which fields were asked for and may be seen.
"""

import json
from typing import Any, Callable, Iterable, Iterator

from sandbox.company import Company, Person
from sandbox.hibob_fields import DEFAULT_CATEGORIES, Field

PLAIN, APPEND, REPLACE = "", "APPEND", "REPLACE"
# Asking who somebody reports to brings these two along in the nested half.
_COMPANIONS = ("work.manager", "work.reportsToIdInCompany")


class Shape:
    """The chosen fields, grouped by the object they are nested in."""

    def __init__(self, company: Company, fields: Iterable[Field], companions: Iterable[Field] = (), human: str = PLAIN) -> None:
        self.company, self.human = company, human
        self.groups: dict[tuple[str, ...], list[tuple[str, str | None, Field]]] = {}
        for field in fields:
            self._place(field, "/" + field.id.replace(".", "/"))
        for field in companions:
            self._place(field, None)

    def _place(self, field: Field, slash: str | None) -> None:
        *group, leaf = field.path
        self.groups.setdefault(tuple(group), []).append((leaf, slash, field))

    def record(self, person: Person) -> dict[str, Any]:
        """The person as one object: slash keys first, then nested, then what people read."""
        company, human = self.company, self.human
        flat: dict[str, Any] = {}
        nested: dict[str, Any] = {"id": person.id, "companyId": company.id}
        readable: dict[str, Any] = {}
        for group, members in self.groups.items():
            machine_part = _descend(nested, group)
            human_part: dict[str, Any] = {}
            for leaf, slash, field in members:
                value = field.value(company, person)
                text = None if value is None or human == PLAIN else field.readable(company, value)
                if human == REPLACE:
                    value = text
                machine_part[leaf] = value
                if value is not None and slash:
                    flat[slash] = {"value": value}
                    if human == APPEND:
                        human_part[leaf] = text
            if human_part:
                _descend(readable, group).update(human_part)
        flat.update(nested)
        if human == APPEND:
            flat["humanReadable"] = readable
        return flat


def _descend(tree: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    for step in path:
        tree = tree.setdefault(step, {})
    return tree


def choose(catalog: dict[str, Field], wanted: list[str] | None,
           may_read: Callable[[Field], bool]) -> tuple[list[Field], list[Field]]:
    """The fields to show, and those that come along; what is unknown or hidden is silently left out."""
    if wanted is None:
        found = [f for f in catalog.values() if f.category in DEFAULT_CATEGORIES and not f.custom]
    else:
        found = [catalog[id] for id in dict.fromkeys(wanted) if id in catalog]
    shown = [field for field in found if may_read(field)]
    ids = {field.id for field in shown}
    along = [catalog[id] for id in _COMPANIONS if id in catalog and id not in ids] if "work.reportsTo" in ids else []
    return shown, [field for field in along if may_read(field)]


def encode(value: Any) -> bytes:
    """JSON as UTF-8; half a surrogate pair, which has no UTF-8, is written as an escape."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def stream(head: bytes, parts: Iterable[bytes], tail: bytes, batch: int = 256) -> Iterator[bytes]:
    """A JSON array piece by piece: head, parts with commas between them, tail."""
    pending, first = [head], True
    for part in parts:
        pending.append(part if first else b"," + part)
        first = False
        if len(pending) >= batch:
            yield b"".join(pending)
            pending = []
    yield b"".join((*pending, tail))
