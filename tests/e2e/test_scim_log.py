"""`muster scim log` from outside: an empty log, wrong use, help."""

import re

import pytest

from conftest import Muster
from reading import assert_says


def test_an_empty_log_says_so(muster: Muster) -> None:
    assert "No SCIM request is in the log yet." in muster("scim", "log").out
    assert "No such request" in muster("scim", "log", "--failed", "--since", "1h").out
    assert muster("scim", "log", "--json", "--since", "2026-11-01T00:00:00Z").rows() == []


@pytest.mark.parametrize("args, says", [(("--since", "yesterday"), "--since takes a length of time (1h, 7d)"),
                                        (("--limit", "0"), "--limit takes a number from 1 on"), (("--failled",), "--failed")])
def test_wrong_use_is_answered_with_what_is_right(muster: Muster, args: tuple[str, ...], says: str) -> None:
    assert_says(re.escape(says), muster("scim", "log", *args, expect=2).err)


def test_help_explains_the_log(muster: Muster) -> None:
    assert "--failed" in muster("scim", "log", "--help").out
    assert "muster scim log" in muster("scim", "--help").out


def test_a_replay_is_only_ever_a_dry_run(muster: Muster) -> None:
    assert_says("only tried again with --dry-run", muster("scim", "replay", "aaaaaaaaaaaab", expect=2).err)


def test_a_replay_needs_a_recorded_body(muster: Muster) -> None:
    assert_says("'x' is no request", muster("scim", "replay", "x", "--dry-run", expect=2).err)
    assert_says("only while `muster set scim_record_bodies on`, for 24 hours",
                muster("scim", "replay", "aaaaaaaaaaaab", "--dry-run", expect=3).err)
