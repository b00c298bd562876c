#!/usr/bin/env bash
# deps.sh [bench] — installs what the build, the tests and the sandbox need (Debian 12 and newer); with
# `bench` also what the benchmarks compare with: a parser, and the languages of other people's SCIM servers.
# Runs at once through when everything is there, so `make run` and `make test` may call it every time.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(gcc make pkg-config libmicrohttpd-dev libcurl4-openssl-dev libsqlite3-dev libpq-dev
    libsodium-dev libutf8proc-dev libyaml-dev libcmocka-dev python3 python3-venv openssl tzdata
    ca-certificates postgresql maven clang libclang-rt-14-dev clang-format cppcheck mandoc procps cmark-gfm)
command -v javac >/dev/null || packages+=(default-jdk-headless)      # any JDK from 17 on
if [ "${1:-}" = bench ]; then
    packages+=(libyajl-dev wrk)
    # These may have come from elsewhere. A peer whose language is missing or too old is left out of the run.
    command -v go >/dev/null || packages+=(golang-go)
    command -v npm >/dev/null || packages+=(nodejs npm)
fi

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
missing() { comm -23 <(printf '%s\n' "$@" | sort) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort); }

# yyjson came to Debian with release 13. On 12 its two small packages are taken from there, with
# apt itself, so that the signatures are checked; they need only a libc that 12 has.
yyjson() {
    if apt-cache policy libyyjson-dev 2>/dev/null | grep -q 'Candidate: [0-9]'; then
        as_root apt-get install -y -qq libyyjson-dev
        return
    fi
    local dir mirror
    dir=$(mktemp -d)
    mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } |
        sed -n 's/^\(URIs:\|deb\( \[[^]]*\]\)\?\) *\(http[^ ]*\/debian\)\/*\( .*\)\?$/\3/p' | sort -u | sed -n 1p)
    mkdir -p "$dir/lists/partial" "$dir/archives/partial"
    chmod -R a+rX "$dir"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} trixie main" \
        >"$dir/sources.list"
    local apt=(apt-get -qq -o "Dir::Etc::SourceList=$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$dir/lists" -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache=")
    as_root "${apt[@]}" update
    as_root "${apt[@]}" install -y --no-install-recommends libyyjson0 libyyjson-dev
    as_root rm -rf "$dir"
}

if command -v apt-get >/dev/null; then
    want=$(missing "${packages[@]}")
    if [ -n "$want" ]; then
        echo "installing:" $want >&2
        export DEBIAN_FRONTEND=noninteractive
        as_root apt-get update -qq
        # A package must not start its own PostgreSQL cluster: the tests bring up a throw-away one.
        as_root apt-get install -y -qq --no-install-recommends $want >/dev/null
    fi
    pkg-config --exists 'yyjson >= 0.10' || yyjson
else
    pkg-config --exists yyjson sqlite3 libpq libcurl libmicrohttpd libsodium libutf8proc yaml-0.1 cmocka ||
        { echo "This is not Debian: install yyjson >= 0.10, sqlite3, libpq, libcurl, libmicrohttpd, libsodium," \
               "utf8proc, libyaml, cmocka and PostgreSQL by hand (docs/rooms.md lists them)." >&2; exit 3; }
fi

if [ ! -x .venv/bin/pytest ] || [ requirements.txt -nt .venv/bin/pytest ]; then
    echo "installing: Python packages into .venv" >&2
    python3 -m venv .venv
    .venv/bin/pip install -q --disable-pip-version-check -r requirements.txt
    touch .venv/bin/pytest
fi
