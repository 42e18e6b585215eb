//! Training pictures to look at.

use super::pictures::example;

/// Draws the first training pictures as one sheet, eight a row, `size` pixels each.
#[must_use]
pub fn sample_sheet(rows: u32, size: u32) -> image::RgbImage {
    let mut sheet = image::RgbImage::new(8 * size, rows * size);
    for i in 0..rows * 8 {
        let example = example(u64::from(i), size);
        image::imageops::replace(
            &mut sheet,
            &example.picture,
            i64::from(i % 8 * size),
            i64::from(i / 8 * size),
        );
    }
    sheet
}
