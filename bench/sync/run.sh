#!/usr/bin/env bash
# run.sh — what `make bench` calls: builds the reference programs, measures, and writes the tables to
# standard output and into the section of bench/RESULTS.md.
#
#   N=100000 ROUNDS=3   people of the compared size, and how often (the median counts)
#   BIG=1               a million people too (3 GB of disk, 10 minutes)
#   SINGER=1            the Singer alternative too (needs a Python 3.9 and PyPI)
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build}

pkg-config --exists yajl || tools/deps.sh bench
make --silent -j"$(nproc)" BUILD="$BUILD" release $(for c in bench/sync/*.c; do echo "$BUILD/bench/$(basename "$c" .c)"; done)
python3 bench/sync/run.py | tee "$BUILD/bench/sync.md"
python3 bench/section.py sync <"$BUILD/bench/sync.md"
