//! What FFmpeg's bindings have no safe function for, each a line or two.

use video_rs::ffmpeg::{
    chroma, codec, ffi, format::pixel::Descriptor, format::stream::Disposition,
    format::stream::StreamMut, frame, software::scaling,
};

/// The weights and the range that a format of YUV is read or written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coding {
    /// As `sws_getCoefficients` counts: 1 BT.709, 5 BT.601, 9 BT.2020.
    pub(super) weights: i32,
    pub(super) full_range: bool,
}

/// Lets the container choose its own tag for the codec; those of one container are errors in another.
#[expect(
    unsafe_code,
    reason = "copying a stream into another container needs it, and FFmpeg's bindings have no setter"
)]
pub(super) fn clear_codec_tag(parameters: &mut codec::Parameters) {
    // SAFETY: the pointer is that of the output stream's parameters, which live as long as the output, and no other
    // reference to them exists while the field is written.
    unsafe {
        (*parameters.as_mut_ptr()).codec_tag = 0;
    }
}

/// What a stream is to be used for: by default, as a cover, for the hard of hearing.
#[expect(unsafe_code, reason = "FFmpeg's bindings have no setter")]
pub(super) fn set_disposition(stream: &mut StreamMut<'_>, disposition: Disposition) {
    // SAFETY: the stream is borrowed for writing, and the field is a number.
    unsafe {
        (*stream.as_mut_ptr()).disposition = disposition.bits();
    }
}

/// Where chroma samples lie, as the encoder writes it into its headers.
#[expect(unsafe_code, reason = "FFmpeg's bindings have no setter")]
pub(super) fn set_chroma_location(context: &mut codec::Context, location: chroma::Location) {
    // SAFETY: the context is borrowed for writing and not opened yet, and the field is a number.
    unsafe {
        (*context.as_mut_ptr()).chroma_sample_location = location.into();
    }
}

/// Gives a frame what another one has besides its picture: colour tags, the shape of its pixels, interlacing, captions.
#[expect(unsafe_code, reason = "FFmpeg's bindings have no function for it")]
pub(super) fn copy_properties(from: &frame::Video, to: &mut frame::Video) {
    // SAFETY: both are frames that FFmpeg allocated; it copies fields and references. If memory runs out, side data are
    // missing and the frame is whole.
    unsafe {
        ffi::av_frame_copy_props(to.as_mut_ptr(), from.as_ptr());
    }
}

/// Sets what YUV means on both sides of a scaler, which would otherwise take all of it for BT.601.
#[expect(unsafe_code, reason = "FFmpeg's bindings have no function for it")]
pub(super) fn set_coding(scaler: &mut scaling::Context, from: Coding, to: Coding) {
    const ONE: i32 = 1 << 16; // contrast and saturation, unchanged
    // SAFETY: the tables are constants of FFmpeg's, the scaler is borrowed for writing.
    unsafe {
        ffi::sws_setColorspaceDetails(
            scaler.as_mut_ptr(),
            ffi::sws_getCoefficients(from.weights),
            from.full_range.into(),
            ffi::sws_getCoefficients(to.weights),
            to.full_range.into(),
            0,
            ONE,
            ONE,
        );
    }
}

/// Bits of a sample of the format's first component.
#[expect(unsafe_code, reason = "FFmpeg's bindings have no function for it")]
pub(super) fn depth(format: Descriptor) -> i32 {
    // SAFETY: descriptors are constants of FFmpeg's, and every format has a first component.
    unsafe { (*format.as_ptr()).comp[0].depth }
}
