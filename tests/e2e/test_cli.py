"""The command line as a stranger and a script meet it: help, exit statuses, shapes of --json, errors, secrets."""

import base64
import csv
import io
import json
import os
import re
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import PROGRAM, Bob, Muster
from model import ANCHOR, differences
from reading import assert_says, people, remap

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])  # what is printed does not depend on where it is kept

COMMANDS = ("init", "serve", "source", "mapping", "set", "sync", "plan", "apply", "refuse", "undo", "release", "runs", "run",
            "people", "person", "team", "why", "export", "attribute", "level", "token", "scim", "doctor")
SUBCOMMANDS = {"source": ("add", "list", "show", "set", "check", "fields", "pause", "resume", "remove"),
               "mapping": ("export", "import", "test"), "plan": ("show",), "run": ("show",), "attribute": ("add", "list"),
               "person": ("show", "add", "set", "deactivate", "reactivate", "delete"),
               "team": ("add", "rename", "merge", "join", "leave"), "token": ("add", "list", "revoke"),
               "scim": ("log", "replay")}
TALLY = {"run": str, "state": str, "resumed": (str, type(None)), **dict.fromkeys(
    ("read", "created", "updated", "deactivated", "suspended", "reactivated", "unchanged", "excluded", "not_active",
     "missing", "conflicts", "stale", "findings"), int)}
COUNTED = ("created", "updated", "deactivated", "suspended", "reactivated", "unchanged", "excluded", "not_active", "conflicts", "stale")
PERSON = ("id", "state", "invite", "external_id", "user_name", "email", "given_name", "family_name", "title", "department",
          "location", "start_date", "employee_number", "manager", "additional_managers", "teams", "level", "custom",
          "created_at", "updated_at", "version")


@pytest.fixture
def synced(muster: Muster, bob: Bob, source: str) -> str:
    muster("sync", source)
    return source


# --- help ------------------------------------------------------------------------------------------


def test_help_lists_every_command(muster: Muster) -> None:
    said = muster("--help")
    for command in COMMANDS:
        assert_says(rf"(?m)^\s+(muster )?{command}\b", said.out)
    assert said.err == ""


def test_the_manual_and_the_completion_know_every_command(muster: Muster) -> None:
    manual, shells = muster("manual").out, {shell: muster("completion", shell).out for shell in ("bash", "zsh")}
    for text in (manual, *shells.values()):
        for command in COMMANDS:
            assert re.search(rf"\b{command}\b", text), f"{command} is not in {text[:40]!r}…"
    assert subprocess.run(["bash", "-n"], input=shells["bash"], text=True).returncode == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(muster: Muster, command: str) -> None:
    said = muster(command, "--help")
    assert f"muster {command}" in said.out
    for sub in SUBCOMMANDS.get(command, ()):
        assert sub in said.out
        assert f"muster {command} {sub}" in muster(command, sub, "--help").out


def test_help_needs_no_store(muster: Muster, tmp_path: Path) -> None:
    env = {"MUSTER_STORE": str(tmp_path / "nowhere" / "muster.db")}
    muster("sync", "--help", env=env)
    assert_says(r"muster \S+", muster("--version", env=env).out)


def test_a_bare_call_shows_the_way_and_is_wrong_use(muster: Muster) -> None:
    said = muster(expect=2)
    assert "muster" in said.err + said.out and "--help" in said.err + said.out


# --- wrong use ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command, says", [
    (("snyc", "hibob"), "sync"),
    (("source", "lsit"), "list"),
    (("sync", "hibob", "--dry-rnu"), "--dry-run"),
    (("sync", "hibbo"), "hibob"),
    (("source", "add", "hibbo"), "hibob"),
    (("source", "set", "hibob", "--set", "servce_user=X"), "service_user"),
    (("export", "people", "--format", "ndjsn"), "ndjson"),
    (("export", "poeple"), "people"),
    (("attribute", "add", "squad", "--type", "txt"), "text"),
    (("person", "set", "nobody@haldenoak.example", "titel=X"), "title|nobody@haldenoak"),
])
def test_a_slip_of_the_finger_is_answered_with_what_was_meant(muster: Muster, source: str, command: tuple[str, ...], says: str) -> None:
    said = muster(*command, expect=(2, 3))
    assert_says(says, said.err)
    assert said.out == ""


