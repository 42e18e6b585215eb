//! What FFmpeg's bindings have no safe function for, each a line or two.

use std::ffi::CString;
use std::ptr;

use ffmpeg_next::{
    Discard, Rational, codec, ffi, format::Flags, format::context::Input,
    format::pixel::Descriptor, format::stream::Disposition, format::stream::Stream,
    format::stream::StreamMut, frame, software::scaling,
};

/// The weights and the range that a format of YUV is read or written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coding {
    /// As `sws_getCoefficients` counts: 1 BT.709, 5 BT.601, 9 BT.2020.
    pub(super) weights: i32,
    pub(super) full_range: bool,
}

/// Sets a container's tag for the codec. Without one, zeros, the container chooses its own; those of
/// one container are errors in another.
#[expect(
    unsafe_code,
    reason = "copying a stream into another container needs it, and FFmpeg's bindings have no setter"
)]
pub(super) fn set_codec_tag(parameters: &mut codec::Parameters, tag: [u8; 4]) {
    // SAFETY: the pointer is that of the output stream's parameters, which live as long as the
    // output, and no other reference to them exists while the field is written.
    unsafe {
        (*parameters.as_mut_ptr()).codec_tag = u32::from_le_bytes(tag);
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

/// Where chroma samples lie, and whose lines come first if `fields` stand between each other, as
/// encoder and container are to write it.
#[expect(unsafe_code, reason = "FFmpeg's bindings have no setters")]
pub(super) fn set_layout(context: &mut codec::Context, frame: &frame::Video, fields: bool) {
    // SAFETY: the context is borrowed for writing and not opened yet, and the fields are numbers.
    unsafe {
        let context = context.as_mut_ptr();
        (*context).chroma_sample_location = frame.chroma_location().into();
        if fields {
            (*context).field_order = if frame.is_top_first() {
                ffi::AVFieldOrder::AV_FIELD_TB
            } else {
                ffi::AVFieldOrder::AV_FIELD_BT
            };
        }
    }
}

/// The shape of a stream's pixels as the container has it, 0 if it does not say.
#[expect(unsafe_code, reason = "FFmpeg's bindings have no getter")]
pub(super) fn pixel_aspect(stream: &Stream<'_>) -> Rational {
    // SAFETY: the stream is borrowed, and the field is two numbers.
    unsafe { (*stream.as_ptr()).sample_aspect_ratio.into() }
}

/// Gives a frame what another one has besides its picture: colour tags, the shape of its pixels,
/// interlacing, captions.
#[expect(unsafe_code, reason = "FFmpeg's bindings have no function for it")]
pub(super) fn copy_properties(from: &frame::Video, to: &mut frame::Video) {
    // SAFETY: both are frames that FFmpeg allocated, `to` borrowed for writing; as long as it has
    // side data there is a first one, and removing its kind makes them fewer. If memory runs out
    // while copying, side data are missing and the frame is whole.
    unsafe {
        let frame = to.as_mut_ptr();
        loop {
            if (*frame).nb_side_data <= 0 {
                break;
            }
            // Those of its life before.
            ffi::av_frame_remove_side_data(frame, (**(*frame).side_data).type_);
        }
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

/// Whether nobody else refers to the frame's picture: neither a decoder that predicts from it nor
/// an encoder.
#[expect(
    unsafe_code,
    reason = "painting without a copy and using memory again need it, and FFmpeg's bindings have no function for it"
)]
pub(super) fn is_only_ours(frame: &mut frame::Video) -> bool {
    // SAFETY: the frame is FFmpeg's, borrowed for writing; the function reads its reference counts.
    unsafe { ffi::av_frame_is_writable(frame.as_mut_ptr()) > 0 }
}

/// Whether the rows of all planes follow each other downwards in memory. Raw video can have them
/// the other way round; the bindings' slices are not those of such planes.
#[expect(
    unsafe_code,
    reason = "FFmpeg's bindings give strides without their sign"
)]
pub(super) fn is_top_down(frame: &frame::Video) -> bool {
    // SAFETY: the frame is borrowed, and the field is some numbers.
    let strides = unsafe { (*frame.as_ptr()).linesize };
    strides.iter().all(|&stride| stride >= 0)
}

