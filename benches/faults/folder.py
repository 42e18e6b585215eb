"""What is in a folder, and whether anything of it is half."""

import fnmatch
import hashlib
import json
import re
import shutil
import struct
import xml.etree.ElementTree as tree
from pathlib import Path

# What the clock says, and nothing else, differs between two runs.
CLOCK = re.compile(rb'"(seconds|comments_per_second)": ?([0-9.eE+-]+|{[^}]*})')
# A page's scripts and styles are let in by a number that is drawn anew each time.
NONCE = re.compile(rb"nonce(-|=.)[0-9a-f]{32}")
# Unfinished files of killed programs: `.name.a8Xn2s`, and all in `.partial-…`.
UNFINISHED = re.compile(r"(^|/)(\.partial-[^/]*(/|$)|\.[^/]+\.[A-Za-z0-9]{6,}$)")


def digest(path):
    data = path.read_bytes()
    if path.suffix in (".json", ".jsonl"):
        data = CLOCK.sub(rb'"\1":0', data)
    if path.suffix == ".html":
        data = NONCE.sub(b"nonce", data)
    return hashlib.sha256(data).hexdigest()


def contents(folder):
    """Digests by name of all files but unfinished ones and those of checkpoints, which are no results."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    named = ((path.relative_to(folder).as_posix(), path) for path in files)
    return {name: digest(path) for name, path in named if not UNFINISHED.search(name) and "checkpoints/" not in name}


def unfinished(folder):
    """Names of unfinished files and folders."""
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return sorted(name for name in names if UNFINISHED.search(name))


def is_whole(path):
    """Whether a file that may differ from the final one can be read to its end."""
    data = path.read_bytes()
    try:
        if path.suffix == ".json":
            json.loads(data)
        elif path.suffix == ".jsonl":
            for line in data.split(b"\n")[:-1]:  # half a line at the end is removed by the next run
                json.loads(line)
        elif path.suffix == ".safetensors":
            (length,) = struct.unpack("<Q", data[:8])
            tensors = json.loads(data[8 : 8 + length])
            ends = [tensor["data_offsets"][1] for name, tensor in tensors.items() if name != "__metadata__"]
            return len(data) == 8 + length + max(ends)
        elif path.suffix == ".xml":
            tree.fromstring(data)
        return True
    except (ValueError, struct.error, tree.ParseError):
        return False


def what_is_wrong(folder, before, final, case):
    """What is half or lost in `folder` after a fault; nothing if each file is what it was before, is
    what an undisturbed run makes of it, or is one that grows and can be read."""
    now = contents(folder)
    for name, found in now.items():
        if found in (before.get(name), final.get(name)):
            continue
        grows = any(fnmatch.fnmatch(name, pattern) for pattern in case.grows)
        if not grows:
            return f"{name} is neither what it was nor what it becomes"
        if not is_whole(folder / name):
            return f"{name} is half"
    for name in before:
        if name not in now:
            return f"{name} is gone"
    return None


def differences(now, final):
    """Names of files that are not as they should be."""
    return sorted(name for name in now.keys() | final.keys() if now.get(name) != final.get(name))


def clear(folder):
    """Empties a folder that stays."""
    for path in Path(folder).iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
