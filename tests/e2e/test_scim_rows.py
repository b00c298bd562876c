"""Every numbered SCIM requirement has a test that bears its id, or a reason why not."""

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent


def test_every_row_is_tested_or_explained() -> None:
    rows = [line.split()[0] for line in (HERE / "scim_rows.txt").read_text().splitlines()]
    tested = {"-".join(found) for file in HERE.glob("test_scim_*.py")
              for found in re.findall(r"^def test_([A-Z]+)_(\d\d)_", file.read_text(), re.M)}
    explained = re.findall(r"^- ([A-Z]+-\d\d): \S.+$", (HERE / "scim_not_done.md").read_text(), re.M)
    assert len(rows) == len(set(rows)) and len(explained) == len(set(explained))
    assert sorted(set(rows) - tested - set(explained)) == [], "neither tested nor explained"
    assert sorted(tested & set(explained)) == [], "tested, so nothing is to be explained"
    assert sorted((tested | set(explained)) - set(rows)) == [], "no such requirement"
