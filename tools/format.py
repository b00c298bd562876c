"""Lays C files out as .clang-format says, and leaves alone what clang-format 14 cannot express.

`format.py FILE…` rewrites the files; `format.py --check FILE…` says where they differ. Left alone are
comments aligned by hand behind code, structs, tables and cases that fit on one
line, rows of enumerators, and texts wrapped by hand.
"""

import difflib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

COLUMNS = 100
ONE_LINE = re.compile(r"^[^;]*\b(struct|union|enum)\b[^;{]*\{.*\};?( .*)?$|^\s*\{.*\},?( .*)?$|^.*= \{.*\};( .*)?$")


def same(line: str) -> str:
    """A line without what is a matter of taste: the amount of space within it (and `) * 2`, which it takes for a cast)."""
    indent = line[:len(line) - len(line.lstrip())]
    return indent + re.sub(r"\) ?\* ?", ")*", re.sub(r"\s+", " ", line.strip()))


def joined(lines: list[str]) -> str:
    return re.sub(r"\s+|,(?=\s*\})", "", "".join(lines))


def kept(old: list[str], new: list[str]) -> list[str]:
    """What stays of a differing passage: the old lines where they say the same in a way that is ours to choose."""
    if joined(old) != joined(new) or max(map(len, old)) > COLUMNS:
        return new
    on_one_line = all(ONE_LINE.match(line) for line in old)
    wrapped_text = any(re.match(r'\s*"', line) for line in old)
    short_case = all(re.match(r"\s*(case [^:]+|default): .*;$", line) for line in old)
    enumerators = all(re.match(r"\s*([A-Z][A-Z0-9_]*,? ?)+$", line) for line in old)
    return old if on_one_line or wrapped_text or short_case or enumerators else new


def formatted(path: Path) -> tuple[list[str], list[str]]:
    """The file as it is and as it should be."""
    old = path.read_text().splitlines()
    answer = subprocess.run(["clang-format", "--style=file", str(path)], capture_output=True, text=True)
    if answer.returncode:
        sys.exit(f"clang-format {path}: {answer.stderr}")
    new, result = re.sub(r"^( *\}) \* (?=\w)", r"\1 *", answer.stdout, flags=re.M).splitlines(), []
    matcher = difflib.SequenceMatcher(None, [same(line) for line in old], [same(line) for line in new], autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        result += old[a:b] if what == "equal" else kept(old[a:b], new[c:d])
    return old, result


def main(arguments: list[str]) -> int:
    check = arguments[:1] == ["--check"]
    files = [Path(name) for name in arguments[check:]]
    bad = 0
    with ThreadPoolExecutor() as pool:
        for path, (old, new) in zip(files, pool.map(formatted, files)):
            if old == new:
                continue
            bad += 1
            if check:
                print("\n".join(difflib.unified_diff(old, new, str(path), "as it should be", n=0, lineterm="")))
            else:
                path.write_text("\n".join(new) + "\n")
                print(f"formatted {path}")
    if check and bad:
        print(f"{bad} of {len(files)} files are laid out otherwise than .clang-format says. `make format` lays them out.")
    return 1 if check and bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
