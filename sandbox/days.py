"""Days go by: people join, move, marry, take leave, come back and go; list entries get new names.

A day's changes follow from the seed, the number of the day and the company of the day before.
"""

from datetime import date
from random import Random
from typing import Iterable

from sandbox import lists, names
from sandbox.company import Company, Person, hire, later, move, set_state

# How likely it is on a day, per person.
JOIN, LEAVE, MOVE, AWAY, RENAME, SWAP, REHIRE = 1 / 600, 1 / 600, 1 / 150, 1 / 600, 1 / 2000, 1 / 4000, 1 / 4000
NEW_NAME = 1 / 10  # that some list entry is renamed, per day


def advance(company: Company, days: int) -> None:
    """Lets days pass, one after the other."""
    for _ in range(days):
        _Day(company).pass_by()


class _Day:
    """One day: what was due happens, then the new."""

    def __init__(self, company: Company) -> None:
        company.day += 1
        company.today = later(company.today, 1)
        self.company, self.today = company, company.today
        self.rng = Random(f"{company.seed}/day/{company.day}")

    def pass_by(self) -> None:
        self.due()
        self.settled = [p for p in self.company.people if p.lifecycle == "employed" and p.manager and not p.end]
        has_reports = {p.manager for p in self.company.people}
        self.bosses = [p for p in self.settled if p.id in has_reports]
        self.bosses = self.bosses or [p for p in self.company.people if p.active and not p.manager][:1]
        self.join()
        self.leave()
        self.take_leave()
        self.change_work()
        self.marry()
        self.swap_addresses()
        self.rehire()
        self.rename_entry()

    def due(self) -> None:
        """Start dates, returns and last days that have come."""
        company, gone = self.company, []
        for person in company.people:
            if person.lifecycle == "hired" and person.start and person.start <= self.today:
                if person.email is None:
                    person.email = company.address(person.first, person.last)
                set_state(company, person, "employed")
            elif person.leave_until and person.leave_until <= self.today and person.lifecycle in lists.LEAVES:
                person.leave_until = None
                set_state(company, person, "employed")
            elif person.active and person.end and person.end < self.today:
                set_state(company, person, "terminated")
                gone.append(person)
        if gone:
            self.succeed([p for p in gone if not self.forgotten()])

    def succeed(self, gone: list[Person]) -> None:
        """One of the reports takes the place of a manager who left, and leads the others."""
        reports: dict[str, list[Person]] = {p.id: [] for p in gone}
        for person in self.company.people:
            if person.active and person.manager in reports:
                reports[person.manager].append(person)
        heirs = {}
        for left in gone:
            heir = next((p for p in reports[left.id] if p.id != left.manager), None)
            heirs[left.id] = heir.id if heir else left.manager
            if heir:
                move(self.company, heir, title=left.title, manager=left.manager)
        self.company.hand_over(heirs)

    def forgotten(self) -> bool:
        return "forgotten" in self.company.odd and self.rng.random() < 0.2

    def times(self, rate: float) -> int:
        return int(len(self.company.people) * rate + self.rng.random())

    def some(self, rate: float, pool: list[Person] | None = None) -> Iterable[Person]:
        """People it happens to today; nobody twice on one day."""
        pool = self.settled if pool is None else pool
        for _ in range(min(self.times(rate), len(pool))):
            place = int(self.rng.random() * len(pool))
            pool[place], pool[-1] = pool[-1], pool[place]
            yield pool.pop()

    def join(self) -> None:
        company, rng = self.company, self.rng
        for _ in range(self.times(JOIN)):
            person = hire(company, rng, later(self.today, rng.choice((0, 0, 7, 14, 30))))
            join(company, rng, person, self.bosses)
            if person.lifecycle == "hired" and "no_email" in company.odd and rng.random() < 0.4:
                person.email = None

    def leave(self) -> None:
        for person in self.some(LEAVE):
            person.end = later(self.today, self.rng.choice((0, 3, 14, 30)))
            person.end_reason = self.rng.choice(self.company.lists["terminationReason"].top).id
            if person.end > self.today and self.rng.random() < 0.2:
                set_state(self.company, person, "garden leave")

    def take_leave(self) -> None:
        for person in self.some(AWAY):
            person.leave_until = later(self.today, self.rng.randint(5, 120))
            set_state(self.company, person, self.rng.choice(("leave", "parental leave")))

    def change_work(self) -> None:
        company, rng = self.company, self.rng
        for person in self.some(MOVE):
            kind = rng.choice(("title", "department", "manager", "site", "promotion"))
            if kind in ("title", "promotion"):
                move(company, person, title=rng.choice(company.lists["title"].top[1:]).id)
            if kind == "site":
                move(company, person, site=rng.choice(company.lists["site"].top).id)
            if kind in ("department", "manager") and self.bosses:
                self.change_team(person, kind == "department")

    def change_team(self, person: Person, department: bool) -> None:
        boss = self.rng.choice(self.bosses)
        if boss.lifecycle == "employed" and not _below(self.company, boss, person):
            move(self.company, person, manager=boss.id)
            if department:
                move(self.company, person, department=boss.department)

    def marry(self) -> None:
        for person in self.some(RENAME):
            person.last = names.draw(self.rng, True)[1].text
            person.email = self.company.address(person.first, person.last)

    def swap_addresses(self) -> None:
        if "swaps" in self.company.odd:
            for one in self.some(SWAP):
                other = self.rng.choice(self.settled) if self.settled else one
                one.email, other.email = other.email, one.email

    def rehire(self) -> None:
        long_gone = [p for p in self.company.people if p.lifecycle == "terminated" and p.end and p.end < later(self.today, -30)]
        for person in self.some(REHIRE, long_gone):
            person.days_before += _days_between(person.start, person.end)
            person.start, person.end, person.end_reason = self.today, None, None
            set_state(self.company, person, "employed")
            boss = self.company.manager_of(person)
            if (boss is None or not boss.active) and self.bosses:
                boss = self.rng.choice(self.bosses)
            move(self.company, person, manager=boss.id if boss else None)

    def rename_entry(self) -> None:
        if self.rng.random() < NEW_NAME:
            entries = self.company.lists[self.rng.choice(("department", "title", "work.column_1700000000002"))]
            entry = self.rng.choice([e for e in entries.top if e.name != lists.CHIEF])
            new = entry.name.removeprefix("Global ") if entry.name.startswith("Global ") else f"Global {entry.name.strip()}"
            entries.rename(entry.id, new)


