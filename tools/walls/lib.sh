# lib.sh — what the walls share. Each wall takes the tree to look at as its argument: the self-tests give
# a small broken one.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"
export LC_ALL=C.UTF-8
bad=0

# complain WHERE WHAT — what is wrong, where, and what to do.
complain() {
    printf '%s: %s\n' "$1" "$2"
    bad=1
}

sources() { find src -name '*.[ch]' 2>/dev/null | sort; }

# The file without its comments, line for line. With `blank` strings are emptied too.
code() {
    BLANK=${2:-} perl -0777 -pe '
        s{("(?:\\.|[^"\\\n])*")|(\x27(?:\\.|[^\x27\\\n])*\x27)|/\*.*?\*/|//[^\n]*}{
            defined $1 ? ($ENV{BLANK} ? "\"\"" : $1) : defined $2 ? $2 : $& =~ tr/\n//cdr }gse' "$1"
}
