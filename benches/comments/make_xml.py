#!/usr/bin/env python3
"""Writes message-server XML as Saccubus saves it: python3 make_xml.py OUT [COMMENTS]

The same COMMENTS (420,000 if not given, about 94 MB) always give the same bytes. The texts are put together from a list of words that was made
up for this; their lengths, the shares of each attribute and the bursts follow what real files show: half of the bodies have nine characters or
fewer, one in six 25 or more; nearly everybody is anonymous; a few thousand users wrote most comments.
"""

import random
import sys

WORDS = (
    "かわいい ここすき おつかれさま はじまった きたー すごい なるほど わろた 草 ｗｗｗ wwww 888888 ８８８８８８ うぽつ "
    "もう一回 ねこ 先生 お茶 この曲 いいね えっ まって それな やさしい 今日も 来週まで 待てない 何度目 でかい 目が合った "
    "後ろの人 絵がきれい 声がいい 音量注意 走った 転んだ 笑った 泣いた ありがとう 最終回 予告 提供 ！？ ・・・ （＾＾） ♪ 1期 2周目 OP ED"
).split()
# (share of comments, characters): straight lines between.
LENGTHS = [(0.0, 1), (0.05, 2), (0.10, 3), (0.25, 5), (0.50, 9), (0.75, 15), (0.83, 25), (0.95, 48), (0.99, 70), (0.999, 100), (1.0, 250)]
MAILS = ["184"] * 88 + ["184 shita", "184 ue", "184 big", "184 red", "184 shita red big", "184 small", "184 device:3DS", "184 white", "", "184 #FF8080 ue", "184 docomo", "184 blue"]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
MINUTES = 24


def length(share):
    for (low, least), (high, most) in zip(LENGTHS, LENGTHS[1:]):
        if share <= high:
            return round(least + (most - least) * (share - low) / (high - low))
    return LENGTHS[-1][1]


def body(dice):
    wanted = length(dice.random())
    text = ""
    while len(text) < wanted:
        text += dice.choice(WORDS)
    text = text[:wanted]
    rare = dice.random()
    if rare < 0.001:
        text += "\n" + text
    elif rare < 0.004:
        text += dice.choice(["&lt;", "&gt;", "&amp;"])
    return text


def vpos(dice):
    if dice.random() < 0.2:  # at jokes
        return int(dice.choice(BURSTS) + dice.expovariate(1 / 300))
    return dice.randrange(MINUTES * 6000)


BURSTS = [0, 1530, 9000, 22040, 40310, 61800, 77770, 98020, 120_450, 143_800]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    count = int(sys.argv[2]) if len(sys.argv) == 3 else 420_000
    dice = random.Random(20_130_406)
    users = ["".join(dice.choices(ALPHABET, k=27)) for _ in range(count // 5 + 1)]
    date = 1_365_000_000
    with open(sys.argv[1], "w", encoding="utf-8", newline="\n") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?><packet>')
        out.write(f'<thread resultcode="0" thread="1365000000" last_res="{count}" ticket="0x1" revision="1" server_time="1400000000"/>\n')
        for no in range(1, count + 1):
            date += int(dice.expovariate(1 / 80))
            at = vpos(dice)
            attributes = f'thread="1365000000" no="{no}" vpos="{at}" date="{date}"'
            if dice.random() < 0.003:
                out.write(f'<chat {attributes} deleted="1"/>\n')
                continue
            attributes += f' date_usec="{dice.randrange(1_000_000)}"'
            if mail := dice.choice(MAILS):
                attributes += f' mail="{mail}"'
            attributes += f' user_id="{users[int(len(users) * dice.random() ** 2)]}"'
            if dice.random() < 0.35:
                attributes += ' premium="1"'
            if mail.startswith("184"):
                attributes += ' anonymity="1"'
            if at >= 6000:
                attributes += f' leaf="{at // 6000}"'
            if dice.random() < 0.4:
                attributes += f' score="-{dice.randrange(1, 60) * 100}"'
            out.write(f"<chat {attributes}>{body(dice)}</chat>\n")
        out.write("</packet>\n")


main()
