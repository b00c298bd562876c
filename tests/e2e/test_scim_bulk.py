"""SCIM bulk and errors: requirements BLK and ERR."""

import json
import re

import pytest

from conftest import Muster
from scim import BULK, BULK_ANSWER, ENT, ERROR, SCIM_TYPES, TYPE, USER, Scim, group, op, patch, read_reply, unique, user


def step(method: str, path: str, data: object = None, **more: object) -> dict:
    return {"method": method, "path": path, **({} if data is None else {"data": data}), **more}


def bulk(scim: Scim, *steps: dict, status: int = 200, **more: object) -> list[dict]:
    """The entries of the answer."""
    answer = scim.post("/Bulk", {"schemas": [BULK], "Operations": list(steps), **more}, status=status)
    if status != 200:
        return []
    assert answer["schemas"] == [BULK_ANSWER]
    for entry in answer["Operations"]:
        assert isinstance(entry["status"], str) and entry["status"].isdigit(), entry
        if int(entry["status"]) >= 400:
            assert ERROR in entry["response"]["schemas"] and entry["response"]["status"] == entry["status"], entry
    return answer["Operations"]


def statuses(entries: list[dict]) -> list[str]:
    return [entry["status"] for entry in entries]


def id_of(entry: dict) -> str:
    return entry["location"].rsplit("/", 1)[1]


def test_BLK_01_an_entry_for_every_operation(scim: Scim) -> None:
    one, two = scim.add(), scim.add()
    entries = bulk(scim, step("POST", "/Users", user(), bulkId="a"), step("PUT", f"/Users/{one['id']}", {**one, "title": "x"}, bulkId="b"),
                   step("PATCH", f"/Users/{one['id']}", patch(op("add", "nickName", "n"))), step("DELETE", f"/Users/{two['id']}"),
                   step("POST", "/Groups", group(one["id"]), bulkId="g"))
    assert statuses(entries) == ["201", "200", "200", "204", "201"]
    assert [entry["method"] for entry in entries] == ["POST", "PUT", "PATCH", "DELETE", "POST"]
    assert entries[0]["bulkId"] == "a" and entries[1]["bulkId"] == "b"
    now = scim.get(entries[0]["location"])
    assert entries[0]["version"] == now["meta"]["version"] and entries[0]["location"] == now["meta"]["location"]
    assert scim.of(one["id"])["nickName"] == "n" and scim.of(one["id"])["title"] == "x"
    scim.get(f"/Users/{two['id']}", status=404)
    assert scim.members(id_of(entries[4])) == {one["id"]}


@pytest.mark.parametrize("bad", [
    step("POST", "/Users", user()), step("POST", "/Users", None, bulkId="x"), step("FROB", "/Users", user(), bulkId="x"), step("POST", "/Toasters", {}, bulkId="x"),
    step("PUT", "/Users", user()), step("PATCH", "/Users/none", patch(op("add", "title", "x"))), {"method": "POST", "bulkId": "x", "data": user()},
    step("GET", "/Users")], ids=["no bulkId", "no data", "method", "type", "no id", "unknown id", "no path", "get"])
def test_BLK_02_a_wrong_operation_fails_alone(scim: Scim, bad: dict) -> None:
    good = user()
    answer = scim.post("/Bulk", {"schemas": [BULK], "Operations": [bad, step("POST", "/Users", good, bulkId="good")]}, status=(200, 400))
    if answer.status == 200:
        first, second = answer["Operations"]
        assert first["status"] in ("400", "404", "405", "501") and second["status"] == "201"
        assert len(scim.find(f'userName eq "{good["userName"]}"')) == 1


def test_BLK_02_a_bulk_id_twice_is_refused(scim: Scim) -> None:
    answer = scim.post("/Bulk", {"schemas": [BULK], "Operations": [step("POST", "/Users", user(), bulkId="x"), step("POST", "/Users", user(), bulkId="x")]}, status=(200, 400))
    if answer.status == 200:
        assert "400" in [entry["status"] for entry in answer["Operations"]]


@pytest.mark.parametrize("body", [{}, {"schemas": [USER], "Operations": []}, {"schemas": [BULK]}, {"schemas": [BULK], "Operations": {}}, []], ids=json.dumps)
def test_BLK_02_what_is_no_bulk_request(scim: Scim, body: object) -> None:
    scim.post("/Bulk", body, status=400)


