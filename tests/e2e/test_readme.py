"""The tour of the README and the guide, typed in: every command of a ```console block, in one shell, in order.

A line that begins with `$ ` is a command, what follows is what it prints. Output is compared loosely:
numbers, dates and spaces do not matter, `…` stands for anything, lines may be left out. An id that the
text shows stands for the one that is really printed, in later commands too.
"""

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Iterator

import pytest

from conftest import PROGRAM, ROOT, Bob, Muster

PAGES = [page for page in (ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("**/*.md")))
         if page.exists() and "```console" in page.read_text()]
SET_UP = re.compile(r"^(git clone|cd|make|sudo|apt(-get)?|\. run/demo/env) ?")  # typed before there is a demo; `make run` has its own test
ID = re.compile(r"\b[0-9a-z]{13}\b")


@dataclass
class Step:
    """A command and what the page says it prints."""

    page: str
    line: int
    command: str
    shown: list[str] = field(default_factory=list)


def steps_of(page: str, text: str) -> list[Step]:
    """The commands of a page's console blocks."""
    steps: list[Step] = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = line.strip() == "```console"
        elif inside and line.startswith("$ "):
            steps.append(Step(page, number, line[2:]))
        elif inside and steps and steps[-1].command.endswith("\\") and not steps[-1].shown:
            steps[-1].command += "\n" + line.removeprefix("> ")
        elif inside and steps and line.strip():
            steps[-1].shown.append(line)
    return steps


def loosely(line: str) -> re.Pattern[str]:
    """A pattern for a line of output: numbers, dates, ids and spaces of any kind, `…` anything at all."""
    parts = []
    for word in re.findall(r"…|\.\.\.|[0-9a-z]{13}\b|\d[\d.,:TZ-]*|\s+|[^\s\d….]+|.", line.strip()):
        if word in ("…", "..."):
            parts.append(r".*")
        elif ID.fullmatch(word):
            parts.append(r"([0-9a-z]{13})")
        elif word[0].isdigit():
            parts.append(r"\d[\d.,:TZ-]*")
        else:
            parts.append(r"\s+" if word.isspace() else re.escape(word))
    return re.compile(r"\s*" + "".join(parts) + r"\s*")


def follow(shown: list[str], printed: list[str], ids: dict[str, str]) -> str | None:
    """The first shown line that was not printed, in order; learns which id stands for which."""
    rest = iter(printed)
    for line in shown:
        if line.strip() in ("…", "..."):
            continue
        pattern = loosely(line)
        found = next((match for text in rest if (match := pattern.fullmatch(text))), None)
        if found is None:
            return line
        ids.update(zip(ID.findall(line), found.groups()))
    return None


