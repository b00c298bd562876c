"""SCIM discovery and HTTP: requirements DIS and HTTP."""

import json
from urllib.parse import quote

import pytest

from scim import CORE, ENT, ERROR, GROUP, LIST, TYPE, USER, Scim, q, read_reply, unique, user

CONFIG, RESOURCE_TYPE, SCHEMA = CORE + "ServiceProviderConfig", CORE + "ResourceType", CORE + "Schema"
DOCUMENTS = ["/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", f"/Schemas/{USER}"]
CHARACTERISTICS = {"name": str, "type": str, "multiValued": bool, "description": str, "required": bool, "mutability": str,
                   "returned": str}
SPELLINGS = {
    "type": {"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"},
    "mutability": {"readOnly", "readWrite", "immutable", "writeOnly"},
    "returned": {"always", "never", "default", "request"},
    "uniqueness": {"none", "server", "global"},
}


def attributes_of(schema: dict) -> list[tuple[str, dict]]:
    """Every attribute and sub-attribute, with its path."""
    found = []
    for attribute in schema["attributes"]:
        found.append((attribute["name"], attribute))
        found += [(f"{attribute['name']}.{sub['name']}", sub) for sub in attribute.get("subAttributes", [])]
    return found


def nulls(value: object) -> bool:
    if isinstance(value, dict):
        return any(nulls(inner) for inner in value.values())
    return any(nulls(inner) for inner in value) if isinstance(value, list) else value is None


def test_DIS_01_the_config_is_one_object(scim: Scim) -> None:
    config = scim.get("/ServiceProviderConfig").json
    assert config["schemas"] == [CONFIG]
    assert "Resources" not in config


def test_DIS_02_the_config_has_every_member(scim: Scim) -> None:
    config = scim.get("/ServiceProviderConfig").json
    for name in ("patch", "bulk", "filter", "changePassword", "sort", "etag"):
        assert isinstance(config[name]["supported"], bool), name
    for name in ("maxOperations", "maxPayloadSize"):
        assert type(config["bulk"][name]) is int and config["bulk"][name] > 0, name
    assert type(config["filter"]["maxResults"]) is int
    assert config["authenticationSchemes"]
    for scheme in config["authenticationSchemes"]:
        assert all(isinstance(scheme[name], str) and scheme[name] for name in ("type", "name", "description")), scheme
        assert scheme["type"] in {"oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"}


