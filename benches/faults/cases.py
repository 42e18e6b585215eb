"""The commands that are tried, and the small inputs that they get."""

import shutil
from dataclasses import dataclass, field

SHOW = "in/show/cafe"
OTHER = "in/show/safari"
# Pieces, so that no dictionary is opened: that takes time at the beginning, and `words` and others
# do it.
CAPTIONER = ["--hidden", "16", "--pieces", "280", "--checkpoint-steps", "4", "--quiet"]
COMMENTER = ["--pieces", "1000", "--matcher-steps", "2", "--head-steps", "1", "--checkpoint-steps", "1"]


@dataclass
class Case:
    """A command: its arguments, with names relative to the working folder, where it writes into `out`."""

    name: str
    arguments: list
    seeds: dict = field(default_factory=dict)  # what stands in `out` before: name there, where it is from
    grows: tuple = ()  # patterns of files in `out` that are whole without being final
    reads: tuple = ()  # inputs that are replaced and cut off while it runs: (file, what replaces it)
    stdin: str | None = None
    program: str = "nico"
    long: bool = False  # killed at random moments
    by_the_clock: bool = False  # no two runs are equal
    needs: tuple = ()  # names of the preparations

    @property
    def writes(self):
        # A list of jobs names what is written.
        return any("out" in argument.split("/")[0] or argument.endswith("jobs.tsv") for argument in self.arguments)


def pictures(name, arguments, **more):
    return Case(name, arguments, reads=((f"{SHOW}/video.mp4", f"{OTHER}/video.mp4"),), **more)


def both(name, arguments, **more):
    reads = ((f"{SHOW}/video.mp4", f"{OTHER}/video.mp4"), (f"{SHOW}/comments.xml", f"{OTHER}/comments.xml"))
    return Case(name, arguments, reads=reads, **more)


def comments(name, arguments, **more):
    more.setdefault("reads", ((f"{SHOW}/comments.xml", f"{OTHER}/comments.xml"),))
    return Case(name, arguments, **more)


# A model's folder while it learns: weights of the best epoch so far, curves, what is learnt with.
MODEL = tuple(f"model/{file}" for file in ("config.json", "model.safetensors", "*.jsonl", "rate.json", "learnt-with.json"))
STORE = ("in/store/block-00000.safetensors", None)
WEIGHTS = ("in/model/model.safetensors", None)

