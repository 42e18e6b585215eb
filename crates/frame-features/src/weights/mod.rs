//! A network's weights: reading published files, writing our own.

mod build;
mod checksum;
mod load;
mod naming;
mod pytorch;
mod safetensors;
mod save;
#[cfg(feature = "slim")]
mod slim;
mod tensor_file;