def test_DIS_03_what_is_announced_works(scim: Scim) -> None:
    config = scim.get("/ServiceProviderConfig").json
    offered = {name for name in ("patch", "bulk", "filter", "sort", "etag") if config[name]["supported"]}
    assert offered == {"patch", "bulk", "filter", "sort", "etag"}
    made = scim.post("/Users", user(title="Chef"))
    id = made["id"]
    assert scim.patched(id, {"op": "replace", "path": "title", "value": "Cook"})["title"] == "Cook"
    assert scim.find(f'id eq "{id}"') == [id]
    assert scim.get("/Users", sortBy="userName", count=1).status == 200
    assert scim.get(f"/Users/{id}", headers={"If-None-Match": scim.get(f"/Users/{id}").headers["ETag"]}, status=304)
    scim.post("/Bulk", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": []}, status=(200, 400))


def test_DIS_03_no_password_is_announced(scim: Scim) -> None:
    """What a client sends as one is neither kept nor returned."""
    assert scim.get("/ServiceProviderConfig")["changePassword"] == {"supported": False}
    assert "password" not in [name for name, _ in attributes_of(scim.get(f"/Schemas/{USER}").json)]


def test_DIS_04_resource_types_are_listed_and_lead_somewhere(scim: Scim) -> None:
    types = scim.get("/ResourceTypes")
    assert types["schemas"] == [LIST]
    assert types["totalResults"] == len(types["Resources"]) == types["itemsPerPage"]
    assert {"User", "Group"} <= {kind["name"] for kind in types["Resources"]}
    for kind in types["Resources"]:
        assert kind["schemas"] == [RESOURCE_TYPE]
        assert kind["id"] == kind["name"] and kind["meta"]["resourceType"] == "ResourceType"
        assert scim.get(kind["meta"]["location"]).json == kind
        assert scim.get(kind["endpoint"], count=0)["schemas"] == [LIST]
        for urn in [kind["schema"], *(extension["schema"] for extension in kind.get("schemaExtensions", []))]:
            assert scim.get(f"/Schemas/{urn}")["id"] == urn
        assert all(type(extension["required"]) is bool for extension in kind.get("schemaExtensions", []))


def test_DIS_05_one_resource_type(scim: Scim) -> None:
    assert scim.get("/ResourceTypes/User")["endpoint"] == "/Users"
    scim.get("/ResourceTypes/Toaster", status=404)


def test_DIS_06_schemas_are_complete(scim: Scim) -> None:
    schemas = scim.get("/Schemas")
    assert schemas["schemas"] == [LIST]
    assert {USER, GROUP, ENT} <= {schema["id"] for schema in schemas["Resources"]}
    for schema in schemas["Resources"]:
        assert isinstance(schema["name"], str)
        for path, attribute in attributes_of(schema):
            where = f"{schema['id']}:{path}"
            for name, kind in CHARACTERISTICS.items():
                assert isinstance(attribute.get(name), kind), f"{where} has no {name}"
            if attribute["type"] not in ("boolean", "complex", "integer", "decimal", "dateTime"):
                assert isinstance(attribute.get("caseExact"), bool), f"{where} has no caseExact"
                assert isinstance(attribute.get("uniqueness"), str), f"{where} has no uniqueness"
            assert (attribute["type"] == "complex") == bool(attribute.get("subAttributes")), where
            if attribute["type"] == "reference":
                assert attribute["referenceTypes"], where


@pytest.mark.parametrize("spelled", [ENT, ENT.lower(), ENT.upper(), quote(ENT, safe="")], ids=["as-is", "lower", "upper", "escaped"])
def test_DIS_07_one_schema_by_its_urn_in_any_case(scim: Scim, spelled: str) -> None:
    assert scim.get(f"/Schemas/{spelled}")["id"] == ENT


def test_DIS_07_an_unknown_schema_is_not_found(scim: Scim) -> None:
    scim.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:Toaster", status=404)


@pytest.mark.parametrize("path", ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"])
def test_DIS_08_a_filter_on_discovery_is_forbidden(scim: Scim, path: str) -> None:
    scim.get(path, status=403, filter='id eq "x"')


@pytest.mark.parametrize("path", ["/ResourceTypes", "/Schemas"])
def test_DIS_09_pages_and_sorting_are_ignored_on_discovery(scim: Scim, path: str) -> None:
    whole = scim.get(path)
    assert scim.get(path, startIndex=2, count=1, sortBy="id").resources == whole.resources


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", DOCUMENTS)
def test_DIS_10_discovery_is_read_only(scim: Scim, path: str, method: str) -> None:
    answer = scim.ask(method, path, {} if method != "DELETE" else None, status=405)
    assert "GET" in answer.headers["Allow"]


def test_DIS_11_discovery_documents_have_a_meta(scim: Scim) -> None:
    documents = [scim.get("/ServiceProviderConfig").json, *scim.get("/ResourceTypes").resources, *scim.get("/Schemas").resources]
    for document in documents:
        assert document["meta"]["resourceType"] in ("ServiceProviderConfig", "ResourceType", "Schema"), document
        assert document["meta"]["location"].startswith(scim.base), document
        assert scim.get(document["meta"]["location"]).json == document


def test_DIS_12_schemas_hold_no_null_and_are_spelled_as_the_rfc_does(scim: Scim) -> None:
    schemas = scim.get("/Schemas")
    assert not nulls(schemas.json)
    for schema in schemas.resources:
        for path, attribute in attributes_of(schema):
            for name, words in SPELLINGS.items():
                assert attribute.get(name) in words | ({None} if name == "uniqueness" else set()), f"{schema['id']}:{path} {name}"


def test_DIS_13_only_the_config_is_read_without_a_token(scim: Scim) -> None:
    assert scim.get("/ServiceProviderConfig", headers={"Authorization": None})["schemas"] == [CONFIG]
    for path in ("/Schemas", "/ResourceTypes", "/Users", "/Groups"):
        scim.get(path, status=401, headers={"Authorization": None})


@pytest.mark.parametrize("path", ["/Toasters", "/Users/x/y/z", "/serviceConfiguration", "/Users/..%2F..%2Fetc", "/%00", "/" + "a" * 1000])
def test_DIS_14_unknown_paths_are_not_found_in_scim(scim: Scim, path: str) -> None:
    assert ERROR in scim.get(path, status=(400, 404))["schemas"]


@pytest.mark.parametrize("path", ["/Users/", "//Users", "/Users//"])
def test_DIS_15_slashes_reach_the_list_or_nothing(scim: Scim, path: str) -> None:
    answer = scim.get(path, status=(200, 404), count=1)
    if answer.status == 200:
        assert answer["schemas"] == [LIST]


def test_DIS_15_a_trailing_slash_keeps_the_body(scim: Scim) -> None:
    answer = scim.post("/Users/", user(), status=(201, 404))
    if answer.status == 201:
        scim.get(f"/Users/{answer['id']}/", status=200)


def test_HTTP_01_every_body_is_scim_json(scim: Scim) -> None:
    for answer in (scim.get("/Users", count=1), scim.get("/Users/none", status=404), scim.get("/Schemas"),
                   scim.post("/Users", user()), scim.post("/Users", b"{", status=400), scim.ask("PUT", "/Users", {}, status=405)):
        assert answer.headers.get_content_type() == TYPE
        assert (answer.headers.get_content_charset() or "utf-8") == "utf-8"


@pytest.mark.parametrize("kind", [TYPE, "application/json", "Application/SCIM+JSON; charset=UTF-8", "application/json;charset=utf-8",
                                  'application/json; charset="utf-8"'])
def test_HTTP_02_both_media_types_are_read(scim: Scim, kind: str) -> None:
    scim.post("/Users", user(), headers={"Content-Type": kind})


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_HTTP_02_other_media_types_are_refused(scim: Scim, kind: str) -> None:
    scim.post("/Users", user(), status=415, headers={"Content-Type": kind})


@pytest.mark.parametrize("accepted", [TYPE, "application/json", "*/*", "application/*;q=0.5, text/html", None, "image/png"])
def test_HTTP_03_whatever_is_accepted_gets_scim_json(scim: Scim, accepted: str | None) -> None:
    assert scim.get("/Users", headers={"Accept": accepted}, count=1).headers.get_content_type() == TYPE


@pytest.mark.parametrize("name", ["😀 emoji", "e\u0301 combining", "Zoë", "日本語", "עברית", "tab\tand\nline", 'quote " and \\ slash', "\u007f"],
                         ids=["non-bmp", "combining", "latin", "cjk", "rtl", "control", "quotes", "delete"])
def test_HTTP_04_text_comes_back_as_sent(scim: Scim, name: str) -> None:
    made = scim.add(displayName=name)
    assert scim.of(made["id"])["displayName"] == name
    raw = json.dumps(user(displayName=name), ensure_ascii=False).encode()
    assert scim.post("/Users", raw)["displayName"] == name


def test_HTTP_04_escaped_surrogate_pairs_are_one_character(scim: Scim) -> None:
    body = json.dumps(user(displayName="@")).replace('"@"', r'"\ud83d\ude00"').encode()
    assert scim.post("/Users", body)["displayName"] == "😀"


@pytest.mark.parametrize("text", [rb"\ud83d", rb"\ude00\ud83d", b"\xff", b"\xc0\xaf", b"\xed\xa0\xbd"],
                         ids=["lone-high", "swapped", "no-utf-8", "overlong", "raw-surrogate"])
def test_HTTP_04_broken_text_is_refused(scim: Scim, text: bytes) -> None:
    body = json.dumps(user(displayName="@")).encode().replace(b'"@"', b'"' + text + b'"')
    assert scim.post("/Users", body, status=400).kind == "invalidSyntax"


def test_HTTP_05_chunked_bodies_are_read(scim: Scim) -> None:
    body = json.dumps(user(title="chunk " * 1000)).encode()
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[i:i + 777] for i in range(0, len(body), 777)))
    with scim.connect() as link:
        link.sendall(scim.head("POST", "/Users", f"Content-Type: {TYPE}", "Transfer-Encoding: chunked") + chunks + b"0\r\n\r\n")
        answer = read_reply(link, "POST")
    assert answer.status == 201, str(answer)
    assert answer["title"] == "chunk " * 1000


