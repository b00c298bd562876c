"""The control API under /_sandbox/: the hand from above that moves days, edits people and breaks things."""

import json
import re
from datetime import date
from typing import Any, Callable
from urllib.parse import unquote

from sandbox import days, edit
from sandbox.company import Person
from sandbox.hibob_record import encode, stream
from sandbox.world import Answer, Request, World

PREFIX = "/_sandbox/"


class Refused(Exception):
    """A wish that cannot be granted: status and reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def answer(world: World, request: Request) -> Answer:
    """Answers a control request; whatever is wrong with it is said as {"error": …}."""
    try:
        body = json.loads(request.body or b"{}")
        if not isinstance(body, dict):
            raise Refused(400, "the body must be a JSON object")
        for method, path, call in ROUTES:
            match = path.fullmatch(request.path)
            if match and method == request.method:
                result = call(world, body, *map(unquote, match.groups()))
                return result if isinstance(result, Answer) else Answer(body=encode(result))
        raise Refused(404, f"no {request.method} {request.path}")
    except Refused as refusal:
        return Answer(refusal.status, encode({"error": str(refusal)}))
    except (ValueError, TypeError, KeyError, AttributeError) as mistake:
        return Answer(400, encode({"error": str(mistake)}))


def _today(world: World, _: dict[str, Any]) -> dict[str, Any]:
    company = world.company
    return {"today": company.today, "day": company.day, "seed": company.seed, "people": len(company.people)}


def _advance(world: World, body: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        days.advance(world.company, int(body.get("days", 1)))
        return _today(world, body)


def _people(world: World, _: dict[str, Any]) -> Answer:
    with world.lock:
        company, people = world.company, list(world.company.people)
    head = encode({"today": company.today, "company_id": company.id})[:-1] + b',"people":['
    return Answer(body=stream(head, (encode(edit.truth(company, world.catalog, p)) for p in people), b"]}"))


def _person(world: World, id: str) -> Person:
    person = world.company.find(id)
    if person is None:
        raise Refused(404, f"nobody is {id}")
    return person


def _show(world: World, _: dict[str, Any], id: str) -> dict[str, Any]:
    with world.lock:
        return edit.truth(world.company, world.catalog, _person(world, id))


def _edit(world: World, body: dict[str, Any], id: str) -> dict[str, Any]:
    with world.lock:
        edit.edit(world.company, world.catalog, _person(world, id), body)
        return _show(world, body, id)


def _add(world: World, body: dict[str, Any]) -> Answer:
    with world.lock:
        person = edit.add(world.company, world.catalog, body)
        return Answer(201, encode(edit.truth(world.company, world.catalog, person)))


def _delete(world: World, _: dict[str, Any], id: str) -> dict[str, Any]:
    with world.lock:
        world.company.remove(_person(world, id).id)
        return {"people": len(world.company.people)}


def _rename_entry(world: World, body: dict[str, Any], name: str, id: str) -> dict[str, Any]:
    with world.lock:
        entries = world.company.lists.get(name)
        if entries is None or id not in entries.by_id:
            raise Refused(404, f"list {name} has no entry {id}" if entries else f"no list {name}")
        if "name" in body:
            entries.rename(id, str(body["name"]))
        entry = entries.by_id[id]
        entry.archived = bool(body.get("archived", entry.archived))
        return {"id": id, "name": entry.name, "archived": entry.archived}


def _show_permission(world: World, _: dict[str, Any]) -> dict[str, Any]:
    group = world.permission
    return {"hidden_fields": sorted(group.hidden_fields), "hidden_categories": sorted(group.hidden_categories),
            "employed_only": group.employed_only, "no_people": group.no_people}


def _permit(world: World, body: dict[str, Any]) -> dict[str, Any]:
    unknown = body.keys() - _show_permission(world, {}).keys()
    if unknown:
        raise Refused(400, f"no such right: {', '.join(sorted(unknown))}")
    for key, value in body.items():
        setattr(world.permission, key, set(value) if key.startswith("hidden") else bool(value))
    return _show_permission(world, {})


def _fault(world: World, body: dict[str, Any]) -> dict[str, Any]:
    field = body.get("field")
    if field is not None and field not in world.catalog:
        raise Refused(400, f"no such field: {field}")
    fault = world.faults.add(body)
    if fault.kind == "refuse":
        world.on_refuse(float(fault.options["seconds"]))
    return fault.summary()


def _faults(world: World, _: dict[str, Any]) -> dict[str, Any]:
    return {"faults": world.faults.summary()}


def _heal(world: World, _: dict[str, Any]) -> dict[str, Any]:
    """Ends all faults, and forgets what the firewall and the rate limit counted."""
    world.faults.clear()
    world.firewall.failures.clear()
    world.firewall.blocked.clear()
    world.rate.used = 0
    return {"faults": []}


def _requests(world: World, _: dict[str, Any]) -> dict[str, Any]:
    return {"requests": list(world.log)}


def _forget_requests(world: World, _: dict[str, Any]) -> dict[str, Any]:
    world.log.clear()
    return {"requests": []}


def _rename_field(world: World, body: dict[str, Any], id: str) -> dict[str, Any]:
    """Another id or name for a field, as another tenant might have it; {"id": null} takes it away."""
    with world.lock:
        world.rename_field(id, body)
        return {"fields": len(world.catalog)}


def _rate(world: World, body: dict[str, Any]) -> dict[str, Any]:
    world.rate.limit, world.rate.used, world.rate.reset = int(body["limit"]), 0, 0.0
    return {"limit": world.rate.limit}


def _reset(world: World, body: dict[str, Any]) -> dict[str, Any]:
    today = date.fromisoformat(body.get("date", world.company.first_day)).isoformat()
    old = world.company
    world.reset(int(body.get("size", world.size)), int(body.get("seed", old.seed)), today, body.get("oddities", old.odd))
    return _today(world, {})


ROUTES: tuple[tuple[str, re.Pattern[str], Callable[..., Any]], ...] = tuple(
    (method, re.compile(PREFIX + path), call) for method, path, call in (
        ("GET", "today", _today),
        ("POST", "advance", _advance),
        ("GET", "people", _people),
        ("POST", "person", _add),
        ("GET", "person/([^/]+)", _show),
        ("POST", "person/([^/]+)", _edit),
        ("DELETE", "person/([^/]+)", _delete),
        ("POST", "lists/([^/]+)/([^/]+)", _rename_entry),
        ("POST", "field/([^/]+)", _rename_field),
        ("GET", "permission", _show_permission),
        ("POST", "permission", _permit),
        ("GET", "fault", _faults),
        ("POST", "fault", _fault),
        ("DELETE", "fault", _heal),
        ("POST", "rate", _rate),
        ("GET", "requests", _requests),
        ("DELETE", "requests", _forget_requests),
        ("POST", "reset", _reset),
    ))