def test_BLK_03_references_backwards_and_forwards(scim: Scim) -> None:
    entries = bulk(scim, step("POST", "/Groups", group("bulkId:ann", "bulkId:bob"), bulkId="team"), step("POST", "/Users", user(), bulkId="ann"),
                   step("POST", "/Users", user(**{ENT: {"manager": {"value": "bulkId:ann"}}}), bulkId="bob"),
                   step("PATCH", "/Users/bulkId:bob", patch(op("add", "title", "by path"))),
                   step("PATCH", "/Groups/bulkId:team", patch(op("remove", "members", [{"value": "bulkId:ann"}]))))
    by = {entry.get("bulkId"): entry for entry in entries}
    assert all(entry["status"] in ("200", "201", "204") for entry in entries), entries
    ann, bob = id_of(by["ann"]), id_of(by["bob"])
    assert scim.members(id_of(by["team"])) == {bob}
    assert scim.of(bob)["title"] == "by path" and scim.of(bob)[ENT]["manager"]["value"] == ann
    assert "bulkId:" not in json.dumps([scim.of(bob), scim.of(ann)])


def test_BLK_03_a_name_that_looks_like_a_reference(scim: Scim) -> None:
    (entry,) = bulk(scim, step("POST", "/Users", user(title="see bulkId: later"), bulkId="x"))
    assert scim.get(entry["location"])["title"] == "see bulkId: later"


def test_BLK_04_circles_are_resolved_or_conflicts(scim: Scim) -> None:
    """Two who manage each other: managers form a forest, so one edge at most is kept; nothing hangs."""
    entries = bulk(scim, step("POST", "/Users", user(**{ENT: {"manager": {"value": "bulkId:b"}}}), bulkId="a"),
                   step("POST", "/Users", user(**{ENT: {"manager": {"value": "bulkId:a"}}}), bulkId="b"))
    assert set(statuses(entries)) <= {"201", "409"}
    made = [scim.get(entry["location"]).json for entry in entries if entry["status"] == "201"]
    edges = [person for person in made if "manager" in person.get(ENT, {})]
    assert len(made) == 0 or len(edges) >= 1
    assert all(person[ENT]["manager"]["value"] in [id_of(entry) for entry in entries] for person in edges)


def test_BLK_05_an_unknown_bulk_id_fails_its_operation(scim: Scim) -> None:
    entries = bulk(scim, step("POST", "/Groups", group("bulkId:nobody"), bulkId="g"), step("PATCH", "/Users/bulkId:nobody", patch(op("add", "title", "x"))),
                   step("POST", "/Users", user(), bulkId="u"))
    by = {entry.get("bulkId"): entry for entry in entries}
    assert by["g"]["status"] == "400" and by["g"]["response"]["scimType"] == "invalidValue"
    assert by[None]["status"] in ("400", "404") and by["u"]["status"] == "201"


@pytest.mark.parametrize("limit, tried", [(1, 2), (2, 4), (None, 5)])
def test_BLK_06_after_so_many_errors_it_stops(scim: Scim, limit: int | None, tried: int) -> None:
    taken = scim.add()["userName"]
    good, bad = (lambda: step("POST", "/Users", user(), bulkId=unique())), (lambda: step("POST", "/Users", user(userName=taken), bulkId=unique()))
    more = {} if limit is None else {"failOnErrors": limit}
    entries = bulk(scim, good(), bad(), good(), bad(), good(), **more)
    assert statuses(entries) == ["201", "409", "201", "409", "201"][:tried]


def test_BLK_07_failures_say_why(scim: Scim) -> None:
    taken = scim.add()
    entries = bulk(scim, step("POST", "/Users", user(userName=taken["userName"]), bulkId="a"), step("PUT", f"/Users/{taken['id']}", {"schemas": [USER]}),
                   step("DELETE", "/Users/none"))
    assert statuses(entries) == ["409", "400", "404"]
    assert [entry["response"].get("scimType") for entry in entries] == ["uniqueness", "invalidValue", None]
    assert all(entry["response"]["detail"] for entry in entries)
    assert "location" not in entries[0], "a failed POST made nothing"


