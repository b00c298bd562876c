#!/usr/bin/env bash
# embed_docs.sh FILE.md… — prints pages of the guide, made HTML, as rows of a C table: { "name", "title", "html" },
set -eu
for file; do
    title=$(sed -n 's/^# //p' "$file" | head -1)
    printf '{ "%s", "%s",\n' "$(basename "$file" .md)" "$title"
    # Headings get the anchors that links within the pages use; links to other pages lose their ending, and those to
    # files the server does not show become plain words.
    cmark-gfm --extension table --extension autolink "$file" |
        awk '{
            if (match($0, /^<h[2-4]>/)) {
                text = $0
                gsub(/<[^>]*>/, "", text)
                text = tolower(text)
                gsub(/&[a-z]+;/, "", text)
                gsub(/[^a-z0-9 -]/, "", text)
                gsub(/ /, "-", text)
                $0 = substr($0, 1, 3) " id=\"" text "\"" substr($0, 4)
            }
            print
        }' | sed -E 's/<a href="\.\.\/[^"]*">([^<]*)<\/a>/\1/g; s/href="([a-z-]+)\.md/href="\/docs\/\1/g; s/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/\\n"/'
    printf '},\n'
done
