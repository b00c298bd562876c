"""section.py NAME < TEXT — puts the text into its section of RESULTS.md, between its two marks."""

import sys
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"


def main() -> None:
    name, text = sys.argv[1], sys.stdin.read().strip()
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = RESULTS.read_text()
    if not text or page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
        sys.exit(f"{RESULTS} needs the marks {begin} and {end}, once each, and the section a text; nothing was changed")
    before, after = page[:page.index(begin)], page[page.index(end) + len(end):]
    RESULTS.write_text(f"{before}{begin}\n{text}\n{end}{after}")


main()
