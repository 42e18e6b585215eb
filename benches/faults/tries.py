"""The faults: each function tries one on a command and says what happened, or raises `Wrong`."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import folder as folders


# Blocks of stores, which are read as memory. What shortens one where it stands, which no command
# does, ends whoever reads it.
MAPPED = ("in/store/block-00000.safetensors", "in/maps/block-00000.safetensors")


class Wrong(Exception):
    """A fault that the command does not bear as it should."""


class Bench:
    """A working folder with inputs in `in`, kept ones in `kept`, and outputs in `out`."""

    def __init__(self, work, runner, programs, options):
        self.work, self.runner, self.programs, self.options = work, runner, programs, options
        self.out, self.group = work / "out", memory_group()

    # One run of a command and what it leaves.

    def argv(self, case):
        return [self.programs[case.program], *case.arguments]

    def run(self, case, **more):
        stdin = self.work / case.stdin if case.stdin else None
        return self.runner.run(self.argv(case), stdin=stdin, **more)

    def seed(self, case):
        """Empties `out` and puts there what stands there before."""
        self.out.mkdir(exist_ok=True)
        folders.clear(self.out)
        for name, source in case.seeds.items():
            shutil.copytree(self.work / source, self.out / name)
        return folders.contents(self.out)

    def undisturbed(self, case):
        """Two runs left alone, which have to leave the same; remembers what they leave."""
        for again in (False, True):
            self.before = self.seed(case)
            self.left_alone = self.run(case)
            if self.left_alone.code != 0:
                raise Wrong(f"without a fault: {self.left_alone.last_line}")
            found = folders.contents(self.out)
            if again and not case.by_the_clock:
                if different := folders.differences(found, self.final):
                    raise Wrong(f"two runs left alone differ: {', '.join(different)}")
                if self.left_alone.printed != self.printed and not case.writes:
                    raise Wrong("two runs left alone print different things")
            self.final, self.printed = found, self.left_alone.printed
            self.size = sum(path.stat().st_size for path in self.out.rglob("*") if path.is_file())

    # What is judged after a run.

    def is_final(self, case, ended, what):
        """The run has to have ended well, with the bytes of one that was left alone."""
        if crash := ended.crash():
            raise Wrong(f"{what}: {crash}")
        if ended.code != 0:
            raise Wrong(f"{what}: {ended.last_line or ended.code}")
        self.is_the_same(case, ended, what)

    def is_the_same(self, case, ended, what):
        if case.by_the_clock:
            self.nothing_half(case, what)
        elif different := folders.differences(folders.contents(self.out), self.final):
            raise Wrong(f"{what}: ends with exit status 0 and differs from a run left alone in {', '.join(different[:4])}")
        elif not case.writes and ended.printed != self.printed:
            raise Wrong(f"{what}: prints other things")

    def nothing_half(self, case, what="", before=None):
        if wrong := folders.what_is_wrong(self.out, self.before if before is None else before, self.final, case):
            raise Wrong(f"{what}: {wrong}")

    def refused(self, case, ended, what, names=("out",)):
        """The run has to have failed with an error that names a file, and without leaving anything half."""
        if crash := ended.crash():
            raise Wrong(f"{what}: {crash}")
        if ended.code == 0:
            raise Wrong(f"{what}: ends with exit status 0")
        if not any(name in ended.said for name in names):
            raise Wrong(f"{what}: the error names no file: {ended.last_line!r}")
        self.nothing_half(case, what)
        if left := folders.unfinished(self.out):
            raise Wrong(f"{what}: leaves {left[0]}")


# Disks.


class SmallDisk:
    """A tmpfs as `out`, whose room changes while it is there."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "none", self.folder], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", self.folder], check=True)

    def options(self, *options):
        subprocess.run(["mount", "-o", ",".join(["remount", *options]), self.folder], check=True)

    def room(self, size=None, files=None):
        """Lets so many bytes and files more be written; None is enough of it."""
        about = os.statvfs(self.folder)
        used = (about.f_blocks - about.f_bfree) * about.f_frsize
        self.options(
            "rw",
            f"size={1 << 30 if size is None else max(used + size, 4096)}",
            f"nr_inodes={100_000 if files is None else about.f_files - about.f_ffree + files}",
        )
        if size == 0 and used == 0:
            filler = self.folder / ".filler"
            filler.write_bytes(b"x" * 4096)


