#!/usr/bin/env bash
# run-test-program.sh FOLDER PROGRAM: runs a program of tests that cargo compiled, in its crate's folder as cargo does. Where all pass, it
# prints how many instead of each, so that several can run side by side (scripts/test.sh).
set -euo pipefail
folder=$1 program=$2
export CARGO_MANIFEST_DIR=$folder
cd "$folder"
name=$(basename "$folder")/$(basename "${program%-*}")
if log=$("$program" --test-threads=1 2>&1); then
    printf "%s\n%s\n" "$name" "$(grep "^test result: " <<<"$log")"
else
    printf '%s\n' "$log" "$name failed" >&2
    exit 1
fi
