"""Makes many comments of a few: a folder of links to the episodes of FOLDER, so many times, under further names of shows, so
that `nico` reads each as often. python3 benches/sql/many.py FOLDER TIMES OUT
"""

import os
import sys

folder, times, out = os.path.abspath(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
for parent, _, names in os.walk(folder):
    for name in names:
        if not name.endswith((".json", ".xml")):
            continue
        for number in range(times):
            show = f"{out}/{os.path.basename(parent)}-{number}"
            os.makedirs(show, exist_ok=True)
            os.symlink(os.path.join(parent, name), os.path.join(show, name))
