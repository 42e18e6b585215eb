"""Runs the readers in turn and prints medians: python3 compare.py ROUNDS BENCH FILE (run.sh calls it).

The ratios are of seconds on the processor, which other work on the machine disturbs least.
"""

import os
import statistics
import subprocess
import sys

rounds, bench, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
tree = [sys.executable, os.path.join(os.path.dirname(__file__), "read_tree.py")]
readers = {
    "nico-comments, typed comments": [bench, "ours", path],
    "ours, every tag as if damaged": [bench, "forgiving", path],
    "quick-xml, bare event loop": [bench, "quick-xml", path],
    "quick-xml, typed, no recovery": [bench, "quick-xml-typed", path],
    "ElementTree.parse, 3 fields": [*tree, "tree", path],
    "ElementTree.iterparse, 3 fields": [*tree, "iterparse", path],
}
runs = {name: [] for name in readers}
for _ in range(rounds):
    for name, command in readers.items():
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        runs[name].append([float(number) for number in answer])
counts = {run[0] for all_runs in runs.values() for run in all_runs}
assert len(counts) == 1, f"the readers disagree about the number of comments: {counts}"
medians = {name: [statistics.median(column) for column in zip(*all_runs)] for name, all_runs in runs.items()}
_, _, ours, ours_peak = next(iter(medians.values()))
print(f"{os.path.getsize(path) / 1e6:.1f} MB, {counts.pop():,.0f} comments, medians of {rounds} rounds, Python {sys.version.split()[0]}")
print(f"{'':32}{'wall s':>9}{'busy s':>9}{'MB/s':>8}{'peak MiB':>10}{'busy / ours':>13}{'peak / ours':>13}")
for name, (_, wall, busy, peak) in medians.items():
    rate = os.path.getsize(path) / 1e6 / busy
    print(f"{name:32}{wall:9.3f}{busy:9.3f}{rate:8.0f}{peak / 1024:10.1f}{busy / ours:13.2f}{peak / ours_peak:13.1f}")
