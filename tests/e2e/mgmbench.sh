# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# mgmbench tx, rx and replay as the tests use them. Sourced behind lib.sh.

bench() { "$build/apps/bench/mgmbench" "$@"; }

# start_rx NAME DEVARGS [NAMESPACE]: in the background, until every flow has ended; NAME.json tells what came
start_rx() {
    local run=()
    [ $# -lt 3 ] || run=(ip netns exec "$id-$3")
    "${run[@]}" "$build/apps/bench/mgmbench" rx --port "$2" --json >"$files/$1.json" 2>"$files/$1.log" &
    receiver_pid[$1]=$!
    wait_for "rx $1 listens" grep -q "listening on" "$files/$1.log"
}
# end_of_rx NAME STATUS: it ends by itself, and so
end_of_rx() {
    local status=0
    wait_for "rx $1 ends" has_ended "${receiver_pid[$1]}"
    wait "${receiver_pid[$1]}" || status=$?
    unset "receiver_pid[$1]"
    expect "exit status of rx $1" "$status" -eq "$2"
}
# of_json NAME.json FIELD
of_json() {
    python3 -c "import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])" "$files/$1" "$2"
}
# came NAME FIELD=NUMBER…: what rx reports
came() {
    local name=$1 wanted
    shift
    for wanted in "$@"; do
        expect "${wanted%=*} at $name" "$(of_json "$name.json" "${wanted%=*}")" -eq "${wanted#*=}"
    done
}
