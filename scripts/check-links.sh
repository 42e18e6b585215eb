#!/usr/bin/env bash
# Fails on links that lead nowhere: between Markdown pages (files, headings), pages under docs/ that sources name, and paths that pages name.
# Usage: scripts/check-links.sh [FILE…]   (Markdown files; all that are tracked, and the sources, if none is named; needs no network)
set -euo pipefail
cd "$(dirname "$0")/.."
git rev-parse --is-inside-work-tree >/dev/null # that it fails within <(…) is not seen

# The anchors of a page's headings, as GitHub makes them: lower case, spaces as dashes, punctuation dropped.
anchors() {
    awk '/^```/ { code = !code } !code && /^#+ / { sub(/^#+ +/, ""); print }' "$1" |
        sed -E 's/\[([^]]*)\]\([^)]*\)/\1/g; s/`//g' | tr '[:upper:]' '[:lower:]' |
        perl -CSD -pe 's/[^\p{L}\p{N}\p{M}_ \n-]//g; s/ /-/g'
}

if [ $# -gt 0 ]; then files=("$@"); else mapfile -t files < <(git ls-files '*.md'); fi
dead=0
for file in "${files[@]}"; do
    # [text](target), one a line, outside of code blocks and code spans.
    targets=$(awk '/^ *```/ { code = !code } !code' "$file" | sed -E 's/`[^`]*`//g' |
        { grep -oE '\]\([^) ]+\)' || true; } | sed -E 's/^\]\(//; s/\)$//')
    while IFS= read -r target; do
        case $target in '' | http://* | https://* | mailto:*) continue ;; esac
        path=${target%%#*}
        page=$file
        [ -z "$path" ] || page=$(dirname "$file")/$path
        if [ ! -e "$page" ]; then
            echo "$file: $target: no such file" >&2
            dead=1
        elif [[ $target == *#* ]] && ! anchors "$page" | grep -qxF -- "${target#*#}"; then
            echo "$file: $target: no such heading" >&2
            dead=1
        fi
    done <<<"$targets"
done
if [ $# -eq 0 ]; then
    while IFS=: read -r source page; do
        [ -e "$page" ] || { echo "$source: $page: no such file" >&2; dead=1; }
    done < <(git grep -oE '\bdocs/[a-z/-]+\.md' -- '*.rs' '*.toml' '*.sh' '*.py' '*.md' | sort -u)
    while IFS=: read -r source path; do
        path=${path//\`/}
        # A crate's README also names paths within the crate.
        [ -e "$path" ] || [ -e "$(dirname "$source")/$path" ] || { echo "$source: $path: no such file" >&2; dead=1; }
    done < <(git grep -oE '`(crates|examples|benches|scripts|docs)/[A-Za-z0-9_./-]+`' -- '*.md' ':!CHANGELOG.md' | sort -u)
fi
exit $dead
