"""PyTorch's side of run.sh: training steps of both captioners and greedy decoding on the CPU.

usage: captioners_torch.py LENGTHS [--steps N] [--sorted] [--only global,attention,greedy]

Batches are padded to their longest comment, as public captioners do it; --sorted makes batches of similar length.
The models and their arithmetic are those of crates/caption-model: see model/global.rs and model/attention.rs.
"""
import argparse
import random
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

WORDS, BATCH, PAD, BOS, EOS = 30_000, 256, 0, 1, 2


class Global(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(WORDS, 256)
        self.image = nn.Linear(4096, 256)
        self.lstm = nn.LSTM(256, 256, batch_first=True)
        self.mlp = nn.Linear(256, 256)
        self.out = nn.Linear(256, WORDS)

    def forward(self, features, words):
        inputs = torch.cat([self.image(features)[:, None], self.embed(words)], 1)
        hidden, _ = self.lstm(inputs)
        return self.out(torch.tanh(self.mlp(hidden[:, 1:])))

    def greedy(self, features, length):
        _, state = self.lstm(self.image(features)[:, None])
        word = torch.full((len(features),), BOS)
        for _ in range(length):
            hidden, state = self.lstm(self.embed(word)[:, None], state)
            word = self.out(torch.tanh(self.mlp(hidden[:, 0]))).argmax(-1)
        return word


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(WORDS, 256)
        self.init_h, self.init_c = nn.Linear(512, 256), nn.Linear(512, 256)
        self.att_f, self.att_h = nn.Linear(512, 256), nn.Linear(256, 256, bias=False)
        self.att_v, self.beta = nn.Linear(256, 1), nn.Linear(256, 1)
        self.cell = nn.LSTMCell(256 + 512, 256)
        self.deep_h, self.deep_z = nn.Linear(256, 256), nn.Linear(512, 256, bias=False)
        self.out = nn.Linear(256, WORDS)

    def forward(self, annotations, words):
        mean = annotations.mean(1)
        hidden, cell = torch.tanh(self.init_h(mean)), torch.tanh(self.init_c(mean))
        keys, embedded, deep = self.att_f(annotations), self.embed(words), []
        for word in embedded.unbind(1):
            scores = self.att_v(torch.tanh(keys + self.att_h(hidden)[:, None])).squeeze(-1)
            context = torch.bmm(scores.softmax(-1)[:, None], annotations).squeeze(1)
            context = torch.sigmoid(self.beta(hidden)) * context
            hidden, cell = self.cell(torch.cat([word, context], -1), (hidden, cell))
            deep.append(torch.tanh(self.deep_h(hidden) + self.deep_z(context) + word))
        return self.out(torch.stack(deep, 1))


def quantiles(counts, number):
    """So many lengths, distributed as the counts are."""
    everything = [length for length, count in counts for _ in range(count)]
    return [everything[(2 * i + 1) * len(everything) // (2 * number)] for i in range(number)]


def batches(lengths, by_length):
    if by_length:
        lengths = sorted(lengths)
    for start in range(0, len(lengths), BATCH):
        group = lengths[start : start + BATCH]
        words = torch.full((BATCH, max(group) + 2), PAD)
        words[:, 0] = BOS
        for row, length in enumerate(group):
            words[row, 1 : length + 1] = torch.randint(4, WORDS, (length,))
            words[row, length + 1] = EOS
        yield words


def training(model, features, data):
    """Mean seconds a step: with sorted batches each step is of another size."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step(words):
        optimizer.zero_grad(set_to_none=True)
        logits = model(features, words[:, :-1])
        F.cross_entropy(logits.flatten(0, 1), words[:, 1:].flatten(), ignore_index=PAD).backward()
        optimizer.step()

    for _ in range(2):
        step(data[0])
    start = time.perf_counter()
    for words in data:
        step(words)
    return (time.perf_counter() - start) / len(data)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lengths")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--sorted", action="store_true")
    parser.add_argument("--only", default="global,attention,greedy")
    options = parser.parse_args()
    torch.manual_seed(0)
    rows = [line.split("\t") for line in open(options.lengths) if not line.startswith("#")]
    counts = [(int(row[0]), int(row[1])) for row in rows]
    lengths = quantiles(counts, BATCH * options.steps)
    random.Random(1).shuffle(lengths)
    data = list(batches(lengths, options.sorted))
    for name, make, shape in [("global", Global, (4096,)), ("attention", Attention, (196, 512))]:
        if name in options.only:
            seconds = training(make(), torch.rand(BATCH, *shape), data)
            print(f"{name} training {seconds * 1e3:.1f} ms/step {BATCH / seconds:.1f} comments/s", flush=True)
    if "greedy" in options.only:
        model, features, times = Global().eval(), torch.rand(BATCH, 4096), []
        for _ in range(4):
            start = time.perf_counter()
            with torch.inference_mode():
                model.greedy(features, 12)
            times.append(time.perf_counter() - start)
        print(f"greedy, 12 words {BATCH / statistics.median(times[1:]):.1f} comments/s", flush=True)


if __name__ == "__main__":
    main()
