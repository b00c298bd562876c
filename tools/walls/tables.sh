#!/usr/bin/env bash
# tables.sh [TREE] — what the tables of the program name is in the documentation.
. "$(dirname "$0")/lib.sh"

rows() { # FILE MACRO — the first argument of every row
    [ -f "$1" ] || return 0
    code "$1" | sed -nE "s/^ *$2\( *\"?([a-z0-9_ -]+)\"? *[,)].*/\1/p"
}

while read -r kind; do
    [ -f "docs/sources/$kind.md" ] ||
        complain src/source/sources.def "source $kind has no docs/sources/$kind.md: how to set it up, which permissions it needs, what its API does"
done < <(rows src/source/sources.def SOURCE)

while read -r command; do
    grep -rqE "muster (.* )?$command\b" docs/guide 2>/dev/null ||
        complain src/cli/commands.def "no page of docs/guide shows 'muster $command'"
done < <(rows src/cli/commands.def CMD)

if [ -f docs/guide/attributes.md ]; then
    while read -r attribute; do
        grep -q "\`$attribute\`" docs/guide/attributes.md ||
            complain src/people/attrs.def "docs/guide/attributes.md does not explain \`$attribute\`"
    done < <(rows src/people/attrs.def ATTR)
fi

for target in run test check release install bench help; do
    grep -qE "^$target:.*## ." Makefile || complain Makefile "'make help' does not show $target; put '## what it does' behind its rule"
done

# Every room has its line in docs/rooms.md.
for room in src/*/; do
    room=$(basename "$room")
    grep -q "\`$room/\`" docs/rooms.md 2>/dev/null || complain docs/rooms.md "room $room/ is not described"
done
exit $bad