@pytest.mark.parametrize("command", [("sync",), ("undo",), ("apply",), ("why",), ("source", "add"), ("source",), ("person", "show"),
                                     ("mapping", "import", "hibob"), ("sync", "hibob", "hibob"),
                                     ("sync", "--review=maybe", "hibob"), ("people", "--at")])
def test_too_little_or_too_much_is_wrong_use(muster: Muster, source: str, command: tuple[str, ...]) -> None:
    said = muster(*command, expect=2)
    assert said.err.strip() and said.out == ""


def test_without_a_store_it_says_init(muster: Muster, tmp_path: Path) -> None:
    said = muster("people", expect=(2, 3), env={"MUSTER_STORE": str(tmp_path / "new.db")})
    assert "muster init" in said.err
    assert not (tmp_path / "new.db").exists()


def test_init_can_be_repeated(muster: Muster, synced: str) -> None:
    before = people(muster)
    muster("init")
    assert differences(before, people(muster)) == []


def test_workspaces_are_apart(muster: Muster, synced: str) -> None:
    muster("init", "--workspace", "other")
    assert muster("-w", "other", "people", "--json").rows() == []
    assert muster("-w", "other", "sync", synced, expect=(2, 3)).err
    said = muster("-w", "nowhere", "people", expect=(2, 3))
    assert "nowhere" in said.err


# --- --json and exports -----------------------------------------------------------------------------


def test_the_tally_has_the_shape_of_the_contract(muster: Muster, bob: Bob, source: str) -> None:
    for command in ("plan", "sync", "sync"):
        tally = muster(command, source, "--json").json()
        for name, type in TALLY.items():
            assert isinstance(tally[name], type), f"{name} of {command}: {tally}"
        assert tally["read"] == sum(tally[name] for name in COUNTED) == len(bob.people())
    assert tally["unchanged"] + tally["not_active"] == tally["read"]


def test_a_run_shows_findings_and_guards(muster: Muster, bob: Bob, synced: str) -> None:
    bob.fault("half")
    run = muster("sync", synced, "--json", expect=1).json()["run"]
    shown = muster("run", "show", run, "--json").json()
    assert {"run", "state", "findings", "guards"} <= shown.keys()
    for guard in shown["guards"]:
        assert guard["guard"] == "records" and guard["message"]
    bob.heal()
    bob.edit(bob.active()[-1][ANCHOR], {"root.email": None})
    run = muster("sync", synced, "--json", expect=1).json()["run"]
    finding, = [f for f in muster("run", "show", run, "--json").json()["findings"] if f["type"] == "no_email"]
    assert {"type", "severity", "subject", "value", "count", "people", "message", "advice"} <= finding.keys()
    assert finding["severity"] == "attention" and finding["count"] == 1 and len(finding["people"]) == 1


def test_a_person_has_the_shape_of_the_contract(muster: Muster, bob: Bob, synced: str) -> None:
    someone = next(p for p in bob.active() if p["work.reportsTo"])
    for who in (someone["root.email"], someone["root.email"].upper(), someone[ANCHOR]):
        person = muster("person", "show", who, "--json").json()
        assert set(PERSON) <= person.keys()
        assert person["external_id"] == someone[ANCHOR] and person["user_name"] == someone["root.email"]
        assert person["manager"].keys() == {"id", "external_id", "email", "display_name"}
        assert person["teams"] == [someone["work.department"]] and person["custom"] == {} and person["invite"] == "none"
    assert muster("person", "show", person["id"], "--json").json() == person
    assert person in muster("people", "--json").rows()
    assert muster("person", "show", "nobody@haldenoak.example", expect=(2, 3)).err


