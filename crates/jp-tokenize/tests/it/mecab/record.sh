#!/usr/bin/env bash
# Records what MeCab makes of the lines beside it, for mod.rs to compare with where there is no MeCab:
#   ipadic.txt          of lines.txt and ../comment-like.txt with IPADIC: each word and its part of speech
#   small/mecab.txt     of small/lines.txt with the dictionary in small/: each word and its features
# Needs `apt install mecab mecab-utils mecab-ipadic`; recorded with MeCab 0.996 and IPADIC 2.7.0-20070801.
set -euo pipefail
cd "$(dirname "$0")"
ipadic=${IPADIC:-/usr/share/mecab/dic/ipadic}
dict_index=${DICT_INDEX:-/usr/lib/mecab/mecab-dict-index}
compiled=$(mktemp -d)
trap 'rm -rf "$compiled"' EXIT

# One buffer holds the longest line.
split=(mecab -b 1000000)
./compile-ipadic.sh "$ipadic" "$compiled/ipadic"
cat lines.txt ../comment-like.txt |
    "${split[@]}" -d "$compiled/ipadic" --node-format='%m\t%F,[0,1,2,3]\n' --unk-format='%m\t%F,[0,1,2,3]\n' \
        --eos-format='EOS\n' >ipadic.txt

mkdir "$compiled/small"
cp small/dicrc "$compiled/small"
"$dict_index" -d small -o "$compiled/small" -f utf-8 -t utf-8 >/dev/null 2>&1
"${split[@]}" -d "$compiled/small" small/lines.txt >small/mecab.txt
