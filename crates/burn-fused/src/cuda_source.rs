//! Kernels as CUDA C++, without a device: `scripts/check-kernels.sh` compiles them.

use std::{path::PathBuf, sync::Arc};

use cubecl_core::{
    Compiler, CubeKernel,
    device::{DeviceId, ServiceId},
    environment::stream::StreamId,
    ir::{
        DeviceIdentity, DeviceProperties, ElemType, FloatKind, HardwareProperties,
        MemoryDeviceProperties, TargetProperties, features::Features,
    },
    prelude::{TensorArg, TensorBinding},
    profile::TimingMethod,
    server::Handle,
    zspace::{Shape, Strides},
};
use cubecl_cpp::{
    register_supported_types,
    shared::{CompilationOptions, CppCompiler, CppSupportedFeatures},
    target::Cuda,
};

/// The floating-point types that kernels are compiled for, with their names.
pub(crate) const ELEMENTS: [(&str, ElemType); 2] = [
    ("f32", ElemType::Float(FloatKind::F32)),
    ("bf16", ElemType::Float(FloatKind::BF16)),
];

/// What a kernel is told of an H100 or H200.
pub(crate) fn properties() -> (Arc<DeviceProperties>, Arc<TargetProperties>) {
    let mut properties = DeviceProperties::new(
        Features::default(),
        MemoryDeviceProperties::new(1 << 36, 512),
        HardwareProperties {
            load_width: 128,
            vector_register_count: None,
            plane_size_min: 32,
            plane_size_max: 32,
            max_bindings: 1024,
            max_shared_memory_size: 232_448,
            max_cube_count: (i32::MAX.cast_unsigned(), 65_535, 65_535),
            max_units_per_cube: 1024,
            max_cube_dim: (1024, 1024, 64),
            num_streaming_multiprocessors: Some(132),
            num_tensor_cores: Some(4),
            min_tensor_cores_dim: Some(8),
            num_cpu_cores: None,
            last_level_cache_size: None,
            max_vector_size: 16,
            cube_mma_reserved_shared_memory: 0,
        },
        TimingMethod::System,
        DeviceIdentity {
            name: "none".to_owned(),
            fingerprint: "none".to_owned(),
            physical: None,
        },
    );
    register_supported_types(&mut properties);
    (Arc::new(properties), Arc::new(TargetProperties::default()))
}

/// A tensor with no memory behind it.
pub(crate) fn tensor<const D: usize>(dims: [usize; D]) -> TensorArg {
    let mut strides = [1; D];
    for place in (1..D).rev() {
        strides[place - 1] = strides[place] * dims[place];
    }
    let bytes = u64::try_from(dims.iter().product::<usize>() * 4).expect("it is small");
    let service = ServiceId::of::<()>(DeviceId::new(0, 0));
    TensorBinding {
        handle: Handle::new(service, StreamId { value: 0 }, bytes).binding(),
        strides: Strides::new(&strides),
        shape: Shape::new(dims),
        tiling: Default::default(),
    }
    .into_tensor_arg()
}

/// Writes `NAME.cu` into the folder that the environment variable `KERNELS_OUT` names.
pub(crate) fn write(name: &str, kernel: impl CubeKernel) {
    let options = CompilationOptions {
        // As cubecl-cuda sets them for compute capability 9.0.
        supports_features: CppSupportedFeatures {
            grid_constants: true,
            clusters: true,
            fast_math: true,
            elect_sync: true,
            dp4a: true,
            ..Default::default()
        },
        ..Default::default()
    };
    let source = CppCompiler::<Cuda>::default()
        .compile(kernel.define(), &options)
        .expect("CubeCL compiles the kernel");
    let folder = std::env::var_os("KERNELS_OUT").expect("KERNELS_OUT names a folder");
    let path = PathBuf::from(folder).join(name).with_extension("cu");
    std::fs::write(path, source.to_string()).expect("the folder can be written to");
}
