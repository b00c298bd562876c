"""What the guide says about SCIM, held against a running server: attributes, limits, endpoints, messages, commands, pages.

The pages are docs/guide/scim*.md; the server shows the same at /docs.
"""

import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Callable, Iterator
from urllib.parse import urljoin, urlsplit

import pytest

from conftest import ROOT, Muster, fresh_store, http
from scim import CORE, USER, Answer, Scim, op, unique, user

GUIDE = ROOT / "docs" / "guide"
PAGES = ["scim", "scim-entra", "scim-okta", "scim-reference"]
SCHEMA_URN = re.compile(r"urn:ietf:params:scim:schemas:[\w:.]*\d\.\d:\w+")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scim(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scim]:
    """A server with what the guide tells people to add: a custom attribute `squad`, and a level."""
    folder = tmp_path_factory.mktemp("docs")
    with fresh_store(request.param, folder) as store:
        program = Muster(request.param, store, folder, now=None)
        try:
            program("init")
            program("attribute", "add", "squad", "--type", "text")
            program("attribute", "add", "site_kind", "--type", "select", "--option", "office")
            program("level", "add", "L1")
            token = program("token", "add", "scim", "--name", "docs", "--source", "entra").out.strip()
            with program.serve() as url:
                yield Scim(f"{url}/scim/v2", token, program)
        finally:
            program.stop()


# --- the pages, cut into what can be checked ---------------------------------------------------------


def text_of(page: str) -> str:
    return (GUIDE / f"{page}.md").read_text()


def tables(page: str) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Each table: the heading above it, its head, its rows."""
    heading, rows = "", []
    for line in [*text_of(page).splitlines(), ""]:
        if line.startswith("#"):
            heading = line.lstrip("# ").strip()
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))])
        elif rows:
            yield heading, rows[0], rows[2:]
            rows = []


def table(page: str, heading: str) -> list[list[str]]:
    return next(rows for title, _, rows in tables(page) if title == heading)


def coded(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def attributes() -> list[tuple[str, str]]:
    """(page, attribute) of every table with a column of SCIM attributes."""
    found = []
    for page in PAGES:
        for _, head, rows in tables(page):
            column = next((i for i, name in enumerate(head) if name in ("SCIM attribute", "attribute")), None)
            if column is not None:
                found += [(page, name) for row in rows for name in coded(row[column])]
    return found


# --- attributes --------------------------------------------------------------------------------------


def lookup(schemas: dict[str, Any], path: str) -> bool:
    """Is this attribute, plain or behind a URN, with a filter of its type and a sub-attribute, one of the schemas'?"""
    if path in ("externalId", "id"):
        return True
    urn = SCHEMA_URN.match(path)
    inside = schemas.get(urn[0] if urn else USER)
    rest = path[len(urn[0]) + 1:] if urn else path
    shape = re.fullmatch(r'(\w+)(?:\[type eq "(\w+)"\])?(?:\.(\w+))?', rest)
    if inside is None or shape is None:
        return False
    name, kind, sub = shape.groups()
    attribute = next((one for one in inside["attributes"] if one["name"] == name), None)
    if attribute is None or kind and not attribute["multiValued"]:
        return False
    subs = [one["name"] for one in attribute.get("subAttributes", [])]
    return sub is None and kind is None or sub in subs and (kind is None or "type" in subs)


def schemas_of(scim: Scim) -> dict[str, Any]:
    return {schema["id"]: schema for schema in scim.get("/Schemas").resources}


def test_the_tables_of_attributes_are_found() -> None:
    found = attributes()
    assert {page for page, _ in found} == {"scim-entra", "scim-okta", "scim-reference"}
    assert len(found) > 60


def test_every_attribute_of_the_guide_is_announced(scim: Scim) -> None:
    schemas = schemas_of(scim)
    wrong = [f"{page}: {path}" for page, path in attributes() if not lookup(schemas, path)]
    assert wrong == []


def test_every_attribute_of_our_extension_is_in_the_reference(scim: Scim) -> None:
    """And of the core and the enterprise extension: nothing is announced that the guide is silent about."""
    told = {path.split(".")[0] if not path.startswith("urn:") else path for page, path in attributes() if page == "scim-reference"}
    for urn, schema in schemas_of(scim).items():
        for one in schema["attributes"]:
            name = one["name"] if urn.startswith(CORE) else f"{urn}:{one['name']}"
            if urn == CORE + "Group" or one["name"] in ("squad", "site_kind"):
                continue
            assert name in told, name


def test_attributes_can_be_written_as_the_mapping_tables_name_them(scim: Scim) -> None:
    """Each in a PATCH of its own, as Entra sends it: none is an unknown path."""
    id = scim.add()["id"]
    for page, path in attributes():
        if page in ("scim-entra", "scim-okta") and "[" not in path:
            answer = scim.ask("PATCH", f"/Users/{id}", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                                                        "Operations": [op("remove", path)]})
            assert answer.kind != "invalidPath" if answer.status >= 400 else True, str(answer)
        elif "[" in path:
            scim.patch(f"/Users/{id}", op("replace", path, f"{unique()}@example.com"))


