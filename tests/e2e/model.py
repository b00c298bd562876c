"""What the directory must hold after a run: an independent model of the rules in the guide.

It reads the sandbox's truth (`GET /_sandbox/people`), applies the faults and rights that were on, and
says what a run with the default mapping does: the people afterwards, the tally, whether the plan is held.
It shares no code with the program and none with the sandbox's faults.
"""

import copy
import re
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Iterable

Record = dict[str, Any]  # one employee by field id, as the HR system answers

ATTRIBUTES = {  # attribute: the field it comes from
    "given_name": "root.firstName", "family_name": "root.surname", "email": "root.email", "title": "work.title",
    "department": "work.department", "location": "work.site", "employee_number": "work.employeeIdInCompany",
    "gender": "personal.legalGender", "birthday": "personal.birthDate",
    "start_date": "work.startDate", "end_date": "internal.terminationDate",
}
DATES = ("birthday", "start_date", "end_date")
SHOWN = ("external_id", "state", "user_name", *ATTRIBUTES, "manager", "teams")  # what is compared
STATUS, MANAGER, ANCHOR = "internal.status", "work.reportsTo", "root.id"
NEEDED = (STATUS, "root.email")  # absent for everybody: the run stops
MEANING = {"Active": "active", "Inactive": "gone"}
MISSING_RUNS = 2


# --- what the HR system answers ------------------------------------------------------------------


@dataclass
class Answer:
    """The records of a complete fetch, and whose they are."""

    records: list[Record]
    same_company: bool = True
    leavers_shown: bool = True


def answer(truth: Iterable[Record], rights: dict[str, Any] | None = None, fault: dict[str, Any] | None = None) -> Answer:
    """The truth as the service user sees it, spoiled by one fault."""
    rights, fault = rights or {}, fault or {}
    hidden = set(rights.get("hidden_fields", ()))
    only = rights.get("employed_only", False)
    people = [dict(p) for p in truth if not only or p[STATUS] == "Active"]
    people = _spoiled(people, fault)
    people = [{id: value for id, value in p.items() if id not in hidden or id == ANCHOR} for p in people]
    return Answer(people, fault.get("kind") != "other_company", not only)


def _spoiled(people: list[Record], fault: dict[str, Any]) -> list[Record]:
    kind, count = fault.get("kind"), fault.get("count", fault.get("size", 1))
    some = [p for p in people if p[STATUS] == "Active" and p[MANAGER] and p["root.email"]][:count + 1]
    if kind == "empty":
        return []
    if kind == "half":
        return people[::2]
    if kind == "duplicate_id":
        for victim in some[1:]:
            victim[ANCHOR] = some[0][ANCHOR]
    elif kind == "duplicate_email":
        for victim in some[1:]:
            victim["root.email"] = some[0]["root.email"].upper()
    elif kind == "missing_id":
        for victim in people[:count]:
            del victim[ANCHOR]
    elif kind == "manager_missing":
        for victim in some[:count]:
            victim[MANAGER] = "9999999999999999999"
    elif kind == "manager_self":
        for victim in some[:count]:
            victim[MANAGER] = victim[ANCHOR]
    elif kind == "circle":
        ring = some[:count]
        for n, victim in enumerate(ring):
            victim[MANAGER] = ring[(n + 1) % len(ring)][ANCHOR]
    elif kind == "zero_dates":
        wrong = ("0000-00-00", "2026-02-30", "2026-13-01", "9999-99-99", "20/07/2026", "soon", "")
        for n, victim in enumerate(some[:count]):
            victim["work.startDate"] = wrong[n % len(wrong)]
    return people


# --- what a run makes of it ----------------------------------------------------------------------


@dataclass
class Person:
    """A person of the directory. `team` is the source's id of the department they are in."""

    anchor: str
    state: str = "active"
    values: dict[str, str] = field(default_factory=dict)
    manager: str | None = None
    team: str | None = None
    missed: int = 0  # complete runs in a row without the record


@dataclass
class Outcome:
    """What a run must come to. `people` and `teams` hold if it is applied."""

    state: str  # applied, held, stopped
    why: set[str]  # guards
    people: dict[str, Person]
    teams: dict[str, str]
    tally: dict[str, int]
    attention: set[str]  # findings that ask for a person
    perhaps: set[str]  # findings that may

    @property
    def codes(self) -> set[int]:
        """The exit statuses that fit."""
        if self.state == "stopped":
            return {1, 3}
        if self.state == "held" or self.attention:
            return {1}
        return {0, 1} if self.perhaps else {0}


