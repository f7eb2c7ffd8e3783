# SPDX-License-Identifier: BSD-3-Clause
# The one list of Debian packages. Sourced by apps/quickstart.sh, tests/run.sh and .ci/run.
#
#   install_packages run          what it takes to build mgm and to run the quickstart
#   install_packages run test     … and to build and run the tests
#   install_packages run test ci  … and the linters, clang and the fuzzers
# Calls apt only when something is missing. Adds packages, changes nothing else.

packages_run=(ca-certificates g++ meson ninja-build pkg-config
    dpdk-dev libdpdk-dev libnuma-dev libpcap-dev libmnl-dev libbpf-dev libxdp-dev libtbb-dev
    libfmt-dev libcli11-dev libtomlplusplus-dev libexpected-dev nlohmann-json3-dev
    libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
    libbenchmark-dev libgtest-dev libgmock-dev librapidcheck-dev # the build is configured as a whole
    iproute2 ethtool procps tcpdump python3 gnuplot-nox)
packages_test=(git mingw-w64-common python3-scapy tshark)
packages_ci=(clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev llvm-14 codespell)

install_packages() {
    local group name missing=() wanted=()
    for group in "$@"; do
        local -n list="packages_$group"
        wanted+=("${list[@]}")
    done
    for name in "${wanted[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] ||
            missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "missing packages, and neither root nor sudo here to install them; as root run:" >&2
            echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
            --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
        tail -20 "$log" >&2
        echo "apt-get could not install them; its last lines are above, all of them in $log" >&2
        return 1
    fi
    rm -f "$log"
}
