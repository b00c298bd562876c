"""The HTTP API of HiBob, as far as people are read from it: one function per call.

It answers what the real one answers, also where that is odd: unknown and forbidden fields are
left out without a word, a wrong path is a login page with status 200.
"""

import base64
import binascii
import json
import re
import time
from typing import Any, Callable, Iterator
from urllib.parse import unquote

from sandbox import bend
from sandbox.company import Company, Person
from sandbox.faults import SEARCH, Fault
from sandbox.hibob_record import APPEND, PLAIN, REPLACE, Shape, choose, encode, stream
from sandbox.lists import Entry, NamedList
from sandbox.world import SERVICE_USER, TOKEN, Answer, Request, World

MAX_FIELDS = 400
LOGIN_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form>Sign in to continue</form></body></html>\n"
BAD_REQUEST_PAGE = b"<!DOCTYPE html>\n<html><head><title>400 Bad Request</title></head><body>Bad Request</body></html>\n"
BLOCKED_PAGE = b"<!DOCTYPE html>\n<html><head><title>Request blocked</title></head><body>Request blocked</body></html>\n"
_DEFAULT_FAULT_KEYS = {401: "tokenNotMatch", 403: "forbidden", 404: "notFound", 429: "tooManyRequests"}
Faults = dict[str, Fault]


def error(status: int, key: str, text: str, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, encode({"key": key, "error": text}), headers=dict(headers or {}))


def html(status: int, page: bytes) -> Answer:
    return Answer(status, page, "text/html; charset=utf-8")


def answer(world: World, request: Request, faults: Faults) -> Answer:
    """The answer to one request, faults in the data included."""
    reply = _guarded(world, request, faults)
    if isinstance(reply.body, bytes) and reply.status == 200 and reply.body[:1] in (b"{", b"["):
        reply.body = bend.bend_bytes(faults, reply.body)
    return reply


def _guarded(world: World, request: Request, faults: Faults) -> Answer:
    authorization = request.headers.get("Authorization", "")
    if world.firewall.blocks(request.address, authorization):
        return html(403, BLOCKED_PAGE)
    reply = _fault_answer(faults) or _checked(world, request, faults, authorization)
    world.firewall.note(reply.status, request.address, authorization)
    return reply


def _fault_answer(faults: Faults) -> Answer | None:
    """The answer of a fault that speaks instead of the API."""
    if "html" in faults:
        return html(200, LOGIN_PAGE)
    if "status" not in faults:
        return None
    options = faults["status"].options
    status = options["status"]
    reply = error(status, _DEFAULT_FAULT_KEYS.get(status, "internalError"), "switched on in the sandbox")
    if options["retry_after"] is not None:
        reply.headers["Retry-After"] = str(options["retry_after"])
    if options["reset_in"] is not None:
        reply.headers |= {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0",
                          "X-RateLimit-Reset": str(int(time.time() + options["reset_in"]))}
    return reply


def _checked(world: World, request: Request, faults: Faults, authorization: str) -> Answer:
    call, match = _route(request)
    if call is None:
        return html(200, LOGIN_PAGE)
    if not known(authorization):
        return error(401, "tokenNotMatch", "The service user ID or the token is not valid.")
    if request.method == "GET" and "Content-Type" in request.headers:
        return html(400, BAD_REQUEST_PAGE)
    limits: dict[str, str] = {}
    if request.path == SEARCH:
        with world.lock:
            passed, limits = world.rate.take()
        if not passed:
            return error(429, "tooManyRequests", "Rate limit exceeded.", limits)
    reply = call(world, request, faults, *map(unquote, match.groups()))
    reply.headers |= limits
    return reply


def known(authorization: str) -> bool:
    """Whether this is the service user, with its token."""
    scheme, _, secret = authorization.partition(" ")
    try:
        return scheme.lower() == "basic" and base64.b64decode(secret, validate=True) == f"{SERVICE_USER}:{TOKEN}".encode()
    except (binascii.Error, ValueError):
        return False


