"""Writes the sources of a dictionary that MeCab compiled, for dictionaries that come without them.

decompile.py COMPILED SOURCES: reads sys.dic, unk.dic, matrix.bin and char.bin of a folder, in UTF-8, and writes words.csv,
unk.def, matrix.def and char.def into another. UniDic in its small form is such a dictionary: `pip download unidic-lite`, unpack
it, and take its `dicdir`.

The words come in MeCab's order, which decides between paths of equal cost.
"""

import os
import struct
import sys
from array import array

HEADER = 72


def entries(path):
    """The surface, left id, right id, cost and features of each word of sys.dic or unk.dic."""
    with open(path, "rb") as file:
        data = file.read()
    double_array, tokens, _ = struct.unpack("<3I", data[24:36])
    charset = data[40:HEADER].rstrip(b"\0")
    if charset.lower() not in (b"utf8", b"utf-8"):
        sys.exit(f"{path}: its characters are {charset.decode()}, expected utf8")
    units = array("i", data[HEADER : HEADER + double_array])
    base, check = units[0::2], units[1::2]
    children = {}
    for place, parent in enumerate(check):
        if place > parent > 0 and place != parent:
            children.setdefault(parent, []).append(place)
    token_start = HEADER + double_array
    feature_start = token_start + tokens
    stack = [(base[0], b"")]
    while stack:
        node, key = stack.pop()
        if node < len(check) and check[node] == node and base[node] < 0:
            value = -base[node] - 1
            for token in range(value >> 8, (value >> 8) + (value & 0xFF)):
                at = token_start + 16 * token
                left, right, _, cost, feature = struct.unpack("<HHHhI", data[at : at + 12])
                start = feature_start + feature
                yield key.decode(), left, right, cost, data[start : data.index(b"\0", start)].decode()
        for place in reversed(children.get(node, [])):
            if 0 <= place - node - 1 <= 0xFF:
                stack.append((base[place], key + bytes([place - node - 1])))


def quoted(text):
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"') else text


def write_words(source, path):
    count = 0
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for surface, left, right, cost, features in entries(source):
            file.write(f"{quoted(surface)},{left},{right},{cost},{features}\n")
            count += 1
    return count


def write_matrix(source, path):
    with open(source, "rb") as file:
        data = file.read()
    right, left = struct.unpack("<HH", data[:4])
    costs = array("h", data[4:])
    with open(path, "w", encoding="ascii", newline="\n") as file:
        file.write(f"{right} {left}\n")
        for l in range(left):
            row = costs[l * right : (l + 1) * right]
            file.write("".join([f"{r} {l} {cost}\n" for r, cost in enumerate(row)]))


def write_characters(source, path):
    with open(source, "rb") as file:
        data = file.read()
    (count,) = struct.unpack("<I", data[:4])
    names = [data[4 + 32 * i : 36 + 32 * i].rstrip(b"\0").decode() for i in range(count)]
    characters = array("I", data[4 + 32 * count :])
    kinds = {}
    for info in characters:
        kinds.setdefault((info >> 18) & 0xFF, (info >> 31, (info >> 30) & 1, (info >> 26) & 0xF))
    with open(path, "w", encoding="ascii", newline="\n") as file:
        for kind, name in enumerate(names):
            file.write("{} {} {} {}\n".format(name, *kinds.get(kind, (0, 0, 0))))
        for code, info in enumerate(characters):
            default = (info >> 18) & 0xFF
            others = [names[i] for i in range(count) if info >> i & 1 and i != default]
            file.write(f"0x{code:04X} {' '.join([names[default], *others])}\n")


def main():
    compiled, sources = sys.argv[1:3]
    os.makedirs(sources, exist_ok=True)
    write_characters(f"{compiled}/char.bin", f"{sources}/char.def")
    write_words(f"{compiled}/unk.dic", f"{sources}/unk.def")
    words = write_words(f"{compiled}/sys.dic", f"{sources}/words.csv")
    write_matrix(f"{compiled}/matrix.bin", f"{sources}/matrix.def")
    print(f"{words:,} words")


main()
