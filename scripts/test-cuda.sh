#!/usr/bin/env bash
# Tests that need an NVIDIA GPU: kernels against plain tensor operations, the networks against PyTorch's numbers on Device::cuda(0), training,
# generation and evaluation beside the CPU's.
#   scripts/test-cuda.sh             builds and runs them here
#   scripts/test-cuda.sh wgpu        the same through Vulkan: without a GPU on Mesa's lavapipe, where CubeCL's kernels and fusion run on the processor
#   scripts/test-cuda.sh pack OUT    builds without LLVM and leaves a folder to carry to a GPU machine, which needs no Rust: OUT/test.sh runs it
# Without a GPU nothing is run, and it says so. One test at a time: random numbers are the whole process's.
set -euo pipefail
cd "$(dirname "$0")/.."
tests=(-p burn-fused -p caption-model -p caption-train -p frame-features --no-default-features)
cpu=burn-fused/flex,caption-model/flex,caption-train/flex,frame-features/flex,frame-features/slim
# What is compiled for a CUDA device, and what is left out of it.
echo "test-cuda: skipped: tests of video files (no FFmpeg on a GPU machine), of words, comments and drawing (no device in them)"

if [ "${1:-}" = pack ]; then
    out=${2:?where to}
    target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/cuda-offline
    mkdir -p "$out"
    rm -f "$out"/*.test
    DOCS_RS=1 RUSTFLAGS="-C link-arg=-Wl,--unresolved-symbols=ignore-all" \
        cargo test --release --target-dir "$target" "${tests[@]}" --features "$cpu,caption-train/cuda-nvrtc" \
        --tests --no-run --message-format=json |
        python3 -c '
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("executable") and message["profile"]["test"]:
        print(message["target"]["name"], message["executable"])' |
        while read -r name program; do
            strip -o "$out/$name-$(basename "$program" | tail -c 9).test" "$program"
        done
    scripts/llvm-stubs.sh "$out/llvm-stubs.so" "$out"/*.test
    mkdir -p "$out/fixtures"
    cp crates/torch-fixtures/data/* crates/frame-features/tests/fixtures/* "$out/fixtures/"
    cat >"$out/test.sh" <<'RUN'
#!/usr/bin/env bash
# Runs the tests that need a CUDA device.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
failed=0
for program in *.test; do
    FIXTURES_DIR=fixtures LD_PRELOAD=./llvm-stubs.so "./$program" --test-threads=1 --ignored gpu || failed=1
done
exit $failed
RUN
    chmod +x "$out/test.sh"
    echo "test-cuda: $(du -sh "$out" | cut -f1) in $out"
    exit 0
fi

if [ "${1:-}" = wgpu ]; then
    # Tuning compiles many kernels for each shape of a product, which takes longer than the tests.
    CUBECL_AUTOTUNE_LEVEL=${CUBECL_AUTOTUNE_LEVEL:-minimal} cargo test "${tests[@]}" --features "$cpu,caption-train/wgpu" --tests -- --test-threads=1 --ignored gpu
    exit 0
fi

if ! command -v nvidia-smi >/dev/null 2>&1 || ! nvidia-smi -L | grep -q GPU; then
    echo "test-cuda: no NVIDIA GPU here; nothing was run" >&2
    exit 1
fi
cargo test --release "${tests[@]}" --features "$cpu,caption-train/cuda" --tests -- --test-threads=1 --ignored gpu
