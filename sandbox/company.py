"""The company: its people as plain values, and how it is made from a seed.

It knows no HR system and no HTTP. Dates are ISO strings, which compare like dates and may also
be impossible ones. People hold ids of list entries, never names; see lists.py.
"""

import dataclasses
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any, Iterable

from sandbox import lists, names, oddities

COMPANY_ID = 100200
DOMAIN = "haldenoak.example"
FIRST_ID = 3_332_883_804_569_000_000  # 19 digits, beyond what a double holds
FOUNDED = 4000  # days before the first day of the simulation


@dataclass(slots=True)
class Person:
    """One employee. `extra` holds fields edited by hand that have no attribute here."""

    id: str
    number: int
    email: str | None
    first: str
    last: str
    middle: str | None = None
    nickname: str | None = None
    gender: str | None = None
    birth: str | None = None
    title: str | None = None
    department: str | None = None
    site: str | None = None
    manager: str | None = None
    start: str | None = None
    original_start: str | None = None
    end: str | None = None
    end_reason: str | None = None
    status: str | None = "Active"
    lifecycle: str | None = "employed"
    state_since: str | None = None
    work_since: str | None = None
    leave_until: str | None = None
    contract: str | None = None
    grade: str | None = None
    squad: str | None = None
    cost_centre: str | None = None
    desk: str | None = None
    badge: int | None = None
    review: str | None = None
    days_before: int = 0
    extra: dict[str, Any] | None = None
    past_work: list[tuple] | None = None  # (since, title, department, site, manager), oldest first
    past_states: list[tuple] | None = None  # (since, lifecycle), oldest first

    @property
    def display(self) -> str:
        return " ".join(filter(None, (self.first, self.last)))

    @property
    def active(self) -> bool:
        return self.status == "Active"


@lru_cache(maxsize=100_000)
def later(day: str, days: int) -> str:
    """The ISO day that many days later; an impossible day stays as it is."""
    try:
        return (date.fromisoformat(day) + timedelta(days)).isoformat()
    except ValueError:
        return day


class Company:
    """People, lists and the simulated date. The first of two people with one id is the one that counts."""

    def __init__(self, size: int, seed: int, today: str, odd: Iterable[str] | bool = True) -> None:
        self.seed, self.first_day, self.today, self.day = seed, today, today, 0
        self.odd = oddities.chosen(odd)
        self.id = COMPANY_ID
        self.lists = lists.starting_lists()
        self.people: list[Person] = []
        self.by_id: dict[str, Person] = {}
        self._addresses: dict[str, int] = {}
        self._ids = Random(f"{seed}/ids")
        self._last_id, self._last_number = FIRST_ID, 0
        if size > 0:
            _found(self, size, Random(f"{seed}/{size}"))

    def address(self, first: str, last: str) -> str:
        """An e-mail address nobody had before."""
        local = f"{names.romanise(first)}.{names.romanise(last)}"
        taken = self._addresses.get(local, 0)
        self._addresses[local] = taken + 1
        return f"{local}{taken + 1}@{DOMAIN}" if taken else f"{local}@{DOMAIN}"

    def next_id(self) -> str:
        """The next person id. Neighbours differ by less than a double can tell apart."""
        self._last_id += self._ids.randint(1, 97)
        return str(self._last_id)

    def next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def add(self, person: Person) -> None:
        self.people.append(person)
        self.by_id.setdefault(person.id, person)

    def remove(self, id: str) -> bool:
        """Takes everyone with this id out; their reports move up one step."""
        gone = [p for p in self.people if p.id == id]
        if gone:
            self.hand_over({id: gone[0].manager})
            self.people = [p for p in self.people if p.id != id]
            del self.by_id[id]
        return bool(gone)

    def hand_over(self, new_managers: dict[str, str | None]) -> None:
        """Gives the reports of each manager named to the one who follows, or who follows that one."""
        for person in self.people:
            heir, steps = person.manager, 0
            while heir in new_managers and steps < 10:
                heir, steps = new_managers[heir], steps + 1
            if heir != person.manager and heir != person.id:
                move(self, person, manager=heir)

    def manager_of(self, person: Person | None) -> Person | None:
        return self.by_id.get(person.manager) if person and person.manager else None

    def name(self, list_name: str, id: Any) -> Any:
        """The readable name of a list value; of a list nobody has filled yet, the value itself."""
        return self.lists[list_name].name_of(id) if list_name in self.lists else id

    def entries(self, list_name: str) -> lists.NamedList:
        """A list by name; one that nobody has filled yet is begun."""
        if list_name not in self.lists:
            self.lists[list_name] = lists.NamedList(list_name, 230_192_163 + 1_000_000 * len(self.lists))
        return self.lists[list_name]

    def find(self, who: str) -> Person | None:
        """A person by id or e-mail address."""
        found = self.by_id.get(who)
        if found is None and "@" in who:
            found = next((p for p in self.people if p.email and p.email.lower() == who.lower()), None)
        return found


