#!/usr/bin/env python3
"""Reads date, vpos and text of each chat with ElementTree: python3 read_tree.py tree|iterparse FILE

Prints comments, seconds, seconds on the processor and peak memory in KiB, as the bench `xml` of nico-comments does. `tree` is what scripts mostly do: the whole tree,
then a list. `iterparse` drops each element once it is read.
"""

import sys
import time
import xml.etree.ElementTree as ElementTree


def tree(path):
    found = []
    for chat in ElementTree.parse(path).getroot().iter("chat"):
        found.append((int(chat.get("date")), int(chat.get("vpos")), chat.text))
    return found


def iterparse(path):
    events = ElementTree.iterparse(path, events=("start", "end"))
    _, root = next(events)
    found = 0
    for event, element in events:
        if event == "end" and element.tag == "chat":
            int(element.get("date")), int(element.get("vpos")), element.text
            found += 1
            root.clear()
    return range(found)


start, busy = time.perf_counter(), time.process_time()
found = {"tree": tree, "iterparse": iterparse}[sys.argv[1]](sys.argv[2])
seconds, busy = time.perf_counter() - start, time.process_time() - busy
with open("/proc/self/status", encoding="ascii") as status:
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
print(len(found), f"{seconds:.6f} {busy:.6f}", peak)
