"""The company: the same for the same seed, plausible, odd where it should be, and alive."""

import time
import unicodedata
from collections import Counter

import pytest

from sandbox import days
from sandbox.company import Company, Person
from sandbox.oddities import KINDS

TODAY = "2026-11-02"


def make(size: int = 400, seed: int = 42, odd=True) -> Company:
    return Company(size, seed, TODAY, odd)


def chain_ends(company: Company, person: Person) -> bool:
    steps = 0
    while person and person.manager and steps < 50:
        person, steps = company.by_id.get(person.manager), steps + 1
    return steps < 50


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 12, 29, 30, 31, 100, 1000])
def test_any_size_has_so_many_people(size):
    for odd in (True, False):
        assert len(make(size, odd=odd).people) == size


def test_a_thousand_people_take_less_than_a_second():
    start = time.perf_counter()
    make(1000)
    assert time.perf_counter() - start < 1


def test_the_same_seed_makes_the_same_company():
    one, two, other = make(), make(), make(seed=7)
    for company in (one, two, other):
        days.advance(company, 20)
    assert one.people == two.people
    assert one.people != other.people


def test_days_one_by_one_are_the_same_days():
    one, two = make(), make()
    days.advance(one, 10)
    for _ in range(10):
        days.advance(two, 1)
    assert one.people == two.people and one.today == two.today == "2026-11-12"


def test_ids_have_19_digits_and_are_too_close_for_a_double():
    ids = [p.id for p in make().people]
    assert all(len(id) == 19 and int(id) > 2**53 for id in ids) and len(set(ids)) == len(ids)
    assert len({float(id) for id in ids}) < len(ids)


def test_the_tree_has_one_top_and_spans_of_five_to_nine():
    company = make(1000, odd=False)
    assert [p.manager for p in company.people].count(None) == 1
    assert all(chain_ends(company, p) for p in company.people)
    spans = Counter(p.manager for p in company.people if p.manager)
    assert sum(5 <= n <= 9 for n in spans.values()) > 0.8 * len(spans) and max(spans.values()) <= 9


def test_managers_come_before_and_after_their_reports():
    company = make()
    earlier = [int(p.manager) < int(p.id) for p in company.people if p.manager]
    assert any(earlier) and not all(earlier)


def test_names_of_many_scripts_have_ascii_addresses():
    company = make(1000, odd=False)
    addresses = [p.email for p in company.people]
    assert len(set(addresses)) == 1000
    assert all(address.isascii() and " " not in address for address in addresses)
    scripts = {unicodedata.name(p.last[0]).split()[0] for p in company.people}
    assert {"LATIN", "CYRILLIC", "GREEK", "HEBREW", "ARABIC", "CJK", "HANGUL", "DEVANAGARI"} <= scripts


def test_every_kind_of_life_is_there():
    company = make(120)
    assert {"employed", "hired", "terminated", "leave", "parental leave", "garden leave"} == {p.lifecycle for p in company.people}
    for person in company.people:
        assert person.active == (person.lifecycle not in ("hired", "terminated"))
        assert person.lifecycle != "hired" or person.start > TODAY
        assert person.lifecycle != "terminated" or person.end <= TODAY
        assert person.lifecycle != "garden leave" or person.end > TODAY
        assert person.birth < person.start
    assert any(p.days_before and p.original_start < p.start for p in company.people)
    assert {"Permanent", "Contractor"} <= {company.name("employmentType", p.contract) for p in company.people}


def test_oddities_are_there():
    company = make(1000)
    spellings = {e.name for e in company.lists["department"].top}
    assert {"Sales & Ops", "Sales & ops ", "sales and ops"} <= spellings
    assert sum(p.email is None for p in company.people) > 3
    assert sum(not chain_ends(company, p) for p in company.people) >= 2
    left = {p.id for p in company.people if p.lifecycle == "terminated"}
    assert any(p.manager in left for p in company.people)
    ids = {e.id for e in company.lists["department"].top}
    assert any(p.department not in ids for p in company.people)
    assert any(p.department == "Facilities" for p in company.people)  # an old entry whose text is its id
    assert any(p.department in ids and company.lists["department"].by_id[p.department].archived for p in company.people)


