"""Runs a program once, with limits, and says how it ended."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

# A run that takes longer hangs, whatever else the machine does.
LONGEST = 600.0


@dataclass
class Ended:
    """How a run ended."""

    code: int  # exit status, or minus the signal that ended it
    said: str  # standard error
    printed: bytes  # standard output
    seconds: float
    peak_mb: int  # largest resident memory

    @property
    def last_line(self):
        lines = self.said.strip().splitlines()
        return lines[-1] if lines else ""

    def crash(self):
        """What no fault of the world excuses, or nothing."""
        if "panicked at" in self.said or "has overflowed its stack" in self.said:
            return next(line for line in self.said.splitlines() if "panicked at" in line or "overflowed" in line)
        if self.code < 0 and self.code != -9:
            return f"ended by signal {-self.code}"
        return None


def kill(process):
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it has just ended


class Runner:
    """Runs programs; what they print goes through files of `folder`, which is on a disk with room."""

    def __init__(self, folder, env):
        self.folder, self.env = folder, env

    def run(self, argv, *, stdin=None, stdout=None, env=None, shell=None, kill_after=None, meanwhile=None):
        """One run. `shell`: lines that a shell says before it becomes the program, as `ulimit`.
        `kill_after`: seconds until SIGKILL. `meanwhile`: called once the program runs."""
        if shell:
            argv = ["sh", "-c", f'{shell}\nexec "$@"', "sh", *argv]
        said, printed = self.folder / "stderr", self.folder / "stdout"
        with open(said, "wb") as err, open(printed, "wb") as out, open(stdin or os.devnull, "rb") as source:
            begun = time.monotonic()
            child = subprocess.Popen(
                argv, stdin=source, stdout=out if stdout is None else stdout, stderr=err, env={**self.env, **(env or {})}
            )
            # Not `child.kill`, which may take the exit status that `wait4` waits for.
            seconds = LONGEST if kill_after is None else kill_after
            timer = threading.Timer(seconds, kill, (child.pid,))
            timer.start()
            try:
                if meanwhile:
                    meanwhile()
                _, status, usage = os.wait4(child.pid, 0)
            finally:
                timer.cancel()
            child.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.monotonic() - begun
        ended = Ended(
            child.returncode, said.read_text(errors="replace"), printed.read_bytes(), seconds, usage.ru_maxrss // 1024
        )
        if kill_after is None and ended.code == -9 and seconds >= LONGEST:
            raise RuntimeError(f"hangs: {' '.join(argv)}")
        return ended