def join(company: Company, rng: Random, person: Person, bosses: list[Person], id: str | None = None) -> None:
    """Makes a hired person part of the company: id, address, a boss, a job."""
    person.id, person.number = id or company.next_id(), company.next_number()
    person.email = company.address(person.first, person.last)
    if bosses:
        boss = rng.choice(bosses)
        person.manager, person.department = boss.id, boss.department
    branch = rng.choice(lists.BRANCHES)
    person.title = company.lists["title"].id_of(rng.choice(branch.titles))
    person.department = person.department or company.lists["department"].id_of(branch.departments[0])
    person.grade = company.lists["work.field_1700000000005"].id_of(f"L{rng.randint(1, 4)}")
    if person.start and person.start > company.today:
        person.lifecycle, person.status = "hired", "Inactive"
    company.add(person)


def _below(company: Company, person: Person, top: Person) -> bool:
    """Whether `top` is the person or anywhere above; a circle ends the search."""
    step: Person | None = person
    for _ in range(100):
        if step is None or step.id == top.id:
            return step is not None
        step = company.manager_of(step)
    return True


def _days_between(start: str | None, end: str | None) -> int:
    try:
        return max(0, (date.fromisoformat(end or "") - date.fromisoformat(start or "")).days)
    except ValueError:
        return 0
