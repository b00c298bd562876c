"""A Java client of somebody else's (Ping's UnboundID SCIM 2 SDK on Jersey), end to end; tests/e2e/java is its program."""

import os
import subprocess

import pytest

from conftest import ROOT
from scim_server import Scim, place, scim, thousand  # noqa: F401 (fixtures)

OUT = ROOT / os.environ.get("BUILD", "build") / "java"


@pytest.fixture(scope="session")
def program() -> list[str]:
    """How to start it, built once."""
    project = ROOT / "tests" / "e2e" / "java"
    made = OUT / "made"
    newest = max(file.stat().st_mtime for file in project.rglob("*") if file.is_file())
    if not made.exists() or made.stat().st_mtime < newest:
        ended = subprocess.run(["mvn", "-q", "-B", "-f", project, f"-Dout={OUT}", "compile"], capture_output=True, text=True, timeout=280)
        assert ended.returncode == 0, f"Maven needs the network, the first time\n{ended.stdout[-4000:]}{ended.stderr[-2000:]}"
        made.touch()
    return ["java", "-cp", f"{OUT}/classes:{OUT}/lib/*", "Main"]


@pytest.mark.parametrize("way", ["", "chunked"], ids=["with a length", "in chunks"])
def test_users_and_groups_live_and_die(scim: Scim, program: list[str], way: str) -> None:
    ended = subprocess.run([*program, f"{scim.client.origin}/scim/v2", scim.client.token, *way.split()], capture_output=True, text=True,
                           timeout=120)
    assert ended.returncode == 0, f"{ended.stdout}{ended.stderr}"
