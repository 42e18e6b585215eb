"""Compares every figure of docs/sql with `nico stats`, and what both take.

    python3 benches/sql/compare.py NICO FOLDER COMMENTS… [--engines duckdb,datafusion] [--rounds 3] [--video VIDEO]

`nico convert` makes FOLDER/corpus of the comment files once; then `nico stats` and the engines (`pip install duckdb
datafusion pyspark`) run in turn, each as a process of its own. One core each: call it with `taskset -c 1`. The status is 1 if
a figure differs. The ratios are of seconds on the processor, which other work on the machine disturbs least.
"""

import argparse
import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
parser = argparse.ArgumentParser()
parser.add_argument("nico")
parser.add_argument("folder")
parser.add_argument("comments", nargs="+")
parser.add_argument("--engines", default="duckdb,datafusion")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--video")
options = parser.parse_args()
corpus = f"{options.folder}/corpus"
video = ["--video", options.video] if options.video else []
of_video = {"frame_totals.sql", "frames.sql", "distribution.sql", "seconds.sql", "empty_runs.sql", "splits_frames.sql"}
queries = [
    path
    for path in sorted(glob.glob(f"{here}/../../docs/sql/*.sql"))
    if os.path.basename(path) != ("splits_videos.sql" if video else "") and (video or os.path.basename(path) not in of_video)
]


def run(command):
    """Runs a program: what it printed, and seconds on the clock and the processor and the peak of its memory in MiB."""
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        printed = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{command[0]} failed")
    wall = time.perf_counter() - begun
    return json.loads(printed), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def minutes(seconds):
    return f"{seconds // 60}:{seconds % 60:02}"


def figures_of_stats(stats):
    """The rows that each query should give, from `nico stats --json`."""
    totals, viewers = stats["totals"], stats["viewers"]
    named = ["comments", "deleted", "owner", "rejected", "empty", "easy", "scripts", "speech"]
    people = ["comments", "premium", "anonymous", "comment_art"]
    kinds = [("position", "positions"), ("size", "sizes"), ("color", "colors")]
    commands = [[kind, name, count] for kind, rows in kinds for name, count in viewers[rows] if count]
    distinct = ["distinct", "distinct_train", "distinct_dev", "shared"]

    def split(table):
        parts = [table[part] for part in ("train", "dev", "guard")]
        return {
            "whole": parts + [table[name] for name in distinct],
            "known words": parts + [table["known"][name] for name in distinct],
        }

    file = ["format", "comments", "deleted", "owner", "rejected", "ends_early"]
    expected = {
        "totals.sql": [[totals[name] for name in named] + [viewers[name] for name in people]],
        "files.sql": [[number] + [one[name] for name in file] for number, one in enumerate(stats["files"])],
        "commands.sql": sorted(commands, key=lambda row: (row[0], -row[2], row[1])),
        "lengths.sql": [[viewers["lengths"][name] for name in ("mean", "median", "p90", "p99", "longest")]],
        "word_totals.sql": [[totals[name] for name in ("words", "distinct_words", "distinct_nouns")]],
        "words.sql": stats["words"],
        "nouns.sql": stats["nouns"],
        "vocabulary.sql": [[stats["vocabulary"][name] for name in ("words", "count_at_cut", "coverage")]],
    }
    if "videos" in stats["splits"]:
        expected["splits_videos.sql"] = sorted([name, *row] for name, row in split(stats["splits"]["videos"]).items())
    if "time" in stats:
        of_time = stats["time"]
        tables = {rule: split(table) for rule, table in stats["splits"].items()}
        expected |= {
            "frame_totals.sql": [[of_time[name] for name in ("frames", "without", "mean", "outside")]],
            "frames.sql": stats["frames"],
            "distribution.sql": of_time["distribution"],
            "seconds.sql": [[second, count] for second, count in enumerate(of_time["seconds"])],
            "empty_runs.sql": of_time["empty_runs"],
            "splits_frames.sql": sorted([rule, name, *row] for rule, rows in tables.items() for name, row in rows.items()),
        }
    return expected


def figures_of_engine(name, rows):
    """A query's rows in the shape of the others: times as `nico stats` prints them, without what it does not."""
    if name in ("frames.sql", "empty_runs.sql"):
        return [[*row[:2], minutes(row[2])] for row in rows]
    if name == "files.sql":
        return [[row[0], *row[3:]] for row in rows]
    return rows


def differ(ours, theirs):
    if isinstance(ours, float) or isinstance(theirs, float):
        return abs(ours - theirs) > 1e-12 * abs(ours)
    if isinstance(ours, (list, tuple)):
        return len(ours) != len(theirs) or any(differ(*pair) for pair in zip(ours, theirs))
    return ours != theirs


def count(figures):
    return sum(map(count, figures)) if isinstance(figures, (list, tuple)) else isinstance(figures, (int, float))


os.makedirs(options.folder, exist_ok=True)
shutil.rmtree(corpus, ignore_errors=True)
convert = [options.nico, "--json", "--quiet", "convert", *options.comments, "--out", corpus, "--to", "parquet", "--words", *video]
written, *cost = run(convert)
size = sum(os.path.getsize(path) for path in glob.glob(f"{corpus}/**/*.parquet", recursive=True))
print(f"{written['comments']:,} comments, {written['words']:,} words, {written['shows']} shows: {size / 1e6:.1f} MB of Parquet")
_, *single = run([*convert[: convert.index("--out")], "--out", f"{options.folder}/corpus.parquet"])
sides = {"nico stats": [options.nico, "--json", "--quiet", "stats", *options.comments, *video]}
for engine in options.engines.split(","):
    sides[engine] = [sys.executable, f"{here}/engine.py", engine, corpus, *queries]
runs = {side: [] for side in sides}
answers = {}
for _ in range(options.rounds):
    for side, command in sides.items():
        answers[side], *taken = run(command)
        runs[side].append(taken)
expected = figures_of_stats(answers["nico stats"])
wrong = 0
for engine in list(sides)[1:]:
    answer = answers[engine]
    compared = 0
    for query in map(os.path.basename, queries):
        rows = figures_of_engine(query, answer["rows"][query])
        compared += count(expected[query])
        if differ(expected[query], rows):
            wrong += 1
            pairs = [pair for pair in zip(expected[query], rows) if differ(*pair)] or [(len(expected[query]), len(rows))]
            print(f"{engine}: {query} differs: nico has {pairs[0][0]}, the engine {pairs[0][1]}")
    print(f"{engine} {answer['version']}: {compared:,} figures of {len(queries)} queries compared")
medians = {side: [statistics.median(column) for column in zip(*all_runs)] for side, all_runs in runs.items()}
ours = medians["nico stats"][1]
print(f"medians of {options.rounds} rounds {'wall s':>12}{'busy s':>9}{'peak MiB':>10}{'busy / ours':>13}")
for side, (wall, busy, peak) in medians.items():
    print(f"{side:28}{wall:9.1f}{busy:9.1f}{peak:10.0f}{busy / ours:13.2f}")
for what, (wall, busy, peak) in {"convert to tables, once": cost, "convert to one file, once": single}.items():
    print(f"{what:28}{wall:9.1f}{busy:9.1f}{peak:10.0f}{busy / ours:13.2f}")
sys.exit(wrong > 0)
