#!/usr/bin/env bash
# Compiles IPADIC with MeCab's own program: compile-ipadic.sh SOURCES OUT
# Where two words cost the same, MeCab takes the one that stands first, and its program reads a folder's files in the order of the
# file system, which differs from one machine to the next. So it gets them as one file here, by name.
set -euo pipefail
sources=$1
out=$2
for program in "$(command -v mecab-dict-index || true)" "$(mecab-config --libexecdir 2>/dev/null || true)/mecab-dict-index" \
    /usr/lib/mecab/mecab-dict-index /usr/libexec/mecab/mecab-dict-index /usr/local/libexec/mecab/mecab-dict-index; do
    [ -x "$program" ] && break
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/sources" "$work/compiled"
cp "$sources"/*.def "$sources/dicrc" "$work/sources"
cp "$sources/dicrc" "$work/compiled"
(
    cd "$sources"
    export LC_ALL=C
    cat ./*.csv
) >"$work/sources/words.csv"
"$program" -d "$work/sources" -o "$work/compiled" -f euc-jp -t utf-8 >/dev/null
# Whole or not at all: tests that start at once each compile it, and the first one stays.
mkdir -p "$(dirname "$out")"
mv -T "$work/compiled" "$out" 2>/dev/null || [ -f "$out/sys.dic" ]
