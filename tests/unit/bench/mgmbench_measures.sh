#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What mgmbench finds when it looks at every copy, and that each measure gives its result in the form that is promised.
# mgmbench_measures.sh MGMBENCH; speaks TAP. No figure is asserted: only that things are counted and add up.
set -uo pipefail
mgmbench=$(readlink -f "$1")
files=$(mktemp -d "${TMPDIR:-/tmp}/mgm-measures.XXXXXX")
trap 'rm -rf "$files"' EXIT
cd "$files" || exit 1
number=0

result() { # NAME STATUS
    number=$((number + 1))
    if [ "$2" -eq 0 ]; then echo "ok $number - $1"; else echo "not ok $number - $1"; fi
}
# measured NAME STATUS PYTHON ARGUMENT…: mgmbench run ends with STATUS, and PYTHON agrees with the first row
measured() {
    local name=$1 status=$2 python=$3 got=0
    shift 3
    timeout 100 "$mgmbench" run --json "$@" >json 2>errors </dev/null || got=$?
    if [[ $got =~ ^$status$ ]] && PYTHON=$python /usr/bin/python3 - 2>>errors <<'PY'
import json, os
report = json.load(open("json"))
assert report["schema"] == 2 and report["commit"], report
row = report["rows"][0]
kinds = ["corrupted", "lost", "duplicated", "reordered", "misdirected"]
def faults():
    return {kind: sum(port[kind] for port in row["verify"]["ports"]) for kind in kinds}
def only(**wanted):
    return faults() == dict.fromkeys(kinds, 0) | wanted
exec(os.environ["PYTHON"])
PY
    then result "$name" 0; else
        result "$name" 1
        echo "# status $got"
        tail -20 errors | sed 's/^/#   /'
    fi
}
# refused NAME PATTERN ARGUMENT…
refused() {
    local name=$1 pattern=$2 got=0 output
    shift 2
    output=$(timeout 60 "$mgmbench" run "$@" 2>&1 </dev/null) || got=$?
    [ "$got" -eq 2 ] && grep -qE -- "$pattern" <<<"$output"
    result "$name" $?
}

verify=(--measure verify --packets 20000 --groups 50 --size 84,570,1518 --olists 3)
whole='assert only(), row; assert sum(p["frames"] for p in row["verify"]["ports"]) == 4 * 20000, row'
for family in 4 6; do
    for mac in router own; do
        measured "Every copy is whole and in its place: IPv$family, MAC $mac" 0 "$whole" \
            "${verify[@]}" --family $family --mac $mac
    done
done
measured "Parked copies, too" 0 "$whole" "${verify[@]}" --sink parked
for fault in corrupt:corrupted drop:lost duplicate:duplicated reorder:reordered; do
    for seed in 1 2 3; do
        measured "A fault is found and nothing else: ${fault%:*}, seed $seed" 1 \
            "assert row['valid'] and only(${fault#*:}=1), row" "${verify[@]}" --fault "${fault%:*}" --seed $seed
    done
done
measured "A fault that cannot be done is no result" 1 'assert not row["valid"] and "--fault" in row["reason"], row' \
    --measure verify --packets 1 --fault reorder

digest() { /usr/bin/python3 -c 'import json; print(json.load(open("json"))["rows"][0]["verify"]["digest"])'; }
measured "A seed makes packets" 0 "$whole" "${verify[@]}" --seed 7
first=$(digest)
measured "The same seed makes them again" 0 "$whole" "${verify[@]}" --seed 7
second=$(digest)
measured "Another seed makes others" 0 "$whole" "${verify[@]}" --seed 8
[ "$first" = "$second" ] && [ "$first" != "$(digest)" ]
result "The sinks get the same octets for the same seed, others for another" $?

# a loaded machine may make less than it should: then the trial says so, and has no fault all the same
loaded='assert only(), row; assert row["valid"] or "shortfall" in row["reason"] or "due" in row["reason"], row'
measured "Nothing is lost or sent to a wrong port while entries change" '[01]' \
    "$loaded; assert row['verify']['updates'] > 0, row" --measure verify --packets 100000 --groups 400 --updates 500000
for storm in no-route:no_entry wrong-iif:wrong_iif; do
    measured "A storm costs the others nothing: ${storm%:*}" '[01]' \
        "$loaded; assert row['verify']['drops']['${storm#*:}'] > 4000, row" \
        --measure verify --packets 10000 --groups 100 --storm "${storm%:*}" --load 50000