def test_exports_hold_the_same_in_every_format(muster: Muster, bob: Bob, synced: str) -> None:
    lines = muster("export", "people", "--format", "ndjson").rows()
    whole = muster("export", "people", "--format", "json").json()
    table = list(csv.DictReader(io.StringIO(muster("export", "people", "--format", "csv").out)))
    assert whole == lines and len(table) == len(lines) == len(people(muster))
    for row, person in zip(table, lines):
        assert row["email"] == person["email"] and row["external_id"] == person["external_id"]
        assert row["manager"] == (person["manager"] or {"email": ""})["email"]
        assert row["teams"] == "; ".join(person["teams"])
    teams = muster("export", "teams", "--format", "json").json()
    assert all(team.keys() >= {"id", "name", "kind", "members"} and team["kind"] == "synced" for team in teams)
    assert sum(team["members"] for team in teams) == len(lines)
    assert len(muster("export", "history", "--format", "ndjson").rows()) >= len(lines)


def test_a_filter_narrows_the_list(muster: Muster, bob: Bob, synced: str) -> None:
    someone = bob.active()[-1]
    rows = muster("people", "--filter", f'userName eq "{someone["root.email"]}"', "--json", expect=(0, 2)).rows()
    assert [row["external_id"] for row in rows] in ([someone[ANCHOR]], [])


def test_progress_and_logs_stay_off_stdout_and_no_bar_without_a_terminal(muster: Muster, source: str) -> None:
    said = muster("sync", source, "--json")
    assert said.out.count("\n") == 1 and json.loads(said.out)["state"] == "applied"
    assert "\r" not in said.err and "\x1b" not in said.err


def test_a_dry_run_is_a_plan_and_changes_nothing(muster: Muster, source: str) -> None:
    assert muster("sync", source, "--dry-run", "--json").json()["state"] == "planned"
    assert people(muster) == {}


def test_a_plan_names_every_change_before_and_after(muster: Muster, bob: Bob, synced: str) -> None:
    someone = bob.active()[-1]
    bob.edit(someone[ANCHOR], {"work.title": "Astronaut"})
    run = muster("plan", synced, "--json").json()["run"]
    shown = muster("plan", "show", run).out
    assert someone["work.title"] in shown and "Astronaut" in shown and someone["root.email"] in shown
    file = muster.folder / "plan.ndjson"
    muster("plan", synced, "-o", file)
    row, = [json.loads(line) for line in file.read_text().splitlines()]
    assert "Astronaut" in json.dumps(row)


# --- secrets ---------------------------------------------------------------------------------------


def test_the_secret_is_nowhere_to_be_read(muster: Muster, bob: Bob, source: str) -> None:
    basic = base64.b64encode(f"{bob.service_user}:{bob.token}".encode()).decode()
    bob.fault("slow", bytes_per_second=50_000)
    process = muster.start("sync", source, env={"MUSTER_LOG": "debug"})
    seen = ""
    while process.poll() is None:
        seen += command_lines()
        time.sleep(0.02)
    bob.heal()
    assert str(PROGRAM) in seen, "the sync was over before its command line could be read"
    said = [seen, process.log.read_text(), *(muster(*command, expect=None).out for command in (
        ("source", "show", source), ("source", "show", source, "--json"), ("source", "list", "--json"), ("doctor",),
        ("mapping", "export", source), ("export", "history", "--format", "ndjson")))]
    for text in said:
        assert bob.token not in text and basic not in text
    for file in muster.folder.rglob("*"):
        if file.is_file():
            kept = file.read_bytes()
            assert bob.token.encode() not in kept and basic.encode() not in kept, file


