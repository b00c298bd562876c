"""What the program and the sandbox say, in the form the tests compare: people, runs, findings, mappings."""

import base64
import json
import re
import urllib.request
from typing import Any, Callable

import yaml

from conftest import Bob, Muster, Result
from model import Model, Record, directory


def people(muster: Muster) -> dict[str, Record]:
    """The directory by anchor, in the model's form."""
    return directory(muster("export", "people", "--format", "ndjson").rows())


def expected(model: Model) -> dict[str, Record]:
    """The model's directory in the same form."""
    rows = model.directory().values()
    return directory({**row, "manager": {"external_id": row["manager"]} if row["manager"] else None} for row in rows)


def state_of(muster: Muster, who: str) -> str:
    return muster("person", "show", who, "--json").json()["state"]


def last_run(muster: Muster, source: str) -> Record:
    """The newest run as `run show` tells it."""
    newest = muster("runs", source, "--json").rows()[0]
    return muster("run", "show", newest["run"], "--json").json()


def findings(muster: Muster, source: str, type: str) -> list[Record]:
    """Those of one type in the newest run."""
    return [finding for finding in last_run(muster, source)["findings"] if finding["type"] == type]


def guards(muster: Muster, source: str) -> set[str]:
    """The guards that held the newest run."""
    return {guard["guard"] for guard in last_run(muster, source)["guards"]}


def what_it_says(muster: Muster, source: str, result: Result) -> str:
    """Everything a person gets to read about a run: its error, or its findings and guards."""
    if result.code == 3:
        return result.err
    run = last_run(muster, source)
    return json.dumps([run["findings"], run["guards"]], ensure_ascii=False) + result.err


def assert_says(pattern: str, text: str) -> None:
    assert re.search(pattern, text), f"nothing like {pattern!r} in:\n{text}"


def remap(muster: Muster, source: str, change: Callable[[Record], Any]) -> None:
    """Exports the mapping, lets `change` edit it, imports it again."""
    mapping = yaml.safe_load(muster("mapping", "export", source).out)
    change(mapping)
    file = muster.folder / "mapping.yaml"
    file.write_text(yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False))
    muster("mapping", "import", source, file)


def departments(bob: Bob) -> dict[str, str]:
    """Name → id, from the API itself: the truth shows names only."""
    login = base64.b64encode(f"{bob.service_user}:{bob.token}".encode()).decode()
    request = urllib.request.Request(f"{bob.url}/company/named-lists/department?includeArchived=true",
                                     headers={"Authorization": f"Basic {login}", "Accept": "application/json"})
    with urllib.request.urlopen(request) as reply:
        return {entry["name"]: entry["id"] for entry in json.load(reply)["values"]}
