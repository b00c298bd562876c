"""People from files: CSV in the dialects people really have, NDJSON, and our own export into a new store."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Bob, Muster, fresh_store
from model import ANCHOR, differences, directory
from reading import assert_says, findings, people, what_it_says

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"])
HEADER = ("external_id", "state", "email", "given_name", "family_name", "title", "department", "manager")
ROWS = (
    ("7", "active", "ada@haldenoak.example", "Ada", "Byron, Countess of Lovelace", "Engineer", "R&D", ""),
    ("8", "active", "grace@haldenoak.example", "Grace", 'Hopper "Amazing"', "Rear\nAdmiral", "R&D", "ada@haldenoak.example"),
    ("9", "active", "çınar@haldenoak.example", "Çınar", "Ødegård; 東京", "", "Sales & Ops ", "grace@haldenoak.example"),
)


def written(delimiter: str = ",", end: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL, header: tuple[str, ...] = HEADER,
            rows: tuple[tuple[str, ...], ...] = ROWS) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([header, *rows])
    return text.getvalue()


def add_file(muster: Muster, path: Path, *more: str) -> str:
    return muster("source", "add", "file", "--set", f"path={path}", *more).out.strip()


def load(muster: Muster, path: Path, *more: str, expect: Any = (0, 1)) -> dict[str, Any]:
    return muster("sync", add_file(muster, path, *more), "--json", expect=expect).json()


def assert_loaded(muster: Muster) -> None:
    after = people(muster)
    assert len(after) == 3
    for anchor, state, email, given, family, title, department, manager in ROWS:
        person = after[anchor]
        assert (person["state"], person["email"], person["given_name"], person["family_name"]) == (state, email, given, family)
        assert (person["title"], person["department"], person["teams"]) == (title or None, department, [department])
        assert person["manager"] == next((row[0] for row in ROWS if row[2] == manager), None)


DIALECTS = {
    "commas": written().encode(),
    "semicolons, as Excel writes in much of Europe": written(";").encode(),
    "tabs": written("\t").encode(),
    "bars": written("|").encode(),
    "a byte order mark": written().encode("utf-8-sig"),
    "Unix line ends": written(end="\n").encode(),
    "everything quoted": written(quoting=csv.QUOTE_ALL).encode(),
    "no line end after the last row": written().rstrip("\r\n").encode(),
    "empty lines at the end": written().encode() + b"\r\n\r\n",
}


@ONE_ENGINE
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_csv_file_is_read_in_its_own_dialect(muster: Muster, tmp_path: Path, dialect: str) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(DIALECTS[dialect])
    assert load(muster, file)["created"] == 3
    assert_loaded(muster)


def test_ndjson_is_read_line_by_line(muster: Muster, tmp_path: Path) -> None:
    file = tmp_path / "people.ndjson"
    file.write_text("\n".join(json.dumps(dict(zip(HEADER, row)), ensure_ascii=False) for row in ROWS) + "\n")
    assert load(muster, file)["created"] == 3
    assert_loaded(muster)


@pytest.mark.parametrize("format", ["csv", "ndjson"])
@pytest.mark.company(size=150, oddities=True)
def test_our_own_export_in_a_new_store_gives_the_same_directory(muster: Muster, bob: Bob, source: str, tmp_path: Path,
                                                                engine: str, format: str) -> None:
    muster("sync", source, expect=(0, 1))
    before = people(muster)
    file = tmp_path / f"export.{format}"
    file.write_text(muster("export", "people", "--format", format).out)
    folder = tmp_path / "other"
    folder.mkdir()
    with fresh_store(engine, folder) as store:
        other = Muster(engine, store, folder)
        other("init")
        load(other, file)
        assert differences(before, people(other)) == []


@ONE_ENGINE
def test_a_leaver_and_a_change_in_the_file_follow(muster: Muster, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(written())
    name = add_file(muster, file)
    muster("sync", name, expect=(0, 1))
    rows = (ROWS[0], (*ROWS[1][:5], "Vice Admiral", *ROWS[1][6:]), (ROWS[2][0], "deactivated", *ROWS[2][2:]))
    file.write_text(written(rows=rows))
    tally = muster("sync", name, "--json", expect=(0, 1)).json()
    assert (tally["updated"], tally["deactivated"], tally["unchanged"]) == (1, 1, 1)
    assert people(muster)["8"]["title"] == "Vice Admiral"


@ONE_ENGINE
def test_a_file_that_is_gone_or_cut_deactivates_nobody(muster: Muster, tmp_path: Path) -> None:
    file = tmp_path / "people.ndjson"
    lines = [json.dumps(dict(zip(HEADER, row)), ensure_ascii=False) for row in ROWS]
    file.write_text("\n".join(lines) + "\n")
    name = add_file(muster, file)
    muster("sync", name, expect=(0, 1))
    before = people(muster)
    for text in ("", "\n".join(lines)[:-20], lines[0] + "\n{broken\n" + lines[1] + "\n"):
        file.write_text(text)
        result = muster("sync", name, expect=(1, 3))
        assert what_it_says(muster, name, result).strip()
        assert differences(before, people(muster)) == []
    file.unlink()
    result = muster("sync", name, expect=3)
    assert str(file) in result.err and differences(before, people(muster)) == []


@ONE_ENGINE
@pytest.mark.parametrize("content, says", [
    (written(rows=((*ROWS[0][:3], "Ada"),) + ROWS[1:]).encode(), r"(?i)line 2|row"),
    (b'external_id,email,given_name\r\n7,ada@haldenoak.example,"Ada\r\n', r"(?i)quote|line 2"),
    (b"external_id,email,given_name\r\n7,ada@haldenoak.example,\xc3\x28\r\n", r"(?i)utf-?8|line 2"),
    (written(header=("a", "b", "c", "d", "e", "f", "g", "h")).encode(), r"(?i)external_id|column|field|email"),
    (written(header=("email", *HEADER[1:])).encode(), r"(?i)twice|email|external_id"),
])
def test_a_file_that_cannot_be_right_says_where(muster: Muster, tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    added = muster("source", "add", "file", "--set", f"path={file}", expect=(0, 2, 3))
    result = added if added.code else muster("sync", added.out.strip(), expect=(1, 3))
    assert_says(says, result.err + (what_it_says(muster, added.out.strip(), result) if not added.code else ""))
    assert people(muster) == {}


@ONE_ENGINE
def test_two_lines_with_one_anchor_or_one_address_are_both_left_alone(muster: Muster, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    twice = (*ROWS, ("7", *ROWS[1][1:2], "other@haldenoak.example", *ROWS[1][3:]), ("10", "active", ROWS[1][2].upper(), *ROWS[1][3:]))
    file.write_text(written(rows=twice))
    name = add_file(muster, file)
    tally = muster("sync", name, "--json", expect=1).json()
    assert (tally["created"], tally["conflicts"]) == (1, 4) and set(people(muster)) == {"9"}
    assert findings(muster, name, "duplicate_id") and findings(muster, name, "duplicate_email")


@ONE_ENGINE
def test_the_directory_comes_from_two_sources_and_each_sees_its_own(muster: Muster, bob: Bob, source: str, tmp_path: Path) -> None:
    muster("sync", source)
    someone = bob.active()[-1]
    file = tmp_path / "phones.csv"
    file.write_text(written(header=("external_id", "state", "email", "phone"),
                            rows=(("P-1", "active", someone["root.email"], "+44 20 7946 0000"),)))
    name = add_file(muster, file, "--name", "phones")
    held = muster("sync", name, "--json", expect=1).json()
    assert held["state"] == "held"
    muster("apply", held["run"], expect=(0, 1))
    rows = muster("export", "people", "--format", "ndjson").rows()
    both, = [row for row in rows if row["external_id"] == someone[ANCHOR]]
    assert both["phone"] == "+44 20 7946 0000" and both["title"] == someone["work.title"]
    assert directory(rows).keys() == {p[ANCHOR] for p in bob.active()} and name == "phones"
