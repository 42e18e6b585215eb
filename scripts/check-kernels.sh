#!/usr/bin/env bash
# Compiles every CubeCL kernel of burn-fused to CUDA C++ and through NVRTC and ptxas for sm_90a (H100, H200), without a GPU or a
# CUDA installation, and prints registers, spills and shared memory of each. Fails if a kernel does not compile or spills.
#   scripts/check-kernels.sh [FOLDER]      default: out/kernels; gets the sources (.cu) and the PTX
# Needs Python with venv; NVIDIA's compilers and headers come from PyPI (110 MB, once, into FOLDER/venv).
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(realpath -m "${1:-out/kernels}")
mkdir -p "$out"
rm -f "$out"/*.cu "$out"/*.ptx
if [ ! -e "$out/venv/bin/python" ]; then
    python3 -m venv "$out/venv"
    # One release of all of them: headers of another one do not fit the compiler.
    "$out/venv/bin/pip" install --quiet 'nvidia-cuda-nvrtc==13.0.*' 'nvidia-cuda-runtime==13.0.*' \
        'nvidia-cuda-nvcc==13.0.*' 'nvidia-cuda-crt==13.0.*' 'nvidia-cuda-cccl==13.0.*'
fi
KERNELS_OUT=$out cargo test --quiet -p burn-fused --features cuda-source --lib -- --ignored cuda_source
"$out/venv/bin/python" - "$out" <<'PYTHON'
import ctypes, pathlib, re, site, subprocess, sys

out = pathlib.Path(sys.argv[1])
cuda = next(pathlib.Path(site.getsitepackages()[0], "nvidia").glob("cu1*"))
for library in ["libnvrtc-builtins.so.*", "libnvrtc.so.*"]:
    nvrtc = ctypes.CDLL(next((cuda / "lib").glob(library)), mode=ctypes.RTLD_GLOBAL)


def check(code, program, source):
    if code == 0:
        return
    size = ctypes.c_size_t()
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    sys.exit(f"check-kernels: {source}: {log.value.decode()}")


def to_ptx(source):
    program = ctypes.c_void_p()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.read_bytes(), source.name.encode(), 0, None, None)
    # As cubecl-cuda calls it.
    options = [
        "--gpu-architecture=sm_90a",
        f"--include-path={cuda / 'include'}",
        f"--include-path={cuda / 'include/cccl'}",
        "-lineinfo",
    ]
    array = (ctypes.c_char_p * len(options))(*[option.encode() for option in options])
    check(nvrtc.nvrtcCompileProgram(program, len(options), array), program, source)
    size = ctypes.c_size_t()
    nvrtc.nvrtcGetPTXSize(program, ctypes.byref(size))
    ptx = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetPTX(program, ptx)
    return ptx.value


sources = sorted(out.glob("*.cu"))
if not sources:
    sys.exit("check-kernels: no kernel was written")
print(f"{'kernel':28} {'registers':>9} {'spilled, bytes':>15} {'static shared, bytes':>21}")
spilling = []
for source in sources:
    ptx = source.with_suffix(".ptx")
    ptx.write_bytes(to_ptx(source))
    command = [cuda / "bin/ptxas", "-v", "-arch=sm_90a", "-o", "/dev/null", ptx]
    said = subprocess.run(command, capture_output=True, text=True)
    if said.returncode:
        sys.exit(f"check-kernels: {ptx}: {said.stderr}")
    number = lambda pattern: sum(map(int, re.findall(pattern, said.stderr)))
    registers = number(r"Used (\d+) registers")
    spilled = number(r"(\d+) bytes spill stores")
    shared = number(r"(\d+) bytes smem")
    print(f"{source.stem:28} {registers:9} {spilled:15} {shared:21}")
    if spilled:
        spilling.append(source.stem)
if spilling:
    sys.exit(f"check-kernels: registers are spilled by {', '.join(spilling)}")
PYTHON
