"""Says how many lines are split equally in two files, and why the others differ.

compare.py LINES OURS THEIRS: the lines and what two programs made of them, as `mecab -Owakati` prints it.
"""

import sys
from collections import Counter

MIN_SHARE = 0.999
MAX_CHUNK = 8192  # characters that are split at once


def lines(path):
    with open(path, encoding="utf-8", errors="replace", newline="\n") as file:
        return file.read().split("\n")[:-1]


def reason(line, ours, theirs):
    if len(line) > MAX_CHUNK:
        return "a text that is split part by part"
    if any(ord(c) >= 0xFFFF for c in line) and "\uffff" in line:
        return "U+FFFF, for which MeCab reads past its table"
    if "".join(ours.split()) != "".join(theirs.split()):
        return "other characters: one of them changed the text"
    ours, theirs = ours.split(" "), theirs.split(" ")
    if len(ours) == len(theirs):
        return "as many words, cut elsewhere"
    return "more words" if len(ours) > len(theirs) else "fewer words"


def main():
    texts, ours, theirs = map(lines, sys.argv[1:4])
    if not len(texts) == len(ours) == len(theirs) > 0:
        sys.exit(f"{len(texts)} lines, {len(ours)} of ours and {len(theirs)} of MeCab: nothing to compare")
    different = [row for row in zip(texts, ours, theirs) if row[1] != row[2]]
    share = 1 - len(different) / len(texts)
    distinct = len(set(texts))
    print(f"{len(texts) - len(different):,} of {len(texts):,} lines equal ({share:.4%}), {distinct:,} of them distinct")
    reasons = Counter(reason(*row) for row in different)
    for why, count in reasons.most_common():
        print(f"  {count:,} lines: {why}")
    for row in different[:20]:
        print("  {!r}\n    ours  {!r}\n    mecab {!r}".format(*(text[:300] for text in row)))
    if share < MIN_SHARE:
        sys.exit(f"fewer than {MIN_SHARE:.1%} are equal")


main()
