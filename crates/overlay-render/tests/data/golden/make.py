"""Has the reference renderer place comments, and writes down where: N.json gives N.layout.json.

usage: make.py [--mode flash] [--out FOLDER] BUNDLE.js BOLD REGULAR SERIF N.json…
       make.py [--mode flash] [--out FOLDER] --families SANS SERIF -- BUNDLE.js N.json…

BUNDLE.js is dist/bundle.js of the npm package @xpadev-net/niconicomments (0.2.78); BOLD, REGULAR and SERIF are the fonts for
defont, gothic and mincho (../fonts), or else SANS and SERIF families that are installed; comments are in the shape that the
package calls "formatted". With `--mode flash` the result is N.flash.layout.json; the bold font then stands in for Gulim, the
serif one for SimSun. CHROMIUM names the browser, which draws nothing here: it measures text, without hinting. `Math.random` is
0.5. Left out of the result is what has its default value, as `write_layout_json` leaves it out.
"""

import argparse
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FLAGS = """--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update
--disable-sync --font-render-hinting=none --virtual-time-budget=60000""".split()

PAGE = """<!doctype html><meta charset="utf-8"><style>%s canvas { text-spacing-trim: space-all }</style>
<canvas id="stage" width="1920" height="1080"></canvas><pre id="told"></pre>
<script>%s</script>
<script>
const comments = %s;
let drawn = 0;
Math.random = () => (drawn++, 0.5);
const [mode, sans, serif] = %s;
const family = (font, weight) => ({ font, offset: 0, weight });
const fonts = {
  html5: { defont: family(sans, 600), gothic: family(sans, 400), mincho: family(serif, 400) },
  flash: { gulim: `normal 600 [size]px ${sans}`, simsun: `normal 400 [size]px ${serif}` },
};
const { getCommentPos } = NiconiComments.prototype;
NiconiComments.prototype.getCommentPos = function (data, end, lazy) {
  for (let i = this.processedCommentIndex + 1; i < end; i++) {
    const before = drawn;
    getCommentPos.call(this, data, i + 1, lazy);
    data[i].overflow = drawn - before;
  }
};
const wanted = [`600 20px ${sans}`, `400 20px ${sans}`, `400 20px ${serif}`];
Promise.all(wanted.map((font) => document.fonts.load(font, "あA"))).then(() => {
  const canvas = document.getElementById("stage");
  const renderer = new NiconiComments.internal.renderer.CanvasRenderer(canvas);
  const placed = new NiconiComments(renderer, comments, { format: "formatted", mode, config: { fonts } });
  const told = placed.comments.map(({ comment, posY, overflow, invisible }) => ({ ...comment, posY, overflow, invisible }));
  let painted = [];
  placed.comments.forEach((instance, index) => {
    instance._draw = (x, y) => painted.push([index, x, y]);
  });
  const frames = [];
  for (const vpos of %s) {
    painted = [];
    placed.drawCanvas(vpos, true);
    frames.push({ vpos, draw: painted });
  }
  document.getElementById("told").textContent = JSON.stringify({ told, frames });
});
</script>"""

DEFAULTS = {
    "loc": "naka", "size": "medium", "font": "defont", "color": "#FFFFFF", "long": 300, "layer": -1, "lineCount": 1, "overflow": 0,
}
FLAGS_OF_A_COMMENT = ["full", "ender", "_live", "owner", "invisible"]


def number(value):
    value = round(value, 2)
    return int(value) if value == int(value) else value


def is_seen(told, x, y):
    """Whether a comment that is painted at a place leaves a mark on the stage."""
    text = "".join(part.get("content", "") for part in told["content"])
    return text.strip() and x < 1920 and x + told["width"] > 0 and y < 1080 and y + told["height"] > 0


