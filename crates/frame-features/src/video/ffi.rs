//! What FFmpeg's bindings have no safe function for, each a line.

use ffmpeg_next::format::context::Input;
use ffmpeg_next::packet::Ref as _;
use ffmpeg_next::{Packet, ffi};

/// Whether the packet's frame is decoded and not shown, as before the cut of an edit list.
#[expect(unsafe_code, reason = "FFmpeg's bindings leave out this flag")]
pub(super) fn is_discarded(packet: &Packet) -> bool {
    // SAFETY: the packet is borrowed, and the field is a number.
    unsafe { (*packet.as_ptr()).flags & ffi::AV_PKT_FLAG_DISCARD != 0 }
}

/// Whether the container itself says how long it is: otherwise FFmpeg has measured or guessed it.
#[expect(unsafe_code, reason = "FFmpeg's bindings have no getter")]
pub(super) fn states_duration(input: &Input) -> bool {
    // SAFETY: the context is borrowed, and the field is a number.
    let method = unsafe { (*input.as_ptr()).duration_estimation_method };
    method == ffi::AVDurationEstimationMethod::AVFMT_DURATION_FROM_STREAM
}
