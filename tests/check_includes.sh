#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Each folder may include itself and the folders listed after it; nothing includes apps/ or tests/.
set -eu
cd "$(dirname "$0")/.."
status=0
complain() {
    [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; status=1; }
}
includes() { # FOLDER PATTERN
    grep -rnE "#include [\"<]$2" "$1" --include='*.h' --include='*.hpp' --include='*.cpp' || true
}
allow() {
    folder=$1; shift
    allowed=$(printf '%s|' "$folder" "$@")
    complain "$folder/ may include $folder $*" \
        "$(includes "$folder" '(apps|control|dataplane|mgm|tests)/' |
            grep -vE "#include \"(${allowed%|})/" || true)"
}
allow mgm
allow dataplane mgm
allow control mgm
allow apps control dataplane mgm

for folder in mgm dataplane; do
    complain "TBB belongs to control, apps and tests" "$(includes $folder '(oneapi/)?tbb')"
done
complain "gRPC belongs to control and apps" "$(includes mgm grpc; includes dataplane grpc)"
# A protocol that links the vocabulary pulls in no DPDK.
for file in $(sed -n "/static_library('mgm-vocabulary'/,/)/p" mgm/meson.build | grep -oE "[a-z_]+\.cpp"); do
    for unit in "mgm/$file" "mgm/${file%.cpp}.hpp"; do
        [ ! -e "$unit" ] || complain "the vocabulary knows no DPDK" "$(includes "$unit" rte_)"
    done
done
exit $status
