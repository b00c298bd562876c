"""However a suite goes wrong, `make test` counts at least one failure and says why."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from suites import Suite, find, judge  # noqa: E402

LEAK = "1..1\nok 1 - a\n==1==ERROR: LeakSanitizer: detected memory leaks\n"
TABLE = {
    # what: (file, output, status, (passed, failed, skipped), why)
    "all well": ("test_a.c", "1..2\nok 1 - a\nok 2 - b\n", 0, (2, 0, 0), ""),
    "one fails": ("test_a.c", "1..2\nok 1 - a\nnot ok 2 - b\n# 1 != 2\n# not ok - t\n", 1, (1, 1, 0), ""),
    "one skipped": ("test_a.c", "1..2\nok 1 - a\nnot ok 2 # SKIP b\n", 0, (1, 0, 1), ""),
    "a crash": ("test_a.c", "1..3\nok 1 - a\n", -11, (1, 1, 0), "SIGSEGV"),
    "an early exit": ("test_a.c", "1..3\nok 1 - a\n", 0, (1, 1, 0), "stopped after 1 of 3"),
    "a leak": ("test_a.c", LEAK, 86, (1, 1, 0), "sanitizer"),
    "a status without a reason": ("test_a.c", "1..1\nok 1 - a\n", 3, (1, 1, 0), "status 3"),
    "no tests": ("test_a.c", "", 0, (0, 1, 0), "has no tests"),
    "Python, all well": ("test_a.py", "..s\n2 passed, 1 skipped in 0.10s\n", 0, (2, 0, 1), ""),
    "Python, failures and errors": ("test_a.py", "1 failed, 2 passed, 3 errors in 12.10s (0:00:12)\n", 1, (2, 4, 0), ""),
    "Python, broken conftest": ("test_a.py", "ImportError while loading conftest\n", 4, (0, 1, 0), "status 4"),
    "Python, nothing collected": ("test_a.py", "no tests ran in 0.01s\n", 5, (0, 1, 0), "status 5"),
}


@pytest.mark.parametrize("what", TABLE)
def test_counts(what: str) -> None:
    file, output, status, counts, why = TABLE[what]
    suite = Suite(ROOT / "tests" / "room" / file, output=output)
    judge(suite, status)
    assert (suite.passed, suite.failed, suite.skipped) == counts
    assert why in "; ".join(suite.why) and bool(suite.why) == bool(why)


def test_a_suite_is_found_by_its_name_or_its_folder() -> None:
    assert [suite.name for suite in find("tools/test_suites.py")] == ["tools/test_suites.py"]
    assert "tools/test_walls.py" in [suite.name for suite in find("tools")]
    assert find("no/such") == []
