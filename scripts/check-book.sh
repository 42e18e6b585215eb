#!/usr/bin/env bash
# Whether docs/ is a book: every page is in docs/SUMMARY.md, once, and, where mdBook is installed, it builds.
set -euo pipefail
cd "$(dirname "$0")/.."
git rev-parse --is-inside-work-tree >/dev/null # that it fails within <(…) is not seen
faults=0
while IFS= read -r page; do
    page=${page#docs/}
    [ "$page" = SUMMARY.md ] && continue
    times=$(grep -cF "]($page)" docs/SUMMARY.md || true)
    if [ "$times" -ne 1 ]; then
        echo "docs/SUMMARY.md: $page stands in it $times times, expected once" >&2
        faults=1
    fi
done < <(git ls-files --cached --others --exclude-standard -- 'docs/*.md' 'docs/**/*.md' | sort -u)
[ $faults -eq 0 ] || exit 1
if command -v mdbook >/dev/null 2>&1; then
    mdbook build docs
else
    echo "book: every page is in its table of contents; not built: mdBook is not installed (cargo install mdbook)"
fi
