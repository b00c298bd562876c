#!/usr/bin/env bash
# banned.sh [TREE] — calls nobody makes, and calls only one file makes.
. "$(dirname "$0")/lib.sh"

# pattern | files that may | what to do instead
calls='
\b(strcpy|strcat|stpcpy)\(|-|use arena_text(), buf_puts() or snprintf(): they know how much room there is
\bv?sprintf\(|-|use snprintf(), arena_printf() or buf_printf()
\bgets\(|-|read with a ceiling
\bstrtok(_r)?\(|-|use strchr() or strcspn(): it writes into its argument
\b(atoi|atol|atoll|atof)\(|-|use str_number(): it says when the text is no number
\bs?rand\(|-|use base/crypt.h: crypt_random()
\btime\((NULL|0)\)|src/base/clock.c|take w->now, or clock_now() at an edge
\b(localtime|mktime|strptime)(_r)?\(|-|use base/clock.h: these know one zone per process and accept 31 February
\balloca\(|-|use the arena
\b(system|popen)\(|-|nothing here is done by a shell
\bcurl_[a-z]|src/http/client*.c|go through http/client.h: it holds the pace, the retries and the address guard
\bMHD_[A-Za-z]|src/http/server*.c|go through http/server.h
\bsqlite3_[a-z]|src/store/sqlite*.[ch] src/store/writer*.c|go through store/work.h; SQL runs on both engines
\bPQ[a-z]+[A-Z]?[a-zA-Z]*\(|src/store/postgres*.[ch]|go through store/work.h; SQL runs on both engines
\bpeople_(put|drop)_[a-z]|src/people/*_sql.[ch] src/people/apply.c src/people/apply_*.c|make a change and give it to people_apply(): history and the change feed are written there
\berase_(belongings|rows|put_[a-z]+)\(|src/people/erase*.[ch]|call people_erase(): it leaves the directory, the plans and the history in step
'

sql='"\s*(SELECT|INSERT INTO|UPDATE [a-z_]+ SET|DELETE FROM|CREATE (TABLE|INDEX|UNIQUE)|ALTER TABLE|DROP TABLE|PRAGMA|FROM|WHERE|VALUES|ORDER BY|GROUP BY|ON CONFLICT|RETURNING|LIMIT) '

allowed() { # FILE GLOBS
    local glob
    for glob in $2; do [[ $1 == $glob ]] && return 0; done
    return 1
}

for file in $(sources); do
    text=$(code "$file" blank)
    while IFS= read -r row; do
        [ -n "$row" ] || continue
        advice=${row##*|} rest=${row%|*}
        globs=${rest##*|} pattern=${rest%|*}
        ! allowed "$file" "$globs" || continue
        while IFS=: read -r line found; do
            complain "$file:$line" "${found%(} is not called here: $advice"
        done < <(grep -noP "$pattern" <<<"$text" || true)
    done <<<"$calls"
    case $file in *_sql.c | src/store/*) continue ;; esac
    while IFS=: read -r line _; do
        complain "$file:$line" "SQL outside *_sql.c and store/: move the statement to the room's *_sql.c"
    done < <(code "$file" | grep -nP "$sql" || true)
done
exit $bad
