#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs what is missing, builds, runs every test, and puts the machine back as it found it.
# The last line counts: `N passed, N failed, N skipped`.
#
#   tests/run.sh [ARGUMENTS FOR MESON TEST]      tests/run.sh --suite unit
# Environment: BUILD=folder (build), SETUP="arguments for meson setup", TARGETS="for ninja" (all).
set -euo pipefail
cd "$(dirname "$0")/.."
. apps/install.sh
. tests/hugepages.sh

# Where there is a ccache, another folder's or clone's build of the same file will do.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$(dirname "$PWD")} CCACHE_NOHASHDIR=1

build=${BUILD:-build}
read -ra setup <<<"${SETUP:--Dwerror=true}"
read -ra targets <<<"${TARGETS:-}"

say() { printf '== %s\n' "$*"; }

configure_and_build() {
    [ -e "$build/build.ninja" ] || {
        say "configure $build"
        meson setup "$build" "${setup[@]}" >"$build.log" 2>&1 || { tail -30 "$build.log"; return 1; }
        rm -f "$build.log"
    }
    say "build ($build)"
    local log="$build/ninja.log"
    ninja -C "$build" "${targets[@]}" >"$log" 2>&1 || {
        grep -A15 -m5 -E 'FAILED|error' "$log" || tail -40 "$log"
        return 1
    }
}

fail() { # what went wrong before any test could run is one failure
    echo "$*"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}

install_packages run test || fail "cannot install the packages"
configure_and_build || fail "the build failed"

trap release_hugepages EXIT
trap 'exit 130' INT TERM HUP
reserve_hugepages 512

say "test ($build)"
rm -f "$build"/*.xml "$build"/meson-logs/testlog* # an old report must not stand in for a crashed test
status=0
meson test -C "$build" --no-rebuild --print-errorlogs "$@" || status=$?
python3 tests/report.py --meson-status "$status" "$build"
