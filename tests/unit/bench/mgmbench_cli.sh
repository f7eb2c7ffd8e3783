#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# mgmbench's command line as a script sees it: exit codes, what it says to mistakes, and the result of a short
# measurement. mgmbench_cli.sh MGMBENCH; speaks TAP.
set -uo pipefail
mgmbench=$(readlink -f "$1")
files=$(mktemp -d "${TMPDIR:-/tmp}/mgm-bench.XXXXXX")
trap 'rm -rf "$files"' EXIT
cd "$files" || exit 1
number=0

result() { # NAME STATUS
    number=$((number + 1))
    if [ "$2" -eq 0 ]; then echo "ok $number - $1"; else echo "not ok $number - $1"; fi
}
# expect NAME STATUS PATTERN ARGUMENT…: mgmbench ends with STATUS and prints PATTERN
expect() {
    local name=$1 status=$2 pattern=$3 got=0 output
    shift 3
    output=$(timeout 60 "$mgmbench" "$@" 2>&1 </dev/null) || got=$?
    if [[ $got =~ ^$status$ ]] && grep -qE -- "$pattern" <<<"$output"; then
        result "$name" 0
        return
    fi
    result "$name" 1
    printf '# wanted status %s and "%s", got status %s:\n' "$status" "$pattern" "$got"
    tail -20 <<<"$output" | sed 's/^/#   /'
}

"$mgmbench" run --fan-out 3 --mac own --size 64,600 --groups 70 --repeats 2 --seconds 0.005 --json --report page >json 2>errors
/usr/bin/python3 - json <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["schema"] == 2 and report["commit"] and report["seed"] == 1, report
[row] = report["rows"]
subjects = {trial["subject"] for trial in row["trials"]}
assert subjects == {"mgm", "floor", "flat", "clone", "ceiling", "generator"}, subjects
for trial in row["trials"]:
    assert trial["packets"] > 0, trial
    assert trial["copies"] == (0 if trial["subject"] == "generator" else 3 * trial["packets"]), trial
    # on a loaded machine a trial may not count, but for no other reason
    assert trial["valid"] or "CPU" in trial["reason"], trial
PY
result "Every subject sends every copy of every packet, and the JSON says so" $?

"$mgmbench" run --fan-out 3 --workers 2 --size 64 --mac own --repeats 1 --seconds 0.005 --json >workers 2>>errors
/usr/bin/python3 - workers <<'PY'
import json, sys
[row] = json.load(open(sys.argv[1]))["rows"]
assert row["scenario"]["workers"] == 2, row["scenario"]
[trial] = [trial for trial in row["trials"] if trial["subject"] == "mgm"]
assert trial["packets"] > 0 and trial["copies"] == 3 * trial["packets"], trial
assert trial["valid"] or "CPU" in trial["reason"], trial
PY
result "Two workers, each with packets of its own, and every copy is accounted for" $?
expect "Several workers are for cost alone" 2 '--workers 2: --measure latency has one' run --workers 2 --measure latency

"$mgmbench" run --fan-out 3 --blocked-port --size 64,600 --mac own --repeats 1 --seconds 0.005 --json >blocked 2>>errors
/usr/bin/python3 - blocked <<'PY'
import json, sys
[row] = json.load(open(sys.argv[1]))["rows"]
assert row["scenario"]["blocked_port"] is True, row["scenario"]
for trial in row["trials"]:
    assert trial["packets"] > 0, trial
    assert trial["copies"] == (0 if trial["subject"] == "generator" else 2 * trial["packets"]), trial
    assert trial["valid"] or "CPU" in trial["reason"], trial
PY
result "One port of three takes nothing, the others every copy, and that is a valid trial" $?

cmp -s json page/result.json && grep -q '<td>own MAC, 64,600 B, N=3</td>' page/index.html &&
    grep -q 'mgmbench run --fan-out 3 --mac own' page/index.html && [ "$(ls page | xargs)" = "index.html result.json" ]
result "A page shows the result and the command, and the result lies beside it" $?

for fan_out in 1 2 5; do # one result of three scenarios, as a suite has them
    "$mgmbench" run --fan-out $fan_out --repeats 1 --seconds 0.002 --json 2>>errors
