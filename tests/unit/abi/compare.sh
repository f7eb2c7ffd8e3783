#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# compare.sh OURS MINGW: the two programs print the same sizes, offsets and constants, and enough of them.
set -euo pipefail
ours=$("$1") mingw=$("$2")
[ "$(wc -l <<<"$ours")" -ge 100 ] || { echo "only $(wc -l <<<"$ours") lines"; exit 1; }
diff <(echo "$ours") <(echo "$mingw") || { echo "our mgm.h (<) and mingw-w64's (>) differ"; exit 1; }
echo "$(wc -l <<<"$ours") sizes, offsets and constants are the same"
