//! Video in, video with comments out.
//!
//! A reader thread decodes and hands frames to drawers, which work on several at once; the caller's
//! thread takes everything in the file's order and encodes and writes it. A few frames wait between
//! them.

mod codecs;
mod colors;
mod draw;
mod encoder;
mod failure;
mod families;
mod ffi;
mod files;
mod frame;
mod frame_rate;
mod frames;
mod geometry;
mod info;
mod light_metadata;
mod live_input;
mod live_output;
mod losses;
mod missing;
mod muxer;
mod open;
mod options;
mod pace;
mod packets;
mod paint_format;
mod partial;
mod pictures;
mod pipeline;
mod pool;
mod render;
mod report;
mod rotation;
mod sink;
mod sound;
mod source;
mod span;
mod still;
mod stream_info;
mod time;

pub use frame_rate::FrameRate;
pub use info::VideoInfo;
pub use live_input::{LiveFrame, LiveInput, LiveItem, LiveSound, LiveStreams, RgbFrames};
pub use live_output::{LiveContainer, LiveOutput};
pub use losses::{Loss, StreamKind};
pub use options::{Attention, Background, FrameShape, OutputSize, RenderOptions};
pub use render::{render, render_pictures, render_with_progress};
pub use report::{Progress, RenderReport};
pub use still::render_frame;
