#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Do the tests notice faults? Applies each one-line fault here to a copy of the tree, builds, runs the tests that its
# patch names, and wants one of them to fail. A patch that does not apply or compile is a failure, too.
#
#   tests/mutants/run.sh [NAME…]     all of them, or those whose file name starts so
# A patch starts with `Fault:`, `Tests:` (names of meson tests), where that saves much `Only:` (a gtest filter), and, when
# it takes ThreadSanitizer to see it, `Build: tsan`.
# A line as each ends, with the test that noticed it; the last line: `N passed, N failed, N skipped`.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
. apps/install.sh
. tests/hugepages.sh
install_packages run test ci || exit 1

copy=$(mktemp -d "${TMPDIR:-/tmp}/mgm-mutants.XXXXXX")
trap 'release_hugepages; rm -rf "$copy"' EXIT
trap 'exit 130' INT TERM HUP
reserve_hugepages 512
git ls-files -z | xargs -0 cp --parents -t "$copy"
cd "$copy" || exit 1

# The same arguments as .ci/run gives: all but the faults themselves comes from their ccache.
export CCACHE_BASEDIR=$copy CCACHE_NOHASHDIR=1
# TSan wants addresses where it expects them, so not everywhere where the kernel might put them.
fixed=()
! setarch -R true 2>/dev/null || fixed=(setarch -R)

declare -A configured
configure() { # plain | tsan
    [ -z "${configured[$1]:-}" ] || return 0
    case $1 in
    plain) meson setup build-plain -Dwerror=true -Ddebug=false -Dcpp_args=-g1 ;;
    tsan) CC=clang-14 CXX=clang++-14 meson setup build-tsan -Db_sanitize=thread -Db_lundef=false -Doptimization=1 \
        -Ddebug=false "-Dcpp_args=['-g1','-DRTE_USE_C11_MEM_MODEL']" ;;
    esac >"$copy/setup.log" 2>&1 || { tail -20 "$copy/setup.log"; return 1; }
    configured[$1]=yes
}

# run_tests BUILD TEST…: builds what they need and runs them; 125 = does not compile.
run_tests() {
    local build=build-$1
    shift
    rm -f "$build"/*.xml "$build"/meson-logs/testlog*
    TSAN_OPTIONS=halt_on_error=1 \
        "${fixed[@]}" meson test -C "$build" --timeout-multiplier 3 "$@" >"$copy/test.log" 2>&1 </dev/null
}

field() { sed -n "s/^$2: *//p;/^---/q" "$1"; }
first_failure() { # of the report in build-$1; of a program that died, what the sanitizer said
    python3 tests/report.py "build-$1" 2>/dev/null | sed -n 's/^FAILED *//p' | head -1 | sed 's/: .*//'
    grep -hoEm1 '(Thread|Address)Sanitizer: [a-z-]+( race)?' "build-$1/meson-logs/testlog.txt" 2>/dev/null
}

passed=0 failed=0
declare -A sound # do BUILD and TESTS pass without a fault?
verdict() {
    printf '%-34s %-8s %4d s  %s\n' "$1" "$2" $((SECONDS - begun)) "$3"
    if [ "$2" = noticed ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

try() { # PATCH
    local name fault build tests only status begun
    begun=$SECONDS
    name=$(basename "$1" .patch)
    fault=$(field "$1" Fault)
    build=$(field "$1" Build)
    build=${build:-plain}
    read -ra tests <<<"$(field "$1" Tests)"
    only=$(field "$1" Only)
    [ -z "$only" ] || tests+=("--test-args=--gtest_filter=$only")
    configure "$build" || { verdict "$name" BROKEN "the tree does not configure"; return; }
    if [ -z "${sound[$build ${tests[*]}]:-}" ]; then
        run_tests "$build" "${tests[@]}" || {
            verdict "$name" BROKEN "${tests[*]} fails without the fault, too: $(first_failure "$build" | xargs)"
            return
        }
        sound[$build ${tests[*]}]=yes
    fi
    git apply --unsafe-paths --directory="$copy" --recount -C1 "$1" 2>"$copy/apply.log" || {
        verdict "$name" BROKEN "does not apply: $(head -1 "$copy/apply.log")"
        return
    }
    status=0
    run_tests "$build" "${tests[@]}" || status=$?
    case $status in
    0) verdict "$name" MISSED "$fault: ${tests[*]} passes" ;;
    125) verdict "$name" BROKEN "does not compile: $(grep -m1 'error' "$copy/test.log")" ;;
    *) verdict "$name" noticed "$fault: $(first_failure "$build" | xargs)" ;;
    esac
    git apply --unsafe-paths --directory="$copy" --recount -C1 -R "$1"
}

for patch in "$here"/*.patch; do
    [ $# -eq 0 ] || { for name in "$@"; do [[ $(basename "$patch") == "$name"* ]] && break; done; } || continue
    try "$patch"
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
