//! Which encoder made features.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::layer::Layer;

/// Identity of an encoder: what has to agree for features to be comparable.
///
/// Feature stores and models remember it, and refuse features of another encoder by it. In JSON,
/// `{"name": …, "sha256": …, "layer": …, "size": …}`, and `"grid": [rows, columns]` where a feature
/// map is no square.
///
/// # Example
///
/// ```
/// use frame_features::{EncoderId, Layer};
///
/// let id = EncoderId::new("vgg19-slim8", "0123456789abcdef", Layer::Relu7, 224);
/// assert_eq!(id.to_string(), "vgg19-slim8 (0123456789ab) relu7 at 224");
/// let renamed = EncoderId::new("mine", "0123456789abcdef", Layer::Relu7, 224);
/// assert!(id != renamed && id.matches(&renamed));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EncoderId {
    /// Its name, for people.
    pub name: String,
    /// SHA-256 of the weights that the layer depends on, 64 hexadecimal digits:
    /// [`Vgg::fingerprint`](crate::Vgg::fingerprint), or what another encoder has for it.
    pub sha256: String,
    /// The layer whose output the features are.
    pub layer: Layer,
    /// Side of the square picture that it is given, in pixels.
    #[serde(rename = "size")]
    pub input_size: usize,
    /// Rows and columns of its feature maps, where they are not as many of one as of the other. A
    /// consequence of the rest, and not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<[usize; 2]>,
}

impl EncoderId {
    /// The identity of these parts.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        sha256: impl Into<String>,
        layer: Layer,
        input_size: usize,
    ) -> Self {
        Self {
            name: name.into(),
            sha256: sha256.into(),
            layer,
            input_size,
            grid: None,
        }
    }

    /// Says how many rows and columns its feature maps have, if they are no squares.
    #[must_use]
    pub fn with_grid(mut self, rows: usize, columns: usize) -> Self {
        self.grid = (rows != columns).then_some([rows, columns]);
        self
    }

    /// Rows and columns of a feature map of so many locations: the [`grid`](Self::grid), else a
    /// square. Nothing if the locations do not fill it.
    ///
    /// ```
    /// use frame_features::{EncoderId, Layer};
    ///
    /// let vgg = EncoderId::new("vgg19", "0123456789abcdef", Layer::Conv5_3, 224);
    /// assert_eq!((vgg.rows_and_columns(196), vgg.rows_and_columns(28)), (Some((14, 14)), None));
    /// let wide = EncoderId::new("wide", "0123456789abcdef", Layer::Output, 224).with_grid(4, 7);
    /// assert_eq!((wide.rows_and_columns(28), wide.rows_and_columns(196)), (Some((4, 7)), None));
    /// ```
    #[must_use]
    pub fn rows_and_columns(&self, locations: usize) -> Option<(usize, usize)> {
        let side = locations.isqrt();
        let [rows, columns] = self.grid.unwrap_or([side, side]);
        (locations > 0 && rows.checked_mul(columns) == Some(locations)).then_some((rows, columns))
    }

    /// Whether both make the same features of a picture: all but the names agree.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        (&self.sha256, self.layer, self.input_size)
            == (&other.sha256, other.layer, other.input_size)
    }
}

impl EncoderId {
    /// Refuses an encoder whose features another one's reader would not understand: for use before
    /// the first frame is decoded.
    ///
    /// # Errors
    ///
    /// [`Error::OtherEncoder`], which names both, unless they [`match`](Self::matches).
    pub fn check(&self, wanted: &Self) -> Result<(), Error> {
        if self.matches(wanted) {
            return Ok(());
        }
        let difference = if self.layer != wanted.layer {
            "another layer"
        } else if self.input_size != wanted.input_size {
            "pictures of another size"
        } else {
            "other weights"
        };
        Err(Error::OtherEncoder {
            found: Box::new(self.clone()),
            wanted: Box::new(wanted.clone()),
            difference,
        })
    }
}

/// With the first 12 digits of the checksum.
impl fmt::Display for EncoderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            sha256,
            layer,
            input_size,
            grid: _,
        } = self;
        let digits = sha256.get(..12).unwrap_or(sha256);
        write!(f, "{name} ({digits}) {layer} at {input_size}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As model folders have it in `config.json`.
    #[test]
    fn json_stays_as_model_folders_have_it() {
        let id = EncoderId::new("slim", "ab12", Layer::Conv5_3, 64);
        let json = r#"{"name":"slim","sha256":"ab12","layer":"conv5_3","size":64}"#;
        assert_eq!(serde_json::to_string(&id).unwrap(), json);
        assert_eq!(serde_json::from_str::<EncoderId>(json).unwrap(), id);
        let wide = id.with_grid(3, 5);
        let json = serde_json::to_string(&wide).unwrap();
        assert!(json.ends_with(r#","size":64,"grid":[3,5]}"#), "{json}");
        assert_eq!(serde_json::from_str::<EncoderId>(&json).unwrap(), wide);
    }

    #[test]
    fn weights_layer_and_size_decide() {
        let id = EncoderId::new("slim", "ab12", Layer::Conv5_3, 64);
        for other in [
            EncoderId::new("slim", "ab13", Layer::Conv5_3, 64),
            EncoderId::new("slim", "ab12", Layer::Relu7, 64),
            EncoderId::new("slim", "ab12", Layer::Conv5_3, 224),
        ] {
            assert!(!id.matches(&other), "{other}");
            let message = other.check(&id).unwrap_err().to_string();
            assert!(message.contains(&other.to_string()), "{message}");
            assert!(message.contains(&id.to_string()), "{message}");
        }
        id.check(&EncoderId::new("renamed", "ab12", Layer::Conv5_3, 64))
            .unwrap();
    }
}
