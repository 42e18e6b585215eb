"""Writes comments of one to 29 characters in six styles, at random moments of so many seconds.

usage: crowd.py COUNT SECONDS plain|mixed OUT.xml    (mixed: four of ten have a display time of their own, @N)
"""

import random
import sys

STYLES = ["", "ue", "shita", "big", "small red", "mincho"]
LONGS = ["@5", "@8", "@12", "@3.5"]
CHARACTERS = "草ｗあいうえお8888うぽつきたー神回かわいいおつ"

count, seconds, kind, out = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
random.seed(6)
with open(out, "w", encoding="utf8") as file:
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n<packet>\n')
    for number in range(1, count + 1):
        mail = random.choice(STYLES)
        if kind == "mixed" and random.random() < 0.4:
            mail = f"{mail} {random.choice(LONGS)}".strip()
        body = "".join(random.choice(CHARACTERS) for _ in range(random.randint(1, 29)))
        file.write(
            f'<chat thread="1" no="{number}" vpos="{random.randrange(seconds * 100)}" date="{1_400_000_000 + number}" '
            f'mail="{mail}" user_id="u{number % 5000}" anonymity="1">{body}</chat>\n'
        )
    file.write("</packet>\n")