def command_lines() -> str:
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(process.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            pass  # it ended between the listing and the reading
    return "\n".join(line for line in lines if str(PROGRAM) in line)


@pytest.mark.parametrize("secret", ["  sandbox-token\r\n", "sandbox-token\n", "\tsandbox-token "])
def test_a_pasted_secret_is_trimmed(muster: Muster, bob: Bob, secret: str) -> None:
    muster("source", "add", "hibob", "--set", f"url={bob.url}", "--set", f"service_user={bob.service_user}",
           "--secret-file", "-", stdin=secret)
    muster("source", "check", "hibob", expect=(0, 1))


def test_the_secret_comes_from_a_file_or_the_environment_never_from_an_argument(muster: Muster, bob: Bob) -> None:
    settings = ("--set", f"url={bob.url}", "--set", f"service_user={bob.service_user}")
    file = muster.folder / "secret"
    file.write_text(bob.token)
    for name, more, env in (("one", ("--secret-file", file), None), ("two", (), {"MUSTER_SECRET": bob.token})):
        muster("source", "add", "hibob", "--name", name, *settings, *more, env=env)
        muster("source", "check", name)
    refused = muster("source", "add", "hibob", "--name", "three", *settings, "--set", f"token={bob.token}", expect=2)
    assert "--secret-file" in refused.err and bob.token not in refused.err
    without = muster("source", "add", "hibob", "--name", "four", *settings, expect=2)
    assert "--secret-file" in without.err and "MUSTER_SECRET" in without.err


def test_the_key_is_private_and_its_loss_is_explained(muster: Muster, bob: Bob, synced: str) -> None:
    key = muster.folder / "muster.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.rename(muster.folder / "elsewhere")
    said = muster("sync", synced, expect=(2, 3))
    assert_says(r"muster\.key|MUSTER_KEY_FILE", said.err)
    assert_says(r"(?i)key", muster("doctor", expect=(1, 3)).out)


def test_private_addresses_need_a_word(muster: Muster, bob: Bob, synced: str) -> None:
    said = muster("sync", synced, expect=(2, 3), env={"MUSTER_ALLOW_PRIVATE": ""})
    assert_says(r"(?i)private|loopback", said.err)
    assert "MUSTER_ALLOW_PRIVATE" in said.err


# --- sources, mappings, doctor ----------------------------------------------------------------------


def test_check_says_field_by_field_what_may_be_read(muster: Muster, bob: Bob, source: str) -> None:
    good = muster("source", "check", source)
    assert "root.email" in good.out and "work.title" in good.out
    bob.permission(hidden_fields=["work.title"])
    bad = muster("source", "check", source, expect=1)
    line = next(line for line in bad.out.splitlines() if "work.title" in line)
    assert line not in good.out.splitlines()
    assert_says(r"(?i)permission.*Work|Work.*permission", bad.out.replace("\n", " "))


def test_fields_lists_all_and_samples_only_on_request(muster: Muster, bob: Bob, synced: str) -> None:
    bob.forget()
    listed = muster("source", "fields", synced).out
    assert "work.customColumns.column_1700000000002" in listed and "Squad" in listed
    assert bob.requests("/people/search") == []
    sampled = muster("source", "fields", synced, "--samples").out
    assert any(p["work.customColumns.column_1700000000002"] in sampled for p in bob.active()
               if p["work.customColumns.column_1700000000002"])


def test_only_mapped_fields_are_asked_for(muster: Muster, bob: Bob, synced: str) -> None:
    asked = set(json.loads(bob.requests("/people/search")[-1]["body"])["fields"] if isinstance(
        bob.requests("/people/search")[-1]["body"], str) else bob.requests("/people/search")[-1]["body"]["fields"])
    assert {"root.email", "work.title", "internal.status"} <= asked
    assert not asked & {"home.privateEmail", "payroll.salary.payment", "work.secondLevelManager"}
    assert len(asked) < 25


def test_a_mapping_comes_back_as_it_went(muster: Muster, bob: Bob, synced: str) -> None:
    exported = muster("mapping", "export", synced).out
    mapping = yaml.safe_load(exported)
    assert mapping["source"] == synced and {"mapping", "status", "options", "guards"} <= mapping.keys()
    file = muster.folder / "mapping.yaml"
    file.write_text(exported)
    muster("mapping", "import", synced, file)
    assert muster("mapping", "export", synced).out == exported
    assert muster("sync", synced, "--json").json()["updated"] == 0


@pytest.mark.parametrize("wrong, says", [
    ("mapping:\n  - attribute: titel\n    from: work.title\n", r"(?s)line 2.*titel.*title"),
    ("mappings: []\n", r"(?s)line 1.*mappings.*mapping"),
    ("mapping:\n  - {attribute: title, from: work.title, emtpy: keep}\n", r"(?s)line 2.*emtpy.*empty"),
    ("mapping:\n  - {attribute: title, from: work.title}\n", r"(?i)e-?mail"),
    ("mapping: [\n", r"(?i)line \d"),
    ("mapping:\n  - {attribute: email, from: root.email, empty: perhaps}\n", r"(?s)line 2.*keep"),
    ("mapping:\n  - {attribute: email, from: 'os.execute(1)'}\n", r"line 2"),
    ("options: {missing_runs: many}\n", r"(?s)line 1.*missing_runs"),
])
def test_a_wrong_mapping_is_refused_with_its_place(muster: Muster, source: str, wrong: str, says: str) -> None:
    before = muster("mapping", "export", source).out
    file = muster.folder / "wrong.yaml"
    file.write_text(wrong)
    assert_says(says, muster("mapping", "import", source, file, expect=(2, 3)).err)
    assert muster("mapping", "export", source).out == before


def test_a_constant_and_a_custom_attribute_are_mapped(muster: Muster, bob: Bob, source: str) -> None:
    muster("attribute", "add", "desk", "--type", "text")
    remap(muster, source, lambda m: m["mapping"].extend((
        {"attribute": "organization", "from": '"Halden Oak"'},
        {"attribute": "custom.desk", "from": 'field("work.custom.field_1700000000001")'})))
    muster("sync", source, expect=(0, 1))
    rows = {row["external_id"]: row for row in muster("export", "people", "--format", "ndjson").rows()}
    for person in bob.active():
        assert rows[person[ANCHOR]]["organization"] == "Halden Oak"
        assert rows[person[ANCHOR]]["custom"].get("desk") == person["work.custom.field_1700000000001"]


def test_a_source_is_paused_resumed_and_removed(muster: Muster, synced: str) -> None:
    muster("source", "pause", synced)
    listed, = muster("source", "list", "--json").rows()
    assert listed["name"] == synced
    muster("source", "resume", synced)
    muster("sync", synced)
    before = people(muster)
    muster("source", "remove", synced)
    assert muster("source", "list", "--json").rows() == []
    assert differences(before, people(muster)) == []


def test_doctor_finds_nothing_wrong_and_then_the_source(muster: Muster, bob: Bob, synced: str) -> None:
    well = muster("doctor", expect=(0, 1))
    assert_says(r"(?i)store", well.out)
    bob.fault("status", status=401)
    ill = muster("doctor", expect=(1, 3))
    assert_says(r"(?i)token|service.user", ill.out + ill.err)


def test_settings_are_shown_changed_and_checked(muster: Muster) -> None:
    shown = muster("set").out
    zone = next((line.split()[0] for line in shown.splitlines() if "zone" in line.lower()), None)
    assert zone, f"no time zone in:\n{shown}"
    muster("set", zone, "Europe/Berlin")
    assert "Europe/Berlin" in muster("set", zone).out
    assert "Mars/Olympus" in muster("set", zone, "Mars/Olympus", expect=(2, 3)).err
    assert muster("set", zone + "x", "UTC", expect=(2, 3)).err


def test_output_that_cannot_be_written_is_a_failure(muster: Muster, synced: str) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    with open("/dev/full", "w") as full:
        ended = subprocess.run([PROGRAM, "export", "people", "--format", "ndjson"], stdout=full, stderr=subprocess.PIPE,
                               text=True, env=muster.environment(), cwd=muster.folder)
    assert ended.returncode == 3 and ended.stderr.strip()
