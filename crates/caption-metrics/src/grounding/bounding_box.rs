use serde::{Deserialize, Serialize};

/// Bounding box in a picture, in shares of its width and height from the top left: `0.0..=1.0`
/// whatever the picture's size.
///
/// ```
/// use caption_metrics::BoundingBox;
///
/// // Left, top, width, height; of a picture of this width and height.
/// let region = BoundingBox::from_pixels([320, 120, 160, 240], [640, 480]);
/// assert_eq!(region, BoundingBox { left: 0.5, top: 0.25, right: 0.75, bottom: 0.75 });
/// assert_eq!(region.area(), 0.125);
/// assert!(region.contains([0.6, 0.3]) && !region.contains([0.6, 0.8]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoundingBox {
    /// Where it begins from the left.
    pub left: f64,
    /// Where it begins from the top.
    pub top: f64,
    /// Where it ends from the left.
    pub right: f64,
    /// Where it ends from the top.
    pub bottom: f64,
}

impl BoundingBox {
    /// Left, top, width and height in pixels of a picture of this width and height.
    #[must_use]
    pub fn from_pixels([left, top, width, height]: [u32; 4], picture: [u32; 2]) -> Self {
        let [across, down] = picture.map(|side| f64::from(side.max(1)));
        Self {
            left: f64::from(left) / across,
            top: f64::from(top) / down,
            right: (f64::from(left) + f64::from(width)) / across,
            bottom: (f64::from(top) + f64::from(height)) / down,
        }
    }

    /// Its share of the picture: the mass that a map without any preference has in it.
    #[must_use]
    pub fn area(&self) -> f64 {
        (self.right - self.left).max(0.0) * (self.bottom - self.top).max(0.0)
    }

    /// Whether a point, from the left and from the top, lies in it.
    #[must_use]
    pub fn contains(&self, [x, y]: [f64; 2]) -> bool {
        (self.left..self.right).contains(&x) && (self.top..self.bottom).contains(&y)
    }
}
