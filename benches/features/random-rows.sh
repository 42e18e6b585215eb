#!/usr/bin/env bash
# Reading random batches of a large store from disk, against pread of the same bytes.
#
#   benches/features/random-rows.sh FOLDER [GIGABYTES] [ROUNDS]
#
# Makes a store of rows like full VGG-19's conv5_3 in FOLDER, if there is none, and reads 256 rows
# at a time, of pages that are not in memory (cold) and that are (warm).
set -euo pipefail
folder=${1:?where?}
cd "$(dirname "$0")/../.."
binary=${RANDOM_ROWS:-}
if [[ -z $binary ]]; then
    cargo build --release -q -p frame-features --example random_rows
    binary=${CARGO_TARGET_DIR:-target}/release/examples/random_rows
fi
"$binary" "$folder" "${2:-4}" "${3:-9}"
