#!/usr/bin/env bash
# Installs what the workspace and all of its tests need from outside cargo, where it is missing. Says what it does; a second run does
# nothing. With --browser it installs what the tests of pages need as well: Chromium and node.
set -euo pipefail

# What is needed, and how to see that it is there.
missing=()
need() { # need PACKAGE CHECK…
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
library() { pkg-config --exists "$1"; }
ipadic() {
    for folder in /usr/share/mecab/dic/ipadic /usr/local/share/mecab/dic/ipadic; do
        [ -f "$folder/matrix.def" ] && return 0
    done
    return 1
}
dict_index() { # MeCab's compiler of dictionaries, which is no program of the path
    command -v mecab-dict-index && return 0
    for folder in /usr/lib/mecab /usr/libexec/mecab /usr/local/libexec/mecab; do
        [ -x "$folder/mecab-dict-index" ] && return 0
    done
    return 1
}
cjk_font() {
    # Any file of the package will do; fontconfig need not be installed.
    # `find` fails if a folder is missing, whatever it found in the others.
    local found
    found=$(find /usr/share/fonts /usr/local/share/fonts "${HOME:-/root}/.local/share/fonts" "${HOME:-/root}/.fonts" \
        -iname '*notosanscjk*' -print -quit 2>/dev/null) || true
    [ -n "$found" ]
}

need build-essential command -v cc
need pkg-config command -v pkg-config
need clang command -v clang
need ffmpeg command -v ffmpeg
for name in avcodec avformat avutil avfilter avdevice swscale swresample; do
    need "lib$name-dev" library "lib$name"
done
need mecab-ipadic ipadic
# The programs that tests compare with or call; where one is missing, scripts/test.sh fails.
need mecab command -v mecab
need mecab-utils dict_index
need procps type -P kill
need fonts-noto-cjk cjk_font
if [ "${1:-}" = --browser ]; then
    need chromium command -v "${CHROMIUM:-chromium}"
    need nodejs command -v node
fi

if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: cargo is missing; install Rust 1.95 or newer (https://rustup.rs) and run this again" >&2
    exit 1
fi
if [ ${#missing[@]} -eq 0 ]; then
    echo "setup: everything is installed"
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    cat >&2 <<EOF
setup: missing here: ${missing[*]}
This script installs with apt. On other systems install by hand: a C compiler, clang with libclang, pkg-config, the ffmpeg
program, FFmpeg's development files (libavcodec, libavformat, libavutil, libavfilter, libavdevice, libswscale,
libswresample), the IPADIC sources of MeCab (a folder with matrix.def and *.csv) and the Noto Sans CJK fonts. For all of the
tests also: the programs mecab, mecab-dict-index, kill, chromium and node.
EOF
    exit 1
fi
sudo=()
if [ "$(id -u)" -ne 0 ]; then
    sudo=(sudo)
    command -v sudo >/dev/null 2>&1 || {
        echo "setup: missing here: ${missing[*]}; installing them needs root, and there is no sudo" >&2
        exit 1
    }
fi
echo "setup: installing ${missing[*]}"
"${sudo[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "setup: done"