class Model:
    """The directory as it must be, night after night."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.teams: dict[str, str] = {}  # source's id: name
        self.sizes: deque[int] = deque(maxlen=7)  # records of the last applied runs

    def predict(self, given: Answer, departments: dict[str, str]) -> Outcome:
        """What a run on this answer does. `departments`: name → the source's id."""
        return _Run(self, given, departments).outcome()

    def accept(self, outcome: Outcome) -> None:
        """The run was applied."""
        self.people, self.teams = outcome.people, outcome.teams
        self.sizes.append(outcome.tally["read"])

    def directory(self) -> dict[str, Record]:
        """The people as `comparable` shows them."""
        return {p.anchor: {"external_id": p.anchor, "state": p.state, "user_name": p.values.get("email"),
                           **{name: p.values.get(name) for name in ATTRIBUTES}, "manager": p.manager,
                           "teams": [self.teams[p.team]] if p.team else []} for p in self.people.values()}


class _Run:
    """One run: every record is counted once, by the strongest thing that happens to it."""

    def __init__(self, model: Model, given: Answer, departments: dict[str, str]) -> None:
        self.model, self.given, self.departments = model, given, departments
        self.people, self.teams = copy.deepcopy(model.people), dict(model.teams)
        self.tally: Counter[str] = Counter(read=len(given.records))
        self.attention: set[str] = set()
        self.perhaps: set[str] = set() if given.leavers_shown else {"no_leavers"}
        self.wishes: dict[str, str | None] = {}  # anchor: the manager's record id the source names
        self.kinds: dict[str, str] = {}  # anchor: created, deactivated or nothing special
        self.seen: set[str] = set()

    def outcome(self) -> Outcome:
        records = self.given.records
        ids = Counter(r[ANCHOR] for r in records if ANCHOR in r)
        emails = Counter(r["root.email"].lower() for r in records if r.get("root.email"))
        stopped = self.stopped()
        for record in records if not stopped else []:
            anchor, email = record.get(ANCHOR), (record.get("root.email") or "").lower()
            self.seen.add(anchor)
            if anchor is None or ids[anchor] > 1 or emails[email] > 1:
                self.conflict("no_id or duplicate")
            else:
                self.take(anchor, record)
        self.addresses()
        self.managers()
        self.count()
        gone = self.missing() if not stopped else False
        why = stopped or self.guards(gone)
        state = "stopped" if stopped else "held" if why else "applied"
        names = ("read", "created", "updated", "deactivated", "suspended", "reactivated", "unchanged", "excluded",
                 "not_active", "missing", "conflicts", "stale")
        return Outcome(state, why, self.people, self.teams, {name: self.tally[name] for name in names},
                       self.attention, self.perhaps)

    def stopped(self) -> set[str]:
        records = self.given.records
        hidden = {"absent" for field in NEEDED if records and not any(field in r for r in records)}
        return hidden | ({"no_records"} if not records else set()) | ({"company"} if not self.given.same_company else set())

    def conflict(self, finding: str) -> None:
        self.tally["conflicts"] += 1
        self.attention.add(finding)

    def take(self, anchor: str, record: Record) -> None:
        person, status = self.people.get(anchor), MEANING.get(record[STATUS], "unknown")
        if status == "unknown":
            self.attention.add("unknown_status")
            self.tally["conflicts" if person is None else "unchanged"] += 1
        elif person is None and status == "gone":
            self.tally["not_active"] += 1
        elif status == "active" and not record["root.email"]:
            self.conflict("no_email")
        else:
            if person is None:
                person = self.people[anchor] = Person(anchor)
                self.kinds[anchor] = "created"
            elif status == "gone" and person.state == "active":
                person.state, self.kinds[anchor] = "deactivated", "deactivated"
            else:
                self.kinds[anchor] = ""
                if status == "active" and person.state != "active":
                    self.attention.add("not_reactivated")
            self.values(person, record)

    def values(self, person: Person, record: Record) -> None:
        for name, source in ATTRIBUTES.items():
            if source not in record:
                self.attention.add("field_absent")
                continue
            value = record[source]
            if value in (None, ""):
                if name != "email":
                    person.values.pop(name, None)
            elif name in DATES and not _is_date(value):
                self.attention.add("invalid_value")
            else:
                person.values[name] = str(value)
        if "work.department" in record:
            name = record["work.department"]
            person.team = self.departments.get(name, name) if name else None
            if name:
                self.teams[person.team] = name
        if MANAGER in record:
            self.wishes[person.anchor] = record[MANAGER]
        else:
            self.attention.add("field_absent")

    def addresses(self) -> None:
        """An address that somebody keeps is given to nobody else; who is refused one keeps their own, and so on."""
        before, again = self.model.people, True
        while again:
            again = False
            keepers = {p.values["email"].lower(): a for a, p in self.people.items()
                       if a in before and p.values["email"] == before[a].values["email"]}
            for anchor in list(self.kinds):
                email = self.people[anchor].values["email"]
                if keepers.get(email.lower(), anchor) == anchor:
                    continue
                again = True
                self.attention.add("email_taken")
                if anchor in before:
                    self.people[anchor].values["email"] = before[anchor].values["email"]
                else:
                    self.tally["conflicts"] += 1
                    del self.people[anchor], self.kinds[anchor]
                    self.wishes.pop(anchor, None)

    def managers(self) -> None:
        """Sets who reports to whom, then takes new edges back until there is no circle."""
        before = {anchor: p.manager for anchor, p in self.people.items()}
        for anchor, wish in self.wishes.items():
            if wish is None or (wish in self.people and wish != anchor):
                self.people[anchor].manager = wish
        while circles := self.circles():
            for circle in circles:
                new = [a for a in circle if self.people[a].manager != before[a]]
                last = max(new, key=lambda a: (len(a), a))
                self.people[last].manager = before[last]

    def circles(self) -> list[list[str]]:
        found, done = [], set()
        for start in self.people:
            path: list[str] = []
            step: str | None = start
            while step is not None and step not in done:
                done.add(step)
                path.append(step)
                step = self.people[step].manager
            if step in path:
                found.append(path[path.index(step):])
        return found

    def count(self) -> None:
        """Counts records by what happened to their people."""
        for anchor, kind in self.kinds.items():
            person, before = self.people[anchor], self.model.people.get(anchor)
            same = before is not None and (person.values, person.manager, person.team) == (before.values, before.manager, before.team)
            self.tally[kind or ("unchanged" if same else "updated")] += 1

    def missing(self) -> bool:
        """Counts whose record is not in the answer; True if somebody is to go for it."""
        gone = False
        for person in self.people.values():
            if person.anchor in self.seen:
                person.missed = 0
            elif person.state == "active":
                person.missed += 1
                self.tally["missing"] += 1
                if person.missed >= MISSING_RUNS:
                    person.state, gone = "deactivated", True
        return gone

    def guards(self, gone: bool) -> set[str]:
        before = self.model.people
        active = sum(p.state == "active" for p in before.values())
        pairs = [(before[a], self.people[a]) for a in before]
        moved = sum(old.manager != new.manager for old, new in pairs)
        changed = Counter(name for old, new in pairs for name in ATTRIBUTES if old.values.get(name) != new.values.get(name))

        def beyond(number: int, percent: int, count: int) -> bool:
            return number > count and number * 100 > percent * active

        tripped = {"missing"} if gone else set()
        if not before:
            return tripped
        tripped |= {"records"} if self.model.sizes and len(self.given.records) * 100 < 80 * max(self.model.sizes) else set()
        tripped |= {"deactivations"} if beyond(self.tally["deactivated"], 20, 3) else set()
        tripped |= {"managers"} if beyond(moved, 50, 20) else set()
        tripped |= {"one_attribute"} if any(beyond(n, 50, 20) for n in changed.values()) else set()
        return tripped | ({"creates"} if beyond(self.tally["created"], 50, 20) else set())