CASES = [
    comments("convert", ["convert", "in/big.xml", "--out", "out/comments.json"], reads=(("in/big.xml", "in/small.xml"),), long=True),
    comments("convert to XML", ["convert", f"{SHOW}/comments.xml", f"{OTHER}/comments.xml", "--out", "out/comments.xml"]),
    comments("stats", ["stats", f"{SHOW}/comments.xml", "--json", "--csv", "out/tables"]),
    Case("words", ["words"], stdin="in/lines.txt"),
    comments("slang", ["slang", f"{SHOW}/comments.xml", "--min-count", "3", "--out", "out/slang.csv"]),
    comments("layout", ["layout", f"{SHOW}/comments.xml", "--out", "out/layout.json"]),
    comments("layout (fonts)", ["layout", f"{SHOW}/comments.xml", "--out", "out/page.fonts"]),
    pictures("features", ["features", f"{SHOW}/video.mp4", "--out", "out/store"], grows=("store/store.json",), long=True),
    Case("features --list", ["features", "--list", "in/videos.txt", "--into", "out/stores"], grows=("stores/*/store.json",), long=True),
    comments(
        "train",
        ["train", "--comments", f"{SHOW}/comments.xml", "--features", "in/store", "--out", "out/model", "--epochs", "2", *CAPTIONER],
        grows=MODEL, reads=((f"{SHOW}/comments.xml", f"{OTHER}/comments.xml"), STORE), long=True, needs=("store",),
    ),
    comments(
        "train --model attention",
        ["train", "--model", "attention", "--comments", f"{SHOW}/comments.xml", "--features", "in/maps", "--out", "out/model", "--epochs", "1", *CAPTIONER],
        grows=MODEL, reads=(("in/maps/block-00000.safetensors", None),), long=True, needs=("maps",),
    ),
    comments(
        "train (one more epoch)",
        ["train", "--comments", f"{SHOW}/comments.xml", "--features", "in/store", "--out", "out/model", "--epochs", "2", *CAPTIONER],
        grows=MODEL, seeds={"model": "in/model"}, long=True, needs=("store", "model"), reads=(),
    ),
    Case(
        "train --model commenter",
        ["train", "--model", "commenter", "--episodes", "in/episodes", "--out", "out/commenter", "--network-steps", "2", *COMMENTER],
        grows=("commenter/*",), long=True, needs=("episodes",),
    ),
    comments(
        "rate",
        ["rate", "--model", "out/model", "--comments", "in/minute/cafe/01.xml", "--features", "in/minute.features"],
        seeds={"model": "in/model"}, needs=("model", "minute.features"), reads=(("in/minute/cafe/01.xml", "in/minute/safari/01.xml"),),
    ),
    Case("caption", ["caption", "--model", "in/model", "in/frame.png"], reads=(("in/frame.png", None), WEIGHTS), needs=("model", "frame.png")),
    pictures(
        "comment", ["comment", "--model", "in/model", "--video", f"{SHOW}/video.mp4", "--out", "out/comments.xml"],
        grows=("comments.features/store.json",), long=True, needs=("model",),
    ),
    Case(
        "comment (a commenter)",
        ["comment", "--model", "in/commenter", "--lines", "in/episodes/safari/01.srt", "--read", "in/episodes/safari/01.xml",
         "--rate", "0.4", "--viewers", "5", "--length", "20", "--drafts", "3", "--out", "out/comments.xml"],
        reads=(("in/episodes/safari/01.srt", "in/episodes/cafe/01.srt"), ("in/commenter/network.safetensors", None)), long=True, needs=("commenter",),
    ),
    Case(
        "score", ["score", "--episodes", "in/episodes/safari", "--train", "in/episodes/cafe", "--out", "out/score"],
        reads=(("in/episodes/safari/01.xml", "in/episodes/cafe/01.xml"),), needs=("episodes",),
    ),
    comments(
        "evaluate",
        ["evaluate", "--model", "in/model", "--features", "in/store", "--comments", f"{SHOW}/comments.xml", "--out", "out/evaluation"],
        grows=("evaluation/stages/*.json",), reads=((f"{SHOW}/comments.xml", f"{OTHER}/comments.xml"), WEIGHTS), needs=("store", "model"),
    ),
    pictures(
        "attend", ["attend", "--model", "in/attention", "--video", f"{SHOW}/video.mp4", "--at", "1", "--comment", "かわいい", "--out", "out/looks.png"],
        needs=("attention",),
    ),
    both("render", ["render", "--video", f"{SHOW}/video.mp4", "--comments", f"{SHOW}/comments.xml", "--out", "out/video.mp4"], long=True),
    Case("render --list", ["render", "--list", "in/jobs.tsv"], long=True),
    both("render --pictures", ["render", "--video", f"{SHOW}/video.mp4", "--comments", f"{SHOW}/comments.xml", "--pictures", "--duration", "1", "--out", "out/pictures"], long=True),
    both("render --frame", ["render", "--video", f"{SHOW}/video.mp4", "--comments", f"{SHOW}/comments.xml", "--frame", "2", "--out", "out/frame.png"]),
    both(
        "run",
        ["run", "--video", f"{SHOW}/video.mp4", "--comments", f"{SHOW}/comments.xml", "--target", f"{OTHER}/video.mp4", "--out", "out/run",
         "--epochs", "1", *CAPTIONER],
        grows=tuple(f"run/{file}" for file in MODEL) + ("run/features/*/store.json", "run/stages/*.json"), long=True,
    ),
    Case("report", ["report", "out/run"], seeds={"run": "in/run"}, needs=("run",)),
    Case(
        "live",
        ["live", f"{SHOW}/video.mp4", "--speed", "4", "--model", "in/model", "--rate", "3", "--budget", "20000", "--xml", "out/live.xml", "--jsonl", "out/live.jsonl"],
        grows=("live.*",), by_the_clock=True, long=True, needs=("model",),
    ),
    comments("fetch --with", ["fetch", "sm9", "--out", "out/fetched", "--with", f"cp {SHOW}/comments.xml {{out}}/comments.xml"], reads=(), grows=("fetched/*.json", "fetched/external/*")),
    Case("world", ["--out", "out/show", "--minutes", "0.05", "--comments", "60", "--fps", "5", "--size", "160x120"], program="world", long=True),
]


