#!/usr/bin/env python3
"""Makes the fonts with glyphs in colour of the tests.

usage: make-emoji.py NotoColorEmoji.ttf     (Debian's fonts-noto-color-emoji: /usr/share/fonts/truetype/noto)

Needs PyPI's fonttools. NotoColorEmoji.subset.ttf has some emoji of Noto Color Emoji, as bitmaps (CBDT). The other two
are made up: squares of 0.8 em, as a bitmap (sbix) and as layers (COLR version 1), one a character.
"""

import io
import struct
import sys
import zlib
from pathlib import Path

from fontTools import subset
from fontTools.colorLib.builder import buildCOLR, buildCPAL
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables.sbixGlyph import Glyph as SbixGlyph
from fontTools.ttLib.tables.sbixStrike import Strike

HERE = Path(__file__).parent
EM = 1000


def noto(path):
    """Two faces, a heart, a family of two, a skin colour, and the key of a digit."""
    options = subset.Options()
    options.hinting = False
    options.drop_tables += ["vhea", "vmtx", "DSIG"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    font = subset.load_font(path, options)
    subsetter = subset.Subsetter(options)
    unicodes = [0x31, 0x20E3, 0xFE0F, 0x200D, 0x1F600, 0x2764, 0x1F44D, 0x1F3FD, 0x1F469, 0x1F680]
    subsetter.populate(unicodes=unicodes)
    subsetter.subset(font)
    subset.save_font(font, HERE / "NotoColorEmoji.subset.ttf", options)


def square(left, right):
    pen = TTGlyphPen(None)
    pen.moveTo((left, 0))
    pen.lineTo((left, 800))
    pen.lineTo((right, 800))
    pen.lineTo((right, 0))
    pen.closePath()
    return pen.glyph()


def base(name, glyphs, outlines):
    """A font of the glyphs of characters, with outlines for those that have one."""
    order = [".notdef", *dict.fromkeys([*glyphs.values(), *outlines])]
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(glyphs)
    empty = TTGlyphPen(None).glyph()
    builder.setupGlyf({glyph: outlines.get(glyph, empty) for glyph in order})
    builder.setupHorizontalMetrics({glyph: (EM, 0) for glyph in order})
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name.replace(" ", "")})
    builder.setupOS2(usWinAscent=900, usWinDescent=100)
    builder.setupPost()
    # Times of day would make every run another file.
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    return builder.font


def png(side, color):
    """A picture of one colour, red, green, blue and opacity."""
    rows = (b"\0" + bytes(color) * side) * side

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def bitmaps():
    font = base("Test Bitmaps", {0x1F600: "face", 0x2764: "heart"}, {})
    del font["glyf"], font["loca"]  # pictures alone, as such fonts are
    table = newTable("sbix")
    strike = Strike(ppem=40, resolution=72)
    for glyph, color in [("face", (0, 200, 0, 255)), ("heart", (200, 0, 0, 128))]:
        strike.glyphs[glyph] = SbixGlyph(
            glyphName=glyph, graphicType="png ", originOffsetX=4, originOffsetY=0, imageData=png(32, color)
        )
    for glyph in font.getGlyphOrder():
        strike.glyphs.setdefault(glyph, SbixGlyph(glyphName=glyph))
    table.version, table.flags, table.strikes = 1, 1, {40: strike}
    font["sbix"] = table
    font.save(HERE / "TestBitmaps.ttf")


def layers():
    outlines = {"left": square(100, 500), "all": square(100, 900)}
    characters = {0x1F600: "solid", 0x1F680: "linear", 0x1F44D: "radial", 0x1F469: "sweep", 0x2764: "blended"}
    font = base("Test Layers", characters, outlines)
    palette = [(0.0, 0.0, 1.0, 1.0), (1.0, 0.0, 0.0, 1.0), (0.0, 1.0, 0.0, 0.5)]
    solid = lambda color, alpha=1.0: {"Format": 2, "PaletteIndex": color, "Alpha": alpha}
    glyph = lambda name, paint: {"Format": 10, "Glyph": name, "Paint": paint}
    line = lambda: {"Extend": "pad", "ColorStop": [(0.0, 0, 1.0), (1.0, 1, 1.0)]}
    font["COLR"] = buildCOLR(
        {
            # Blue with a red left half.
            "solid": {"Format": 1, "Layers": [glyph("all", solid(0)), glyph("left", solid(1))]},
            # Blue on the left to red on the right, turned neither by the third point nor by a transform.
            "linear": glyph(
                "all",
                {"Format": 4, "ColorLine": line(), "x0": 100, "y0": 0, "x1": 900, "y1": 0, "x2": 100, "y2": 500},
            ),
            # Blue in the middle to red around, by a transform that makes the circle wider.
            "radial": glyph(
                "all",
                {
                    "Format": 12,
                    "Paint": {
                        "Format": 6, "ColorLine": line(), "x0": 250, "y0": 400, "r0": 0, "x1": 250, "y1": 400, "r1": 250,
                    },
                    "Transform": (2.0, 0.0, 0.0, 1.0, 0.0, 0.0),
                },
            ),
            # Blue on the right counter-clockwise to red.
            "sweep": glyph(
                "all",
                {"Format": 8, "ColorLine": line(), "centerX": 500, "centerY": 400, "startAngle": 0, "endAngle": 360},
            ),
            # Red where both are: the left half, in a layer of its own over nothing.
            "blended": {
                "Format": 32,
                "SourcePaint": glyph("all", solid(1)),
                "CompositeMode": "src_in",
                "BackdropPaint": glyph("left", solid(0)),
            },
        },
        version=1,
        glyphMap=font.getReverseGlyphMap(),
        clipBoxes={name: (100, 0, 900, 800) for name in ["solid", "linear", "radial", "sweep"]},
    )
    font["CPAL"] = buildCPAL([palette])
    font.save(HERE / "TestLayers.ttf")


if __name__ == "__main__":
    noto(sys.argv[1])
    bitmaps()
    layers()
