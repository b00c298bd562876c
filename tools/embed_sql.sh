#!/usr/bin/env bash
# embed_sql.sh FILE… — prints the migrations as rows of a C table: { number, "name", "text" },
set -eu
for file; do
    name=$(basename "$file" .sql)
    printf '{ %d, "%s",\n' "$((10#${name%%_*}))" "$name"
    sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/\\n"/' "$file"
    printf '},\n'
done