def disk_full(bench, case):
    """Every amount of room from nothing to enough, in steps, so that the write that fails moves through the job."""
    step = max(4096, -(-bench.size // bench.options.steps // 4096) * 4096)
    return _room(bench, case, lambda disk, number: disk.room(size=number * step), 6 * bench.options.steps + 8)


def files_full(bench, case):
    """Every number of new files from none to enough."""
    return _room(bench, case, lambda disk, number: disk.room(files=number), 60)


def _room(bench, case, make, most):
    if not case.writes:
        return None
    with SmallDisk(bench.out) as disk:
        for number in range(most):
            disk.room()
            bench.before = bench.seed(case)
            make(disk, number)
            ended = bench.run(case)
            what = f"room {number} of what is needed"
            (bench.out / ".filler").unlink(missing_ok=True)
            if ended.code == 0:
                bench.is_the_same(case, ended, what)
                return f"{number} of {number} refused; the same bytes with room"
            bench.refused(case, ended, what)
            disk.room()
            bench.is_final(case, bench.run(case), f"{what}, then enough")
    raise Wrong(f"never ends well, with room for {most} steps")


def read_only(bench, case):
    if not case.writes:
        return None
    with SmallDisk(bench.out) as disk:
        bench.before = bench.seed(case)
        disk.options("ro")
        ended = bench.run(case)
        bench.refused(case, ended, "read-only")
        if folders.contents(bench.out) != bench.before:
            raise Wrong("the read-only folder changed")
        disk.room()
        bench.is_final(case, bench.run(case), "writable again")
    return "refused"


def printing_fails(bench, case):
    """Standard output is a full disk."""
    bench.before = bench.seed(case)
    prints = bool(bench.left_alone.printed)
    with open("/dev/full", "wb") as full:
        ended = bench.run(case, stdout=full)
    if crash := ended.crash():
        raise Wrong(crash)
    bench.nothing_half(case)
    if prints and ended.code == 0:
        raise Wrong("ends with exit status 0 though nothing could be printed")
    return "refused" if prints else "prints nothing"


# What is read.


def replaced(bench, case):
    """Inputs replaced by others, cut off to half and removed while they are read, at random moments."""
    if not case.reads:
        return None
    counts = {"as before": 0, "as the new one": 0, "refused": 0, "ended by SIGBUS, nothing half": 0}
    for name, other in case.reads:
        path, kept = bench.work / name, bench.work / "kept.input"
        shutil.copy2(path, kept)
        changes = {"cut off": lambda: os.truncate(path, kept.stat().st_size // 2), "removed": lambda: path.unlink()}
        if other:
            def replace():
                new = path.with_name(".new")
                shutil.copyfile(bench.work / other, new)
                new.rename(path)
            changes["replaced"] = replace
        try:
            for how, change in changes.items():
                try_change(bench, case, path, kept, f"{name} {how}", change, counts)
        finally:
            restore(path, kept)
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def restore(path, kept):
    path.unlink(missing_ok=True)
    shutil.copy2(kept, path)


def try_change(bench, case, path, kept, what, change, counts):
    restore(path, kept)
    change()
    bench.before = bench.seed(case)
    changed = bench.run(case)
    if crash := changed.crash():
        raise Wrong(f"{what} before: {crash}")
    after = folders.contents(bench.out)
    for number in range(bench.options.moments):
        restore(path, kept)
        bench.before = bench.seed(case)
        moment = bench.left_alone.seconds * (number + bench.options.random.random()) / bench.options.moments
        ended = bench.run(case, meanwhile=lambda: (time.sleep(moment), change()))
        when = f"{what} after {moment:.2f} of {bench.left_alone.seconds:.2f} s"
        if ended.code == -signal.SIGBUS and str(path.relative_to(bench.work)) in MAPPED and "cut off" in what:
            bench.nothing_half(case, when)
            counts["ended by SIGBUS, nothing half"] += 1
            continue
        if crash := ended.crash():
            raise Wrong(f"{when}: {crash}")
        now = folders.contents(bench.out)
        if ended.code != 0:
            if path.name not in ended.said and path.parent.name not in ended.said:
                raise Wrong(f"{when}: the error does not name it: {ended.last_line!r}")
            wrong = folders.what_is_wrong(bench.out, bench.before, {**after, **bench.final}, case)
            if wrong and folders.what_is_wrong(bench.out, bench.before, after, case):
                raise Wrong(f"{when}: {wrong}")
            counts["refused"] += 1
        elif now == bench.final and (case.writes or ended.printed == bench.printed):
            counts["as before"] += 1
        elif changed.code == 0 and now == after and (case.writes or ended.printed == changed.printed):
            counts["as the new one"] += 1
        else:
            different = folders.differences(now, bench.final)
            raise Wrong(f"{when}: ends with exit status 0 and is neither of the old nor of the new one: {', '.join(different[:3])}")


# Clocks.


def clock(bench, case):
    """Clocks that stand at 1970 and 2100 and jump by ten years every 20 ms, inputs of those times."""
    tried = []
    inputs = [path for path in (bench.work / "in").rglob("*")]
    for year, seconds in (("1970", 0), ("2100", 4_102_444_800)):
        times = {path: path.stat() for path in inputs}
        for path in inputs:
            os.utime(path, (seconds, seconds))
        bench.before = bench.seed(case)
        ended = bench.run(case)
        for path, about in times.items():
            os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
        bench.is_final(case, ended, f"inputs of {year}")
        tried.append(f"inputs of {year}")
    if not bench.options.faketime:
        return f"the same bytes with {', '.join(tried)}"
    library = {"LD_PRELOAD": str(bench.options.faketime), "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
    for year in ("1970-01-02 00:00:00", "2099-12-31 23:59:50"):
        bench.before = bench.seed(case)
        ended = bench.run(case, env={**library, "FAKETIME": f"@{year}"})
        bench.is_final(case, ended, f"a clock of {year[:4]}")
    stamp = bench.work / "clock"
    stamp.write_text("+0")
    bench.before = bench.seed(case)
    stop = time.monotonic() + bench.left_alone.seconds

    def jump():
        while time.monotonic() < stop:
            new = stamp.with_name("clock.new")
            new.write_text(bench.options.random.choice(["+3650d", "-3650d", "+0"]))
            new.rename(stamp)
            time.sleep(0.02)

    ended = bench.run(case, env={**library, "FAKETIME_TIMESTAMP_FILE": str(stamp), "FAKETIME_NO_CACHE": "1"}, meanwhile=jump)
    bench.is_final(case, ended, "a clock that jumps")
    return "the same bytes"


# Limits.


def small_stack(bench, case):
    bench.before = bench.seed(case)
    ended = bench.run(case, shell="ulimit -s 1024", env={"RUST_MIN_STACK": str(1 << 20)})
    bench.is_final(case, ended, "1 MB of stack")
    return "the same bytes"


def memory_group():
    """A control group with 512 MB of memory, made of the one of this process; None where there is none."""
    for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        group = Path(root) / "nico-faults"
        try:
            group.mkdir(exist_ok=True)
            (group / limit).write_text(str(512 << 20))
            return group
        except OSError:
            continue
    return None


def small_memory(bench, case):
    if bench.group is None:
        return f"not tried; peak {bench.left_alone.peak_mb} MB"
    bench.before = bench.seed(case)
    ended = bench.run(case, shell=f"echo $$ > {bench.group}/cgroup.procs || exit 3")
    if ended.code == -9:
        bench.nothing_half(case, "killed for its memory")
        bench.is_final(case, bench.run(case), "with memory again")
        return "killed by the system, nothing half, the same bytes with more"
    bench.is_final(case, ended, "512 MB of memory")
    return f"the same bytes; peak {bench.left_alone.peak_mb} MB"


# Kills.


def killed(bench, case):
    """SIGKILL at random moments; looked through after each, and every fourth time gone on with to the end."""
    if not case.long:
        return None
    kills = finished = stays = 0
    whole = bench.left_alone.seconds
    initial = bench.seed(case)
    while kills < bench.options.kills:
        ended = bench.run(case, kill_after=whole * bench.options.random.random())
        if ended.code == -9:
            kills += 1
            bench.nothing_half(case, f"killed after {ended.seconds:.2f} of {whole:.2f} s", initial)
            if kills % 4 and kills < bench.options.kills:
                continue
            ended = bench.run(case)
        what = f"gone on with after {kills} kills"
        bench.is_final(case, ended, what)
        finished += 1
        stays = max(stays, len(folders.unfinished(bench.out)))
        initial = bench.seed(case)
    ends = "whole each time" if case.by_the_clock else "the same bytes"
    unfinished = f"; up to {stays} unfinished stay hidden beside it" if stays else ""
    return f"{kills} kills, {finished} times to the end: {ends}{unfinished}"


FAULTS = {
    "disk": ("full disk", disk_full),
    "files": ("no room for files", files_full),
    "read-only": ("read-only folder", read_only),
    "print": ("output to a full disk", printing_fails),
    "replaced": ("input changed while read", replaced),
    "clock": ("clock", clock),
    "stack": ("1 MB stack", small_stack),
    "memory": ("512 MB memory", small_memory),
    "killed": ("killed", killed),
}