def entry(told, sources, index):
    """What is told of a comment, in the order and with the names of `write_layout_json`."""
    out = {"id": told["id"], "vpos": told["vpos"]}
    if sources[index] != index:
        out["src"] = sources[index]
    for name, default in DEFAULTS.items():
        if name in told and told[name] != default and not (name in ("lineCount", "overflow") and told["invisible"]):
            out[name] = told[name]
    if len(told["color"]) == 4:
        out["color"] = "#" + "".join(digit * 2 for digit in told["color"][1:].upper())
    out |= {name: True for name in FLAGS_OF_A_COMMENT if told.get(name)}
    out |= {name: told[name] for name in ("strokeColor", "wakuColor", "fillColor", "opacity") if told.get(name) is not None}
    if not told["invisible"]:
        out |= {name: number(told[name]) for name in ("width", "height", "posY")}
        out |= {name: True for name in ("resizedX", "resizedY") if told.get(name)}
        if told.get("flash"):
            out |= {name: round(told[name], 5) for name in ("scale", "scaleX") if told[name] != 1}
    return out


def font_face(family, weight, path):
    data = base64.b64encode(Path(path).read_bytes()).decode()
    return f"@font-face {{ font-family: {family}; font-weight: {weight}; src: url(data:font/otf;base64,{data}) }}\n"


def place(bundle, mode, faces, families, comments, moments):
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        script = Path(bundle).read_text("utf8")
        how = json.dumps([mode, *families])
        page.write_text(PAGE % (faces, script, json.dumps(comments), how, json.dumps(moments)), "utf8")
        browser = os.environ.get("CHROMIUM", "chromium")
        command = [browser, *FLAGS, f"--user-data-dir={folder}/profile", "--dump-dom", f"file://{page}"]
        dom = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r'<pre id="told">(.+?)</pre>', dom, re.DOTALL)
    if not found:
        sys.exit("the browser told nothing: is BUNDLE.js the reference's script?")
    return json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\n")[0])
    parser.add_argument("--mode", default="html5")
    parser.add_argument("--out")
    parser.add_argument("--families", nargs=2)
    parser.add_argument("bundle")
    parser.add_argument("rest", nargs="+")
    return parser.parse_args()


def main():
    args = arguments()
    if args.families:
        faces, files = "", args.rest
        families = [f'"{args.families[0]}", "DejaVu Sans"', f'"{args.families[1]}", "DejaVu Serif"']
    else:
        fonts, files = args.rest[:3], args.rest[3:]
        faces = "".join(font_face(*face) for face in zip(["Kaku", "Kaku", "Min"], [600, 400, 400], fonts))
        families = ["Kaku", "Min"]
    ending = ".layout.json" if args.mode == "html5" else f".{args.mode}.layout.json"
    for file in map(Path, files):
        comments = json.loads(file.read_text("utf8"))
        last = max(comment["vpos"] for comment in comments)
        moments = [last // 4, last // 2, last * 3 // 4]
        placed = place(args.bundle, args.mode, faces, families, comments, moments)
        moment = lambda at: (comments[at]["vpos"], comments[at]["date"], comments[at].get("date_usec", 0))
        sources = sorted(range(len(comments)), key=moment)  # ids may repeat
        lines = [json.dumps(entry(told, sources, index)) for index, told in enumerate(placed["told"])]
        frames = []
        for frame in placed["frames"]:
            seen = [item for item in frame["draw"] if is_seen(placed["told"][item[0]], *item[1:])]
            frames.append(json.dumps({"vpos": frame["vpos"], "draw": [[i, number(x), number(y)] for i, x, y in seen]}))
        meta = json.dumps({"library": "@xpadev-net/niconicomments 0.2.78", "mode": args.mode, "random": 0.5})
        comments, frames = ",\n".join(lines), ",\n".join(frames)
        text = f'{{"meta":{meta},\n"comments":[\n{comments}\n],\n"frames":[\n{frames}\n]}}\n'
        out = file.with_suffix(ending)
        (Path(args.out) / out.name if args.out else out).write_text(text, "utf8")


main()