done

measured "Throughput has its bounds, and no more is passed than at full speed" '[01]' '
t = row["throughput"]
assert row["valid"] or "least rate" in row["reason"] or "disturbed" in row["reason"], row
assert len(t["trials"]) > 1 and t["full_speed_pps"] > 0, t
for goal in "ndr", "pdr":
    bounds = t["bounds"][goal]
    assert bounds["lower_pps"] == t[goal + "_pps"], t
    assert bounds["upper_pps"] == 0 or bounds["lower_pps"] < bounds["upper_pps"], t
assert t["ndr_pps"] <= t["pdr_pps"], t' --measure throughput --seconds 0.003
measured "Latency has a histogram for each load and port" '[01]' '
latency = row["latency"]
assert latency["unit"] == "ns" and [l["load"] for l in latency["loads"]] == ["no-load", 30000.0], latency
for load in latency["loads"]:
    assert len(load["ports"]) == 3 and load["samples"] == sum(p["samples"] for p in load["ports"]) > 0, load
    points = [point["ns"] for point in load["percentiles"]]
    assert points == sorted(points) and load["min"] <= points[0] and points[-1] <= load["max"], load
    assert load["spread"]["samples"] > 0 and load["loopback"]["samples"] > 0, load' \
    --measure latency --fan-out 3 --load no-load,30000 --seconds 0.05
for delay in join leave; do # no copy may come after a leave: then it took no time
    measured "A ${delay} has a delay, and frames are counted" '[01]' '
d = row["delay"]
is_seen = d["delay"]["max"] > 0 or row["measure"] == "leave-delay"
assert row["valid"] or "shortfall" in row["reason"] or "second" in row["reason"], row
assert d["delay"]["samples"] == 20 == d["frames"]["samples"] or not row["valid"], d
assert d["unit"] == "ns" and (is_seen or not row["valid"]), d' \
        --measure $delay-delay --groups 5 --samples 20 --load 200000 --seconds 0.005
done
measured "Groups grow until there are as many as wanted, or one loses a packet" '[01]' '
c = row["capacity"]
assert [step["groups"] for step in c["steps"]][:1] == [1000] and c["groups"] <= 5000, c
assert c["bounded"] or c["groups"] == 5000 or not row["valid"], c' --measure capacity --groups 5000 --load 20000 --seconds 0.005
measured "Forwarding at a load" '[01]' '
[trial] = row["forwarding"]["trials"]
assert trial["intended_pps"] == 20000 and trial["received"] + trial["ring_overruns"] > 0, row' \
    --measure forwarding --load 20000 --seconds 0.01

# 1 ms of a rate that nothing can take: what is in the ring at its end is fetched
measured "A ring holds as many packets as it is asked to" '[01]' '
assert report["descriptors"] == 65535, report
[trial] = row["forwarding"]["trials"]
assert trial["received"] >= 65535 and trial["ring_overruns"] > 0, row' \
    --measure forwarding --load 1e9 --seconds 0.001 --descriptors 65535
refused "A ring where nothing comes at a rate" '--descriptors 128: --measure verify has no rx ring' --measure verify --descriptors 128
refused "A ring that no NIC has" '--descriptors: Value 63 not in range' --measure throughput --descriptors 63

refused "A fault where nobody looks" '--fault drop: only --measure verify looks at copies, not cost' --fault drop
refused "A load that is none" "--load 'fast': want no-load" --measure latency --load fast
refused "A share where packets a second are wanted" 'wants packets a second' --measure verify --load 50%
refused "A load for a search" 'finds its own' --measure throughput --load 5000
timeout 60 "$mgmbench" run "${verify[@]}" --csv | grep -q ',verify,port 0,lost,0,""$'
result "CSV has a line for each count" $?
timeout 60 "$mgmbench" run "${verify[@]}" | grep -q '^port  *frames  *corrupted  *lost  *duplicated  *reordered'
result "The table has a column for each kind of fault" $?
"$mgmbench" list >list
missing=0
for suite in aggregated-multicast-throughput scaled-group-forwarding-matrix multicast-latency group-join-delay \
    group-leave-delay group-capacity forwarding-burdened-latency forwarding-burdened-join-delay update-churn \
    wrong-iif-storm no-route-storm verify; do
    grep -q "^$suite: " list || missing=1
done
result "The suites of RFC 2432 and 3918 have their names" $missing
echo "1..$number"
