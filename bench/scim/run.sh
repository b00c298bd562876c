#!/usr/bin/env bash
# run.sh [quick] — what `make bench` calls for the SCIM server: builds the reference programs, installs and starts
# the peers, measures, and writes the tables to standard output and into the section of bench/RESULTS.md.
#
#   quick               ours and the ceiling only, 10,000 users, one round of 1 s: under two minutes; RESULTS.md stays
#   USERS=10000 MANY=1000000   users of the two stores; MANY=0 leaves the large one out
#   ROUNDS=3 DUR=3      how often (the median counts), and seconds of each load
#   PEERS="elimity-sqlite scim2-server-mem"   only these; PEERS= none
#   RUST=1              the crate scim-server too (two minutes to build)
#   KEEP=1              RESULTS.md stays as it is
#
# The lines are in $BUILD/bench/scim.csv, peers and stores in ${TMPDIR:-/tmp}/muster-bench (4 GB with a million users).
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build} PYTHONDONTWRITEBYTECODE=1

command -v wrk >/dev/null || tools/deps.sh bench
make --silent -j"$(nproc)" BUILD="$BUILD" release "$BUILD"/bench/{ceiling,mix,limit_patch,limit_insert} "$BUILD/bench/slow_sync.so"
ulimit -n "$(ulimit -H -n)"
well=0
python3 bench/scim/run.py "$@" || well=$?
[ -f "$BUILD/bench/scim.json" ] || exit "$well"
python3 bench/scim/report.py "$BUILD/bench/scim.csv" | tee "$BUILD/bench/scim.md"
[ "${1:-}" = quick ] || [ -n "${KEEP:-}" ] || python3 bench/section.py scim <"$BUILD/bench/scim.md"
exit "$well"
