"""Each wall lets a sound tree pass and stops a tree that breaks it, naming the place."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONG = "    n++;\n"
SOUND = {
    "Makefile": "".join(f"{name}: ## does it\n\t@true\n" for name in "run test check release install bench help".split()),
    "docs/rooms.md": "`base/` `http/` `people/` `store/` `source/` `cli/`",
    "docs/sources/acme.md": "How to set up Acme.",
    "docs/guide/start.md": "Type `muster init`, then `muster source add`.",
    "docs/guide/attributes.md": "| `email` | work e-mail |",
    "src/base/core.h": '/* strcpy() and localtime() are not used */\nconst char *a = "sprintf(x)";\n',
    "src/store/sqlite.c": '#include "base/core.h"\nvoid f(void) { sqlite3_open("x"); g("SELECT 1 FROM t"); }\n',
    "src/store/postgres.c": "void f(void) { PQconnectdb(x); }\n",
    "src/http/client.c": "void f(void) { curl_easy_init(); }\n",
    "src/http/server.c": "void f(void) { MHD_start_daemon(); }\n",
    "src/people/person_sql.c": 'void people_put_person(void) { g("UPDATE person SET a = 1 WHERE b = ?"); }\n',
    "src/people/apply.c": "void f(void) { people_put_person(); }\n",
    "src/people/attrs.def": 'ATTR(email, TEXT, ATTR_KEY, "Work e-mail")\n',
    "src/source/sources.def": "/* SOURCE(kind) */\nSOURCE(acme)\n",
    "src/cli/commands.def": 'CMD(init, "…")\nCMD("source add", "…")\n',
}


def wall(tree: Path, name: str, files: dict[str, str]) -> subprocess.CompletedProcess:
    for path, text in {**SOUND, **files}.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    return subprocess.run([ROOT / "tools" / "walls" / f"{name}.sh", tree], capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("name", ["layers", "banned", "sizes", "words", "tables"])
def test_a_sound_tree_passes(tmp_path: Path, name: str) -> None:
    ended = wall(tmp_path, name, {})
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


BROKEN = {
    "a room includes one above it": ("layers", "src/base/x.c", '\n#include "people/person.h"\n', "src/base/x.c:2: base/ may not include people/person.h"),
    "a connector sees people": ("layers", "src/source/acme.c", '#include "people/person.h"\n', "source/ may not include"),
    "an unknown room": ("layers", "src/misc/x.c", '#include "base/core.h"\n', "no room is called misc"),
    "headers in a circle": ("layers", "src/base/core.h", '#include "base/core2.h"\n', "base/core2.h", {"src/base/core2.h": '#include "base/core.h"\n'}),
    "strcpy": ("banned", "src/people/x.c", "\n\nvoid f(void) { strcpy(a, b); }\n", "src/people/x.c:3: strcpy"),
    "sprintf": ("banned", "src/people/x.c", "int n = sprintf(a, b);\n", "src/people/x.c:1: sprintf"),
    "gets": ("banned", "src/people/x.c", "char *n = gets(a);\n", "gets"),
    "strtok": ("banned", "src/people/x.c", "char *n = strtok(a, b);\n", "strtok"),
    "atoi": ("banned", "src/people/x.c", "int n = atoi(a);\n", "atoi"),
    "rand": ("banned", "src/people/x.c", "int n = rand();\n", "rand"),
    "the clock of the machine": ("banned", "src/people/x.c", "long n = time(NULL);\n", "take w->now"),
    "localtime": ("banned", "src/people/x.c", "struct tm *t = localtime_r(&n, &u);\n", "localtime_r"),
    "alloca": ("banned", "src/people/x.c", "char *n = alloca(9);\n", "alloca"),
    "curl outside its file": ("banned", "src/source/x.c", "void f(void) { curl_easy_init(); }\n", "http/client.h"),
    "libmicrohttpd outside its file": ("banned", "src/http/client.c", "int n = MHD_YES;\n", "http/server.h"),
    "SQLite outside its files": ("banned", "src/store/work.c", "int n = sqlite3_changes(d);\n", "store/work.h"),
    "libpq outside its file": ("banned", "src/store/work.c", "int n = PQstatus(d);\n", "store/work.h"),
    "SQL outside its files": ("banned", "src/people/team.c", '\nstore_run(w,\n    "DELETE FROM team WHERE id = ?");\n', "src/people/team.c:3: SQL outside"),
    "SQL that goes on": ("banned", "src/people/team.c", 'f(w, X\n    " WHERE id = ?");\n', "src/people/team.c:2: SQL outside"),
    "somebody else writes people": ("banned", "src/people/team.c", "int n = people_drop_member(w);\n", "people_apply()"),
    "a very long file": ("sizes", "src/people/x.c", LONG * 901, "src/people/x.c: 901 lines"),
    "a very long function": ("sizes", "src/people/x.c", f"void f(int n)\n{{\n{LONG * 121}}}\n", "src/people/x.c:2: f has 121 lines"),
    "unfinished": ("words", "src/people/x.c", "\n/* TO" + "DO: the rest */\n", "src/people/x.c:2:"),
    "unfinished in words": ("words", "docs/guide/x.md", "This is not imple" + "mented.\n", "docs/guide/x.md:1:"),
    "a path of one machine": ("words", "tools/x.sh", "cd /work/" + "main\n", "tools/x.sh:1:"),
    "a source without its page": ("tables", "src/source/sources.def", "SOURCE(other)\n", "docs/sources/other.md"),
    "a command nobody explains": ("tables", "src/cli/commands.def", 'CMD(init, "…")\nCMD(undo, "…")\n', "'muster undo'"),
    "an attribute nobody explains": ("tables", "src/people/attrs.def", 'ATTR(title, TEXT, 0, "Title")\n', "`title`"),
    "a make target without help": ("tables", "Makefile", SOUND["Makefile"].replace("bench: ## does it", "bench:"), "make help' does not show bench"),
    "a room nobody describes": ("tables", "docs/rooms.md", "`base/` `http/` `people/` `source/` `cli/`", "room store/ is not described"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_tree_is_stopped(tmp_path: Path, case: str) -> None:
    name, path, text, complaint, *more = BROKEN[case]
    ended = wall(tmp_path, name, {path: text, **(more[0] if more else {})})
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert complaint in ended.stdout


def test_what_is_a_little_long_is_only_shown(tmp_path: Path) -> None:
    ended = wall(tmp_path, "sizes", {"src/people/x.c": f"void f(int n)\n{{\n{LONG * 61}}}\n", "src/people/y.h": LONG * 601})
    assert ended.returncode == 0
    assert "note: src/people/x.c:2: f has 61 lines" in ended.stdout
    assert "note: src/people/y.h: 601 lines" in ended.stdout


def test_the_layout_check_says_where_and_format_mends_it(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".clang-format", tmp_path)
    file = tmp_path / "x.c"
    file.write_text("struct point { int x, y; };      /* on one line */\n\nint f( int n )\n{\n  return n;\n}\n")
    format = ["python3", ROOT / "tools" / "format.py"]
    checked = subprocess.run([*format, "--check", file], capture_output=True, text=True)
    assert checked.returncode == 1 and "-int f( int n )" in checked.stdout and "struct point" not in checked.stdout
    assert subprocess.run([*format, file]).returncode == 0
    assert file.read_text() == "struct point { int x, y; };      /* on one line */\n\nint f(int n)\n{\n    return n;\n}\n"
    assert subprocess.run([*format, "--check", file]).returncode == 0
