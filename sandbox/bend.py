"""Faults in the data: people, records and bytes that no HR system should send, but one day does."""

import dataclasses
from typing import Any, Callable

from sandbox.company import Company, Person
from sandbox.faults import Fault
from sandbox.hibob_fields import Field

IMPOSSIBLE_DATES = ("0000-00-00", "2026-02-30", "2026-13-01", "9999-99-99", "20/07/2026", "soon", "")
NOBODY = "9999999999999999999"
Active = dict[str, Fault]


def bend_people(faults: Active, company: Company, catalog: dict[str, Field], people: list[Person]) -> list[Person]:
    """The people after the faults that are on; changed ones are copies."""
    people = list(people)
    for kind, fault in faults.items():
        if kind == "empty":
            people = []
        elif kind == "half":
            people = people[::2]
        elif kind in _TEXTS:
            _spoil_text(people, company, catalog, fault)
        elif kind in _CHANGES:
            count = fault.options.get("count") or fault.options["size"]
            victims = _victims(people, count + 1)
            for n, changes in _CHANGES[kind]([people[v] for v in victims], count):
                people[victims[n]] = dataclasses.replace(people[victims[n]], **changes)
    return people


def bend_record(faults: Active, number: int, record: dict[str, Any]) -> dict[str, Any]:
    """One record after the faults that are on."""
    if "missing_id" in faults and number < faults["missing_id"].options["count"]:
        record.pop("id")
        record.pop("/root/id", None)
        record.get("humanReadable", {}).pop("id", None)
    if "other_company" in faults:
        record["companyId"] = faults["other_company"].options["company_id"]
    return record


def bend_bytes(faults: Active, data: bytes) -> bytes:
    """A piece of JSON, an object or an array, after the faults that are on."""
    if "deep" in faults and data[:1] == b"{":
        depth = faults["deep"].options["depth"]
        data = b'{"deep":' + b"[" * depth + b"]" * depth + b"," + data[1:]
    if "invalid_json" in faults:
        data = data[:-1] if faults["invalid_json"].options["form"] == "brace" else data[:1] + b'"broken":tru,' + data[1:]
    if "invalid_utf8" in faults:
        place = data.rindex(b':"') + 2
        data = data[:place] + b"\xc3\x28\xff" + data[place:]
    return data


def _victims(people: list[Person], count: int) -> list[int]:
    """Places of ordinary people: active, with manager and e-mail."""
    return [n for n, p in enumerate(people) if p.active and p.manager and p.email][:count]


_TEXTS: dict[str, Callable[[str, Fault], str]] = {
    "surrogate": lambda text, fault: text + "\ud800",
    "nul": lambda text, fault: text + "\x00tail",
    "huge_value": lambda text, fault: "x" * fault.options["size"],
}


def _spoil_text(people: list[Person], company: Company, catalog: dict[str, Field], fault: Fault) -> None:
    field = catalog[fault.options["field"]]
    for place in _victims(people, fault.options["count"]):
        person = people[place]
        text = _TEXTS[fault.kind](str(field.value(company, person) or ""), fault)
        people[place] = dataclasses.replace(person, extra={**(person.extra or {}), field.id: text})


# Each gives, for one ordinary person more than are to be changed, the place and what is changed there.
_Change = tuple[int, dict[str, Any]]
_CHANGES: dict[str, Callable[[list[Person], int], list[_Change]]] = {
    "duplicate_id": lambda some, count: [(n, {"id": some[0].id}) for n in range(1, len(some))],
    "duplicate_email": lambda some, count: [(n, {"email": some[0].email.upper()}) for n in range(1, len(some))],
    "zero_dates": lambda some, count: [(n, {"start": IMPOSSIBLE_DATES[n % len(IMPOSSIBLE_DATES)]}) for n, _ in enumerate(some[:count])],
    "manager_missing": lambda some, count: [(n, {"manager": NOBODY}) for n, _ in enumerate(some[:count])],
    "manager_self": lambda some, count: [(n, {"manager": p.id}) for n, p in enumerate(some[:count])],
    "circle": lambda some, count: [(n, {"manager": some[(n + 1) % count].id}) for n, _ in enumerate(some[:count])],
}