def _is_date(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


# --- comparing -----------------------------------------------------------------------------------


def comparable(person: Record) -> Record:
    """A person of an export or of --json, reduced to what the model knows."""
    shown = {name: person.get(name) for name in SHOWN}
    shown["manager"] = (person.get("manager") or {}).get("external_id")
    shown["teams"] = sorted(person.get("teams") or [])
    return {name: value if value != "" else None for name, value in shown.items()}


def directory(rows: Iterable[Record]) -> dict[str, Record]:
    """People by anchor, comparable. Two with one anchor are never right."""
    people = {}
    for row in map(comparable, rows):
        assert row["external_id"] not in people, f"two people have the anchor {row['external_id']}"
        people[row["external_id"]] = row
    return people


def differences(expected: dict[str, Record], actual: dict[str, Record]) -> list[str]:
    """In words, who differs and how; empty if the directories are the same."""
    lines = [f"{a} ({actual[a]['email']}) should not be there" for a in actual.keys() - expected.keys()]
    lines += [f"{a} ({expected[a]['email']}) is not there" for a in expected.keys() - actual.keys()]
    for anchor in expected.keys() & actual.keys():
        want, have = expected[anchor], actual[anchor]
        lines += [f"{anchor} ({want['email']}): {name} is {have[name]!r}, not {want[name]!r}"
                  for name in SHOWN if want[name] != have[name]]
    return sorted(lines)[:40]
