# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# The scene of mgm-spec 5: three protocols A, B, C in mgmd, each with an interface of its own, that do as the test tells
# them. Sourced behind kernels.sh.
#
#   source 198.51.100.2 ── p1 (A)   router   p2 (B) ── receiver1
#                                            p3 (C) ── receiver2

p1=11 p2=22 p3=37
S=198.51.100.2
G=239.255.3.7 G2=239.255.3.8
any=0.0.0.0
join=1 forward=2
count=300
slow=300 # packets a second: eight are held for a new source, and control comes by every 10 ms

# three_protocols: [manager] and more may be in $toml_extra
three_protocols() {
    local name number=30
    three_hosts
    configure router
    interface p1 $p1 net_af_packet1,iface=r1 198.51.100.1/28
    interface p2 $p2 net_af_packet2,iface=r2 198.51.100.17/28
    interface p3 $p3 net_af_packet3,iface=r3 198.51.100.33/28
    for name in A B C; do
        number=$((number + 1))
        puppet $name $number >>"$toml"
    done
    printf '%s\n' "${toml_extra:-}" >>"$toml"
    start_mgmd router router
    wait_until_up router p1 p2 p3
    for name in A B C; do
        wait_for "$name runs" told $name "register: 0"
    done
    tell A take $p1
    tell B take $p2
    tell C take $p3
}

# puppet NAME NUMBER: its [[protocol]], to be named by NAME; number 10 is IGMP
puppet() {
    mkfifo "$files/$1.pipe"
    cp "$build/tests/e2e/puppet/puppet.so" "$files/$1.so" # a file of its own has variables of its own
    printf '[[protocol]]\nmodule = "%s"\nargs = ["%s", "%s", "%s"]\n' "$files/$1.so" "$1" "$2" "$files/$1.pipe"
}

# tell WHO COMMAND…: and waits for its outcome, which must be 0
tell() {
    outcome "$@"
    expect "${*:2} by $1 ends with" "${answer##*: }" = 0
}
# outcome WHO COMMAND…: into $answer, the line that it printed
outcome() {
    local who=$1 before
    shift
    before=$(count_of "$who" "$*: ")
    echo "$*" >"$files/$who.pipe"
    wait_for "$who has done: $*" more_than "$before" "$who" "$*: "
    answer=$(grep -F -- "$who: $*: " "$files/router.log" | tail -1)
}
# look WHO mfe|stats S G: into $answer
look() {
    local before
    before=$(count_of "$1" "$2 ($3,$4): ")
    echo "${*:2}" >"$files/$1.pipe"
    wait_for "$1 has looked at ($3,$4)" more_than "$before" "$1" "$2 ($3,$4): "
    answer=$(grep -F -- "$1: $2 ($3,$4): " "$files/router.log" | tail -1)
    answer=${answer#*"): "}
}
more_than() { [ "$(count_of "${@:2}")" -gt "$1" ]; } # COUNT WHO TEXT
count_of() { grep -cF -- "$1: $2" "$files/router.log" || true; } # WHO TEXT
told() { grep -qF -- "$1: $2" "$files/router.log"; }              # WHO TEXT
# is_told WHO TEXT: now or soon, and exactly once
is_told() {
    wait_for "$1 is told: $2" told "$1" "$2"
    expect "times that $1 is told: $2" "$(count_of "$1" "$2")" -eq 1
}
# mfe_is S G TEXT
mfe_is() {
    look A mfe "$1" "$2"
    expect "($1,$2)" "$answer" = "$3"
}
stats_are() { # S G TEXT
    look A stats "$1" "$2"
    [ "$answer" = "$3" ]
}
# gets RECEIVER GROUP TOTAL: so many packets, once and whole
gets() {
    wait_for "$1 has $3 packets of $2" has_received "$1" "$2" "$3"
    expect "packets of $2 at $1" "$(received "$1" "$2" packets)" -eq "$3"
    expect "repeated ones" "$(received "$1" "$2" repeated)" -eq 0
    expect "spoiled ones" "$(received "$1" "$2" spoiled)" -eq 0
}
finish_three() {
    expect "identities that do not hold" "$(identities_broken router)" -eq 0
    stop_mgmd router
}