def test_an_attribute_made_as_the_guide_says_is_taken_and_shown(scim: Scim) -> None:
    path = re.search(r"`(urn:[\w:.]+:squad)`", text_of("scim-entra"))[1]
    urn, name = path.rsplit(":", 1)
    assert scim.patched(scim.add()["id"], op("replace", path, "blue"))[urn] == {name: "blue"}


def test_the_names_okta_asks_for_are_names_of_the_schema(scim: Scim) -> None:
    sentence = re.search(r"\*External namespace\*\s+`([^`]+)`, \*External name\* (.*?), or", text_of("scim-okta"), re.DOTALL)
    known = {one["name"] for one in schemas_of(scim)[sentence[1]]["attributes"]}
    assert set(coded(sentence[2])) <= known


# --- capabilities ------------------------------------------------------------------------------------


def told_value(cell: str) -> Any:
    if cell.startswith("not offered"):
        return False
    return True if cell == "offered" else int(cell) if cell.isdigit() else cell


def test_the_capabilities_are_those_of_the_config(scim: Scim) -> None:
    config = scim.get("/ServiceProviderConfig").json
    for names, cell in table("scim-reference", "Capabilities"):
        for name in coded(names):
            value = config
            for part in name.split("."):
                value = value[part]
            if isinstance(value, dict):
                value = value["supported"]
            if cell.startswith("both"):
                default = coded(cell)[0]
                assert value is True and config["pagination"]["defaultPaginationMethod"] == default, name
            else:
                assert value == told_value(cell), name


def test_every_number_of_the_config_is_in_the_table(scim: Scim) -> None:
    config = scim.get("/ServiceProviderConfig").json
    told = {name for names, _ in table("scim-reference", "Capabilities") for name in coded(names)}
    for name, value in config.items():
        if isinstance(value, dict) and name != "meta":
            for part in value:
                assert name in told or f"{name}.{part}" in told or part == "defaultPaginationMethod", f"{name}.{part}"


# --- endpoints ---------------------------------------------------------------------------------------


def test_every_endpoint_is_there(scim: Scim) -> None:
    """Each method of a row is taken by each of its paths."""
    for paths, cell in table("scim-reference", "Endpoints"):
        for path in coded(paths):
            id = scim.add_group()["id"] if "Groups" in path else scim.add()["id"]
            real = path.replace("{name}", "User").replace("{urn}", USER).replace("{id}", id)
            for method in re.findall(r"\b[A-Z]{3,}\b", cell):
                answer = scim.ask(method, "" if real == "/" else real, {} if method in ("POST", "PUT", "PATCH") else None)
                assert answer.status < 300 or answer.status == 400 and answer.kind, str(answer)


# --- messages ----------------------------------------------------------------------------------------


def refused_token(scim: Scim) -> Answer:
    return scim.get("/Users", status=401, headers={"Authorization": "Bearer muster_scim_wrong"})


def another_class(scim: Scim) -> Answer:
    content = scim.muster("token", "add", "content", "--name", unique()).out.strip()
    return scim.get("/Users", status=403, headers={"Authorization": f"Bearer {content}"})


def taken(scim: Scim) -> Answer:
    return scim.post("/Users", user(userName=scim.add()["userName"]), status=409)


def unknown_path(scim: Scim) -> Answer:
    return scim.patch(f"/Users/{scim.add()['id']}", op("replace", "shoeSize", "44"), status=400)


def too_long(scim: Scim) -> Answer:
    return scim.post("/Users", user(title="x" * 300_000), status=413)


def too_often(scim: Scim) -> Answer:
    for _ in range(50):
        answer = scim.get("/Users", status=(401, 429), headers={"Authorization": "Bearer muster_scim_wrong"})
        if answer.status == 429:
            return answer
    raise AssertionError("wrong tokens are never told to wait")


PRODUCED: dict[str, Callable[[Scim], Answer]] = {
    "401": refused_token, "403": another_class, "409": taken, "400": unknown_path, "413": too_long, "429": too_often}
THEIRS = {"You appear to have entered invalid credentials", "Error authenticating: Unauthorized"}  # what Entra and Okta make of a 401


def pattern(quoted: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part.strip()) for part in quoted.split("…")), re.DOTALL)


def messages() -> list[tuple[str, list[str], str]]:
    """(page, what is quoted, status and scimType) of the tables of messages."""
    found = []
    for page in PAGES:
        for _, head, rows in tables(page):
            if head[0] == "message":
                for cell, *_ in rows:
                    codes = re.search(r"\((\d{3}[^)]*)\)", cell)
                    found.append((page, re.findall(r"\*([^*]+)\*", cell), codes[1] if codes else ""))
    return [row for row in found if row[1]]


def test_the_tables_of_messages_are_found() -> None:
    assert {codes.split(",")[0] for _, _, codes in messages()} == {*PRODUCED, ""}


