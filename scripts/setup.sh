#!/usr/bin/env bash
# Installs what the workspace and all of its tests need from outside cargo, where it is missing. Says what it does; a second run does
# nothing. With --browser it installs what the tests of pages need as well: Chromium and node.
#
# Knows apt, dnf, pacman and Homebrew. Debian 13 is where it runs every day; the names for Fedora, Arch and Homebrew were looked up
# (November 2026) and never tried. Written for the bash of macOS (3.2) as well.
set -euo pipefail

manager=none
for program in apt-get dnf pacman brew; do
    if command -v $program >/dev/null 2>&1; then
        manager=$program
        break
    fi
done

# What is needed, and how to see that it is there. A name for each manager: - where it comes with something else or with the system, and
# ? where the manager has none, which is said at the end.
missing=() by_hand=()
need() { # need WHAT APT DNF PACMAN BREW CHECK…
    local what=$1 apt=$2 dnf=$3 pacman=$4 brew=$5 name
    shift 5
    if "$@" >/dev/null 2>&1; then return; fi
    case $manager in
        apt-get) name=$apt ;;
        dnf) name=$dnf ;;
        pacman) name=$pacman ;;
        brew) name=$brew ;;
        none) name='?' ;;
    esac
    case $name in
        -) ;;
        '?') by_hand+=("$what") ;;
        *) for one in $name; do missing+=("$one"); done ;;
    esac
}
library() { pkg-config --exists "$1"; }
prefixes=(/usr /usr/local /opt/homebrew /home/linuxbrew/.linuxbrew)
ipadic() { # its sources; what other packages install is compiled for MeCab, which is of no use here
    local prefix
    for prefix in "${prefixes[@]}"; do
        [ -f "$prefix/share/mecab/dic/ipadic/matrix.def" ] && return 0
    done
    return 1
}
dict_index() { # MeCab's compiler of dictionaries, which is no program of the path
    command -v mecab-dict-index && return 0
    local prefix
    for prefix in "${prefixes[@]}"; do
        for folder in "$prefix/lib/mecab" "$prefix/libexec/mecab" "$prefix/opt/mecab/libexec/mecab"; do
            [ -x "$folder/mecab-dict-index" ] && return 0
        done
    done
    return 1
}
cjk_font() {
    # macOS has Japanese fonts. Elsewhere any file of the package will do; fontconfig need not be installed.
    [ "$(uname)" = Darwin ] && return 0
    # `find` fails if a folder is missing, whatever it found in the others.
    local found
    found=$(find /usr/share/fonts /usr/local/share/fonts "${HOME:-/root}/.local/share/fonts" "${HOME:-/root}/.fonts" \
        -iname '*notosanscjk*' -print -quit 2>/dev/null) || true
    [ -n "$found" ]
}
dejavu_font() { [ "$(uname)" = Darwin ] || [ -n "$(find /usr/share/fonts -iname DejaVuSans.ttf -print -quit 2>/dev/null)" ]; }

#    what                                apt                 dnf                      pacman          brew    check
need "a C compiler"                      build-essential     "gcc gcc-c++ make"       base-devel      '?'     command -v cc
need pkg-config                          pkg-config          pkgconf-pkg-config       pkgconf         pkgconf command -v pkg-config
need "clang with libclang"               clang               "clang clang-devel"      clang           llvm    command -v clang
need ffmpeg                              ffmpeg              ffmpeg-free              ffmpeg          ffmpeg  command -v ffmpeg
for name in avcodec avformat avutil avfilter avdevice swscale swresample; do
    need "FFmpeg's development files (lib$name)" "lib$name-dev" "pkgconfig(lib$name)" ffmpeg        ffmpeg  library "lib$name"
done
need "the sources of IPADIC"             mecab-ipadic        '?'                      '?'             '?'     ipadic
# The programs that tests compare with or call; where one is missing, scripts/test.sh fails.
need mecab                               mecab               mecab                    '?'             mecab   command -v mecab
need mecab-dict-index                    mecab-utils         mecab                    '?'             mecab   dict_index
need kill                                procps              util-linux               util-linux      -       type -P kill
need "the Noto Sans CJK fonts"           fonts-noto-cjk      google-noto-sans-cjk-fonts noto-fonts-cjk -      cjk_font
need "the DejaVu fonts"                  fonts-dejavu-core   dejavu-sans-fonts        ttf-dejavu      -       dejavu_font
need git                                 git                 git                      git             git     command -v git
if [ "${1:-}" = --browser ]; then
    need "chromium (or its path in CHROMIUM)" chromium       chromium                 chromium        '?'     command -v "${CHROMIUM:-chromium}"
    need node                            nodejs              nodejs                   nodejs          node    command -v node
fi

if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: cargo is missing; install Rust 1.95 or newer (https://rustup.rs) and run this again" >&2
    exit 1
fi

if [ ${#missing[@]} -gt 0 ]; then
    # Each once.
    packages=$(printf '%s\n' "${missing[@]}" | awk '!seen[$0]++' | tr '\n' ' ')
    as_root=()
    if [ "$manager" != brew ] && [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
        command -v sudo >/dev/null 2>&1 || {
            echo "setup: missing here: $packages; installing them needs root, and there is no sudo" >&2
            exit 1
        }
    fi
    root() { ${as_root[@]+"${as_root[@]}"} "$@"; }
    echo "setup: installing $packages"
    # shellcheck disable=SC2086 # names without spaces, each a word
    case $manager in
        apt-get)
            root apt-get update -qq
            root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
            ;;
        dnf) root dnf install -y -q $packages ;;
        pacman) root pacman -S --needed --noconfirm $packages ;;
        brew) brew install --quiet $packages ;;
    esac
fi

if [ ${#by_hand[@]} -gt 0 ]; then
    echo "setup: still missing, to be installed by hand:" >&2
    printf '  %s\n' "${by_hand[@]}" >&2
    if ! ipadic; then
        cat >&2 <<EOF
The sources of IPADIC are mecab-ipadic-2.7.0-20070801.tar.gz, as MeCab's page has it: unpack it so that
/usr/local/share/mecab/dic/ipadic/matrix.def is there, or name its folder with --dictionary. A dictionary that vibrato compiled
will do as well (--dictionary system.dic.zst).
EOF
    fi
    [ "$manager" != brew ] || command -v cc >/dev/null 2>&1 || echo "A C compiler on macOS: xcode-select --install" >&2
    exit 1
fi
if [ ${#missing[@]} -eq 0 ]; then
    echo "setup: everything is installed"
else
    echo "setup: done"
fi