def test_BLK_08_too_many_operations_or_bytes(scim: Scim) -> None:
    limits = scim.get("/ServiceProviderConfig")["bulk"]
    assert (limits["maxOperations"], limits["maxPayloadSize"]) == (1000, 4 * 1024 * 1024)
    bodies = [user() for _ in range(1001)]
    scim.post("/Bulk", {"schemas": [BULK], "Operations": [step("POST", "/Users", body, bulkId=str(n)) for n, body in enumerate(bodies)]}, status=413)
    assert scim.find(f'userName eq "{bodies[0]["userName"]}"') == []


def test_BLK_08_a_body_over_the_ceiling_is_not_read(scim: Scim) -> None:
    """The length alone is enough."""
    with scim.connect() as link:
        link.sendall(scim.head("POST", "/Bulk", f"Content-Type: {TYPE}", f"Content-Length: {5 * 1024 * 1024}"))
        assert read_reply(link, "POST").status == 413


def test_BLK_08_a_thousand_operations_are_done(scim: Scim) -> None:
    entries = bulk(scim, *(step("POST", "/Users", user(), bulkId=str(n)) for n in range(1000)))
    assert statuses(entries) == ["201"] * 1000 and [entry["bulkId"] for entry in entries] == [str(n) for n in range(1000)]


def test_BLK_09_a_version_is_a_condition(scim: Scim) -> None:
    made = scim.add()
    url, old = f"/Users/{made['id']}", made["meta"]["version"]
    now = scim.patched(made["id"], op("add", "title", "x"))
    entries = bulk(scim, step("PATCH", url, patch(op("add", "title", "y")), version=old), step("DELETE", url, version=old),
                   step("PATCH", url, patch(op("add", "title", "z")), version=now["meta"]["version"]))
    assert statuses(entries) == ["412", "412", "200"]
    assert scim.of(made["id"])["title"] == "z"


def test_BLK_10_status_is_a_string(scim: Scim) -> None:
    (entry,) = bulk(scim, step("POST", "/Users", user(), bulkId="a"))
    assert entry["status"] == "201"


def test_BLK_11_every_operation_stands_for_itself(scim: Scim) -> None:
    """What follows a failure is done, what failed left nothing."""
    taken, mail = scim.add(), f"{unique()}@example.com"
    half = user(userName=taken["userName"], emails=[{"value": mail, "type": "work"}])
    whole = user(emails=[{"value": mail, "type": "work"}])
    assert statuses(bulk(scim, step("POST", "/Users", half, bulkId="a"), step("POST", "/Users", whole, bulkId="b"))) == ["409", "201"]


def errors(scim: Scim) -> list:
    """One answer of every kind that is easily had."""
    made = scim.add()
    url = f"/Users/{made['id']}"
    return [
        (400, "invalidFilter", scim.get("/Users", filter="x y", status=400)), (400, "invalidSyntax", scim.post("/Users", b"{", status=400)),
        (400, "invalidValue", scim.post("/Users", user(userName=None), status=400)), (400, "invalidPath", scim.patch(url, op("add", "x[", 1), status=400)),
        (400, "noTarget", scim.patch(url, op("remove"), status=400)), (400, "mutability", scim.patch(url, op("replace", "id", "x"), status=400)),
        (400, "invalidCursor", scim.get("/Users", cursor="x", status=400)), (401, None, scim.get("/Users", headers={"Authorization": None}, status=401)),
        (403, None, scim.get("/Schemas", filter="id pr", status=403)), (404, None, scim.get("/Users/none", status=404)),
        (404, None, scim.get("/Nothing", status=404)), (405, None, scim.ask("PUT", "/Users", {}, status=405)),
        (405, None, scim.ask("POST", url, {}, status=405)), (409, "uniqueness", scim.post("/Users", user(userName=made["userName"]), status=409)),
        (412, None, scim.put(url, made, headers={"If-Match": 'W/"no"'}, status=412)), (413, None, scim.post("/Users", b" " * 300_000, status=413)),
        (415, None, scim.post("/Users", user(), headers={"Content-Type": "text/plain"}, status=415)), (501, None, scim.get("/Me", status=501))]


