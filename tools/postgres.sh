#!/usr/bin/env bash
# postgres.sh start|url|stop — a throw-away PostgreSQL for the tests: own folder, Unix socket only.
# PostgreSQL refuses to run as root, so root starts it as `postgres` or `nobody`. With PG_FSYNC=on it
# is as careful as a real one (for benchmarks). Where it lives is noted in $BUILD/postgres (build/).
set -euo pipefail
cd "$(dirname "$0")/.."
note=${BUILD:-build}/postgres
mkdir -p "$(dirname "$note")"

bin=$(for dir in /usr/lib/postgresql/*/bin; do [ -x "$dir/initdb" ] && echo "$dir"; done | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb || echo /nowhere/initdb)")
[ -x "$bin/initdb" ] || { echo "postgres.sh: no PostgreSQL server is installed; run \`make deps\`" >&2; exit 3; }

user=$(id -un)
if [ "$(id -u)" = 0 ]; then
    user=nobody
    ! id postgres >/dev/null 2>&1 || user=postgres
fi
as_user() { if [ "$(id -u)" = 0 ]; then setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"; else "$@"; fi; }

running() { [ -s "$note" ] && as_user "$bin/pg_ctl" -D "$(cat "$note")/cluster" status >/dev/null 2>&1; }
url() { echo "postgresql:///postgres?host=$(cat "$note")&user=postgres"; }

start() {
    local dir fsync=${PG_FSYNC:-off} options
    dir=$(mktemp -d /tmp/muster-pg.XXXXXX)      # short: a socket's path has at most 107 bytes
    options="-c listen_addresses= -c unix_socket_directories=$dir -c max_connections=200"
    options+=" -c shared_buffers=64MB -c fsync=$fsync -c full_page_writes=$fsync"
    [ "$(id -u)" != 0 ] || chown "$user" "$dir"
    (
        cd "$dir"
        as_user "$bin/initdb" -D "$dir/cluster" -U postgres -A trust -E UTF8 --locale=C --no-sync >initdb.log 2>&1 ||
            { cat initdb.log >&2; exit 3; }
        as_user "$bin/pg_ctl" -D "$dir/cluster" -l "$dir/server.log" -w -s \
            -o "$options" start >&2 ||
            { cat server.log >&2; exit 3; }
    ) || { rm -rf "$dir"; exit 3; }
    echo "$dir" >"$note"
}

stop() {
    local dir
    [ -s "$note" ] || return 0
    dir=$(cat "$note")
    ! running || (cd / && as_user "$bin/pg_ctl" -D "$dir/cluster" -m immediate -w -s stop)
    case $dir in /tmp/muster-pg.*) rm -rf "$dir" ;; esac
    rm -f "$note"
}

case ${1:-} in
start)
    exec 9>>"$note.lock"
    flock 9                                     # two who start at once get the same one
    if ! running; then stop; start 9>&-; fi
    url
    ;;
url) if running; then url; else echo "postgres.sh: not running; \`tools/postgres.sh start\`" >&2; exit 1; fi ;;
stop) exec 9>>"$note.lock"; flock 9; stop ;;
*) sed -n '2,4s/^# //p' "$0"; exit 2 ;;
esac
