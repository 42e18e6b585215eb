"""PyTorch's side of run.sh: the work of bench-cuda on one GPU, tuned as its users tune it.

usage: peer.py LENGTHS [--device cuda|cpu] [--frames N] [--batch 256,1024] [--steps N] [--pictures N] [--only global,attention,vgg,greedy]

Features lie on the device in f16 and are gathered there; products are in bfloat16 (autocast), the LSTM is cuDNN's, batches are sorted by
length, convolutions are channels last, and nothing is read back within the steps that are timed. Prints a line for each part:
NAME<TAB>BATCH<TAB>things a second. The models are those of benches/captioner/captioners_torch.py; that file lies beside this one or in its folder.
"""
import argparse
import pathlib
import random
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / "captioner")]

import torch
import torch.nn.functional as F
from captioners_torch import BOS, PAD, WORDS, Attention, Global, quantiles


def batches(lengths, size, device):
    """Words of batches of similar length, in a random order."""
    lengths = sorted(lengths)
    groups = [lengths[i : i + size] for i in range(0, len(lengths) - size + 1, size)]
    random.Random(1).shuffle(groups)
    for group in groups:
        words = torch.full((size, max(group) + 2), PAD)
        words[:, 0] = BOS
        for row, length in enumerate(group):
            words[row, 1 : length + 1] = torch.randint(4, WORDS, (length,))
            words[row, length + 1] = 2
        yield words.to(device)


def seconds(work, rounds, device):
    """Seconds of a round after two that compile and tune."""
    for _ in range(2):
        work()
    wait(device)
    start = time.perf_counter()
    for _ in range(rounds):
        work()
    wait(device)
    return (time.perf_counter() - start) / rounds


def wait(device):
    if device.type == "cuda":
        torch.cuda.synchronize()


def training(model, shape, options, batch, device):
    model = model.to(device)
    fused = device.type == "cuda"
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=fused)
    features = torch.rand(options.frames, *shape, device=device, dtype=torch.float16)
    data = list(batches(quantiles(options.counts, batch * options.steps), batch, device))
    rows = [torch.randint(options.frames, (batch,), device=device) for _ in data]
    step = 0

    def work():
        nonlocal step
        words, row = data[step % len(data)], rows[step % len(data)]
        step += 1
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16):
            logits = model(features[row].float(), words[:, :-1])
        F.cross_entropy(logits.float().flatten(0, 1), words[:, 1:].flatten(), ignore_index=PAD).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()

    return batch / seconds(work, len(data), device)


def vgg(options, device):
    import torchvision

    network = torchvision.models.vgg19().features[:30].eval().to(device, memory_format=torch.channels_last)
    images = torch.rand(options.pictures, 3, 224, 224, device=device).to(memory_format=torch.channels_last)
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
        return options.pictures / seconds(lambda: network(images), 10, device)


def greedy(options, batch, device):
    model, features = Global().eval().to(device), torch.rand(batch, 4096, device=device)

    def work():
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
            _, state = model.lstm(model.image(features)[:, None])
            word = torch.full((batch,), BOS, device=device)
            for _ in range(12):
                hidden, state = model.lstm(model.embed(word)[:, None], state)
                word = model.out(torch.tanh(model.mlp(hidden[:, 0]))).argmax(-1)

    return batch / seconds(work, 20 if device.type == "cuda" else 1, device)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lengths")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--frames", type=int, default=42_469)
    parser.add_argument("--batch", default="256,1024")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--pictures", type=int, default=64)
    parser.add_argument("--only", default="global,attention,vgg,greedy")
    options = parser.parse_args()
    device = torch.device(options.device)
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    rows = [line.split("\t") for line in open(options.lengths) if not line.startswith("#")]
    options.counts = [(int(row[0]), int(row[1])) for row in rows]
    sizes = [int(size) for size in options.batch.split(",")]
    for name, make, shape in [("global", Global, (4096,)), ("attention", Attention, (196, 512))]:
        for size in sizes if name in options.only else []:
            print(f"{name}\t{size}\t{training(make(), shape, options, size, device):.1f}", flush=True)
    if "vgg" in options.only:
        print(f"vgg\t{options.pictures}\t{vgg(options, device):.1f}", flush=True)
    if "greedy" in options.only:
        print(f"greedy\t{max(sizes)}\t{greedy(options, max(sizes), device):.1f}", flush=True)


main()
