#!/usr/bin/env bash
# layers.sh [TREE] — which room of src/ may include which; docs/rooms.md says why.
. "$(dirname "$0")/lib.sh"

declare -A may=(
    [base]=''
    [store]='base'
    [http]='base store'
    [people]='base store'
    [auth]='base store http people'
    [scim]='base store people'
    [source]='base http'
    [target]='base store http people scim'
    [notify]='base store http people'
    [sync]='base store http people source target notify'
    [api]='base store http people auth scim source target notify sync'
    [cli]='base store http people auth scim source target notify sync api'
)

includes() { # "file:line:room/header" for every include of our own
    grep -rnoE '^ *# *include "[a-z_]+/[^"]+"' src --include='*.[ch]' | sed -E 's/# *include "//; s/"$//; s/: +/:/g'
}

while IFS=: read -r file line header; do
    room=${file#src/}
    [[ $room == */* ]] || continue # main.c ties everything together
    room=${room%%/*} target=${header%%/*}
    [ "$room" != "$target" ] || continue
    if [ -z "${may[$room]+known}" ]; then
        complain "$file:$line" "no room is called $room; add it to tools/walls/layers.sh and docs/rooms.md"
    elif [[ " ${may[$room]} " != *" $target "* ]]; then
        complain "$file:$line" "$room/ may not include $header; it may include: ${may[$room]:-nothing}. Turn the arrow round: pass it in, or move the code"
    fi
done < <(includes)

# A header that includes itself through others compiles by luck.
if ! circle=$(includes | { grep '\.h:' || true; } | sed -E 's/^src\/([^:]+):[0-9]+:(.*)$/\1 \2/' | tsort 2>&1 >/dev/null); then
    complain src "headers include each other in a circle: $(echo "$circle" | sed -n 's/^tsort: \([a-z].*\.h\)$/\1/p' | tr '\n' ' ')"
fi
exit $bad
