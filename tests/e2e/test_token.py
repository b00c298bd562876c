"""`muster token`, and the SCIM source that comes with the first one."""

import re
import time

import pytest

from conftest import Bob, Muster, http
from reading import assert_says
from scim import Scim

TOKEN = re.compile(r"muster_(scim|content|admin)_[a-z2-7]{13}_[a-z2-7]{32}")


def add(muster: Muster, *args: str) -> str:
    """A SCIM token."""
    return muster("token", "add", "scim", *args).out.strip()


@pytest.mark.parametrize("kind", ["scim", "content", "admin"])
def test_the_token_stands_alone_on_stdout_once(muster: Muster, kind: str) -> None:
    made = muster("token", "add", kind, "--name", "Entra ID")
    assert TOKEN.fullmatch(made.out.removesuffix("\n"))[1] == kind
    assert_says("shown only now", made.err)
    assert ("/scim/v2" in made.err) == (kind == "scim")
    assert made.out.strip() not in made.err


def test_the_list_shows_no_secret(muster: Muster) -> None:
    first, second = add(muster, "--name", "Entra ID"), add(muster, "--name", "Okta", "--source", "okta", "--expires", "90d")
    assert first != second
    said = muster("token", "list")
    rows = muster("token", "list", "--json").rows()
    assert not TOKEN.search(said.out + muster("token", "list", "--json").out)
    for secret in (first, second):
        assert secret[-32:] not in said.out + str(rows)
    assert_says(r"(?m)^scim +Entra ID +scim +created 2026-11-02T12:00:00Z +never expires +never used$", said.out)
    assert_says(r"(?m)^scim +Okta +okta +created 2026-11-02T12:00:00Z +expires 2027-01-31T12:00:00Z +never used$", said.out)
    assert [(row["class"], row["name"], row["source"], row["expires_at"], row["used_at"]) for row in rows] == [
        ("scim", "Entra ID", "scim", None, None), ("scim", "Okta", "okta", "2027-01-31T12:00:00Z", None)]


def test_json_says_what_was_made(muster: Muster) -> None:
    made = muster("token", "add", "content", "--name", "Wiki", "--expires", "2027-01-31", "--json").json()
    assert TOKEN.fullmatch(made.pop("token"))
    assert made == {"name": "Wiki", "class": "content", "source": None, "expires_at": "2027-01-31T23:59:59Z"}


@pytest.mark.parametrize("when, at", [("90d", "2027-01-31T12:00:00Z"), ("12h", "2026-11-03T00:00:00Z"),
                                      ("2027-01-31", "2027-01-31T23:59:59Z"), ("2026-12-01T06:00:00Z", "2026-12-01T06:00:00Z")])
def test_when_a_token_expires(muster: Muster, when: str, at: str) -> None:
    add(muster, "--name", "Entra", "--expires", when)
    assert muster("token", "list", "--json").rows()[0]["expires_at"] == at
    muster.now = "2027-02-01T00:00:00Z"
    assert_says(f"expired {at}", muster("token", "list").out)


@pytest.mark.parametrize("args, says", [
    (("scim",), "--name"),
    (("scim", "--name", ""), "--name"),
    (("skim", "--name", "x"), "scim, content or admin"),
    (("content", "--name", "x", "--source", "scim"), "--source goes with a SCIM token"),
    (("scim", "--name", "x", "--expires", "soon"), "90d"),
    (("scim", "--name", "x", "--expires", "2020-01-01"), "over already"),
    (("scim", "--name", "x", "--source", "a b"), "letters, digits"),
    (("scim", "--name", "a\nb"), "line ends"),
])
def test_what_is_wrong_is_said_and_nothing_is_made(muster: Muster, args: tuple[str, ...], says: str) -> None:
    assert_says(re.escape(says), muster("token", "add", *args, expect=2).err)
    assert muster("token", "list", "--json").rows() == []
    assert muster("source", "list", "--json").rows() == []


def test_names_are_unique(muster: Muster) -> None:
    add(muster, "--name", "Entra")
    assert_says("there is a token 'Entra' already", muster("token", "add", "admin", "--name", "Entra", expect=3).err)
    assert len(muster("token", "list", "--json").rows()) == 1


def test_revoking_names_what_there_is(muster: Muster) -> None:
    assert_says("no token 'Entra'", muster("token", "revoke", "Entra", expect=3).err)
    add(muster, "--name", "Entra")
    add(muster, "--name", "Okta")
    assert_says("there is: Entra, Okta", muster("token", "revoke", "Entar", expect=3).err)
    muster("token", "revoke", "Entra")
    assert [row["name"] for row in muster("token", "list", "--json").rows()] == ["Okta"]
    muster("token", "revoke", muster("token", "list", "--json").rows()[0]["id"])
    assert "There is no token yet" in muster("token", "list").out


