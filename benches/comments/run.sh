#!/usr/bin/env bash
# Reads 420,000 comments of XML with nico-comments, quick-xml (bare, and typed) and Python's ElementTree, in turn: medians, ratios, peak memory.
# Usage: benches/comments/run.sh [ROUNDS] [FILE]
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-7}
folder=${CARGO_TARGET_DIR:-target}/bench-comments
mkdir -p "$folder"
file=${2:-$folder/comments.xml}
if [ ! -e "$file" ]; then
    python3 benches/comments/make_xml.py "$file.part"
    mv "$file.part" "$file"
fi
cargo bench --quiet -p nico-comments --bench xml --no-run
bench=$(cargo bench --quiet -p nico-comments --bench xml --no-run --message-format=json |
    python3 -c 'import json, sys; print([m["executable"] for m in map(json.loads, sys.stdin) if m.get("executable")][-1])')
exec python3 benches/comments/compare.py "$rounds" "$bench" "$file"
