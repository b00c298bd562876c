"""The control API, the request log and the command line."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, **more) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "sandbox", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=20, **more)


def start(*arguments: str) -> tuple[subprocess.Popen, str]:
    process = subprocess.Popen([sys.executable, "-m", "sandbox", "serve", "--port", "0", "--size", "30", *arguments],
                               cwd=ROOT, stdout=subprocess.PIPE, text=True)
    word, ready, url = process.stdout.readline().split()
    assert (word, ready) == ("sandbox", "ready")
    return process, url


def test_days_pass(bob):
    assert bob.control("GET", "today")["today"] == "2026-11-02"
    assert bob.control("POST", "advance", {"days": 3})["today"] == "2026-11-05"


def test_the_truth_says_what_the_api_says(bob):
    truth = bob.truth()
    for person in bob.people("root.email", "work.title", "work.department", "work.site", "work.reportsTo", humanReadable="APPEND"):
        known, readable = truth[person["id"]], person["humanReadable"]
        assert known["root.email"] == person["email"]
        assert known["work.title"] == readable["work"]["title"] and known["work.department"] == readable["work"].get("department")
        assert known["work.site"] == person["work"]["site"] and known["work.reportsTo"] == person["work"]["manager"]


def test_people_are_edited_by_field(bob):
    id, boss = list(bob.truth())[5:7]
    changes = {"work.title": "Astronaut", "root.surname": "Müller-Ñandú", "root.email": None, "work.site": "Reykjavík",
               "work.reportsTo": boss, "internal.lifecycleStatus": "Terminated", "internal.terminationDate": "2026-10-01",
               "work.custom.field_1700000000003": 7, "personal.maritalStatus": "Married", "root.displayName": "M."}
    bob.control("POST", f"person/{id}", changes)
    known = bob.truth()[id]
    assert known | changes | {"internal.lifecycleStatus": "terminated"} == known
    assert known["internal.status"] == "Inactive"
    person = next(p for p in bob.people(*changes, "internal.status", humanReadable="APPEND") if p["id"] == id)
    assert person["email"] is None and person["humanReadable"]["work"]["title"] == "Astronaut"
    assert person["humanReadable"]["personal"]["maritalStatus"] == "Married" and person["displayName"] == "M."
    bob.control("POST", f"person/{id}", {"internal.status": "Dormant", "work.reportsTo": None})
    assert bob.truth()[id]["internal.status"] == "Dormant" and bob.truth()[id]["work.reportsTo"] is None


def test_unknown_fields_and_people_are_refused(bob):
    id = next(iter(bob.truth()))
    reply = bob.call("POST", f"/_sandbox/person/{id}", {"work.nonsense": 1})
    assert reply.status == 400 and "work.nonsense" in reply.json["error"]
    assert bob.call("POST", "/_sandbox/person/1", {}).status == 404
    assert bob.call("GET", "/_sandbox/nonsense").status == 404
    assert bob.call("POST", "/_sandbox/permission", {"nonsense": 1}).status == 400


def test_people_are_added_and_deleted(bob):
    new = bob.control("POST", "person", {"root.firstName": "Ada", "root.surname": "Byron", "work.title": "Analyst", "work.reportsTo": None})
    assert new["root.email"] == "ada.byron@haldenoak.example" and new["internal.status"] == "Active"
    later = bob.control("POST", "person", {"work.startDate": "2027-01-01", "root.email": None})
    assert later["internal.lifecycleStatus"] == "hired" and later["root.email"] is None
    double = bob.control("POST", "person", {"root.id": new["root.id"], "root.email": "Ada.Byron@haldenoak.example"})
    assert double["root.id"] == new["root.id"]
    assert [p["id"] for p in bob.people("root.id")].count(new["root.id"]) == 2
    bob.control("DELETE", f"person/{new['root.id']}")
    assert new["root.id"] not in [p["id"] for p in bob.people("root.id")]


def test_reports_of_a_deleted_manager_move_up(bob):
    truth = bob.truth()
    boss = next(p["work.reportsTo"] for p in truth.values() if p["work.reportsTo"] and truth[p["work.reportsTo"]]["work.reportsTo"])
    above = truth[boss]["work.reportsTo"]
    reports = [id for id, p in truth.items() if p["work.reportsTo"] == boss and id != above]
    bob.control("DELETE", f"person/{boss}")
    assert {bob.truth()[id]["work.reportsTo"] for id in reports} == {above}


def test_list_entries_can_be_renamed_and_archived(bob):
    entry = bob.get("/company/named-lists/title").json["values"][1]
    bob.control("POST", f"lists/title/{entry['id']}", {"archived": True})
    assert entry["id"] not in {e["id"] for e in bob.get("/company/named-lists/title").json["values"]}
    assert bob.call("POST", "/_sandbox/lists/title/0", {"name": "x"}).status == 404


def test_a_field_can_have_another_id_in_this_tenant(bob):
    bob.control("POST", "field/personal.legalGender", {"id": "home.legalGender"})
    ids = [f["id"] for f in bob.get("/company/people/fields").json]
    assert "home.legalGender" in ids and "personal.legalGender" not in ids
    assert any(p["home"]["legalGender"] for p in bob.people("home.legalGender"))
    bob.control("POST", "field/work.secondLevelManager", {"id": None})
    assert "/work/secondLevelManager" not in str(bob.people("work.secondLevelManager"))


def test_the_log_shows_what_was_asked_but_not_the_token(bob):
    bob.people("root.id", "work.title")
    bob.call("GET", "/v1/profiles", token="wrong")
    first, second = bob.control("GET", "requests")["requests"]
    assert first["method"] == "POST" and first["path"] == "/v1/people/search" and first["status"] == 200
    assert first["body"]["fields"] == ["root.id", "work.title"] and first["authorized"]
    assert second["status"] == 401 and not second["authorized"]
    assert "sandbox-token" not in json.dumps([first, second]) and "Authorization" not in first["headers"]


def test_reset_makes_another_company(bob):
    assert bob.control("POST", "reset", {"size": 10, "seed": 3, "oddities": False})["people"] == 10
    assert bob.call("POST", "/_sandbox/reset", {"oddities": ["nonsense"]}).status == 400


def test_serve_says_when_it_is_ready_and_ends_cleanly():
    for number in (signal.SIGTERM, signal.SIGINT):
        process, url = start("--date", "2026-11-02")
        base = url.removesuffix("/v1")
        assert json.load(urllib.request.urlopen(f"{base}/_sandbox/today"))["today"] == "2026-11-02"
        process.send_signal(number)
        assert process.wait(timeout=5) == 0


def test_the_command_line_moves_days_and_sets_faults():
    process, url = start("--date", "2026-11-02")
    try:
        assert '"2026-11-05"' in run("advance", "3", "--url", url).stdout
        done = run("fault", "status", "status=503", "times=2", "--url", url)
        assert done.returncode == 0 and json.loads(done.stdout)["status"] == 503
        assert run("fault", "status", "colour=red", "--url", url).returncode == 2
        assert json.loads(run("heal", "--url", url).stdout) == {"faults": []}
    finally:
        process.terminate()
        process.wait(timeout=5)
    assert run("heal", "--url", url).returncode == 3


def test_dump_writes_the_answer(tmp_path):
    out = tmp_path / "people.json"
    assert run("dump", "--size", "50", "--seed", "1", "--date", "2026-11-02", "-o", str(out)).returncode == 0
    people = json.loads(out.read_text())["employees"]
    assert len(people) == 50 and people[0]["humanReadable"]["work"]["title"] == "Chief Executive Officer"
    again = run("dump", "--size", "50", "--seed", "1", "--date", "2026-11-02", env=os.environ | {"PYTHONHASHSEED": "7"})
    assert again.stdout == out.read_text()
