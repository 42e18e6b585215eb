#!/usr/bin/env bash
# Makes a library with a stub for each LLVM symbol that programs built with the feature `cuda-nvrtc` and without LLVM leave open. A stub that is
# called all the same stops the program.
#   scripts/llvm-stubs.sh OUT.so PROGRAM…      then LD_PRELOAD=OUT.so PROGRAM
set -euo pipefail
out=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in "$@"; do
    nm -D --undefined-only "$program" | awk '{print $2}' | grep -E '^(LLVM|cubecl_)' >>"$work/names" || true
done
sort -u "$work/names" >"$work/unique"
{
    echo '#include <stdlib.h>'
    while read -r name; do
        echo "void $name(void) { abort(); }"
    done <"$work/unique"
} >"$work/stubs.c"
cc -shared -fPIC -w -fno-builtin -o "$out" "$work/stubs.c"
echo "llvm-stubs: $(wc -l <"$work/unique") in $out"
