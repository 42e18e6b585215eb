"""Writes the dense test: 600 real comments of one line over 30 s, at random moments, 20 a second on the average.

usage: dense.py SAMPLE.json OUT.xml [COUNT]    (another number of comments than 600; a sample in the shape that niconicomments calls "formatted")
"""

import json
import random
import sys
from xml.sax.saxutils import escape, quoteattr

CENTISECONDS = 3000

sample, out, *count = sys.argv[1:]
comments = int(count[0]) if count else 600
random.seed(6)
with open(sample, encoding="utf8") as file:
    real = [c for c in json.load(file) if "\n" not in c["content"] and 0 < len(c["content"]) < 40]
with open(out, "w", encoding="utf8") as file:
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n<packet>\n')
    for number in range(1, comments + 1):
        comment = random.choice(real)
        # Owner's scripts would change the others; colours, sizes and places are kept.
        body = comment["content"].lstrip("@＠/")
        mail = " ".join(comment["mail"])
        file.write(
            f'<chat thread="1" no="{number}" vpos="{random.randrange(CENTISECONDS)}" date="{1_400_000_000 + number}" '
            f'mail={quoteattr(mail)} user_id="u{number}" anonymity="1">{escape(body)}</chat>\n'
        )
    file.write("</packet>\n")
