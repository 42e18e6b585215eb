#!/usr/bin/env python3
"""Tries faults on each command: full disks, read-only folders, files that change, clocks, small stacks and memory, kills.

  benches/faults/faults.py NICO WORLD [OUT.md]

Prints a table, a row a command; what is wrong stands after it, and makes the exit status 1. Python 3.11 alone, on Linux, as root in a
namespace of mounts of its own, which it makes. Clocks need libfaketime (`--faketime libfaketime.so.1`); without it only the inputs' times
change. `--record FILE` keeps what was tried, so that a run that was stopped goes on.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from cases import CASES, prepare
from program import Runner
from tries import FAULTS, Bench, Wrong


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nico", type=Path)
    parser.add_argument("world", type=Path)
    parser.add_argument("out", type=Path, nargs="?", help="file that gets the table")
    parser.add_argument("--cases", help="only these commands, between commas")
    parser.add_argument("--faults", help=f"only these, between commas: {', '.join(FAULTS)}")
    parser.add_argument("--steps", type=int, default=16, help="steps from no room to that of the final files")
    parser.add_argument("--moments", type=int, default=4, help="moments at which an input changes")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faketime", type=Path, help="libfaketime.so.1")
    parser.add_argument("--record", type=Path, help="JSON file of what was tried; what is in it is not tried again")
    parser.add_argument("--work", type=Path, help="working folder, which stays, with its inputs")
    return parser.parse_args()


def own_mounts():
    """Goes on in a namespace of mounts of its own, so that nothing mounted stays."""
    if os.environ.get("FAULTS_MOUNTS") != "own":
        os.environ["FAULTS_MOUNTS"] = "own"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])


def table(record, cases):
    yield "| command | " + " | ".join(title for title, _ in FAULTS.values()) + " |"
    yield "|---|" + "---|" * len(FAULTS)
    for case in cases:
        cells = (record.get(f"{case.name}/{fault}", "") for fault in FAULTS)
        yield f"| {case.name} | " + " | ".join("–" if cell is None else cell for cell in cells) + " |"


def main():
    options = arguments()
    own_mounts()
    options.random = random.Random(options.seed)
    work = options.work or Path(tempfile.mkdtemp(prefix="faults-"))
    work = work.resolve()
    for name in ("out", "said", "cache"):
        (work / name).mkdir(parents=True, exist_ok=True)
    programs = {"nico": str(options.nico.resolve()), "world": str(options.world.resolve())}
    options.faketime = options.faketime and options.faketime.resolve()
    options.record = options.record and options.record.resolve()
    options.out = options.out and options.out.resolve()
    os.chdir(work)
    runner = Runner(work / "said", {**os.environ, "XDG_CACHE_HOME": str(work / "cache")})
    wanted = [case for case in CASES if not options.cases or case.name in options.cases.split(",")]
    faults = [name for name in FAULTS if not options.faults or name in options.faults.split(",")]
    record = json.loads(options.record.read_text()) if options.record and options.record.exists() else {}

    def make(program, given):
        ended = runner.run([programs[program], *given])
        if ended.code != 0:
            sys.exit(f"{program} {' '.join(given)}: {ended.last_line}")

    prepare(work, make, wanted)
    bench = Bench(work, runner, programs, options)
    for case in wanted:
        left = [fault for fault in faults if f"{case.name}/{fault}" not in record]
        if not left:
            continue
        try:
            bench.undisturbed(case)
        except Wrong as wrong:
            record.update({f"{case.name}/{fault}": f"**wrong**: {wrong}" for fault in left})
            print(f"{case.name}: {wrong}", flush=True)
            continue
        for fault in left:
            try:
                happened = FAULTS[fault][1](bench, case)
            except Wrong as wrong:
                happened = f"**wrong**: {wrong}"
            record[f"{case.name}/{fault}"] = happened
            print(f"{case.name}, {FAULTS[fault][0]}: {happened}", flush=True)
            if options.record:
                options.record.write_text(json.dumps(record, indent=1, ensure_ascii=False))
    text = "\n".join(table(record, [case for case in CASES if any(f"{case.name}/{fault}" in record for fault in FAULTS)]))
    print(text)
    if options.out:
        options.out.write_text(text + "\n")
    if not options.work:
        shutil.rmtree(work)
    wrong = [key for key, happened in record.items() if happened and "**wrong**" in happened]
    if wrong:
        sys.exit(f"wrong: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
