"""Editing the company by hand, in HiBob's field ids: what the control API and the tests use."""

from random import Random
from typing import Any

from sandbox import days
from sandbox.company import Company, Person, hire, move, set_state
from sandbox.hibob_fields import ATTRIBUTES, Field

_WORK = ("title", "department", "manager")
_VOLATILE = ("avatar", "period")


def truth(company: Company, catalog: dict[str, Field], person: Person) -> dict[str, Any]:
    """All that is known about a person by field id: list names instead of ids, managers as ids."""
    known = {}
    for field in catalog.values():
        if field.type in _VOLATILE or (field.read is None and field.id not in (person.extra or {})):
            continue
        value = field.value(company, person)
        if field.id == "work.reportsTo":
            value = value["id"] if isinstance(value, dict) else value
        elif field.list and value is not None and field.id not in ("work.siteId", "internal.lifecycleStatus"):
            value = field.readable(company, value)
        known[field.id] = value
    return known


def edit(company: Company, catalog: dict[str, Field], person: Person, changes: dict[str, Any]) -> None:
    """Changes fields; null clears, a list field takes a name. A ValueError names a field there is not."""
    unknown = [id for id in changes if id not in catalog]
    if unknown:
        raise ValueError(f"no such field: {', '.join(unknown)}")
    # The lifecycle status sets Active or Inactive; a status given beside it has the last word.
    for id in sorted(changes, key=lambda id: id != "internal.lifecycleStatus"):
        _edit_one(company, catalog[id], person, changes[id])


def _edit_one(company: Company, field: Field, person: Person, value: Any) -> None:
    attribute = ATTRIBUTES.get(field.id)
    if field.id == "work.reportsTo":
        attribute, value = "manager", value["id"] if isinstance(value, dict) else value
    elif field.id == "work.site":
        attribute, value = "site", company.lists["site"].id_of(value) if value is not None else None
    elif field.id == "work.siteId":
        attribute, value = "site", str(value) if value is not None else None
    elif field.id == "internal.lifecycleStatus":
        set_state(company, person, _lifecycle(company, value))
        return
    elif field.list and value is not None:
        entries = company.entries(field.list)
        value = [entries.id_of(name) for name in value] if isinstance(value, list) else entries.id_of(value)
    if attribute in (*_WORK, "site"):
        move(company, person, **{attribute: value})
    elif attribute == "id" and value != person.id:
        raise ValueError("root.id cannot be changed")
    elif attribute:
        setattr(person, attribute, value)
    else:
        person.extra = {**(person.extra or {}), field.id: value}


def _lifecycle(company: Company, value: str | None) -> str | None:
    """The machine spelling of a lifecycle status; a new one is the tenant's own."""
    if value is None:
        return None
    states = company.lists["lifecycleStatus"]
    id = value.lower()
    return id if id in states.by_id else states.add(id.capitalize(), id=id)


def add(company: Company, catalog: dict[str, Field], wanted: dict[str, Any]) -> Person:
    """A new person: what is wanted, the rest made up. An id that is taken makes a duplicate."""
    rng = Random(f"{company.seed}/added/{len(company.people)}")
    start = wanted.get("work.startDate") or company.today
    person = hire(company, rng, start)
    person.first = wanted.get("root.firstName") or person.first
    person.last = wanted.get("root.surname") or person.last
    id = wanted.get("root.id")
    fields = {key: value for key, value in wanted.items() if key != "root.id"}
    edit(company, catalog, Person("", 0, None, "", ""), fields)  # refuses unknown fields before anybody is added
    bosses = [p for p in company.people if p.manager and p.lifecycle == "employed"][:50]
    days.join(company, rng, person, bosses or company.people[:1], id)
    edit(company, catalog, person, fields)
    return person