def test_HTTP_06_expect_continue_is_honoured(scim: Scim) -> None:
    body = json.dumps(user(title="x" * 60_000)).encode() + b" " * 100_000
    with scim.connect() as link:
        link.sendall(scim.head("POST", "/Users", f"Content-Type: {TYPE}", f"Content-Length: {len(body)}", "Expect: 100-continue"))
        first = link.recv(4096)
        assert first.startswith(b"HTTP/1.1 100"), first
        link.sendall(body)
        assert read_reply(link, "POST").status == 201


def test_HTTP_07_one_connection_serves_many_requests(scim: Scim) -> None:
    id = scim.add()["id"]
    with scim.connect() as link:
        for _ in range(3):
            link.sendall(scim.head("GET", f"/Users/{id}"))
            assert read_reply(link)["id"] == id
        link.sendall(scim.head("GET", f"/Users/{id}") + scim.head("GET", "/Users/none") + scim.head("GET", f"/Users/{id}"))
        assert [read_reply(link).status for _ in range(3)] == [200, 404, 200]


def test_HTTP_07_a_refusal_before_the_body_leaves_the_connection_sane(scim: Scim) -> None:
    """The body of the refused request is never taken for a request."""
    body = b"GET /scim/v2/Users HTTP/1.1\r\n\r\n" * 50
    with scim.connect() as link:
        link.sendall(scim.head("POST", "/Users", "Content-Type: text/plain", f"Content-Length: {len(body)}") + body)
        assert read_reply(link, "POST").status == 415
        try:
            link.sendall(scim.head("GET", "/ServiceProviderConfig"))
            rest = link.recv(65536)
        except OSError:
            rest = b""
        assert rest == b"" or rest.startswith(b"HTTP/1.1 200"), rest[:200]