/// The bytes of the three planes of a frame of luma and chroma, and of a row of each.
///
/// Panics if its rows go upwards.
#[expect(
    unsafe_code,
    reason = "FFmpeg's bindings have one plane at a time, and both of chroma are painted in one go"
)]
pub(super) fn planes_mut(frame: &mut frame::Video) -> [(&mut [u8], usize); 3] {
    assert!(is_top_down(frame), "such frames were converted");
    let planes = [0, 1, 2].map(|index| {
        let stride = frame.stride(index);
        (std::ptr::from_mut(frame.data_mut(index)), stride)
    });
    // SAFETY: the slices are those of the bindings, they do not overlap since FFmpeg allocates
    // planes side by side, and the frame is borrowed as long as they are.
    planes.map(|(data, stride)| (unsafe { &mut *data }, stride))
}

/// Another frame with the same picture, which both refer to.
#[expect(unsafe_code, reason = "FFmpeg's bindings copy the picture instead")]
pub(super) fn share(frame: &frame::Video) -> frame::Video {
    let mut shared = frame::Video::empty();
    // SAFETY: both are frames that FFmpeg allocated; `shared` is empty, as the function wants it,
    // and stays so if memory runs out.
    unsafe {
        ffi::av_frame_ref(shared.as_mut_ptr(), frame.as_ptr());
    }
    shared
}

/// Which of a stream's packets the demuxer passes over.
#[expect(unsafe_code, reason = "FFmpeg's bindings have no setter")]
pub(super) fn set_discard(stream: &mut StreamMut<'_>, discard: Discard) {
    // SAFETY: the stream is borrowed for writing, and the field is a number.
    unsafe {
        (*stream.as_mut_ptr()).discard = discard.into();
    }
}

/// Whether the file itself says how long it is, and not its last packets or its size.
#[expect(unsafe_code, reason = "FFmpeg's bindings have no getter")]
pub(super) fn states_duration(input: &Input) -> bool {
    // SAFETY: the input is borrowed, and the field is a number.
    let method = unsafe { (*input.as_ptr()).duration_estimation_method };
    method == ffi::AVDurationEstimationMethod::AVFMT_DURATION_FROM_STREAM
}

/// What FFmpeg knows of the container that a file's ending tells.
pub(super) struct Muxing {
    /// Whether it keeps codecs' headers in one place.
    pub(super) global_header: bool,
    /// Whether it is a file, and not a picture each.
    pub(super) is_file: bool,
    /// Whether it holds the codec, as far as that is known without trying.
    pub(super) may_hold: bool,
}

/// The container that a file's ending tells, if there is one, for a codec. Nothing is written.
#[expect(unsafe_code, reason = "FFmpeg's bindings create the file")]
pub(super) fn muxing(name: &str, id: codec::Id) -> Option<Muxing> {
    let name = CString::new(name).ok()?;
    // SAFETY: the name ends in NUL and lives as long as the call, the others may be null; what
    // comes back is null or a constant of FFmpeg's, whose flags are read.
    let (flags, holds) = unsafe {
        let format = ffi::av_guess_format(ptr::null(), name.as_ptr(), ptr::null());
        let flags = format.as_ref()?.flags;
        (flags, ffi::avformat_query_codec(format, id.into(), -2)) // experimental ones too
    };
    let flags = Flags::from_bits_truncate(flags);
    Some(Muxing {
        global_header: flags.contains(Flags::GLOBAL_HEADER),
        is_file: !flags.contains(Flags::NO_FILE),
        may_hold: holds != 0, // below 0 it is not known
    })
}

/// Whether a format is that of pictures in the memory of some hardware.
#[expect(unsafe_code, reason = "FFmpeg's bindings have no getter")]
pub(super) fn is_of_hardware(format: Descriptor) -> bool {
    // SAFETY: descriptors are constants of FFmpeg's.
    let flags = unsafe { (*format.as_ptr()).flags };
    flags & u64::from(ffi::AV_PIX_FMT_FLAG_HWACCEL.cast_unsigned()) != 0
}