def prepare(work, run, wanted):
    """Makes the inputs in `work/in`. `run(program, arguments)` runs a program there."""
    folder = work / "in"
    folder.mkdir(exist_ok=True)

    def make(name, program, arguments):
        if (folder / name).exists():
            return
        run(program, arguments)
        if not (folder / name).exists():
            raise RuntimeError(f"{program} left no {name}")

    make("show", "world", ["--quiet", "--out", "in/show", "--minutes", "0.05", "--comments", "120", "--fps", "5", "--size", "320x240"])
    lines = (folder / "show/cafe/comments.xml").read_text()
    head, body = lines.index("<chat"), lines.rindex("</packet>")
    for name, times in (("big.xml", 60), ("small.xml", 3)):
        (folder / name).write_text(lines[:head] + lines[head:body] * times + lines[body:])
    (folder / "lines.txt").write_text("これは犬です\nかわいい\n" * 200)
    (folder / "videos.txt").write_text(f"{SHOW}/video.mp4\n{OTHER}/video.mp4\n".replace(f"{OTHER}/video.mp4", "in/other.mp4"))
    shutil.copy(folder / "show/safari/video.mp4", folder / "other.mp4")
    jobs = ((SHOW, "cafe"), (OTHER, "safari"))
    (folder / "jobs.tsv").write_text("".join(f"{at}/video.mp4\t{at}/comments.xml\tout/{name}.mp4\n" for at, name in jobs))
    makes = {
        "store": ("nico", ["features", f"{SHOW}/video.mp4", "--out", "in/store"]),
        "maps": ("nico", ["features", f"{SHOW}/video.mp4", "--layer", "conv5_3", "--out", "in/maps"]),
        "minute": ("world", ["episodes", "in/minute", "--episodes", "1", "--minutes", "1", "--comments", "300", "--videos", "--fps", "1", "--size", "160x120"]),
        "minute.features": ("nico", ["features", "in/minute/cafe/01.mp4", "--out", "in/minute.features"]),
        "episodes": ("world", ["episodes", "in/episodes", "--episodes", "2", "--minutes", "0.6", "--comments", "820"]),
        "model": ("nico", ["train", "--comments", f"{SHOW}/comments.xml", "--features", "in/store", "--out", "in/model", "--epochs", "1", *CAPTIONER]),
        "attention": ("nico", ["train", "--model", "attention", "--comments", f"{SHOW}/comments.xml", "--features", "in/maps", "--out", "in/attention", "--epochs", "1", *CAPTIONER]),
        "commenter": ("nico", ["train", "--model", "commenter", "--episodes", "in/episodes", "--out", "in/commenter", "--network-steps", "4", *COMMENTER]),
        "frame.png": ("nico", ["render", "--video", f"{SHOW}/video.mp4", "--comments", "in/none.xml", "--frame", "2", "--out", "in/frame.png"]),
        "run": ("nico", ["run", "--video", f"{SHOW}/video.mp4", "--comments", f"{SHOW}/comments.xml", "--target", f"{OTHER}/video.mp4", "--out", "in/run", "--epochs", "1", *CAPTIONER]),
    }
    (folder / "none.xml").write_text("<packet></packet>")
    before = {"model": ("store",), "attention": ("maps",), "minute.features": ("minute",), "commenter": ("episodes",)}
    needed = []
    for case in wanted:
        for name in case.needs:
            needed += [*before.get(name, ()), name]
    for name in dict.fromkeys(needed):
        make(name, *makes[name])
