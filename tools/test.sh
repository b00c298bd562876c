#!/usr/bin/env bash
# test.sh [T] — what `make test` runs: builds the test programs with sanitizers, brings up a throw-away
# PostgreSQL and runs every suite (T: one of them). The last line says `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/.."

# A leak, a misuse of memory or undefined behaviour ends the program with a status no test expects.
export ASAN_OPTIONS=exitcode=86:detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=exitcode=86:halt_on_error=1:print_stacktrace=1

# Somebody who runs one suite over and over may keep a PostgreSQL of their own: MUSTER_TEST_PG=URL.
if [ -z "${MUSTER_TEST_PG:-}" ]; then
    trap 'tools/postgres.sh stop' EXIT
    MUSTER_TEST_PG=$(tools/postgres.sh start)
    export MUSTER_TEST_PG
fi
python3 tools/suites.py "$@"
