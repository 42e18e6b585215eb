#!/bin/sh
# Makes the fonts of the tests: some characters of three faces of Noto's CJK fonts.
#
# usage: make.sh FOLDER     where NotoSansCJK-Bold.ttc, NotoSansCJK-Regular.ttc and NotoSerifCJK-Regular.ttc lie
#                           (Debian's fonts-noto-cjk: /usr/share/fonts/opentype/noto)
#
# Needs pyftsubset of PyPI's fonttools. The Japanese face is the first of each collection.
set -eu
folder=$1
cd "$(dirname "$0")"
subset() { # COLLECTION NAME CHARACTERS [FILE…], besides those of ASCII
    collection=$1 name=$2
    text=$(mktemp)
    printf %s "$3" > "$text"
    shift 3
    cat "$@" /dev/null >> "$text"
    pyftsubset "$folder/$collection" --font-number=0 --unicodes=U+20-7E --text-file="$text" --output-file="NotoCJKjp-$name.subset.otf" \
        --layout-features=kern,ccmp,locl,calt,liga,mark,mkmk --no-hinting --name-IDs=0,1,2,3,4,5,6,13,14 --drop-tables+=VORG,vhea,vmtx,BASE
    rm "$text"
}
# Kana and what comments without a font command say, here and in the tests.
subset NotoSansCJK-Bold.ttc Sans-Bold "\
ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろわをん\
ァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロワヲンヴー、。「」\
二亜半固定左幕度弾彩後換明朝止流番神禁草逆題漢字拍手回ＡＢＣ☆" ../golden/crowd.json ../golden/styles.json ../golden/flash.json
# What comments with `gothic` and `mincho` say.
subset NotoSansCJK-Regular.ttc Sans-Regular 'たどなねほまるクゴシッ体右左ｗｶﾀﾆﾛﾜ'
subset NotoSerifCJK-Regular.ttc Serif-Regular '★いえたでねのまるろわあう下体文明朝止█▓╭╮╰╯─│'
