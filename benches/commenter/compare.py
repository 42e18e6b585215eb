"""The table of run.sh: ratios of medians over rounds. usage: compare.py FOLDER"""
import re
import statistics
import sys
from pathlib import Path


def read(name):
    """Rates by line, over all rounds."""
    rates = {}
    for path in sorted(Path(sys.argv[1]).glob(f"{name}.*")):
        for line in path.read_text().splitlines():
            if match := re.match(r"(.*?): ([\d.]+) (tokens/s|cases/s)", line):
                rates.setdefault(match[1], []).append(float(match[2]))
    return {what: statistics.median(found) for what, found in rates.items()}


ours, torch = read("ours"), read("torch")
print(f"{'what':24} {'ours':>9} {'PyTorch':>9} {'ratio':>6} {'goal':>5}")
for what, beside, goal in [("training, Adam",) * 2 + (1.3,), ("training, Muon", "training, Adam", 1.3), ("scoring",) * 2 + (1.5,)]:
    print(f"{what:24} {ours[what]:9.1f} {torch[beside]:9.1f} {ours[what] / torch[beside]:6.2f} {goal:5.1f}")
for path in sorted(Path(sys.argv[1]).glob("writing.*")):
    print(path.read_text().strip())