# -- people -----------------------------------------------------------------------------------

def search(world: World, request: Request, faults: Faults) -> Answer:
    """POST /people/search: everyone the group may see, the fields asked for, one document."""
    body = _read_body(request)
    if isinstance(body, Answer):
        return body
    problem = _problem(body)
    if problem:
        return error(400, "badRequest", problem)
    if world.permission.no_people:
        return error(403, "forbidden", "No permission to read people.")
    with world.lock:
        people = _filtered(_visible(world, body), body)
        people = bend.bend_people(faults, world.company, world.catalog, people)
        shape = _shape(world, body)
    return Answer(body=stream(b'{"employees":[', _records(world, shape, people, faults), b"]}"))


def one_person(world: World, request: Request, faults: Faults, who: str) -> Answer:
    """POST /people/{id or email}: one person, not wrapped."""
    body = _read_body(request)
    if isinstance(body, Answer):
        return body
    problem = _problem(body)
    if problem:
        return error(400, "badRequest", problem)
    with world.lock:
        person = _findable(world, who, body)
        if person is None:
            return _no_person()
        people = bend.bend_people(faults, world.company, world.catalog, [person])
        return Answer(body=encode(_shape(world, body).record(people[0]))) if people else _no_person()


def profiles(world: World, request: Request, faults: Faults) -> Answer:
    """GET /profiles: the public part of active people."""
    with world.lock:
        people = [p for p in world.company.people if p.active]
    wanted = ["root.id", "root.firstName", "root.surname", "root.email", "root.displayName", "about.avatar", "personal.pronouns",
              "work.title", "work.department", "work.site", "work.siteId", "work.reportsTo", "work.startDate", "work.isManager"]
    shape = Shape(world.company, [world.catalog[id] for id in wanted if id in world.catalog], human=PLAIN)
    records = (encode({key: value for key, value in shape.record(p).items() if key[0] != "/"}) for p in people)
    return Answer(body=stream(b'{"employees":[', records, b"]}"))


def _read_body(request: Request) -> dict[str, Any] | Answer:
    if not request.headers.get("Content-Type", "").startswith("application/json"):
        return error(400, "badRequest", "Content-Type must be application/json.")
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        return error(400, "badRequest", "The body is not JSON.")
    return body if isinstance(body, dict) else error(400, "badRequest", "The body is not an object.")


def _problem(body: dict[str, Any]) -> str | None:
    """What is wrong with the body of a search."""
    fields = body.get("fields")
    if fields is not None and not (isinstance(fields, list) and all(isinstance(f, str) for f in fields)):
        return "fields must be a list of field ids."
    if fields and len(fields) > MAX_FIELDS:
        return f"At most {MAX_FIELDS} fields can be requested."
    if body.get("humanReadable", PLAIN) not in (PLAIN, APPEND, REPLACE):
        return "humanReadable must be APPEND, REPLACE or empty."
    if not isinstance(body.get("showInactive", False), bool):
        return "showInactive must be true or false."
    return _filter_problem(body["filters"]) if "filters" in body else None


def _filter_problem(filters: Any) -> str | None:
    if not isinstance(filters, list) or len(filters) != 1 or not isinstance(filters[0], dict):
        return "filters must hold exactly one filter."
    only = filters[0]
    if only.get("fieldPath") not in ("root.id", "root.email") or only.get("operator") != "equals":
        return "Only root.id and root.email can be filtered, with equals."
    values = only.get("values")
    return None if isinstance(values, list) and all(isinstance(v, str) for v in values) else "values must be a list of texts."


def _visible(world: World, body: dict[str, Any]) -> list[Person]:
    inactive = body.get("showInactive", False)
    return [p for p in world.company.people if (inactive or p.active) and world.permission.may_see(p)]


def _filtered(people: list[Person], body: dict[str, Any]) -> list[Person]:
    if "filters" not in body:
        return people
    values = {value.lower() for value in body["filters"][0]["values"]}
    key = body["filters"][0]["fieldPath"]
    return [p for p in people if ((p.id if key == "root.id" else p.email) or "").lower() in values]


