"""PyTorch's side of `run.sh`: VGG-19 to conv5_3 at 224x224, channels last, on the CPU.

usage: vgg_torch.py [BATCH [ROUNDS]]

Prints frames per second of the clock and per second that its threads have worked, medians.
"""
import resource
import statistics
import sys
import time

import torch
import torchvision

batch, rounds = [int(number) for number in sys.argv[1:]] + [8, 5][len(sys.argv) - 1:]
network = torchvision.models.vgg19(init_weights=False).features[:34].eval().to(memory_format=torch.channels_last)
pictures = torch.rand(batch, 3, 224, 224).to(memory_format=torch.channels_last)


def worked():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


clock, cpu = [], []
with torch.inference_mode():
    network(pictures)
    for _ in range(rounds):
        start, before = time.perf_counter(), worked()
        network(pictures)
        clock.append(time.perf_counter() - start)
        cpu.append(worked() - before)
print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, batch {batch}: "
      f"{batch / statistics.median(clock):.3f} frames per clock second, "
      f"{batch / statistics.median(cpu):.3f} frames per CPU second")
