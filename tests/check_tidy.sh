#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# clang-tidy on what changed since it last stood on the main branch: tests/check_tidy.sh BUILD [--all]
# BUILD is a folder configured with clang (its compile_commands.json is read). A changed header is looked at
# through one file that includes it. CI_BASE=commit overrides what "changed" is measured from.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1

base_commit() {
    local upstream
    if [ -n "${CI_BASE:-}" ]; then
        echo "$CI_BASE"
        return
    fi
    upstream=$(git merge-base HEAD origin/HEAD 2>/dev/null || git merge-base HEAD main 2>/dev/null || true)
    if [ -n "$upstream" ] && [ "$upstream" != "$(git rev-parse HEAD)" ]; then
        echo "$upstream"
    else # on main itself: the last few commits, everything in a young or shallow history
        git rev-parse -q --verify HEAD~10 || git hash-object -t tree /dev/null
    fi
}

units_to_check() {
    if [ "${2:-}" = --all ]; then
        git ls-files '*.cpp'
        return
    fi
    local changed file
    changed=$(git diff --name-only --diff-filter=d "$(base_commit)" -- '*.cpp' '*.hpp' '*.h')
    for file in $changed; do
        case $file in
        *.cpp) echo "$file" ;;
        *) git grep -lF "#include \"$file\"" -- '*.cpp' | head -1 || true ;;
        esac
    done
}

# Only what this build compiles: libFuzzer targets, for one, are built elsewhere.
compiled() {
    python3 -c '
import json, os, sys
known = {os.path.relpath(os.path.join(u["directory"], u["file"])) for u in json.load(open(sys.argv[1]))}
print("\n".join(sorted(set(sys.stdin.read().split()) & known)))' "$build/compile_commands.json"
}

units=$(units_to_check "$@" | compiled)
[ -n "$units" ] || { echo "clang-tidy: nothing changed"; exit 0; }
echo "clang-tidy: $(wc -w <<<"$units") files"
xargs -P "$(nproc)" -n 2 clang-tidy-14 -p "$build" --quiet --warnings-as-errors='*' <<<"$units" \
    2> >(grep -vE '^[0-9]+ warnings? (generated|and)|^Suppressed|^Use -header-filter' >&2)