@pytest.mark.parametrize("blank", ["+", "%20"])
def test_HTTP_08_blanks_and_pluses_in_queries(scim: Scim, blank: str) -> None:
    name = f"{unique()}+tag@example.com"
    made = scim.post("/Users", user(userName=name))
    escaped = name.replace("+", "%2B")
    assert scim.get(f"/Users?filter=userName{blank}eq{blank}%22{escaped}%22").ids == [made["id"]]
    assert scim.get(f"/Users?filter=userName{blank}eq{blank}%22{name}%22").ids == []


def test_HTTP_08_parameter_names_in_any_case(scim: Scim) -> None:
    made = scim.add()
    assert scim.get("/Users", FILTER=f'userName eq {q(made["userName"])}', STARTINDEX=1, Count=5).ids == [made["id"]]


def test_HTTP_09_names_compare_without_case(scim: Scim) -> None:
    name = f"{unique()}@example.com"
    body = {"Schemas": [USER.lower(), ENT.upper()], "USERNAME": name, "displayname": "Ann", "Name": {"GIVENNAME": "Ann", "familyName": "Lee"},
            "Emails": [{"Value": name, "Type": "work", "Primary": True}], ENT.upper(): {"Department": "R&D", "EMPLOYEENUMBER": "7"}}
    made = scim.post("/Users", body).json
    assert made["userName"] == name
    assert made["displayName"] == "Ann"
    assert made["name"]["givenName"] == "Ann"
    assert made["emails"][0] == {"value": name, "type": "work", "primary": True}
    assert made[ENT]["department"] == "R&D" and made[ENT]["employeeNumber"] == "7"
    assert scim.find(f'USERNAME EQ "{name}" AND EMAILS[TYPE EQ "work"] and {ENT.upper()}:DEPARTMENT eq "r&d"') == [made["id"]]
    assert scim.patched(made["id"], {"OP": "Replace", "Path": "DISPLAYNAME", "Value": "Bea"})["displayName"] == "Bea"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/Users", "/ServiceProviderConfig"])
def test_HTTP_10_head_and_options_are_sane(scim: Scim, path: str, method: str) -> None:
    scim.ask(method, path, status=(200, 204, 405), checked=method == "HEAD")


def test_HTTP_11_another_version_is_not_found(scim: Scim) -> None:
    answer = scim.ask("GET", scim.base.replace("/v2", "/v9") + "/Users", status=(400, 404), checked=False)
    if answer.status == 400:
        assert answer.kind == "invalidVers"


def test_HTTP_12_location_is_the_same_everywhere(scim: Scim) -> None:
    made = scim.post("/Users", user())
    location = made.headers["Location"]
    assert location == f"{scim.base}/Users/{made['id']}"
    read = scim.get(location).json
    for answer in (made.json, read, scim.put(location, {**read, "title": "x"}).json,
                   scim.patch(location, {"op": "add", "path": "title", "value": "y"}, status=200).json,
                   scim.get("/Users", filter=f'id eq "{made["id"]}"').resources[0]):
        assert answer["meta"]["location"] == location
    grouped = scim.post("/Groups", {"schemas": [GROUP], "displayName": unique()})
    assert grouped.headers["Location"] == grouped["meta"]["location"] == f"{scim.base}/Groups/{grouped['id']}"


def test_HTTP_13_content_location_agrees_when_sent(scim: Scim) -> None:
    answer = scim.get(f"/Users/{scim.add()['id']}")
    assert answer.headers.get("Content-Location", answer["meta"]["location"]) == answer["meta"]["location"]


def test_HTTP_14_a_method_is_not_overridden(scim: Scim) -> None:
    made = scim.add()
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        scim.ask("POST", f"/Users/{made['id']}", b"", headers={name: "DELETE"}, status=(404, 405))
        assert scim.of(made["id"])["id"] == made["id"]