def test_ERR_01_every_error_is_one_object(scim: Scim) -> None:
    for status, _, answer in errors(scim):
        assert answer["schemas"] == [ERROR] and answer["status"] == str(status)


def test_ERR_02_the_types_of_errors(scim: Scim) -> None:
    for _, kind, answer in errors(scim):
        assert answer.kind == kind, str(answer)


def test_ERR_03_a_type_only_where_it_is_allowed(scim: Scim) -> None:
    for status, _, answer in errors(scim):
        assert (answer.kind in SCIM_TYPES) == (status in (400, 409)), str(answer)


def test_ERR_04_codes_mean_what_they_mean(scim: Scim) -> None:
    seen = {answer.status for _, _, answer in errors(scim)}
    assert seen == {400, 401, 403, 404, 405, 409, 412, 413, 415, 501}
    for path in ("/Users", "/Groups", "/Bulk"):
        for method in {"GET", "PUT", "PATCH", "DELETE"} - ({"GET"} if path != "/Bulk" else set()):
            answer = scim.ask(method, path, {} if method in ("PUT", "PATCH") else None, status=405)
            assert answer.headers["Allow"]


def test_ERR_05_details_are_for_people(scim: Scim) -> None:
    for _, _, answer in errors(scim):
        detail = answer["detail"]
        assert len(detail) > 10 and " " in detail, detail
        assert not re.search(r"select |insert |sqlite|postgres|constraint|\.c:\d|/src/|/tmp|0x[0-9a-f]{6}|muster_scim_", detail, re.I), detail
    first = scim.add(emails=[{"value": f"{unique()}@example.com", "type": "work"}])
    for same, name in (({"userName": first["userName"]}, "userName"), ({"emails": [{"value": first["emails"][0]["value"]}]}, "mail")):
        assert name in scim.post("/Users", user(**same), status=409)["detail"]


@pytest.mark.parametrize("text", ["{", "", "nonsense", '{"userName":"x"', '{"userName":"x",}', "{'userName':'x'}", '{"userName":x}', '"x"', "[]", "null", '{"userName":"x"} trailing',
                                  '{"userName":"a","userName":"b"}', "\ufeff{", '{"userName":"a\x01b"}', '{"a":01}', "{}{}"])
def test_ERR_06_broken_json(scim: Scim, text: str) -> None:
    assert scim.post("/Users", text.encode(), status=400).kind in ("invalidSyntax", "invalidValue")


def test_ERR_06_a_name_in_two_cases_is_refused_or_the_last_counts(scim: Scim) -> None:
    answer = scim.post("/Users", user(title="first", TITLE="last"), status=(201, 400))
    assert answer.kind == "invalidSyntax" if answer.status == 400 else answer["title"] == "last"


def test_ERR_07_patience_is_asked_for_with_a_time(muster: Muster) -> None:
    """Guessing tokens: after some wrong ones an address has to wait, and is told how long. A good token still works."""
    muster.now = None
    token = muster("token", "add", "scim", "--name", "test").out.strip()
    with muster.serve() as url:
        guesser = Scim(f"{url}/scim/v2", "wrong")
        answers = [guesser.get("/Users", status=(401, 429)) for _ in range(60)]
        assert answers[0].status == 401 and answers[-1].status == 429
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert Scim(f"{url}/scim/v2", token).get("/Users").status == 200


@pytest.mark.parametrize("sent", [None, "Bearer wrong", "non-token", "Basic dXNlcjpwYXNz", "Bearer", ""])
def test_ERR_08_who_is_unknown_is_told_how_to_sign_in(scim: Scim, sent: str | None) -> None:
    told = scim.get("/Users", status=401, headers={"Authorization": sent}).headers["WWW-Authenticate"]
    assert told.startswith("Bearer")
    assert ('error="invalid_token"' in told) == (sent == "Bearer wrong") or sent not in (None, "Bearer wrong")


def test_ERR_09_every_answer_has_an_id_of_its_own(scim: Scim) -> None:
    ids = [answer.headers["X-Request-Id"] for answer in (scim.get("/Users", count=1), scim.get("/Users/none", status=404), scim.post("/Users", user()),
                                                         scim.get("/ServiceProviderConfig"), scim.get("/Users", status=401, headers={"Authorization": None}))]
    assert all(ids) and len(set(ids)) == len(ids)
