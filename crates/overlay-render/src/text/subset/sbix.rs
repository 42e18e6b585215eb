//! Bitmaps of glyphs as a table of Apple's: one size, PNG.

use rustybuzz::ttf_parser::{Face, GlyphId, RasterImageFormat};

use super::needed::Used;

/// The largest bitmaps of the glyphs that are needed; `None` if there are none. Of bitmaps of several
/// sizes those of the first glyph's are taken.
pub(super) fn write(face: &Face<'_>, used: &Used) -> Option<Vec<u8>> {
    let mut size = None;
    let mut data = Vec::new();
    let mut ends = Vec::new();
    // Offsets are from the start of the size: 4 bytes, and an offset for each glyph and the end.
    let start = 4 + 4 * (usize::from(face.number_of_glyphs()) + 1);
    let place = |length: usize| u32::try_from(start + length).expect("bitmaps are below 4 GiB");
    for id in 0..face.number_of_glyphs() {
        ends.push(place(data.len()));
        if !used.glyphs.contains(&id) {
            continue;
        }
        let Some(bitmap) = face.glyph_raster_image(GlyphId(id), u16::MAX) else {
            continue;
        };
        let same_size = *size.get_or_insert(bitmap.pixels_per_em) == bitmap.pixels_per_em;
        if bitmap.format == RasterImageFormat::PNG && same_size {
            data.extend([bitmap.x, bitmap.y].iter().flat_map(|at| at.to_be_bytes()));
            data.extend(b"png ");
            data.extend_from_slice(bitmap.data);
        }
    }
    ends.push(place(data.len()));
    let per_em = size.filter(|_| !data.is_empty())?;
    // Version 1, outlines are drawn, one size, 12 bytes from here; that size, for 72 pixels an inch.
    let mut bytes = vec![0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 12];
    bytes.extend(per_em.to_be_bytes());
    bytes.extend(72_u16.to_be_bytes());
    bytes.extend(ends.iter().flat_map(|end| end.to_be_bytes()));
    bytes.extend(data);
    Some(bytes)
}
