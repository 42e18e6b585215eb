"""Times PyTorch's `scaled_dot_product_attention` at the sizes of the bench of causal attention.

usage: scaled_dot_product_torch.py [--rounds N] [--cpu-time]

Beside `cargo bench -p burn-fused --bench causal_attention`, whose operations it counts the same
way. With a learned bias by class, which PyTorch takes as a mask of floats that is made of it (and
whose gradient goes back to it), and without, with `is_causal`, where PyTorch takes its blocks that
leave out later keys. Times are medians; with --cpu-time one core and the time that its thread ran.
"""
import argparse
import statistics
import time

import torch
from torch.nn.functional import scaled_dot_product_attention

CLASSES, EVENT = 25, 12
arguments = argparse.ArgumentParser()
arguments.add_argument("--rounds", type=int, default=11)
arguments.add_argument("--cpu-time", action="store_true")
arguments = arguments.parse_args()
clock = time.thread_time if arguments.cpu_time else time.perf_counter


def median(run):
    times = []
    for _ in range(arguments.rounds + 1):
        start = clock()
        run()
        times.append(clock() - start)
    return statistics.median(times[1:]) * 1e3


def rows(batch, length, heads, d, cores):
    torch.set_num_threads(cores)
    torch.manual_seed(0)
    inputs = [torch.randn(batch, length, heads, d, requires_grad=True) for _ in range(3)]
    bias = torch.randn(heads, CLASSES, requires_grad=True)
    upstream = torch.rand(batch, length, heads, d)
    position = torch.arange(length)
    ago = (position[:, None] // EVENT - position[None, :] // EVENT).abs().clamp(max=CLASSES - 1)
    hidden = position[None, :] > position[:, None]

    def attend(with_bias):
        query, key, value = (tensor.transpose(1, 2) for tensor in inputs)
        if not with_bias:
            return scaled_dot_product_attention(query, key, value, is_causal=True).transpose(1, 2)
        mask = bias[:, ago.flatten()].view(1, heads, length, length).masked_fill(hidden, -1e30)
        mask = mask.expand(batch, -1, -1, -1)
        return scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2)

    def forward(with_bias):
        with torch.no_grad():
            attend(with_bias)

    def both(with_bias):
        for tensor in [*inputs, bias]:
            tensor.grad = None
        (attend(with_bias) * upstream).sum().backward()

    product = 2 * batch * heads * length * (length + 1) / 2 * d / 1e9
    for with_bias in (True, False):
        for name, run, products in (("forward", forward, 2), ("forward and backward", both, 7)):
            milliseconds = median(lambda: run(with_bias))
            gflop = products * product
            kind = "float mask" if with_bias else "is_causal"
            print(f"| {[batch, length, heads, d]} | {name} | {kind} | {cores} | {milliseconds:.2f} "
                  f"| {gflop:.3f} | {gflop / milliseconds * 1e3:.1f} |", flush=True)


print(f"PyTorch {torch.__version__}\n")
print("| [batch, length, heads, d] | pass | bias | cores | ms | GFLOP | GFLOP/s |")
print("|---|---|---|---|---|---|---|")
for cores in [1] if arguments.cpu_time else [1, torch.get_num_threads()]:
    for sizes in ((4, 1024, 4, 48), (8, 512, 4, 48)):
        rows(*sizes, cores)
