//! What comments are written as.

use std::{path::Path, str::FromStr};

use nico_comments::Format;

use crate::files::ending;

/// A format of comment files, or Parquet for SQL engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Comments(Format),
    Parquet,
}

impl Target {
    /// By the ending of a file's name.
    pub(crate) fn by_name(path: &Path) -> Option<Self> {
        match ending(path)?.as_str() {
            "xml" => Some(Self::Comments(Format::Xml)),
            "json" => Some(Self::Comments(Format::FormattedJson)),
            "ass" => Some(Self::Comments(Format::Ass)),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name.eq_ignore_ascii_case("parquet") {
            return Ok(Self::Parquet);
        }
        let format = name.parse().map(Self::Comments);
        format.map_err(|error: nico_comments::NameError| format!("{error}, or parquet"))
    }
}