class Shell:
    """One bash that lives through a whole page."""

    END = "the-command-ended"

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.bash = subprocess.Popen(["bash", "--noprofile", "--norc"], cwd=folder, env=env, text=True, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def type(self, command: str) -> tuple[int, list[str]]:
        """The command's exit status and the lines it printed."""
        self.bash.stdin.write(f"{command}\nprintf '\\n{self.END} %d\\n' $?\n")
        self.bash.stdin.flush()
        printed = []
        for line in self.bash.stdout:
            if line.startswith(self.END):
                return int(line.split()[1]), [text for text in printed if text.strip()]
            printed.append(line.rstrip("\n"))
        raise AssertionError(f"the shell ended while it ran: {command}")

    def close(self) -> None:
        self.bash.stdin.close()
        self.bash.wait(10)


@pytest.fixture
def shell(muster: Muster, bob: Bob) -> Iterator[Shell]:
    """A shell as the demo's terminal: the store synced from the sandbox, `muster` and `python3 -m sandbox` at hand."""
    muster.now = None
    bob.reset(size=1000, date=date.today().isoformat(), oddities=True)
    muster("source", "add", "hibob", "--set", f"url={bob.url}", "--set", f"service_user={bob.service_user}",
           "--secret-file", "-", stdin=bob.token)
    muster("sync", "hibob", expect=(0, 1))
    tools = muster.folder / "bin"
    tools.mkdir()
    (tools / "muster").symlink_to(PROGRAM)
    env = {**muster.environment(), "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    terminal = Shell(muster.folder, env)
    yield terminal
    terminal.close()


@pytest.fixture
def served(muster: Muster, shell: Shell) -> Iterator[str]:
    """The server that the page's reader has running beside the shell."""
    with muster.serve() as url:
        yield url


def as_typed(command: str, bob: Bob, served: str, ids: dict[str, str]) -> str:
    """The command with this test's program, sandbox, server and ids in place of the page's."""
    command = command.replace("http://127.0.0.1:8080", served)
    command = re.sub(r"(\./)?build/\w+/muster\b", "muster", command)
    command = ID.sub(lambda match: ids.get(match[0], match[0]), command)
    if "-m sandbox" in command:
        command = re.sub(r" --url \S+", "", command) + f" --url {bob.origin}"
    return command


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_page_can_be_typed_in(page: Path, shell: Shell, served: str, bob: Bob) -> None:
    ids: dict[str, str] = {}
    typed = [step for step in steps_of(page.name, page.read_text()) if not SET_UP.match(step.command)]
    for step in typed:
        if step.command.startswith("export MUSTER_STORE="):
            continue  # the shell has the test's store
        status, printed = shell.type(as_typed(step.command, bob, served, ids))
        said = f"{step.page}:{step.line}: $ {step.command}\n" + "\n".join(printed)
        assert status in (0, 1), f"ended with {status}\n{said}"
        missing = follow(step.shown, printed, ids)
        assert missing is None, f"the page shows a line that is not printed: {missing!r}\n{said}"
        if step.command.startswith("curl "):
            answer = json.loads("".join(printed))
            assert "Error" not in str(answer["schemas"]), said


def test_the_readme_has_a_tour() -> None:
    steps = steps_of("README.md", (ROOT / "README.md").read_text())
    words = [step.command.split() for step in steps]
    typed = {command[1] for command in words if len(command) > 1 and command[0].endswith("muster")}
    assert {"plan", "apply", "undo", "why"} <= typed


# --- the machinery itself ---------------------------------------------------------------------------


def test_console_blocks_are_cut_into_commands_and_output() -> None:
    text = "```sh\n$ not this\n```\n```console\n$ muster plan hibob\nplan 0h3k5m7p9r1s3: 4 changes\n\n$ muster \\\n>   runs\n…\n```\n$ nor this\n"
    assert steps_of("page", text) == [
        Step("page", 5, "muster plan hibob", ["plan 0h3k5m7p9r1s3: 4 changes"]), Step("page", 8, "muster \\\n  runs", ["…"])]


def test_output_is_compared_loosely_and_ids_are_learnt() -> None:
    ids: dict[str, str] = {}
    printed = ["reading", "run 0aaaaaaaaaaa1:   17 changes on 2026-11-02", "done in 0.3 s"]
    assert follow(["run 0h3k5m7p9r1s3: 4 changes on 2025-01-01", "…", "done in 1 s"], printed, ids) is None
    assert ids == {"0h3k5m7p9r1s3": "0aaaaaaaaaaa1"}
    assert follow(["done in … s"], printed, ids) is None
    assert follow(["run 0h3k5m7p9r1s3: 4 changes in 2025-01-01"], printed, ids) is not None
    assert follow(["done in 1 s", "reading"], printed, ids) == "reading"


@pytest.mark.parametrize("engine", ["sqlite"])
def test_one_shell_keeps_what_was_exported_and_shows_the_status(shell: Shell) -> None:
    assert shell.type("where=here") == (0, [])
    assert shell.type("echo $where; false") == (1, ["here"])
    status, printed = shell.type("muster runs hibob")
    assert status == 0 and printed
