#!/usr/bin/env bash
# What is to be published: in which order, whether each package is in shape, and whether it builds from its own tarball. Nothing is
# uploaded unless that is asked for.
#
#   scripts/publish.sh              checks all packages and builds each from its tarball (needs what the workspace needs)
#   scripts/publish.sh --quick      the same, but builds only those that do without Burn; what CI runs
#   scripts/publish.sh --list       prints the order
#   scripts/publish.sh --upload     checks all packages, then uploads them; refuses where something could not be checked
#
# Checked with cargo-semver-checks (against the last tag) and cargo-deny (`deny.toml`) where these are installed. What could not be checked is
# said at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

# In the order of publication: each after those that it needs. Those of the first line need nothing of Burn.
without_burn=(folder-lock nico-comments jp-tokenize caption-metrics overlay-render nico-fetch)
with_burn=(burn-fused frame-features caption-model caption-train nico-corpus nico-live)
order=("${without_burn[@]}" "${with_burn[@]}")
largest=$((5 * 1024 * 1024)) # bytes of a tarball; the registry takes twice that
# Of the registry's categories those that are used here.
categories=" api-bindings computer-vision filesystem internationalization mathematics multimedia::images multimedia::video \
parser-implementations rendering science text-processing "

built=("${order[@]}") upload=false
case ${1:-} in
    '') ;;
    --quick) built=("${without_burn[@]}") ;;
    --upload) upload=true ;;
    --list)
        printf '%s\n' "${order[@]}"
        exit 0
        ;;
    *)
        echo "publish: ${1}: expected --quick, --list, --upload or nothing" >&2
        exit 2
        ;;
esac

faults=0
fault() {
    echo "publish: $*" >&2
    faults=1
}
unchecked=()

# Whoever is published is in the list, and nobody else; each stands after those that it needs.
before=" "
for name in "${order[@]}"; do
    manifest=crates/$name/Cargo.toml
    [ -f "$manifest" ] || { fault "$name: no such crate"; continue; }
    for needed in "${order[@]}"; do
        if grep -qE "^$needed(\.workspace)? *=" "$manifest" && [[ $before != *" $needed "* ]]; then
            fault "$name needs $needed, which is published after it"
        fi
    done
    before+="$name "
done
for manifest in crates/*/Cargo.toml; do
    name=$(basename "$(dirname "$manifest")")
    if ! grep -q '^publish = false' "$manifest" && [[ $before != *" $name "* ]]; then
        fault "$name is neither in the list nor marked \"publish = false\""
    fi
done
[ $faults -eq 0 ] || exit 1

# The tarballs.
target=${CARGO_TARGET_DIR:-target}
cargo package --quiet --no-verify --allow-dirty "${order[@]/#/--package=}"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
grep -q "^## $version\b" CHANGELOG.md || fault "CHANGELOG.md has no part about $version"
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
all_keywords=
for name in "${order[@]}"; do
    tarball=$target/package/$name-$version.crate
    [ -f "$tarball" ] || { fault "$name: no tarball of version $version: versions differ"; continue; }
    bytes=$(wc -c <"$tarball")
    [ "$bytes" -le $largest ] || fault "$name: $bytes bytes packed, at most $largest"
    tar -xzf "$tarball" -C "$unpacked"
    folder=$unpacked/$name-$version
    for file in README.md LICENSE; do
        [ -s "$folder/$file" ] || fault "$name: no $file in the tarball"
    done
    # Cargo has written this manifest anew: every key a line, nothing inherited.
    manifest=$folder/Cargo.toml
    for key in description license readme rust-version; do
        grep -qE "^$key = \"..+\"" "$manifest" || fault "$name: no $key"
    done
    license=$(sed -n 's/^license = "\(.*\)"/\1/p' "$manifest")
    head -1 "$folder/LICENSE" | grep -q "^$license License" || fault "$name: the licence is $license, the file LICENSE another"
    grep -q '^\[package.metadata.docs.rs\]' "$manifest" || fault "$name: no [package.metadata.docs.rs]"
    list() { awk -v key="$1" '$1 == key && $2 == "=" { on = 1 } on; on && /\]/ { exit }' "$manifest" | grep -o '"[^"]*"' | tr -d '"' || true; }
    mapfile -t words < <(list keywords)
    { [ ${#words[@]} -ge 1 ] && [ ${#words[@]} -le 5 ]; } || fault "$name: ${#words[@]} keywords, expected 1 to 5"
    for word in "${words[@]}"; do
        [[ $word =~ ^[a-z0-9][a-z0-9_+-]{0,19}$ ]] || fault "$name: $word is no keyword"
    done
    if [[ $all_keywords == *"|${words[*]}|"* ]]; then fault "$name: the keywords of another crate"; fi
    all_keywords+="|${words[*]}|"
    mapfile -t slugs < <(list categories)
    [ ${#slugs[@]} -ge 1 ] || fault "$name: no category"
    for slug in "${slugs[@]}"; do
        [[ $categories == *" $slug "* ]] || fault "$name: $slug is none of the categories that this script knows"
    done
    # On the registry's page there is nothing around the README.
    if grep -nE '\]\((\.|/|[a-z]+/)' "$folder/README.md"; then fault "$name: README.md has links to files"; fi
    grep -q '^```rust' "$folder/README.md" || fault "$name: README.md has no example"
    grep -q 'include_str!("../README.md")' "$folder/src/lib.rs" || fault "$name: the example of README.md is no test"
    printf '%-16s %5d KiB  %s\n' "$name" $((bytes / 1024)) "${words[*]}"
done
[ $faults -eq 0 ] || exit 1

# Each from its own tarball, with its default features; those it needs come from theirs. They share what they compile.
# Without debug information, for the time.
# Cargo takes a crate that another call packed in this version for the same one.
for name in "${order[@]}"; do
    rm -rf -- "${CARGO_HOME:-$HOME/.cargo}"/registry/{cache,src}/-*/"$name"-[0-9]* "$target"/publish/debug/.fingerprint/"$name"-*
