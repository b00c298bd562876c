#!/usr/bin/env bash
# sizes.sh [TREE] — a file has at most 600 lines and a function 60. That is a rule of thumb: what is over is
# shown; only what is far over (900, 120) fails.
. "$(dirname "$0")/lib.sh"

while read -r lines file; do
    [ "$file" != total ] || continue
    if [ "$lines" -gt 900 ]; then
        complain "$file" "$lines lines; split it by duty (600 is the rule)"
    elif [ "$lines" -gt 600 ]; then
        echo "note: $file: $lines lines"
    fi
done < <(find src tests bench tools sandbox \( -name '*.[ch]' -o -name '*.py' -o -name '*.sh' \) -exec wc -l {} + 2>/dev/null)

# A function starts with the line before `{` in the first column and ends with `}` there.
while read -r lines where name; do
    if [ "$lines" -gt 120 ]; then
        complain "$where" "$name has $lines lines; cut it into steps that have names (60 is the rule)"
    else
        echo "note: $where: $name has $lines lines"
    fi
done < <(find src tests bench -name '*.c' -exec awk '
    FNR == 1 { start = 0; head = "" }
    /^[a-z].*\(/ { head = $0 }
    /^\{/ { start = FNR }
    /^\}/ && start {
        if (FNR - start - 1 > 60) {
            sub(/\(.*/, "", head); sub(/.*[ *]/, "", head)
            printf "%d %s:%d %s\n", FNR - start - 1, FILENAME, start, head
        }
        start = 0
    }' {} + 2>/dev/null)
exit $bad