def test_without_oddities_it_is_clean():
    company = make(1000, odd=False)
    days.advance(company, 60)
    emails = [p.email for p in company.people]
    assert None not in emails and len(set(emails)) == len(emails)
    assert all(chain_ends(company, p) for p in company.people)
    assert not [p for p in company.people if p.manager and not company.by_id[p.manager].active]
    folded = Counter("".join(filter(str.isalnum, e.name.lower())) for e in company.lists["department"].top)
    assert max(folded.values()) == 1


def test_oddities_can_be_chosen_one_by_one():
    only = make(200, odd=["circle"])
    assert sum(not chain_ends(only, p) for p in only.people) >= 2 and all(p.email for p in only.people)
    assert make(50, odd=list(KINDS)).odd == make(50).odd
    with pytest.raises(ValueError, match="no such oddity"):
        make(10, odd=["nonsense"])


def test_in_two_months_everything_happens():
    company = make(1000)
    before = {p.id: (p.lifecycle, p.title, p.department, p.manager, p.site, p.last, p.email, p.start) for p in company.people}
    entries = {e.id: e.name for name in ("department", "title") for e in company.lists[name].top}
    days.advance(company, 60)
    after = {p.id: p for p in company.people}
    assert len(after) > len(before) and before.keys() <= after.keys()
    turns = Counter((was[0], after[id].lifecycle) for id, was in before.items())
    for turn in (("employed", "terminated"), ("hired", "employed"), ("employed", "parental leave"), ("leave", "employed"),
                 ("garden leave", "terminated")):
        assert turns[turn], turn
    for n, attribute in enumerate(("title", "department", "manager", "site", "last", "email"), 1):
        assert any(was[n] != getattr(after[id], attribute) for id, was in before.items()), attribute
    assert any(was[0] == "terminated" and after[id].start > was[7] for id, was in before.items())  # came back, same id
    assert any(entries[e.id] != e.name for name in ("department", "title") for e in company.lists[name].top if e.id in entries)


def test_two_people_swap_addresses_now_and_then():
    company = make(1000)
    seen = False
    for _ in range(40):
        held = {p.email: p.id for p in company.people if p.email}
        days.advance(company, 1)
        seen = seen or any(q.email and held.get(q.email, q.id) != q.id for q in company.people)
    assert seen


def test_nobody_moves_below_themselves():
    company = make(400, odd=False)
    days.advance(company, 90)
    assert all(chain_ends(company, p) for p in company.people)


def test_what_is_due_happens_on_its_day():
    company = make(400, odd=False)
    soon = [p for p in company.people if p.lifecycle == "hired"]
    days.advance(company, 61)
    assert soon and all(p.lifecycle != "hired" for p in soon)
    assert not [p for p in company.people if p.active and p.end and p.end < company.today]


def test_a_manager_who_leaves_is_followed_by_a_report():
    company = make(400, odd=False)
    boss = company.manager_of(company.manager_of(next(p for p in company.people if p.active and company.manager_of(company.manager_of(p)))))
    team = [p.id for p in company.people if p.manager == boss.id and p.active]
    above, boss.end = boss.manager, TODAY
    days.advance(company, 1)
    heirs = {company.by_id[id].manager for id in team} - {above}
    assert boss.lifecycle == "terminated" and len(heirs) == 1 and heirs < set(team)


def test_a_year_leaves_a_company_behind():
    for size in (0, 1, 2, 30, 300):
        company = make(size, odd=False)
        days.advance(company, 365)
        assert [p.manager for p in company.people].count(None) == min(size, 1)
        assert all(company.by_id[p.manager].active for p in company.people if p.active and p.manager)