def test_every_message_can_be_met(scim: Scim) -> None:
    for page, quoted, codes in sorted(messages(), key=lambda row: row[2]):
        if not codes:
            continue
        status, *kind = codes.split(", ")
        answer = PRODUCED[status](scim)
        assert answer.status == int(status)
        assert [answer.kind] == (kind or [answer.kind]), f"{page}: {quoted}\n{answer}"
        for words in quoted:
            assert words in THEIRS or pattern(words).search(answer["detail"]), f"{page}: {words}\n{answer}"


def test_what_the_log_says_of_a_missing_option_is_what_the_guide_quotes(scim: Scim) -> None:
    quoted = [words for _, all_words, codes in messages() if not codes for words in all_words if "option" in words]
    assert quoted
    urn = "urn:ietf:params:scim:schemas:extension:muster:2.0:User"
    scim.post("/Users", user(**{"schemas": [USER, urn], urn: {"site_kind": "harbour"}}))
    lines = wait_for_log(scim, lambda line: "option" in (line.get("detail") or ""))
    for words in quoted:
        assert any(pattern(words).search(line["detail"]) for line in lines), lines


def wait_for_log(scim: Scim, wanted: Callable[[dict], bool]) -> list[dict]:
    """The log is written about once a second; the last line that is asked for says that all before it are there."""
    mark = unique("seen")
    scim.get(f"/Users/{mark}", status=404)
    for _ in range(100):
        lines = scim.muster("scim", "log", "--json", "--limit", "1000").rows()
        if any(mark in line["path"] for line in lines):
            break
    found = [line for line in lines if wanted(line)]
    assert found, lines
    return found


# --- commands ----------------------------------------------------------------------------------------


def commands(page: Path) -> list[str]:
    """The curl commands of a page, as they are typed."""
    text = page.read_text()
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [command for block in blocks for command in re.findall(r"(?:^|\$ )(curl .*?)(?=\n(?:curl|\$ |…)|\Z)", block, re.DOTALL | re.MULTILINE)]


@pytest.mark.parametrize("page", [GUIDE / "scim-reference.md", ROOT / "README.md"], ids=["reference", "readme"])
def test_the_curl_commands_run_as_they_stand(scim: Scim, page: Path, tmp_path: Path) -> None:
    typed = commands(page)
    assert len(typed) == 3
    for command in typed:
        # What the answer was is asked for beside it; the command itself is not touched.
        script = f'curl() {{ command curl -sS -w "\\n%{{http_code}}" "$@"; }}\n{command}\n'
        ended = subprocess.run(["bash", "-eu", "-c", script], env={"PATH": "/usr/bin:/bin", "BASE": scim.base, "TOKEN": scim.token},
                               capture_output=True, text=True, timeout=60, cwd=tmp_path)
        assert ended.returncode == 0, f"{command}\n{ended.stderr}"
        body, status = ended.stdout.rsplit("\n", 1)
        assert status in ("200", "201"), f"{command}\n{ended.stdout}"
        assert json.loads(body)["schemas"]


# --- the pages at /docs ------------------------------------------------------------------------------


class Page(HTMLParser):
    """The links and anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            if tag == "a" and name == "href" and value:
                self.links.append(value)


def page_of(scim: Scim, path: str) -> Page:
    reply = http("GET", scim.base.removesuffix("/scim/v2") + path)
    assert reply.status == 200, f"{path}: {reply.status}"
    assert reply.headers.get_content_type() == "text/html"
    return Page(reply.text)


@pytest.mark.parametrize("path", ["/docs", *(f"/docs/{name}" for name in PAGES)])
def test_the_guide_is_served_and_its_links_lead_somewhere(scim: Scim, path: str) -> None:
    """Without a token. Links to other sites are not followed."""
    page = page_of(scim, path)
    assert {f"/docs/{name}" for name in PAGES} <= set(page.links)
    for link in page.links:
        parts = urlsplit(urljoin(path, link))
        if parts.scheme:
            assert parts.scheme == "https", link
            continue
        there = page_of(scim, parts.path)
        assert not parts.fragment or parts.fragment in there.anchors, f"{path}: {link}"


def test_a_page_that_is_not_there_is_not_found(scim: Scim) -> None:
    assert http("GET", scim.base.removesuffix("/scim/v2") + "/docs/nothing").status == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_served_page_says_all_that_the_file_says(scim: Scim, name: str) -> None:
    """Word by word, marks and space apart."""
    class Words(HTMLParser):
        said = ""

        def handle_data(self, data: str) -> None:
            self.said += data

    words = Words()
    words.feed(http("GET", scim.base.removesuffix("/scim/v2") + f"/docs/{name}").text)
    bare = re.sub(r"\]\([^)]*\)", "", text_of(name))
    missing = [word for word in re.findall(r"\w+", re.sub(r"^```\w+$|[`*|\[\]]", " ", bare, flags=re.MULTILINE)) if word not in words.said]
    assert missing == []
