"""The reference renderer in headless Chromium beside ours: layout of samples, and drawing a crowded second at 1920x1080.

usage: reference.py SPEED BUNDLE.js CROWDED SAMPLE.json…

SPEED is our built example (`cargo build --release -p overlay-render --example speed`); BUNDLE.js the reference's script, `dist/bundle.js` of
the npm package @xpadev-net/niconicomments; CROWDED a file of dense.py or a sample; samples in the shape that it calls "formatted". CHROMIUM names
the browser. Both place the same comments, the first time and again, and draw the same 60 frames around the moment with the most comments on stage;
the browser draws in software and is made to finish each frame (a pixel is read back). In turn, medians of ROUNDS (3).
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --timeout=600000""".split()

PAGE = """<!doctype html><meta charset="utf-8"><canvas id="stage" width="1920" height="1080"></canvas><pre id="told"></pre>
<script src="bundle.js"></script>
<script>
const canvas = document.getElementById("stage");
const { renderer } = NiconiComments.internal; // on a canvas: WebGL has no hardware here
const options = { format: "formatted", mode: "html5" };
const told = { layout: {}, frames: [] };
const place = (text) => {
  const comments = JSON.parse(text);
  const start = performance.now();
  const placed = new NiconiComments(new renderer.CanvasRenderer(canvas), comments, options);
  return [placed, comments.length / (performance.now() - start) * 1000];
};
</script>
%s
<script>
for (const [name, text] of Object.entries(window.samples)) told.layout[name] = [place(text)[1], place(text)[1]];
const [crowd] = place(window.crowded);
const context = canvas.getContext("2d");
for (let frame = 0; frame < 60; frame++) {
  const start = performance.now();
  crowd.drawCanvas(window.moment + (frame - 30) * 100 / 60, true);
  context.getImageData(frame, 540, 1, 1);
  told.frames.push(performance.now() - start);
}
document.getElementById("told").textContent = JSON.stringify(told);
</script>"""


def formatted(path):
    """The crowded comments in the reference's own shape."""
    if path.endswith(".json"):
        with open(path, encoding="utf8") as file:
            return file.read()
    comments = []
    for number, chat in enumerate(ElementTree.parse(path).getroot()):
        comments.append(
            {
                "id": number,
                "vpos": int(chat.get("vpos")),
                "content": chat.text or "",
                "date": int(chat.get("date")),
                "date_usec": 0,
                "owner": False,
                "premium": False,
                "mail": chat.get("mail", "").split(),
                "user_id": number,
                "layer": -1,
            }
        )
    return json.dumps(comments)


def ours(speed, crowded, samples):
    layout = {}
    for line in subprocess.run([speed, "layout", *samples], check=True, capture_output=True, text=True).stdout.splitlines():
        found = re.match(r"(.*): \d+ comments, (\d+) a second at first, (\d+) again", line)
        if found:
            layout[found[1]] = [float(found[2]), float(found[3])]
    line = subprocess.run([speed, "busiest", crowded, "1920x1080"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"at ([\d.]+) cs; ([\d.]+) ms a frame.*, (\d+ to \d+) comments", line)
    return layout, float(found[1]), float(found[2]), found[3]


def reference(bundle, crowded, moment, samples):
    with tempfile.TemporaryDirectory() as folder:
        with open(bundle, encoding="utf8") as script, open(f"{folder}/bundle.js", "w", encoding="utf8") as out:
            out.write(script.read())
        texts = {}
        for sample in samples:
            with open(sample, encoding="utf8") as file:
                texts[sample] = file.read()
        with open(f"{folder}/data.js", "w", encoding="utf8") as out:
            out.write(f"window.samples = {json.dumps(texts)};\n")
            out.write(f"window.crowded = {json.dumps(formatted(crowded))};\nwindow.moment = {moment};\n")
        with open(f"{folder}/page.html", "w", encoding="utf8") as out:
            out.write(PAGE % '<script src="data.js"></script>')
        browser = os.environ.get("CHROMIUM", "chromium")
        command = [browser, *FLAGS, f"--user-data-dir={folder}/profile", "--dump-dom", f"file://{folder}/page.html"]
        page = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r'<pre id="told">(.*?)</pre>', page, re.DOTALL)
    if not found or not found[1]:
        sys.exit("the browser told nothing: is BUNDLE.js the reference's script?")
    told = json.loads(found[1].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))
    return told["layout"], statistics.median(told["frames"])


def main():
    speed, bundle, crowded, *samples = sys.argv[1:]
    layouts, frames, shown = [{}, {}], [[], []], ""
    for _ in range(int(os.environ.get("ROUNDS", "3"))):
        placed, moment, frame, shown = ours(speed, crowded, samples)
        sides = [(placed, frame), reference(bundle, crowded, moment, samples)]
        for side, (placed, frame) in enumerate(sides):
            frames[side].append(frame)
            for sample, rates in placed.items():
                layouts[side].setdefault(sample, []).append(rates)
    print("| what | ours | reference | ratio |\n|---|---|---|---|")
    for sample in samples:
        for at, when in enumerate(["the first time", "again"]):
            mine, theirs = (statistics.median(rates[at] for rates in side[sample]) for side in layouts)
            name = os.path.basename(sample)
            print(f"| layout of {name}, {when}, comments/s | {mine:.0f} | {theirs:.0f} | {mine / theirs:.1f} |")
    mine, theirs = (statistics.median(side) for side in frames)
    print(f"| 1920x1080, {shown} comments, ms a frame | {mine:.3f} | {theirs:.1f} | {theirs / mine:.1f} |")


main()
