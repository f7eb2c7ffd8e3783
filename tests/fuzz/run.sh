#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# run.sh SECONDS: builds every fuzz target with clang, ASan and UBSan in a build folder of its own (build-fuzz) and runs
# each for SECONDS from its committed corpus. Ends non-zero on the first crash; the input is left in build-fuzz/crashes.
set -euo pipefail
seconds=${1:?usage: run.sh SECONDS}
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$root/build-fuzz

if [ ! -f "$build/build.ninja" ]; then
    CC=clang-14 CXX=clang++-14 meson setup "$build" "$root" -Db_sanitize=address,undefined -Db_lundef=false \
        -Dcpp_args=-fsanitize=fuzzer-no-link >/dev/null
fi
targets=$(cd "$root/tests/fuzz" && for source in *_fuzz.cpp; do echo "${source%.cpp}"; done)
# shellcheck disable=SC2046  # one word a target
ninja -C "$build" $(for target in $targets; do echo "tests/fuzz/$target"; done) >"$build/build.log" 2>&1 ||
    { tail -40 "$build/build.log"; exit 1; }

mkdir -p "$build/crashes"
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
# Leaks of mbufs are checked by the target itself; DPDK keeps what it allocated at start until the end.
export ASAN_OPTIONS=detect_leaks=0
for target in $targets; do
    work=$(mktemp -d "$build/corpus.XXXXXX")
    echo "fuzz: $target for $seconds s from $(find "$root/tests/fuzz/corpus/$target" -type f | wc -l) seeds"
    weights=()
    # Its inputs have thousands of features each: weighing them would take longer than parsing.
    [ "$target" != config_fuzz ] || weights=(-entropic=0)
    "$build/tests/fuzz/$target" "${weights[@]}" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 \
        -print_final_stats=1 -artifact_prefix="$build/crashes/$target-" "$work" "$root/tests/fuzz/corpus/$target" \
        >"$build/$target.log" 2>&1 ||
        { tail -60 "$build/$target.log"; echo "fuzz: $target found a fault, see $build/crashes"; exit 1; }
    grep -E 'stat::number_of_executed_units|stat::new_units_added' "$build/$target.log" || true
    rm -rf "$work"
done
