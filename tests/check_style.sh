#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Small checks of the whole tree, each printed with what it found: SPDX lines, spelling, words that mark unfinished
# work, formatting. Needs clang-format-14 and codespell.
set -uo pipefail
cd "$(dirname "$0")/.."
status=0
check() { # WHAT COMMAND…: passes when COMMAND prints nothing
    local what=$1 found
    shift
    found=$("$@" 2>&1)
    [ -z "$found" ] || { printf 'FAILED %s:\n%s\n' "$what" "$found"; status=1; }
}
sources() { git ls-files '*.cpp' '*.hpp' '*.h'; }

without_spdx() {
    git ls-files '*.cpp' '*.hpp' '*.h' '*.py' '*.sh' '*.proto' '*.toml' '*meson.build' .ci/run .clang-tidy .clang-format |
        while read -r file; do
            [ ! -s "$file" ] || head -3 "$file" | grep -q 'SPDX-License-Identifier: BSD-3-Clause' || echo "$file"
        done
}
unfinished() {
    git grep -nIE '\b(TODO|FIXME|XXX|HACK)\b|not (yet )?implemented|\bplaceholder\b|in a real ' -- \
        . ':!tests/check_style.sh'
}
disabled_tests() { git grep -nE 'DISABLED_|TEST_P_DISABLED' -- 'tests/*.cpp'; }
machine_paths() { git grep -nIE '(^|[^A-Za-z0-9_.])/(work|farm)/' -- . ':!tests/check_style.sh'; }
misformatted() {
    sources | xargs -r clang-format-14 --dry-run --Werror 2>&1 | grep -oE '^[^ :]+:[0-9]+' | sort -u
}
misspelled() {
    git ls-files -z -- . ':!LICENSE' ':!tests/packet/golden' ':!tests/fuzz/corpus' |
        xargs -0 codespell --ignore-words-list=mis,iif,iifs,ser,hist,ot,nd,fo,te,ans,mor,ba,inout,ue,od
}
nolint_out_of_form() {
    git grep -nE 'NOLINT' -- '*.cpp' '*.hpp' | grep -vE 'NOLINTNEXTLINE\([a-z0-9,-]+\): '
}
outside_top_level() {
    git ls-tree --name-only HEAD |
        grep -vxE 'meson\.build|dataplane|control|mgm|apps|tests|README\.md|LICENSE|\..*'
}

check "no SPDX line in the first three" without_spdx
check "marks of unfinished work" unfinished
check "disabled tests" disabled_tests
check "paths of one machine" machine_paths
check "not as clang-format-14 writes it" misformatted
check "spelling" misspelled
check "NOLINT other than NOLINTNEXTLINE(check): reason" nolint_out_of_form
check "top level beyond the agreed shape" outside_top_level
exit $status
