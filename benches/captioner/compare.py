"""The table of run.sh: ratios of medians over rounds. usage: compare.py FOLDER"""
import re
import statistics
import sys
from pathlib import Path

LINE = re.compile(r"^(global training|attention training|greedy, 12 words) .*?([\d.]+) comments/s")


def read(name):
    """Comments a second by line, over all rounds."""
    rates = {}
    for path in sorted(Path(sys.argv[1]).glob(f"{name}.*")):
        for line in path.read_text().splitlines():
            if match := LINE.match(line):
                rates.setdefault(match[1], []).append(float(match[2]))
    return rates


ours = read("ours")
print(f"{'what':42} {'ours':>9} {'PyTorch':>9} {'ratio':>6} {'goal':>5}   comments/s, medians")
for name, padding, goals in [
    ("padded", "padded to the longest", {"global training": 2.0, "attention training": 2.0, "greedy, 12 words": 1.5}),
    ("sorted", "sorted by length", {"global training": 1.0, "attention training": 1.0}),
]:
    theirs = read(name)
    for what, goal in goals.items():
        if what in ours and what in theirs:
            a, b = statistics.median(ours[what]), statistics.median(theirs[what])
            label = what if what.startswith("greedy") else f"{what}, {padding}"
            print(f"{label:42} {a:9.1f} {b:9.1f} {a / b:6.2f} {goal:5.1f}")
