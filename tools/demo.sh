#!/usr/bin/env bash
# demo.sh MUSTER — what `make run` calls: a sandboxed HiBob with 1,000 people, a fresh store synced from it,
# and the server. Runs until Ctrl-C.
#
#   PORT=8080      where the server listens
#   DEMO=run/demo  the folder of the demo; emptied at each start unless KEEP=1
set -euo pipefail
cd "$(dirname "$0")/.."

muster=${1:?usage: demo.sh MUSTER}
port=${PORT:-8080}
demo=$(realpath -m "${DEMO:-run/demo}")
site=http://127.0.0.1:$port
unset MUSTER_KEY_FILE MUSTER_NOW
export MUSTER_STORE=$demo/muster.db MUSTER_ALLOW_PRIVATE=1

ending=''

say() { printf '%s\n' "$*"; }
fail() {
    say "$@" >&2
    exit 3
}

# Both children end on SIGTERM; whoever has not after 15 seconds is ended for them.
stop() {
    trap '' INT TERM
    trap - EXIT
    local i
    for ((i = 0; i < 150; i++)); do
        [ -n "$(jobs -pr)" ] || break
        [ $i != 0 ] || kill -TERM $(jobs -pr)
        sleep 0.1
    done
    [ -z "$(jobs -pr)" ] || kill -KILL $(jobs -pr)
    [ -z "$ending" ] || say "$ending"
    exit "$1"
}
trap 'stop $?' EXIT
trap 'ending="Stopped. The demo is kept in $demo until the next start."; stop 0' INT TERM

# The status of GET $site$1; 000 while nobody answers.
status() {
    { exec 4<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || { echo 000; return; }
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$1" >&4
    local _ code=000
    read -r -t 5 _ code _ <&4 || true
    exec 4<&- 4>&-
    echo "$code"
}

[[ $port =~ ^[0-9]+$ ]] && [ "$port" -ge 1 ] && [ "$port" -le 65535 ] ||
    fail "PORT=$port is no port. Take a number from 1 to 65535: make run PORT=8081"
if (exec 4<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    fail "Port $port is in use by another program. Take another one: make run PORT=$((port < 65535 ? port + 1 : 8080))"
fi
mkdir -p "$demo"
exec 9>"$demo/lock"
flock -n 9 || fail "Another demo is running in $demo. Stop it first, or take another folder: make run DEMO=run/second PORT=$port"
[ "${KEEP:-}" = 1 ] || find "$demo" -mindepth 1 ! -name lock -delete

say "Starting the sandbox: a company of 1,000 people behind an imitation of HiBob."
mkfifo "$demo/sandbox.out"
python3 -m sandbox serve --port 0 --size 1000 >"$demo/sandbox.out" 2>"$demo/sandbox.log" 9>&- &
sandbox=$!
exec 3<"$demo/sandbox.out"
rm "$demo/sandbox.out"
hibob=''
while read -r -t 60 line <&3; do
    case $line in 'sandbox ready '*) hibob=${line#sandbox ready } && break ;; esac
done
[ -n "$hibob" ] || fail "The sandbox did not start: $(tail -n 5 "$demo/sandbox.log")"

kept=no
[ ! -e "$MUSTER_STORE" ] || kept=yes
"$muster" init 9>&-
if [ $kept = yes ]; then
    "$muster" source set hibob --set "url=$hibob" 9>&-
else
    "$muster" source add hibob --set "url=$hibob" --set service_user=SERVICE-1000 --secret-file - \
        9>&- <<<sandbox-token >/dev/null
fi

say "Syncing."
code=0
"$muster" sync hibob 9>&- || code=$?
case $code in
0) ;;
1) say "Some findings wait for a person; that is part of the demo. They are listed by: $muster runs hibob" ;;
*) fail "The first sync failed; the reason is above. Whatever the sandbox said is in $demo/sandbox.log" ;;
esac

"$muster" serve --listen "127.0.0.1:$port" >"$demo/server.log" 2>&1 9>&- &
server=$!
until [ "$(status /readyz)" = 200 ]; do
    kill -0 "$server" 2>/dev/null || fail "The server ended: $(tail -n 5 "$demo/server.log")"
    [ $SECONDS -lt 120 ] || fail "The server does not become ready: $(tail -n 5 "$demo/server.log")"
    sleep 0.1
done

# For a second terminal: the store, the sandbox, and the program on the path.
printf 'export MUSTER_STORE=%q MUSTER_ALLOW_PRIVATE=1 SANDBOX=%q PATH=%q:$PATH\n' "$MUSTER_STORE" "${hibob%/v1}" \
    "$(dirname "$(realpath "$muster")")" >"$demo/env"

say "
To talk to it from another terminal, in this folder:

    . ${demo#"$PWD"/}/env
    muster plan hibob

Let a month pass in the company and look again: python3 -m sandbox advance 30 --url \$SANDBOX
The server's log is $demo/server.log. Ctrl-C stops everything.

Muster is ready at $site/"

wait -n "$server" "$sandbox" || true
fail "The $(kill -0 "$server" 2>/dev/null && echo sandbox || echo server) ended by itself: $(tail -qn 5 "$demo/server.log" "$demo/sandbox.log")"
