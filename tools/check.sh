#!/usr/bin/env bash
# check.sh — what `make check` looks at before the tests: layout, lint, walls, tables against docs.
# Every step is gone through, so that one run shows everything that is wrong.
set -uo pipefail
cd "$(dirname "$0")/.."
export PYTHONPYCACHEPREFIX=${BUILD:-build}/pycache

wrong=()
step() {
    local name=$1
    shift
    "$@" || wrong+=("$name")
}

layout() { find src tests bench -name '*.[ch]' -exec python3 tools/format.py --check {} +; }

# What cppcheck 2.10 cannot know: system headers (so the loops of yyjson are told to it), some of C2x, and
# that gcc defines the shift of a negative number and NULL as a pointer.
lint_c() {
    cppcheck --quiet --error-exitcode=1 --language=c --enable=warning,performance,portability --inline-suppr \
        --template='{file}:{line}: {message} [{id}]' -j "$(nproc)" -Isrc -Itests -D_GNU_SOURCE \
        '-Dyyjson_obj_foreach(o,i,n,k,v)=while(next_of(o,&i,&n,&k,&v))' \
        '-Dyyjson_arr_foreach(a,i,n,v)=while(next_of(a,&i,&n,&v))' \
        '-Dyyjson_mut_obj_foreach(o,i,n,k,v)=while(next_of(o,&i,&n,&k,&v))' \
        '-Dyyjson_mut_arr_foreach(a,i,n,v)=while(next_of(a,&i,&n,&v))' \
        --suppress=missingInclude --suppress=missingIncludeSystem --suppress=internalAstError \
        --suppress=shiftTooManyBitsSigned --suppress=varFuncNullUB \
        $(find src tests bench -name '*.c')
}

lint_shell() {
    local file
    for file in .ci/run $(find tools bench tests -name '*.sh'); do bash -n "$file" || return 1; done
    ! command -v shellcheck >/dev/null || shellcheck -S warning $(find tools bench tests -name '*.sh')
}

lint_python() { python3 -m compileall -q tools tests bench $([ ! -d sandbox ] || echo sandbox); }

step layout layout
step 'lint of C' lint_c
step 'lint of shell' lint_shell
step 'lint of Python' lint_python
for wall in layers banned sizes words tables; do
    step "wall $wall" "tools/walls/$wall.sh"
done

[ ${#wrong[@]} = 0 ] && echo 'layout, lint and walls: all well' && exit
printf -v list ', %s' "${wrong[@]}"
echo "not well: ${list:2}"
exit 1