def set_state(company: Company, person: Person, lifecycle: str | None, since: str | None = None) -> None:
    """Changes the lifecycle status; Active or Inactive follows from it, the history remembers."""
    since = since or company.today
    person.past_states = (person.past_states or []) + [(person.state_since, person.lifecycle)]
    person.lifecycle, person.state_since = lifecycle, since
    person.status = "Inactive" if lifecycle in ("hired", "terminated") else "Active"


def move(company: Company, person: Person, **work: str | None) -> None:
    """Changes title, department, site or manager; the history remembers."""
    row = (person.work_since, person.title, person.department, person.site, person.manager)
    for attribute, value in work.items():
        setattr(person, attribute, value)
    if person.work_since != company.today:  # several changes of one day are one row
        person.past_work = (person.past_work or []) + [row]
        person.work_since = company.today


def hire(company: Company, rng: Random, start: str, **known: Any) -> Person:
    """A new person with a plausible name and life, not yet part of the company."""
    woman = rng.random() < 0.5
    given, family = names.draw(rng, woman)
    person = Person("", 0, None, given.text, family.text)
    if rng.random() < 0.1:
        person.middle = names.draw(rng, woman)[0].text
    if rng.random() < 0.08:
        person.nickname = given.text[:3]
    gender = "Non-binary" if rng.random() < 0.01 else "Female" if woman else "Male"
    person.gender = company.lists["gender"].id_of(gender)
    person.birth = later(start, -6900 - int(rng.random() * 12000))
    person.site = company.lists["site"].id_of(_pick(rng, _SITE_URN))
    person.contract = company.lists["employmentType"].id_of(_pick(rng, _CONTRACT_URN))
    person.start = person.original_start = person.state_since = person.work_since = start
    _fill_custom(company, rng, person)
    return dataclasses.replace(person, **known) if known else person


_SITE_URN = [site for site, (share, _, _) in lists.SITES.items() for _ in range(share)]
_CONTRACT_URN = ["Permanent"] * 88 + ["Contractor"] * 6 + ["Fixed term"] * 4 + ["Working student"] * 2
_CENTRES = {"London": "1100 London", "Berlin": "1200 Berlin", "Kraków": "1300 Kraków", "New York": "2100 New York",
            "São Paulo": "2200 São Paulo", "Tōkyō": "3100 Tōkyō", "Tel Aviv": "3200 Tel Aviv", "Remote": "1100 London"}


def _pick(rng: Random, urn: list) -> Any:
    return urn[int(rng.random() * len(urn))]


def _fill_custom(company: Company, rng: Random, person: Person) -> None:
    site = company.name("site", person.site)
    if site in _CENTRES:
        person.cost_centre = company.lists["work.column_1700000000006"].id_of(_CENTRES[site])
    if rng.random() < 0.7:
        person.squad = _pick(rng, company.lists["work.column_1700000000002"].top).id
    if rng.random() < 0.6:
        person.desk = f"{int(rng.random() * 9) + 1}.{int(rng.random() * 80):02d} {_pick(rng, ['Fenster', 'door', 'côté cour'])}"
    if rng.random() < 0.9:
        person.badge = 10_000 + int(rng.random() * 90_000)
    if rng.random() < 0.3:
        person.review = later(company.first_day, 30 + int(rng.random() * 400))


def _found(company: Company, size: int, rng: Random) -> None:
    """Makes the first people: a tree of positions, somebody for each, ids in the order they joined."""
    boss, branch, height = _positions(size, rng)
    staff = []
    for place in range(size):
        days = FOUNDED if place == 0 else int(min(rng.expovariate(1 / 900), FOUNDED - 1)) + 1
        person = hire(company, rng, later(company.first_day, -days))
        person.title, person.department = _job(company, rng, branch[place], height[place], boss[place] == 0)
        person.grade = company.lists["work.field_1700000000005"].id_of(f"L{_level(rng, height[place], place)}")
        staff.append(person)
    leaves = [place for place in range(1, size) if height[place] == 0]
    _lives(company, rng, [staff[place] for place in leaves])
    for place in sorted(range(size), key=lambda p: (staff[p].original_start, p)):
        person = staff[place]
        person.id, person.number = company.next_id(), company.next_number()
        person.email = company.address(person.first, person.last)
        company.add(person)
    for place in range(1, size):
        staff[place].manager = staff[boss[place]].id
    oddities.plant(company, rng)