def test_workspaces_have_their_own(muster: Muster) -> None:
    muster("init", "-w", "other")
    add(muster, "--name", "Entra")
    assert muster("token", "list", "--json", "-w", "other").rows() == []
    add(muster, "--name", "Entra", "-w", "other")
    assert_says("no token", muster("token", "revoke", "Okta", "-w", "other", expect=3).err)


def test_help_explains_the_tokens(muster: Muster) -> None:
    said = muster("token", "--help").out
    for command in ("add", "list", "revoke"):
        assert f"muster token {command}" in muster("token", command, "--help").out and command in said
    assert "--expires" in muster("token", "add", "--help").out


# --- the source ------------------------------------------------------------------------------------


def test_the_source_is_made_with_the_first_token(muster: Muster) -> None:
    add(muster, "--name", "Entra")
    add(muster, "--name", "Entra 2")
    assert [(row["name"], row["kind"], row["rank"]) for row in muster("source", "list", "--json").rows()] == [("scim", "scim", 1)]
    assert "waiting for its client" in muster("source", "list").out


def test_a_source_that_is_read_takes_no_tokens(muster: Muster, source: str) -> None:
    assert_says("of kind hibob", muster("token", "add", "scim", "--name", "x", "--source", source, expect=2).err)


def test_an_inbound_source_is_not_fetched(muster: Muster) -> None:
    add(muster, "--name", "Entra")
    for command in (("sync", "scim"), ("plan", "scim"), ("sync", "scim", "--dry-run")):
        assert_says("scim is an inbound source: its client sends the changes; there is nothing to fetch",
                    muster(*command, expect=2).err)
    for command in (("source", "check", "scim"), ("source", "fields", "scim"), ("mapping", "export", "scim"),
                    ("mapping", "test", "scim")):
        assert_says("scim is an inbound source", muster(*command, expect=2).err)
    assert muster("runs", "--json").rows() == []


def test_an_inbound_source_is_ranked_paused_and_removed_like_others(muster: Muster, bob: Bob, source: str) -> None:
    add(muster, "--name", "Entra")
    assert [row["name"] for row in muster("source", "list", "--json").rows()] == [source, "scim"]
    muster("source", "set", source, "--rank", "9")
    assert [row["name"] for row in muster("source", "list", "--json").rows()] == ["scim", source]
    muster("source", "pause", "scim")
    assert "paused" in muster("source", "show", "scim").out
    muster("source", "resume", "scim")
    muster("sync", source)
    muster("source", "remove", "scim")
    assert muster("token", "list", "--json").rows() == []


@pytest.mark.parametrize("option, says", [("teams=departments", "department,division"), ("guard=off", "incident,refuse"),
                                          ("team=none", "teams, guard")])
def test_options_of_an_inbound_source_are_checked(muster: Muster, option: str, says: str) -> None:
    muster("source", "add", "scim", "--name", "okta", "--set", "teams=none", "--set", "guard=refuse")
    assert_says(re.escape(says), muster("source", "set", "okta", "--set", option, expect=2).err)
    assert muster("source", "show", "okta", "--json").json()["options"] == {"teams": "none", "guard": "refuse"}


def test_the_server_and_doctor_take_an_inbound_source_as_it_is(muster: Muster) -> None:
    add(muster, "--name", "Entra")
    assert_says("its client sends the changes", muster("doctor", expect=(0, 1)).out)
    with muster.serve() as url:
        assert "none: its client sends the changes" in http("GET", url).text


# --- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key, values, wrong", [("scim_record_bodies", ("off", "on"), "yes"),
                                                ("scim_delete", ("deactivate", "erase"), "delete")])
def test_settings_with_two_values_take_no_third(muster: Muster, key: str, values: tuple[str, str], wrong: str) -> None:
    def value() -> str:
        return muster("set", key, "--json").json()["value"]

    assert value() == values[0]
    muster("set", key, values[1])
    assert_says(f"{key} is {values[0]} or {values[1]}, not '{wrong}'", muster("set", key, wrong, expect=2).err)
    assert value() == values[1]
    muster("set", key, "")
    assert value() == values[0]


def test_a_paused_source_asks_its_client_for_patience(muster: Muster) -> None:
    token = add(muster, "--name", "Entra")
    muster.now = None                           # clients are timed by the real clock
    with muster.serve() as url:
        client = Scim(f"{url.rstrip('/')}/scim/v2", token)

        def ask() -> int:
            return client.ask("GET", "/Users?count=0", checked=False).status

        def becomes(status: int) -> bool:
            end = time.monotonic() + 5
            while ask() != status and time.monotonic() < end:
                time.sleep(0.05)
            return ask() == status

        assert ask() == 200
        muster("source", "pause", "scim")
        assert becomes(503)
        muster("source", "resume", "scim")
        assert becomes(200)
