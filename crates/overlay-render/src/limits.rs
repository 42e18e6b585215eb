/// Widest and highest picture that is drawn, in pixels.
pub const MAX_SIDE: u32 = 16_384;

/// Most columns and rows of a map of attention; 28x28 is what VGG-19 makes of 448 pixels.
pub(crate) const MAX_CELLS: usize = 1_024;
