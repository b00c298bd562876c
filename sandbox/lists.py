"""Named lists: departments, titles, sites and the other values an HR system keeps as entries with an id.

People hold the id of an entry; the name is looked up. So an entry that is renamed changes its
name for everybody and its id for nobody.
"""

from dataclasses import dataclass, field
from typing import Any, Iterable


@dataclass(slots=True)
class Entry:
    """One entry of a list; `children` is empty except in a hierarchy."""

    id: str
    name: str
    archived: bool = False
    children: list["Entry"] = field(default_factory=list)


class NamedList:
    """Entries by id, children of a hierarchy included."""

    def __init__(self, name: str, first_id: int) -> None:
        self.name = name
        self.top: list[Entry] = []
        self.by_id: dict[str, Entry] = {}
        self._by_name: dict[str, str] = {}
        self._next_id = first_id

    def add(self, name: str, id: str | None = None, parent: Entry | None = None, archived: bool = False) -> str:
        """A new entry, with the next free number as id unless one is given; returns the id."""
        if id is None:
            id = str(self._next_id)
            self._next_id += 7
        entry = Entry(id, name, archived)
        (parent.children if parent else self.top).append(entry)
        self.by_id[id] = entry
        self._by_name.setdefault(name, id)
        return id

    def id_of(self, name: str) -> str:
        """The id of the entry spelled exactly so; it is made if there is none."""
        known = self._by_name.get(name)
        return known if known is not None else self.add(name)

    def name_of(self, id: Any) -> Any:
        """The name of an entry; an id that is no entry stands for itself, as in old lists."""
        entry = self.by_id.get(str(id))
        return entry.name if entry else id

    def rename(self, id: str, name: str) -> None:
        """Gives an entry another name under the same id."""
        entry = self.by_id[id]
        if self._by_name.get(entry.name) == id:
            del self._by_name[entry.name]
        entry.name = name
        self._by_name.setdefault(name, id)


@dataclass(slots=True, frozen=True)
class Branch:
    """A part of the company under one vice president."""

    area: str
    share: int
    departments: tuple[str, ...]
    titles: tuple[str, ...]


BRANCHES = (
    Branch("Engineering", 30, ("R&D", "Platform", "Data & AI", "Quality"),
           ("Engineer", "Senior Engineer", "Staff Engineer", "Data Scientist", "Test Engineer", "Site Reliability Engineer")),
    Branch("Sales", 18, ("Sales & Ops", "Sales EMEA", "Sales Americas"),
           ("Account Executive", "Senior Account Executive", "Sales Engineer", "Sales Development Representative")),
    Branch("Customer Success", 12, ("Customer Success", "Support"),
           ("Customer Success Manager", "Support Engineer", "Onboarding Specialist")),
    Branch("Operations", 12, ("Operations", "Facilities", "IT"),
           ("Operations Analyst", "Systems Administrator", "Office Coordinator", "Logistics Planner")),
    Branch("Marketing", 8, ("Marketing", "Brand & Communications"),
           ("Content Writer", "Growth Marketer", "Designer", "Event Manager")),
    Branch("Product", 8, ("Product", "Design"), ("Product Manager", "Product Designer", "User Researcher")),
    Branch("Finance", 6, ("Finance", "Procurement"), ("Accountant", "Financial Analyst", "Buyer")),
    Branch("People", 4, ("People", "Talent"), ("Recruiter", "People Partner", "Payroll Specialist")),
    Branch("Legal", 2, ("Legal & Compliance",), ("Counsel", "Compliance Officer", "Paralegal")),
)
CHIEF = "Chief Executive Officer"
RANKS = ("{} Team Lead", "{} Manager", "Director of {}", "Senior Director of {}", "VP {}")
SITES = {  # name: (share, country, time zone)
    "London": (24, "United Kingdom", "Europe/London"), "Berlin": (16, "Germany", "Europe/Berlin"),
    "São Paulo": (10, "Brazil", "America/Sao_Paulo"), "New York": (16, "United States", "America/New_York"),
    "Tel Aviv": (10, "Israel", "Asia/Jerusalem"), "Tōkyō": (8, "Japan", "Asia/Tokyo"),
    "Kraków": (8, "Poland", "Europe/Warsaw"), "Remote": (8, "Ireland", "Europe/Dublin"),
}
OLD_DEPARTMENT = "Facilities"  # kept from an old list: its text is its id
LEAVES = ("leave", "parental leave", "garden leave")

_COST_CENTRES = {"Europe": ("1100 London", "1200 Berlin", "1300 Kraków"), "Americas": ("2100 New York", "2200 São Paulo"),
                 "Asia": ("3100 Tōkyō", "3200 Tel Aviv")}
_TEXT_IDS = {  # lists whose ids are words
    "lifecycleStatus": ("hired", "employed", *LEAVES, "terminated"),
    "workplaceType": ("onsite", "hybrid", "remote"),
}
_NUMBERED = {
    "gender": ("Female", "Male", "Non-binary"),
    "employmentType": ("Permanent", "Contractor", "Fixed term", "Working student"),
    "employmentContract": ("Full time", "Part time"),
    "terminationReason": ("Resignation", "End of contract", "Redundancy", "Retirement"),
    "work.column_1700000000002": ("Squad Aurora", "Squad Boreas", "Squad Çınar", "Squad Δelta", "Squad Éclair"),
    "work.field_1700000000005": tuple(f"L{n}" for n in range(1, 10)),
}


def starting_lists() -> dict[str, NamedList]:
    """The lists of a new company, the ids spread so that no two lists share one."""
    names = ("department", "title", "site", *_NUMBERED, *_TEXT_IDS, "work.column_1700000000006")
    lists = {name: NamedList(name, 209_192_163 + 1_000_000 * n) for n, name in enumerate(names)}
    lists["site"] = NamedList("site", 300_400)
    _add(lists["department"], (d for b in BRANCHES for d in b.departments if d != OLD_DEPARTMENT))
    lists["department"].add(OLD_DEPARTMENT, id=OLD_DEPARTMENT)
    lists["department"].add("Telegraphy", archived=True)
    _add(lists["title"], (CHIEF, *(t for b in BRANCHES for t in b.titles)))
    _add(lists["title"], (rank.format(b.area) for b in BRANCHES for rank in RANKS))
    _add(lists["site"], SITES)
    for name, entries in _NUMBERED.items():
        _add(lists[name], entries)
    for name, entries in _TEXT_IDS.items():
        for text in entries:
            lists[name].add(text.capitalize(), id=text)
    centres = lists["work.column_1700000000006"]
    for region, children in _COST_CENTRES.items():
        parent = centres.by_id[centres.add(region)]
        for child in children:
            centres.add(child, parent=parent)
    return lists


def _add(target: NamedList, names: Iterable[str]) -> None:
    for name in names:
        target.add(name)
