"""What clients send (tests/wire/): every conversation, word for word."""

import json
import time
from typing import Any

import pytest

from conftest import ROOT
from scim import Answer, Scim, unique

FILES = sorted((ROOT / "tests" / "wire").glob("*/*.json"))
MISSING = object()


def filled(value: Any, known: dict[str, Any]) -> Any:
    """With every {name} replaced by what it stands for."""
    if isinstance(value, str):
        for name, text in known.items():
            value = value.replace("{" + name + "}", text) if isinstance(text, str) else value
        return value
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    return {filled(name, known): filled(item, known) for name, item in value.items()} if isinstance(value, dict) else value


def at(value: Any, pointer: str) -> Any:
    """What a JSON pointer leads to, or MISSING."""
    for part in pointer.split("/")[1:]:
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return MISSING
    return value


def holds(got: Any, wanted: Any, where: str = "") -> list[str]:
    """What is wanted and not there."""
    if wanted == "*":
        return [] if got is not MISSING else [f"{where} is missing"]
    if isinstance(wanted, dict):
        if not isinstance(got, dict):
            return [f"{where} is no object"]
        return [problem for name, value in wanted.items() for problem in holds(got.get(name, MISSING), value, f"{where}/{name}")]
    if isinstance(wanted, list):
        if not isinstance(got, list):
            return [f"{where} is no list"]
        return [f"{where} has no {json.dumps(item)}" for item in wanted if not any(holds(other, item) == [] for other in got)]
    return [] if type(got) is type(wanted) and got == wanted else [f"{where} is {got!r}, not {wanted!r}"]


def compare(answer: Answer, expected: dict[str, Any]) -> None:
    wanted = expected["status"] if isinstance(expected["status"], list) else [expected["status"]]
    problems = [] if answer.status in wanted else [f"status {answer.status}, not {wanted}"]
    body = answer.json if answer.body else None
    if not problems:
        problems += holds(body, expected["body"]) if "body" in expected else []
        problems += [f"{pointer} is there" for pointer in expected.get("absent", []) if at(body, pointer) is not MISSING]
        for pointer, size in expected.get("size", {}).items():
            found = at(body, pointer)
            length = 0 if found is MISSING else len(found)
            problems += [] if length == size else [f"{pointer} has {length} items, not {size}"]
        problems += [f"{name}: {answer.headers.get(name)}" for name, value in expected.get("headers", {}).items() if answer.headers.get(name) != value]
    assert problems == [], f"{'; '.join(problems)}\n{answer}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_conversation(scim: Scim, file: Any) -> None:
    talk = json.loads(file.read_text())
    word = unique("w")
    known: dict[str, Any] = {"unique": word, "UNIQUE": word.upper(), "base": scim.base}
    for step in talk["steps"]:
        asked, expected = filled(step["request"], known), filled(step["expect"], known)
        body = asked["text"].encode() if "text" in asked else asked.get("body")
        headers = {**talk.get("headers", {}), **asked.get("headers", {})}
        if body is None:
            headers.pop("Content-Type", None)
        began = time.perf_counter()
        answer = scim.ask(asked["method"], asked["path"], body, headers=headers)
        took = time.perf_counter() - began
        compare(answer, expected)
        assert took < step.get("within", 30), f"{took:.3f} s\n{answer}"
        for name, pointer in step.get("save", {}).items():
            known[name] = at(answer.json, pointer)
            assert known[name] is not MISSING, f"no {pointer} in\n{answer}"


def test_twenty_five_requests_a_second_are_served(scim: Scim) -> None:
    """What Entra asks of an application, for four seconds, without a 429."""
    id = scim.add()["id"]
    began = time.perf_counter()
    for n in range(50):
        scim.patch(f"/Users/{id}", {"op": "Replace", "path": "title", "value": f"t{n}"})
        scim.get(f"/Users/{id}")
    assert time.perf_counter() - began < 4
