"""Thirty nights of a living company, with something wrong on most of them.

Every night the directory must be what the model says, and so must it have been on any night before.
NIGHTS, PEOPLE and SEED make it a soak: NIGHTS=365 PEOPLE=3000.
"""

import os
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from conftest import TODAY, Bob, Muster, Result
from model import ANCHOR, STATUS, Model, Outcome, answer, differences, directory
from reading import departments, expected, people

NIGHTS = int(os.environ.get("NIGHTS", "30"))
PEOPLE = int(os.environ.get("PEOPLE", "300"))
SEED = int(os.environ.get("SEED", "2026"))
PATIENCE = 60 + PEOPLE // 10  # seconds for one command


@dataclass(frozen=True)
class Trouble:
    """What is wrong for a night or several: a fault, rights, or a way to run. `fails`: no answer is read."""

    name: str
    fault: dict[str, Any] = field(default_factory=dict)
    rights: dict[str, Any] = field(default_factory=dict)
    fails: bool = False
    nights: int = 1
    way: str = "sync"  # sync, review (sync --review), plan (plan, then apply RUN)
    layoff: float = 0  # so many of the active leave today, and rightly so


QUIET = Trouble("a quiet night")
TROUBLES = (
    Trouble("the token is refused", {"kind": "status", "status": 401}, fails=True),
    Trouble("the people are forbidden", rights={"no_people": True}, fails=True),
    Trouble("a login page instead of JSON", {"kind": "html"}, fails=True),
    Trouble("the answer is cut, its length known", {"kind": "cut", "mode": "length"}, fails=True),
    Trouble("the answer is cut between chunks", {"kind": "cut", "mode": "chunked"}, fails=True),
    Trouble("the answer is cut, well-formed HTTP", {"kind": "cut", "mode": "clean"}, fails=True),
    Trouble("one record is no JSON", {"kind": "invalid_json", "form": "brace"}, fails=True),
    Trouble("HR is busy for a moment", {"kind": "status", "status": 429, "retry_after": 1, "times": 1}),
    Trouble("the status may not be read", rights={"hidden_fields": [STATUS]}),
    Trouble("the e-mail may not be read", rights={"hidden_fields": ["root.email"]}),
    Trouble("the title may not be read", rights={"hidden_fields": ["work.title"]}),
    Trouble("the department may not be read", rights={"hidden_fields": ["work.department"]}),
    Trouble("the managers may not be read", rights={"hidden_fields": ["work.reportsTo", "work.manager"]}, nights=2),
    Trouble("half the company is missing", {"kind": "half"}),
    Trouble("nobody is in the answer", {"kind": "empty"}),
    Trouble("another company's data", {"kind": "other_company"}),
    Trouble("leavers are invisible", rights={"employed_only": True}, nights=3),
    Trouble("two people with one id", {"kind": "duplicate_id", "count": 1}),
    Trouble("two people with one e-mail", {"kind": "duplicate_email", "count": 2}),
    Trouble("a record without an id", {"kind": "missing_id", "count": 1}),
    Trouble("a manager nobody knows", {"kind": "manager_missing", "count": 3}),
    Trouble("people who report to themselves", {"kind": "manager_self", "count": 2}),
    Trouble("two people who report to each other", {"kind": "circle", "size": 2}, nights=2),
    Trouble("a ring of fifty", {"kind": "circle", "size": 50}),
    Trouble("dates that are none", {"kind": "zero_dates", "count": 6}),
    Trouble("a third of the company leaves", layoff=1 / 3),
    Trouble("an admin wants to see it first", way="review"),
    Trouble("an admin plans, then applies", way="plan"),
)


