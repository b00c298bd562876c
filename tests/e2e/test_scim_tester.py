"""scim2-tester, the suite other developers run against a SCIM server: all of it must succeed."""

import json
import os
import pathlib
import random
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import Path
from scim2_tester import Status, check_server, filling

from scim_server import Scim, place, scim, thousand  # noqa: F401 (fixtures)


LEAST = 135  # checks of User, Enterprise User and Group alone
ATTRIBUTES = (("squad", "text"), ("site", "select", "--option", "Oslo", "--option", "Bergen"), ("review_day", "date"), ("badge", "flag"))


class EveryPage(httpx2.BaseTransport):
    """The suite looks for what it made in the first page of a list only; among a thousand people it must turn the pages."""

    def __init__(self) -> None:
        self.inner = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self.inner.handle_request(request)
        body = answer.read()
        page = json.loads(body) if body else None
        if answer.status_code != 200 or not isinstance(page, dict) or "totalResults" not in page:
            return httpx2.Response(answer.status_code, headers=answer.headers, content=body)
        resources = list(page.get("Resources", []))
        while page.get("Resources") and len(resources) < page["totalResults"]:
            page = json.loads(self.inner.handle_request(following(request, len(resources) + 1)).read())
            resources += page.get("Resources", [])
        whole = {**page, "startIndex": 1, "itemsPerPage": len(resources), "Resources": resources}
        return httpx2.Response(200, headers={"Content-Type": answer.headers["Content-Type"]}, json=whole)


def following(request: httpx2.Request, start: int) -> httpx2.Request:
    """The same list from there on."""
    kept = {"Authorization": request.headers["Authorization"]}
    if request.method == "GET":
        return httpx2.Request("GET", request.url.copy_merge_params({"startIndex": start}), headers=kept)
    return httpx2.Request(request.method, request.url, headers={**kept, "Content-Type": "application/scim+json"},
                          content=json.dumps({**json.loads(request.content), "startIndex": start}).encode())


def results(scim: Scim) -> list[Any]:
    """Runs the suite; what is not a success is told in its own words."""
    with httpx2.Client(base_url=f"{scim.client.origin}/scim/v2", headers={"Authorization": f"Bearer {scim.client.token}"},
                       transport=EveryPage(), timeout=60) as client:
        found = check_server(SyncSCIMClient(client))
    bad = [f"{result.status.name} {result.title} ({result.resource_type}): {result.reason}\n    {result.data}"[:1500]
           for result in found if result.status is not Status.SUCCESS]
    assert not bad, f"{len(bad)} of {len(found)}\n" + "\n".join(bad)
    return found


def with_more_to_know(scim: Scim, *more: tuple[str, ...]) -> None:
    """An attribute of every type, and levels; until the server tells of them."""
    for attribute, kind, *options in (*ATTRIBUTES, *more):
        scim.muster("attribute", "add", attribute, "--type", kind, *options)
    for level in ("L1", "L2"):
        scim.muster("level", "add", level)
    wanted = {"level", *(attribute for attribute, *_ in (*ATTRIBUTES, *more))}
    deadline = time.monotonic() + 5
    while not wanted <= announced(scim):
        assert time.monotonic() < deadline, f"/Schemas does not tell of {wanted - announced(scim)}"
        time.sleep(0.05)


def announced(scim: Scim) -> set[str]:
    schemas = scim.client.ok("GET", "/Schemas")["Resources"]
    return {attribute["name"] for schema in schemas for attribute in schema.get("attributes", [])}


@pytest.fixture
def numerate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite sends a UUID for a decimal number, which its own model refuses: it is taught numbers."""
    ask = filling.get_random_example_value

    def example(path: Path[Any]) -> Any:
        binding = path.resolve()
        return round(random.uniform(1, 1000), 2) if binding and binding.target_type is float else ask(path)

    monkeypatch.setattr(filling, "get_random_example_value", example)


@pytest.mark.filterwarnings("ignore")
def test_every_check_succeeds(scim: Scim) -> None:
    assert len(results(scim)) >= LEAST


@pytest.mark.filterwarnings("ignore")
def test_every_check_succeeds_with_custom_attributes_of_every_type_and_levels(scim: Scim) -> None:
    before = len(results(scim))
    with_more_to_know(scim)
    assert len(results(scim)) == before + 3 * (len(ATTRIBUTES) + 1), "the new attributes were not tried"


@pytest.mark.filterwarnings("ignore")
def test_every_check_succeeds_with_numbers_too(scim: Scim, numerate: None) -> None:
    with_more_to_know(scim, ("desk", "number"))
    assert len(results(scim)) >= LEAST + 3 * (len(ATTRIBUTES) + 2)


@pytest.mark.parametrize("place", ["postgresql, empty"], indirect=True)
def test_the_command_developers_run_finds_nothing(scim: Scim) -> None:
    command = [pathlib.Path(sys.executable).with_name("scim"), "-u", f"{scim.client.origin}/scim/v2", "test"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=200,
                           env={**os.environ, "SCIM_CLI_HEADERS": f"Authorization: Bearer {scim.client.token}"})
    words = Counter(line.split()[0] for line in ended.stdout.splitlines() if line.strip())
    bad = {word: words[word] for word in ("ERROR", "CRITICAL", "DEVIATION", "SKIPPED") if words[word]}
    assert not bad and words["SUCCESS"] >= LEAST, f"{ended.stdout}\n{ended.stderr}"
