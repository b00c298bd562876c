"""What is wrong in every real HR system, in small numbers: the cases a sync must survive.

Each can be switched off by name; a company without any is clean: no circle, no missing e-mail,
no spelling variants.
"""

from random import Random
from typing import TYPE_CHECKING, Iterable

if TYPE_CHECKING:
    from sandbox.company import Company

KINDS = {
    "spelling": "departments and titles in several spellings",
    "no_email": "a few people, mostly future starters, without an e-mail",
    "circle": "two people who are each other's manager",
    "left_manager": "a manager who left and still has reports",
    "archived": "somebody in a department that is archived",
    "lost_text": "somebody whose department is a text that is no list entry",
    "swaps": "two people who swap e-mail addresses now and then (as days go by)",
    "forgotten": "reports of a leaver who keep that manager (as days go by)",
}
_VARIANTS = {"Sales & Ops": ("Sales & ops ", "sales and ops"), "Customer Success": ("Customer  Success", "CUSTOMER SUCCESS"),
             "R&D": ("R & D",)}
_TITLE_VARIANTS = {"Account Executive": ("account executive", "Account Executive "), "Senior Engineer": ("Sr. Engineer",)}
_SMALL = 30  # smaller companies get none


def chosen(odd: Iterable[str] | bool) -> frozenset[str]:
    """The oddities meant by True, False or a list of names."""
    if isinstance(odd, bool):
        return frozenset(KINDS) if odd else frozenset()
    wanted = frozenset(odd)
    if wanted - KINDS.keys():
        raise ValueError(f"no such oddity: {', '.join(sorted(wanted - KINDS.keys()))}; there are {', '.join(KINDS)}")
    return wanted


def plant(company: "Company", rng: Random) -> None:
    """Puts the chosen oddities into a new company."""
    if len(company.people) < _SMALL:
        return
    if "spelling" in company.odd:
        _respell(company, rng, "department", _VARIANTS)
        _respell(company, rng, "title", _TITLE_VARIANTS)
    for kind, deed in (("no_email", _lose_emails), ("circle", _close_circle), ("left_manager", _lose_manager),
                       ("archived", _use_archived), ("lost_text", _use_text)):
        if kind in company.odd:
            deed(company, rng)


def _respell(company: "Company", rng: Random, list_name: str, variants: dict[str, tuple[str, ...]]) -> None:
    entries = company.lists[list_name]
    for proper, others in variants.items():
        id = entries.id_of(proper)
        holders = [p for p in company.people if getattr(p, list_name) == id]
        ids = [entries.add(other) for other in others]
        for n, person in enumerate(rng.sample(holders, len(holders) // 5)):
            setattr(person, list_name, ids[n % len(ids)])


def _lose_emails(company: "Company", rng: Random) -> None:
    future = [p for p in company.people if p.lifecycle == "hired"]
    others = [p for p in company.people if p.active]
    for person in rng.sample(future, (len(future) + 2) // 3) + rng.sample(others, 1 + len(others) // 500):
        person.email = None


def _close_circle(company: "Company", rng: Random) -> None:
    reporting = [p for p in _plain(company) if company.by_id[p.manager].manager]
    if reporting:
        low = rng.choice(reporting)
        company.by_id[low.manager].manager = low.id


def _lose_manager(company: "Company", rng: Random) -> None:
    bosses = {p.manager for p in _plain(company)}
    candidates = [p for p in company.people if p.id in bosses and p.active and p.manager and not _in_circle(company, p)]
    if candidates:
        person = rng.choice(candidates)
        person.end, person.lifecycle, person.status = company.today, "terminated", "Inactive"
        person.past_states, person.state_since = [(person.state_since, "employed")], company.today
        person.end_reason = company.lists["terminationReason"].top[0].id


def _use_archived(company: "Company", rng: Random) -> None:
    old = next(e.id for e in company.lists["department"].top if e.archived)
    rng.choice(_plain(company)).department = old


def _use_text(company: "Company", rng: Random) -> None:
    rng.choice(_plain(company)).department = "Board Office"


def _plain(company: "Company") -> list:
    """Active people without reports but with a manager."""
    bosses = {p.manager for p in company.people}
    return [p for p in company.people if p.active and p.manager and p.id not in bosses]


def _in_circle(company: "Company", person) -> bool:
    manager = company.manager_of(person)
    return bool(manager and manager.manager == person.id)