def _positions(size: int, rng: Random) -> tuple[list[int], list[lists.Branch | None], list[int]]:
    """For each place its boss's place, its branch, and how many levels are below it."""
    boss, branch = [-1], [None]
    heads = _shares(size - 1)
    for area, people in heads:
        top = len(boss)
        boss.append(0)
        branch.append(area)
        parent, room = top, rng.randint(5, 9)
        for _ in range(people - 1):
            if room == 0:
                parent, room = parent + 1, rng.randint(5, 9)
            boss.append(parent)
            branch.append(area)
            room -= 1
    height = [0] * len(boss)
    for place in range(len(boss) - 1, 0, -1):
        height[boss[place]] = max(height[boss[place]], height[place] + 1)
    return boss, branch, height


def _shares(people: int) -> list[tuple[lists.Branch, int]]:
    """Divides people over the branches; a small company has fewer branches."""
    branches = lists.BRANCHES[:max(1, min(len(lists.BRANCHES), people // 6))]
    total = sum(b.share for b in branches)
    parts = [max(1, people * b.share // total) for b in branches]
    parts[0] += people - sum(parts)
    return [(b, n) for b, n in zip(branches, parts) if n > 0]


def _job(company: Company, rng: Random, branch: lists.Branch | None, height: int, head: bool) -> tuple[str, str]:
    """Title and department, as list ids."""
    titles, departments = company.lists["title"], company.lists["department"]
    if branch is None:
        return titles.id_of(lists.CHIEF), departments.id_of("Operations")
    if head:
        title = lists.RANKS[-1].format(branch.area)
    elif height:
        title = lists.RANKS[min(height, len(lists.RANKS) - 1) - 1].format(branch.area)
    else:
        title = _pick(rng, branch.titles)
    return titles.id_of(title), departments.id_of(branch.departments[0] if head else _pick(rng, branch.departments))


def _level(rng: Random, height: int, place: int) -> int:
    return 9 if place == 0 else min(8, 4 + height) if height else 1 + int(rng.random() * 4)


def _lives(company: Company, rng: Random, staff: list[Person]) -> None:
    """What happened to some: left, not yet started, away, came back. At least one each in a company of 30."""
    shares = {"terminated": 0.06, "hired": 0.015, "leave": 0.008, "parental leave": 0.01,
              "garden leave": 0.004, "leaving": 0.006, "rehired": 0.005}
    floor = 1 if len(staff) >= 24 else 0
    counts = {kind: max(floor, round(len(staff) * share)) for kind, share in shares.items()}
    pool = iter(rng.sample(staff, len(staff)))
    for kind, count in counts.items():
        for person in (p for p, _ in zip(pool, range(count))):
            _live(company, rng, person, kind)


def _live(company: Company, rng: Random, person: Person, kind: str) -> None:
    today, soon = company.today, later(company.today, rng.randint(3, 60))
    if kind == "hired":
        person.start = person.original_start = person.work_since = person.state_since = soon
        person.lifecycle, person.status = "hired", "Inactive"
    elif kind == "rehired":
        person.days_before = rng.randint(100, 900)
        person.start = person.work_since = person.state_since = later(today, -rng.randint(5, 200))
        left = later(person.start, -rng.randint(30, 300))
        person.original_start = later(left, -person.days_before)
        person.past_states = [(person.original_start, "employed"), (left, "terminated")]
    else:
        _leave(company, rng, person, kind, soon)


def _leave(company: Company, rng: Random, person: Person, kind: str, soon: str) -> None:
    since = max(person.start, later(company.today, -rng.randint(1, 90)))
    if kind == "terminated":
        person.end = max(person.start, later(company.today, -rng.randint(1, 700)))
        set_state(company, person, kind, later(person.end, 1))
    elif kind == "leaving":
        person.end = soon
    elif kind == "garden leave":
        person.end = soon
        set_state(company, person, kind, since)
    else:
        person.leave_until = soon
        set_state(company, person, kind, since)
    if person.end:
        person.end_reason = _pick(rng, company.lists["terminationReason"].top).id