/// A reference to something that FFmpeg counts the references to.
struct Counted(*mut ffi::AVBufferRef);

impl Drop for Counted {
    #[expect(unsafe_code, reason = "FFmpeg's bindings have no type for it")]
    fn drop(&mut self) {
        // SAFETY: it is null or a reference of ours, which nobody else gives back.
        unsafe { ffi::av_buffer_unref(&mut self.0) };
    }
}

/// Pictures in the memory of VA-API's hardware, for an encoder that takes no others.
pub(super) struct Surfaces(Counted);

#[expect(
    unsafe_code,
    reason = "the references are ours alone, and FFmpeg counts them in a thread-safe way"
)]
// SAFETY: see above.
unsafe impl Send for Surfaces {}

impl Surfaces {
    /// Opens the usual device and makes room for pictures of a size and format.
    #[expect(unsafe_code, reason = "FFmpeg's bindings have no functions for it")]
    pub(super) fn new(
        format: ffmpeg_next::format::Pixel,
        (width, height): (u32, u32),
    ) -> Result<Self, ffmpeg_next::Error> {
        let side = |length: u32| i32::try_from(length).unwrap_or(i32::MAX);
        let done = |result: i32| match result {
            0.. => Ok(()),
            error => Err(ffmpeg_next::Error::from(error)),
        };
        let mut device = Counted(ptr::null_mut());
        // SAFETY: the function writes a reference, or leaves null where it fails; the name of the
        // device and its options may be null.
        done(unsafe {
            ffi::av_hwdevice_ctx_create(
                &mut device.0,
                ffi::AVHWDeviceType::AV_HWDEVICE_TYPE_VAAPI,
                ptr::null(),
                ptr::null_mut(),
                0,
            )
        })?;
        // SAFETY: the device was just opened, and the new context keeps a reference of its own.
        let frames = Counted(unsafe { ffi::av_hwframe_ctx_alloc(device.0) });
        if frames.0.is_null() {
            return Err(ffmpeg_next::Error::Unknown);
        }
        // SAFETY: the data of such a reference are a context of this type, which is ours alone
        // until it is made ready.
        unsafe {
            let context = (*frames.0).data.cast::<ffi::AVHWFramesContext>();
            (*context).format = ffi::AVPixelFormat::AV_PIX_FMT_VAAPI;
            (*context).sw_format = format.into();
            (*context).width = side(width);
            (*context).height = side(height);
            (*context).initial_pool_size = 32; // what an encoder may keep while it looks ahead
        }
        // SAFETY: the context was filled above.
        done(unsafe { ffi::av_hwframe_ctx_init(frames.0) })?;
        Ok(Self(frames))
    }

    /// Has an encoder, which is not opened yet, take such pictures.
    #[expect(unsafe_code, reason = "FFmpeg's bindings have no setter")]
    pub(super) fn give_to(&self, context: &mut codec::Context) {
        // SAFETY: the context is borrowed for writing, and gives its reference back itself.
        unsafe {
            let context = context.as_mut_ptr();
            (*context).hw_frames_ctx = ffi::av_buffer_ref(self.0.0);
        }
    }

    /// Copies a picture there, with its time and what else goes with it.
    #[expect(unsafe_code, reason = "FFmpeg's bindings have no functions for it")]
    pub(super) fn upload(&self, frame: &frame::Video) -> Result<frame::Video, ffmpeg_next::Error> {
        let mut surface = frame::Video::empty();
        // SAFETY: both frames are FFmpeg's, the new one is empty, as the first function wants it.
        let result = unsafe {
            match ffi::av_hwframe_get_buffer(self.0.0, surface.as_mut_ptr(), 0) {
                0.. => ffi::av_hwframe_transfer_data(surface.as_mut_ptr(), frame.as_ptr(), 0),
                error => error,
            }
        };
        if result < 0 {
            return Err(ffmpeg_next::Error::from(result));
        }
        // SAFETY: as above.
        unsafe { ffi::av_frame_copy_props(surface.as_mut_ptr(), frame.as_ptr()) };
        Ok(surface)
    }
}