class Life:
    """The company, the program and the model, side by side."""

    def __init__(self, muster: Muster, bob: Bob) -> None:
        self.muster, self.bob, self.rng = muster, bob, Random(SEED)
        self.model = Model()
        self.today = TODAY
        self.nights: dict[str, dict[str, Any]] = {}  # date: the directory after that night
        self.odd_status: list[str] = []
        self.expecting = 0  # nights for which a held plan was awaited, so that the test cannot pass idle

    def night(self, trouble: Trouble, first: bool = False) -> None:
        if not first:
            self.today = self.bob.advance(1)
            self.deeds(trouble)
        self.muster.now = f"{self.today}T04:00:00Z"
        names = departments(self.bob)
        truth = list(self.bob.people().values())
        self.bob.permission(**trouble.rights)
        if trouble.fault:
            self.bob.fault(**trouble.fault)
        if trouble.fails:
            self.fail()
        else:
            self.run(trouble, self.model.predict(answer(truth, trouble.rights, trouble.fault), names))
        self.bob.heal()
        self.bob.permission(hidden_fields=[], employed_only=False, no_people=False)
        self.compare()

    def deeds(self, trouble: Trouble) -> None:
        """What the day brings beyond the sandbox's own: the things that are rare there."""
        active = [p for p in self.bob.active() if p["work.reportsTo"]]
        for anchor in self.odd_status:
            self.bob.edit(anchor, {STATUS: "Active"})
        self.odd_status = []
        someone, other, third, fourth = self.rng.sample(active, 4)
        if trouble.layoff:
            for person in self.rng.sample(active, int(len(active) * trouble.layoff)):
                self.bob.edit(person[ANCHOR], {"internal.lifecycleStatus": "terminated", "internal.terminationDate": self.today})
        elif self.rng.random() < 0.3:
            self.bob.edit(someone[ANCHOR], {"root.email": other["root.email"]})
            self.bob.edit(other[ANCHOR], {"root.email": someone["root.email"]})
        if self.rng.random() < 0.2:
            self.bob.edit(third[ANCHOR], {STATUS: "Sabbatical"})
            self.odd_status.append(third[ANCHOR])
        if trouble.rights.get("employed_only") or self.rng.random() < 0.2:
            self.bob.edit(fourth[ANCHOR], {"internal.lifecycleStatus": "terminated", "internal.terminationDate": self.today})
        if self.rng.random() < 0.1:
            self.bob.delete(fourth[ANCHOR])

    def sync(self, *more: str) -> Result:
        return self.muster("sync", "hibob", "--json", *more, expect=None, timeout=PATIENCE)

    def fail(self) -> None:
        result = self.sync()
        assert result.code == 3, str(result)
        assert result.err.strip(), "a run that fails says why"

    def run(self, trouble: Trouble, outcome: Outcome) -> None:
        if trouble.way == "plan":
            result = self.muster("plan", "hibob", "--json", timeout=PATIENCE)
            assert result.json()["state"] == "planned", str(result)
        else:
            result = self.sync(*(["--review"] if trouble.way == "review" else []))
        if outcome.state == "stopped":
            assert result.code in outcome.codes, str(result)
            return
        tally = result.json()
        assert {name: tally[name] for name in outcome.tally} == outcome.tally, f"{outcome.why}\n{result}"
        if trouble.way == "sync":
            assert (tally["state"], result.code in outcome.codes) == (outcome.state, True), f"{outcome}\n{result}"
        elif trouble.way == "review":
            assert (tally["state"], result.code) == ("held", 1), str(result)
        if trouble.way != "sync" or (outcome.state == "held" and self.legitimate(outcome)):
            self.compare()  # nothing happened so far
            applied = self.muster("apply", tally["run"], "--json", expect=None, timeout=PATIENCE)
            assert applied.json()["state"] == "applied", str(applied)
            self.model.accept(outcome)
        elif outcome.state == "applied":
            self.model.accept(outcome)

    def legitimate(self, outcome: Outcome) -> bool:
        """Whether the admin approves what was held: those who left, left; sometimes they sleep over it."""
        self.expecting += 1
        return outcome.why <= {"missing", "deactivations"} and self.rng.random() < 0.7

    def compare(self) -> None:
        self.nights[self.today] = expected(self.model)
        assert differences(self.nights[self.today], people(self.muster)) == [], self.today

    def look_back(self) -> None:
        """The directory as it was on three days of the past."""
        for day in self.rng.sample(sorted(self.nights), min(3, len(self.nights))):
            then = self.muster("people", "--at", day, "--json", timeout=PATIENCE)
            assert differences(self.nights[day], directory(then.rows())) == [], f"on {day}, seen from {self.today}"


def schedule(rng: Random) -> list[Trouble]:
    """A trouble for each night: all of them, in another order each time, with quiet nights between."""
    wanted: list[Trouble] = []
    while sum(t.nights for t in wanted) < NIGHTS:
        some = [*TROUBLES, *(QUIET for _ in range(3))]
        rng.shuffle(some)
        wanted += some
    return [trouble for trouble in wanted for _ in range(trouble.nights)][:NIGHTS]


@pytest.mark.company(size=PEOPLE, seed=SEED, oddities=True)
def test_every_night_the_directory_is_what_the_model_says(muster: Muster, bob: Bob, source: str) -> None:
    life = Life(muster, bob)
    life.night(QUIET, first=True)
    for trouble in schedule(Random(SEED)):
        life.night(trouble)
        life.look_back()
    life.night(QUIET)

    again = life.sync().json()  # the same day once more: nothing is new, unless a plan still waits for its admin
    quiet = life.model.predict(answer(bob.people().values()), departments(bob))
    assert (again["state"], {name: again[name] for name in quiet.tally}) == (quiet.state, quiet.tally)
    assert quiet.state == "held" or again["created"] == again["updated"] == again["deactivated"] == 0
    assert life.expecting >= 2