def _findable(world: World, who: str, body: dict[str, Any]) -> Person | None:
    person = world.company.find(who)
    if person is None or world.permission.no_people or not world.permission.may_see(person):
        return None
    return person if person.active or body.get("showInactive", False) else None


def _no_person() -> Answer:
    return error(404, "employeeNotFound", "The employee was not found.")


def _shape(world: World, body: dict[str, Any]) -> Shape:
    fields, companions = choose(world.catalog, body.get("fields"), world.permission.may_read)
    return Shape(world.company, fields, companions, body.get("humanReadable", PLAIN))


def _records(world: World, shape: Shape, people: list[Person], faults: Faults) -> Iterator[bytes]:
    """Each record as JSON; the lock is held for one at a time, so that a slow client hinders nobody."""
    for number, person in enumerate(people):
        with world.lock:
            record = shape.record(person)
        data = encode(bend.bend_record(faults, number, record) if faults else record)
        yield bend.bend_bytes(faults, data) if faults and number == len(people) // 2 else data


# -- definitions ------------------------------------------------------------------------------

def field_definitions(world: World, request: Request, faults: Faults) -> Answer:
    """GET /company/people/fields: every field there is, whatever the rights."""
    return Answer(body=encode([field.definition() for field in world.catalog.values()]))


def named_lists(world: World, request: Request, faults: Faults) -> Answer:
    """GET /company/named-lists: every list."""
    archived = request.query.get("includeArchived") == "true"
    with world.lock:
        return Answer(body=encode({name: _list(entries, archived) for name, entries in _all_lists(world).items()}))


def named_list(world: World, request: Request, faults: Faults, name: str) -> Answer:
    """GET /company/named-lists/{name}: one list, the name spelled exactly."""
    with world.lock:
        entries = _all_lists(world).get(name)
        if entries is None:
            return error(404, "listNotFound", f"There is no list {name}.")
        return Answer(body=encode(_list(entries, request.query.get("includeArchived") == "true")))


def _all_lists(world: World) -> dict[str, NamedList]:
    """The company's lists, and an empty one for each further list that a field names."""
    empty = {field.list: NamedList(field.list, 1) for field in world.catalog.values() if field.list}
    return empty | world.company.lists


def _list(entries: NamedList, archived: bool) -> dict[str, Any]:
    shown = [_entry(e, archived) for e in entries.top if archived or not e.archived]
    return {"name": entries.name, "values": shown, "items": shown}


def _entry(entry: Entry, archived: bool) -> dict[str, Any]:
    children = [_entry(e, archived) for e in entry.children if archived or not e.archived]
    return {"id": entry.id, "value": entry.name, "name": entry.name, "archived": entry.archived, "children": children}


# -- history ----------------------------------------------------------------------------------

def _lifecycle_rows(company: Company, person: Person) -> list[dict[str, Any]]:
    rows = [*(person.past_states or []), (person.state_since, person.lifecycle)]
    return [{"id": n, "status": status, "effectiveDate": since, "reasonType": None,
             "reason": company.name("terminationReason", person.end_reason) if status == "terminated" and person.end_reason else None}
            for n, (since, status) in enumerate(rows, 1)]


def _work_rows(company: Company, person: Person) -> list[dict[str, Any]]:
    rows = [*(person.past_work or []), (person.work_since, person.title, person.department, person.site, person.manager)]
    return [{"id": n, "effectiveDate": since, "title": title, "department": department,
             "site": company.name("site", site) if site is not None else None,
             "siteId": int(site) if (site or "").isdecimal() else site,
             "reportsTo": {"id": manager} if manager else None}
            for n, (since, title, department, site, manager) in enumerate(rows, 1)]


def _employment_rows(company: Company, person: Person) -> list[dict[str, Any]]:
    return [{"id": 1, "effectiveDate": person.start, "type": person.contract, "weeklyHours": 20 if person.number % 13 == 0 else 40}]


