"""Agreement of `nico layout` with the reference renderer's layouts, as a table.

usage: golden.py NICO FOLDER [FONT…]

NICO is the program, FOLDER has N.json (comments) and N.layout.json (the reference's places of them). FONT are the font files
that the reference used (NotoSansCJK-Bold.ttc, NotoSansCJK-Regular.ttc, NotoSerifCJK-Regular.ttc); without them the system's
are taken. For each sample and over all, in per cent of the comments that a column is about:

- class: number, vpos, position, line count, duration and whether it is shown at all are equal
- width: within a pixel, of visible comments whose glyphs are all in the family's first font
- height: within a pixel, of visible comments
- lane: posY within a pixel, of visible comments that found one
- no lane: posY within a pixel, of visible comments that found none
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

COLUMNS = ["class", "width", "height", "lane", "no lane"]


def places(path):
    return json.loads(Path(path).read_text(encoding="utf8"))["comments"]


def near(one, other, name):
    return abs(one.get(name, 0) - other.get(name, 0)) <= 1


def compare(theirs, ours):
    """For each column how many agree, and of how many."""
    counts = {name: [0, 0] for name in COLUMNS}

    def count(name, agrees):
        counts[name][0] += agrees
        counts[name][1] += 1

    if len(theirs) != len(ours):
        sys.exit(f"{len(ours)} comments were placed, not {len(theirs)}")
    for one, other in zip(theirs, ours):
        names = ["id", "vpos", "src", "loc", "lineCount", "long", "invisible"]
        count("class", all(one.get(name) == other.get(name) for name in names))
        if one.get("invisible"):
            continue
        if not one.get("fallback"):
            count("width", near(one, other, "width"))
        count("height", near(one, other, "height"))
        count("no lane" if one.get("overflow") else "lane", near(one, other, "posY"))
    return counts


def line(name, counts):
    cells = [f"{100 * good / of:9.2f}" if of else "        -" for good, of in counts.values()]
    print(f"{name:>6}" + "".join(cells))


nico, folder, *fonts = sys.argv[1:]
total = {name: [0, 0] for name in COLUMNS}
print("sample" + "".join(f"{name:>9}" for name in COLUMNS))
for golden in sorted(Path(folder).glob("*.layout.json"), key=lambda path: int(path.name.split(".")[0])):
    sample = golden.name.removesuffix(".layout.json")
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "out.json"
        command = [nico, "layout", str(Path(folder) / f"{sample}.json"), "--out", str(out)]
        for font in fonts:
            command += ["--font", font]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        counts = compare(places(golden), places(out))
    line(sample, counts)
    for name, (good, of) in counts.items():
        total[name][0] += good
        total[name][1] += of
line("all", total)
print("    of" + "".join(f"{of:9}" for _, of in total.values()))
