"""PyTorch's side of run.sh: the commenter's transformer at its smallest size, with random weights.

usage: commenter_torch.py [--steps N] [--cases N]

Training: four windows of 1,024 tokens a step, in events of some seven tokens; the network of
`crates/caption-model/src/commenter/network.rs` (its attention with `scaled_dot_product_attention`
and a learned bias by class as mask), all losses over 8,038 tokens with tied vectors, AdamW.
Scoring: 768 tokens of a past that are read once, and 100 candidates in one padded batch that read
their keys and values.
"""
import argparse
import time

import torch
from torch import nn
from torch.nn import functional as F

TOKENS, D, LAYERS, HEADS, CLASSES = 8_038, 192, 4, 4, 33
ROWS, D_NGRAM, PLACES = 16_384, 64, 64
WINDOWS, LENGTH, EVENT = 4, 1_024, 7
arguments = argparse.ArgumentParser()
arguments.add_argument("--steps", type=int, default=10)
arguments.add_argument("--cases", type=int, default=20)
arguments = arguments.parse_args()
torch.manual_seed(1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm, self.mlp_norm = nn.LayerNorm(D), nn.LayerNorm(D)
        self.qkv, self.out = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.widen, self.narrow = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)
        self.relation_bias = nn.Parameter(torch.zeros(HEADS, CLASSES))

    def forward(self, states, classes, hidden, cache=None):
        batch, length, _ = states.shape
        query, key, value = (
            part.view(batch, length, HEADS, D // HEADS).transpose(1, 2)
            for part in self.qkv(self.attention_norm(states)).chunk(3, -1)
        )
        if cache is not None:
            key, value = (torch.cat([old.expand(batch, -1, -1, -1), new], 2) for old, new in zip(cache, (key, value)))
        mask = self.relation_bias[:, classes].transpose(0, 1).masked_fill(hidden, -1e30)
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        states = states + self.out(attended.transpose(1, 2).reshape(batch, length, D))
        return states + self.narrow(F.relu(self.widen(self.mlp_norm(states))).square()), (key, value)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.places = nn.Embedding(TOKENS, D), nn.Embedding(PLACES, D)
        self.ngrams, self.local = nn.Embedding(ROWS, D_NGRAM), nn.Linear(D_NGRAM, D)
        self.previous, self.norm = nn.Linear(D, D), nn.LayerNorm(D)
        self.bias = nn.Parameter(torch.zeros(TOKENS))
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        for weight in (self.embed, self.places, self.ngrams):
            nn.init.normal_(weight.weight, 0, 0.05)

    def states(self, tokens, places, previous, pairs, triples, classes, hidden, caches=None):
        states = self.embed(tokens) + self.places(places) + self.previous(self.embed(previous))
        states = states + self.local(self.ngrams(pairs) + self.ngrams(triples))
        kept = []
        for number, block in enumerate(self.blocks):
            states, cache = block(states, classes, hidden, caches and caches[number])
            kept.append(cache)
        return self.norm(states), kept

    def losses(self, states, targets):
        logits = F.linear(states.reshape(-1, D), self.embed.weight, self.bias)
        return F.cross_entropy(logits, targets.reshape(-1), reduction="none")


def drawn(batch, length):
    """Tokens with what stands before them, and the classes of all pairs of their events."""
    ids = lambda most: torch.randint(0, most, (batch, length))
    places = (torch.arange(length) % EVENT).expand(batch, -1)
    event = torch.arange(length) // EVENT
    ago = (event[:, None] - event[None, :]).clamp(0, CLASSES - 1).expand(batch, -1, -1)
    hidden = (torch.arange(length)[None, :] > torch.arange(length)[:, None])[None, None]
    return (ids(TOKENS), places, ids(TOKENS), ids(ROWS), ids(ROWS)), ago, hidden


network = Network()
optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, betas=(0.9, 0.99))


def step():
    inputs, classes, hidden = drawn(WINDOWS, LENGTH)
    states, _ = network.states(*inputs, classes, hidden)
    loss = network.losses(states, torch.randint(0, TOKENS, (WINDOWS, LENGTH))).mean()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()


for _ in range(3):
    step()
start = time.perf_counter()
for _ in range(arguments.steps):
    step()
print(f"training, Adam: {arguments.steps * WINDOWS * LENGTH / (time.perf_counter() - start):.0f} tokens/s")

PAST, CANDIDATES, LONGEST = 768, 100, 12


@torch.no_grad()
def case():
    inputs, classes, hidden = drawn(1, PAST)
    _, caches = network.states(*inputs, classes, hidden)
    inputs, own, own_hidden = drawn(CANDIDATES, LONGEST)
    classes = torch.cat([torch.full((CANDIDATES, LONGEST, PAST), 3), own], -1)
    hidden = torch.cat([torch.zeros(1, 1, LONGEST, PAST, dtype=torch.bool), own_hidden], -1)
    states, _ = network.states(*inputs, classes, hidden, caches)
    return network.losses(states, torch.randint(0, TOKENS, (CANDIDATES, LONGEST))).view(CANDIDATES, -1).sum(1)


case()
start = time.perf_counter()
for _ in range(arguments.cases):
    case()
print(f"scoring: {arguments.cases / (time.perf_counter() - start):.1f} cases/s")