done
echo "publish: builds from tarballs: ${built[*]}"
started=$SECONDS
CARGO_TARGET_DIR=$target/publish CARGO_PROFILE_DEV_DEBUG=false CARGO_INCREMENTAL=0 \
    cargo package --quiet --allow-dirty "${built[@]/#/--package=}"
echo "publish: built in $((SECONDS - started)) s"
if [ ${#built[@]} -lt ${#order[@]} ]; then
    unchecked+=("that these build from their tarballs: ${with_burn[*]} (scripts/publish.sh without --quick)")
fi

# Semver.
tag=$(git describe --tags --abbrev=0 2>/dev/null || true)
if [ -z "$tag" ]; then
    echo "publish: there is no tag: nothing to compare the interfaces with"
elif cargo semver-checks --version >/dev/null 2>&1; then
    cargo semver-checks --baseline-rev "$tag" "${order[@]/#/--package=}" || faults=1
else
    unchecked+=("what changed for users since $tag (cargo install cargo-semver-checks)")
fi

# Supply chain.
if cargo deny --version >/dev/null 2>&1; then
    cargo deny --workspace check licenses bans sources || faults=1
    if cargo deny fetch db >/dev/null 2>&1; then
        cargo deny --workspace check advisories || faults=1
    else
        unchecked+=("advisories: their database cannot be fetched here")
    fi
else
    unchecked+=("licences, sources and advisories of the dependencies (cargo install cargo-deny)")
fi
grep -qE '^(repository|homepage)' crates/nico-comments/Cargo.toml Cargo.toml ||
    echo "publish: no repository is named: the registry's pages will not say where the sources are"

[ $faults -eq 0 ] || exit 1
if ! $upload; then
    for what in ${unchecked[@]+"${unchecked[@]}"}; do
        echo "publish: not checked: $what"
    done
    echo "publish: nothing was uploaded (whether the names are free is looked up before an upload)"
    exit 0
fi
# Of the first version: a name that is there is somebody else's. Asked from outside of the workspace, whose own crates would be found.
if [ -z "$tag" ]; then
    for name in "${order[@]}"; do
        if answer=$(cd / && cargo info --quiet --color never "$name" 2>&1); then
            fault "$name: the registry has a crate of this name"
        elif [[ $answer != *"could not find \`$name\`"* ]]; then
            unchecked+=("whether the name $name is free: $answer")
        fi
    done
    [ $faults -eq 0 ] || exit 1
fi
if [ ${#unchecked[@]} -gt 0 ]; then
    printf 'publish: not checked: %s\n' "${unchecked[@]}"
    echo "publish: not uploaded: not everything could be checked" >&2
    exit 1
fi
cargo publish --locked "${order[@]/#/--package=}"
