"""Power loss: kill -9 at random moments of a sync, an apply and an undo, on both engines.

The next sync takes over at once, nobody is ever half-changed, and it ends where an undisturbed run would
have ended. KILLS is how many there are for each engine and kind: 7 by default, 70 in a soak.
"""

import os
import signal
import time
from random import Random
from typing import Any

import pytest

from conftest import Bob, Muster
from model import ANCHOR, Model, Record, answer, differences, directory
from reading import departments, expected, people

KILLS = int(os.environ.get("KILLS", "20")) // 3 + 1
SEED = int(os.environ.get("SEED", "7"))
TAKES_OVER = 2.0  # seconds beyond an ordinary run
CHANGED = 60  # people of each round: fewer than half, so that no guard holds the plan


class Rounds:
    """One company that keeps changing, and a program that keeps dying."""

    def __init__(self, muster: Muster, bob: Bob) -> None:
        self.muster, self.bob, self.rng = muster, bob, Random(SEED)
        self.model, self.number = Model(), 0
        self.changing = [p[ANCHOR] for p in bob.active() if p["work.reportsTo"]][:CHANGED]
        muster("sync", "hibob", expect=(0, 1))
        self.follow()
        self.usual = self.timed("sync", "hibob")  # nothing to change: reading and planning
        self.change()
        self.longest = self.timed("sync", "hibob")  # with everything to apply
        self.follow()

    def timed(self, *command: str) -> float:
        started = time.monotonic()
        self.muster(*command, expect=(0, 1))
        return time.monotonic() - started

    def predict(self) -> Model:
        """The directory an undisturbed run would leave."""
        after = Model()
        after.people, after.teams = self.model.people, self.model.teams
        outcome = after.predict(answer(self.bob.people().values()), departments(self.bob))
        assert outcome.state == "applied", outcome.why
        after.accept(outcome)
        return after

    def follow(self) -> None:
        self.model = self.predict()
        assert differences(expected(self.model), people(self.muster)) == []

    def change(self) -> None:
        """New values for the same people, so that nothing held back from an earlier round stands in the way."""
        self.number += 1
        for anchor in self.changing:
            self.bob.edit(anchor, {"work.title": f"Rank {self.number}", "root.surname": f"Of Round {self.number}"})

    def move(self) -> None:
        """Things an undo would not simply take back: newcomers, other managers, swapped addresses."""
        self.bob.add({"root.surname": f"Newcomer {self.number}"})
        one, other = self.rng.sample(self.changing, 2)
        first, second = self.bob.edit(one, {})["root.email"], self.bob.edit(other, {})["root.email"]
        self.bob.edit(one, {"root.email": second})
        self.bob.edit(other, {"root.email": first})
        top = next(p[ANCHOR] for p in self.bob.active() if not p["work.reportsTo"])
        self.bob.edit(self.rng.choice(self.changing), {"work.reportsTo": top})

    def kill(self, *command: str) -> bool:
        """Starts the command and kills it at a random moment; False if it was through by then."""
        process = self.muster.start(*command)
        time.sleep(self.rng.random() * self.longest)
        alive = process.poll() is None
        if alive:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return alive

    def whole(self, before: dict[str, Record], after: dict[str, Record]) -> None:
        """Everybody is either as they were or as they are to be."""
        for anchor, now in people(self.muster).items():
            to_be = after[anchor]
            if anchor not in before and now["manager"] is None:
                to_be = {**to_be, "manager": None}  # the manager is in a batch that is still to come
            assert now in (before.get(anchor), to_be), f"half-changed: {now}\nbefore {before.get(anchor)}\nafter {to_be}"

    def take_over(self) -> dict[str, Any]:
        """The next sync, at once."""
        started = time.monotonic()
        tally = self.muster("sync", "hibob", "--json", expect=(0, 1)).json()
        took = time.monotonic() - started
        assert took < self.longest * 2 + TAKES_OVER, f"the next sync took {took:.1f} s, an ordinary one {self.longest:.1f} s"
        assert tally["state"] == "applied", tally
        return tally

    def history_agrees(self) -> None:
        then = self.muster("people", "--at", self.bob.today(), "--json")
        assert differences(people(self.muster), directory(then.rows())) == []


@pytest.fixture
def rounds(muster: Muster, bob: Bob, source: str) -> Rounds:
    return Rounds(muster, bob)


@pytest.mark.company(size=160)
def test_killed_while_it_syncs(rounds: Rounds) -> None:
    killed = 0
    for _ in range(KILLS):
        rounds.change()
        rounds.move()
        before, after = expected(rounds.model), expected(rounds.predict())
        killed += rounds.kill("sync", "hibob")
        rounds.whole(before, after)
        rounds.take_over()
        rounds.follow()
    assert killed, "no sync was still running when it was to be killed"
    rounds.history_agrees()


@pytest.mark.company(size=160)
def test_killed_while_it_applies(rounds: Rounds) -> None:
    killed = 0
    for _ in range(KILLS):
        rounds.change()
        rounds.move()
        before, after = expected(rounds.model), expected(rounds.predict())
        run = rounds.muster("plan", "hibob", "--json").json()["run"]
        assert differences(before, people(rounds.muster)) == []
        killed += rounds.kill("apply", run)
        rounds.whole(before, after)
        rounds.take_over()
        rounds.follow()
    assert killed, "no apply was still running when it was to be killed"
    rounds.history_agrees()


@pytest.mark.company(size=160)
def test_killed_while_it_undoes(rounds: Rounds) -> None:
    """An undo that had begun to change people is finished; one that had not is forgotten."""
    killed, undone = 0, 0
    for _ in range(KILLS):
        rounds.change()
        before, after = expected(rounds.model), expected(rounds.predict())
        run = rounds.muster("sync", "hibob", "--json").json()["run"]
        assert differences(after, people(rounds.muster)) == []
        killed += rounds.kill("undo", run)
        begun = people(rounds.muster) != after
        rounds.whole(after, before)
        rounds.take_over()
        now = people(rounds.muster)
        assert now in (before, after), differences(before if begun else after, now)
        assert now == before or not begun, "an undo that had begun was not finished"
        undone += now == before
        if now == after:
            rounds.model = rounds.predict()
    assert killed and undone, "no undo was still running when it was to be killed"
    rounds.history_agrees()