TABLES: dict[str, tuple[str, Callable[[Company, Person], list[dict[str, Any]]]]] = {  # table: (category of its right, rows)
    "lifecycle": ("internal", _lifecycle_rows), "work": ("work", _work_rows), "employment": ("employment", _employment_rows)}


def history(world: World, request: Request, faults: Faults, who: str, table: str) -> Answer:
    """GET /people/{id}/{table}: the rows of one person."""
    category, rows = TABLES[table]
    if category in world.permission.hidden_categories or world.permission.no_people:
        return error(403, "forbidden", f"No permission to read the {table} history.")
    with world.lock:
        person = world.company.by_id.get(who)
        if person is None or not world.permission.may_see(person):
            return _no_person()
        return _restricted(world, category, {"values": rows(world.company, person)}, "values")


def bulk_history(world: World, request: Request, faults: Faults, table: str) -> Answer:
    """GET /bulk/people/{table}: the rows of many people, page by page with a cursor."""
    category, rows = TABLES[table]
    if category in world.permission.hidden_categories or world.permission.no_people:
        return error(403, "forbidden", f"No permission to read the {table} history.")
    try:
        start, size = int(request.query.get("cursor", "0"), 36), min(200, int(request.query.get("limit", "100")))
    except ValueError:
        return error(400, "badRequest", "cursor or limit is not valid.")
    with world.lock:
        people = [p for p in world.company.people if world.permission.may_see(p)]
        page = people[start:start + size]
        results = [{"employeeId": p.id, **row} for p in page for row in rows(world.company, p)]
    more = _base36(start + size) if start + size < len(people) else None
    return _restricted(world, category, {"results": results, "response_metadata": {"next_cursor": more}}, "results")


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return digits[number] if number < 36 else _base36(number // 36) + digits[number % 36]


def _restricted(world: World, category: str, body: dict[str, Any], rows: str) -> Answer:
    """Nulls the columns that may not be read, and says so."""
    hidden = {id.removeprefix(f"{category}.") for id in world.permission.hidden_fields}
    columns = sorted(hidden & {column for row in body[rows] for column in row})
    for row in body[rows]:
        row.update(dict.fromkeys(columns))
    if not columns:
        return Answer(body=encode(body))
    body["restricted_columns"] = {"no_view_permission": columns, "no_view_history_permission": []}
    return Answer(body=encode(body), headers={"X-Has-Restricted-Columns": "true"})


def avatar(world: World, request: Request, faults: Faults, who: str = "") -> Answer:
    """GET /avatars/{id} and /avatars?email=: the address of the picture, as plain text."""
    with world.lock:
        person = world.company.find(who or request.query.get("email", ""))
        if person is None:
            return _no_person()
        return Answer(body=world.catalog["about.avatar"].value(world.company, person).encode(), type="text/plain; charset=utf-8")


ROUTES: tuple[tuple[str, re.Pattern[str], Callable[..., Answer]], ...] = tuple(
    (method, re.compile(f"/v1{path}"), call) for method, path, call in (
        ("POST", "/people/search", search),
        ("POST", "/people/([^/]+)", one_person),
        ("GET", "/company/people/fields", field_definitions),
        ("GET", "/company/named-lists", named_lists),
        ("GET", "/company/named-lists/([^/]+)", named_list),
        ("GET", "/profiles", profiles),
        ("GET", "/people/([^/]+)/(lifecycle|work|employment)", history),
        ("GET", "/bulk/people/(lifecycle|work|employment)", bulk_history),
        ("GET", "/avatars/([^/]+)", avatar),
        ("GET", "/avatars", avatar),
    ))


def _route(request: Request) -> tuple[Callable[..., Answer] | None, re.Match[str] | None]:
    for method, path, call in ROUTES:
        match = path.fullmatch(request.path)
        if match and method == request.method:
            return call, match
    return None, None
