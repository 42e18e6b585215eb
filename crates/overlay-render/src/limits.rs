/// Widest and highest picture that is drawn, in pixels.
pub const MAX_SIDE: u32 = 16_384;
