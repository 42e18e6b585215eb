//! What a page sets: which comments are shown, and how.

use overlay_render::{LaneOverflow, LayoutOptions};
use serde::Deserialize;
use serde::de::{Error as _, Unexpected};

use crate::error::Error;
use crate::hide::Hide;

/// Most comments at once, where the settings name no fewer.
const MOST_AT_ONCE: usize = 2_000;

/// What is shown, and how. All of it may be left out; numbers are those of
/// [`LayoutOptions`](overlay_render::LayoutOptions).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Settings {
    /// The names of the comments that are shown. Default: all.
    pub sources: Option<Vec<String>>,
    /// Which comments are left out.
    pub hide: Hide,
    /// Most comments at once; of more, the newest.
    pub limit: Option<usize>,
    /// Most of the picture that comments may take at once.
    pub density: Option<f64>,
    /// What their opacity is multiplied with.
    pub opacity: Option<f64>,
    /// What their size is multiplied with.
    pub size: Option<f64>,
    /// How much faster they scroll.
    pub speed: Option<f64>,
    /// The share of the height, from the top, that they are in.
    pub area: Option<f64>,
    /// Whether the owner's scripts act. Default: they do.
    pub scripts: Option<bool>,
    /// The height of those that find no lane, 0 to 1. Default: at random, the same each time.
    pub lane_overflow: Option<f64>,
}

impl Settings {
    /// Reads settings as JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Settings`] with the place where it is not as expected.
    pub fn parse(json: &str) -> Result<Self, Error> {
        // An array of no members would be taken for an object that leaves all out.
        if json.trim_start().starts_with('[') {
            let error = serde_json::Error::invalid_type(Unexpected::Seq, &"an object");
            return Err(error.into());
        }
        Ok(serde_json::from_str(json)?)
    }

    pub(crate) fn options(&self) -> LayoutOptions {
        let mut options = LayoutOptions::default();
        options.limit = Some(self.limit.unwrap_or(MOST_AT_ONCE).min(MOST_AT_ONCE));
        options.density = self.density;
        options.opacity = self.opacity.unwrap_or(options.opacity);
        options.size = self.size.unwrap_or(options.size);
        options.speed = self.speed.unwrap_or(options.speed);
        options.area = self.area.unwrap_or(options.area);
        options.scripts = self.scripts.unwrap_or(options.scripts);
        if let Some(height) = self.lane_overflow {
            options.lane_overflow = LaneOverflow::Constant(height);
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked() {
        assert_eq!(Settings::parse("{}").unwrap(), Settings::default());
        let settings = Settings::parse(r#"{"sources": ["a"], "laneOverflow": 0.5, "limit": 9}"#);
        let options = settings.unwrap().options();
        assert_eq!(options.limit, Some(9));
        assert_eq!(options.lane_overflow, LaneOverflow::Constant(0.5));
        for wrong in [
            "",
            "[]",
            r#"{"colour": 1}"#,
            r#"{"size": "big"}"#,
            r#"{"hide": 3}"#,
        ] {
            let error = Settings::parse(wrong).unwrap_err().to_string();
            assert!(error.starts_with("settings: "), "{error}");
        }
    }
}