done | /usr/bin/python3 -c '
import json, sys
text, results = sys.stdin.read(), []
while text.strip():
    result, end = json.JSONDecoder().raw_decode(text)
    results.append(result)
    text = text[end:].lstrip()
results[0]["rows"] = [row for result in results for row in result["rows"]]
for row in results[0]["rows"]: # where the machine is busy no trial may count
    row["cycles_a_packet"]["mgm"] = {"median": 9, "least": 8, "most": 11}
print(json.dumps(results[0]))' >three
expect "A page with a plot, from results that were saved" 0 '^$' report three json --output drawn
grep -q '<figure id="fan-out-64">' drawn/index.html
result "... and the plot is in it" $?
expect "One plot as SVG" 0 '^$' report three --plot fan-out-64 --output plot.svg
/usr/bin/python3 -c 'import sys, xml.dom.minidom as x; x.parse("plot.svg")'
result "... is XML" $?
echo none >words
expect "A plot that these results do not have" 2 "these results have fan-out-64" report three --plot size --output no.svg
expect "A report of what is no result" 2 "'words' is not JSON of mgmbench run" report words --output no
expect "A report of nothing" 2 "'none' cannot be read" report none --output no
expect "A report into a file" 2 "'words' is no folder" report json --output words
expect "A report that nobody says where to put" 2 '--output is required' report json
PATH=/nowhere "$mgmbench" run --report page3 >output 2>&1
[ $? -eq 3 ] && grep -q 'apt-get install gnuplot-nox' output
result "No gnuplot is said before anything is measured" $?
[ -z "$(ls | grep -E '^no')" ]
result "A report that fails leaves nothing" $?

expect "A size that is none" 2 "frame size '63x'" run --size 63x
expect "A fan-out that is too wide" 2 'fan-out 29: want 1\.\.28' run --fan-out 29
expect "A suite that does not exist" 2 "'fastest': there is none; see mgmbench list" run --scenario fastest
expect "A suite and a scenario at once" 2 'excludes' run --scenario headline --fan-out 3
expect "A MAC mode that does not exist" 2 '--mac' run --mac mine
expect "No command" 2 'subcommand'
expect "A file that cannot be written" 3 "cannot write '$files/no/such/folder'" \
    run --seconds 0.001 --repeats 1 --output "$files/no/such/folder"
expect "A result that is none" 2 'the second result is not JSON' compare json words
expect "A result that cannot be read" 2 "'none.json' cannot be read" compare json none.json
expect "A result with itself" 0 '0 slower, 0 faster' compare json json
expect "What would spoil a figure" '[01]' 'hugepages free' doctor
expect "The suites by name" 0 '^headline: ' list
expect "tx without a port" 2 '--port is required' tx
expect "tx with more flows than a receiver keeps apart" 2 '70000 groups x 1 sources are 70000 flows; a receiver keeps at most 65536' \
    tx --port net_null0 --groups 70000
expect "tx on a port that does not exist" 3 "port 'net_nothing0': DPDK cannot open it" \
    tx --port net_nothing0 --eal "--no-huge -m 128 --no-pci"
expect "tx that sends all" 0 'sent +777$' tx --port net_null0 --packets 777
expect "replay without a file" 2 'FILE is required' replay --port net_null0
expect "A table for people" '[01]' 'cyc/pkt' run --seconds 0.001 --repeats 1

"$mgmbench" run --family 6 --size 84 --groups 300 --olists 5 --updates 20000 --repeats 1 --seconds 0.05 --csv >csv 2>>errors
/usr/bin/python3 - csv <<'PY'
import csv, sys
[row] = [row for row in csv.DictReader(open(sys.argv[1])) if row["subject"] == "mgm"]
assert int(row["packets"]) > 0 and int(row["copies"]) > 0 and int(row["updates"]) > 0, row
assert row["invalid"] == "" or "CPU" in row["invalid"] or "due" in row["invalid"], row
PY
result "Entries change while packets are forwarded, and the CSV says so" $?
[ ! -s errors ] || sed 's/^/# /' errors
echo "1..$number"
