#!/usr/bin/env bash
# Builds the programs that train, write comments and measure on an NVIDIA GPU, on a machine that cannot download LLVM.
#   scripts/build-cuda-offline.sh [OUT]      default: out/cuda
# OUT gets each program, stripped, and `run.sh`: copy the folder to a GPU machine and call `run.sh PROGRAM ARGUMENTS…` there. That machine
# needs the driver, NVRTC and CUDA's headers (`docs/cuda.md`), no FFmpeg and no Rust.
#
# Burn's CUDA backend links LLVM, which its build downloads. With the feature `cuda-nvrtc` kernels are compiled by NVRTC instead, so LLVM is never
# called; DOCS_RS=1 keeps the build scripts from downloading it, its symbols stay unresolved, and stubs of them satisfy the loader.
# Users with network build with `--features cuda` and need none of this.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-out/cuda}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/cuda-offline
programs=(nico bench-cuda)

packages=()
for program in "${programs[@]}"; do
    packages+=(--bin "$program")
done
DOCS_RS=1 RUSTFLAGS="-C link-arg=-Wl,--unresolved-symbols=ignore-all" \
    cargo build --release --target-dir "$target" -p nico -p bench-cuda --no-default-features \
    --features nico/cuda-nvrtc,bench-cuda/cuda-nvrtc "${packages[@]}"

mkdir -p "$out"
for program in "${programs[@]}"; do
    strip -o "$out/$program" "$target/release/$program"
done
scripts/llvm-stubs.sh "$out/llvm-stubs.so" "${programs[@]/#/$target/release/}"
cat >"$out/run.sh" <<'RUN'
#!/usr/bin/env bash
# Starts a program of this folder: run.sh PROGRAM ARGUMENTS…
# CUDA_PATH names the folder with CUDA's headers (include/cuda_runtime.h); LD_LIBRARY_PATH has to reach libnvrtc.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$1
shift
LD_PRELOAD="$here/llvm-stubs.so" exec "$here/$program" "$@"
RUN
chmod +x "$out/run.sh"
echo "build-cuda-offline: $(du -sh "$out" | cut -f1) in $out"
