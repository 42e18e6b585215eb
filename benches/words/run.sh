#!/bin/sh
# Compares our words with those of the mecab program on comments, then times both (the tokenizer's rows of the speed table).
#
#   benches/words/run.sh FILE...          comment files; default: all in ../shared/data
#   MECAB_DIC=… SOURCES=… benches/words/run.sh …    another dictionary: as MeCab compiled it, and its sources
#
# Needs `apt install mecab mecab-ipadic mecab-ipadic-utf8` and Python 3. Fails if fewer than 99.9 % of the lines are equal.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dictionary=${MECAB_DIC:-/var/lib/mecab/dic/ipadic-utf8}
sources=${SOURCES:-/usr/share/mecab/dic/ipadic}

if [ $# -eq 0 ]; then
    set -- ../shared/data/niconico/*[0-9].json ../shared/data/comments/*/*.xml ../shared/data/comments/*/*.json
fi
kept=0
for file in "$@"; do
    case $file in */expected.json | *.layout.json) ;; *) set -- "$@" "$file"; kept=$((kept + 1)) ;; esac
done
shift $(($# - kept))
[ -e "$1" ] || { echo "no comment files: $1 does not exist" >&2; exit 1; }

cargo build --release --quiet -p nico-comments --example bodies
cargo build --release --quiet -p jp-tokenize --example wakati
programs=${CARGO_TARGET_DIR:-target}/release/examples
"$programs/bodies" "$@" > "$work/lines"
mecab -b 10000000 -d "$dictionary" -Owakati "$work/lines" > "$work/theirs"
"$programs/wakati" "$sources" < "$work/lines" > "$work/ours"
python3 benches/words/compare.py "$work/lines" "$work/ours" "$work/theirs"
[ -n "${NO_SPEED:-}" ] || cargo bench --quiet -p jp-tokenize -- "$work/lines"
