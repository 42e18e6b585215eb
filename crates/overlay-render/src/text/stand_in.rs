//! Fonts that are there in place of those that a player had.

use std::fmt;

use serde::Serialize;

use super::faces::{GULIM, SIMSUN};
use super::family::Family;
use super::fonts::Fonts;

/// A family of fonts that is there in place of one that a player had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StandIn {
    /// The font that the player had.
    pub wanted: &'static str,
    /// The family that comments are set in.
    pub family: String,
}

impl fmt::Display for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} stands in for {}", self.family, self.wanted)
    }
}

impl Fonts {
    /// Which families stand in for those that the Flash player had on Japanese Windows: MS PGothic,
    /// Gulim and SimSun. Of a font that is there nothing is told.
    ///
    /// ```
    /// let fonts = overlay_render::Fonts::estimated();
    /// let told = fonts.flash_stand_ins().first().map(ToString::to_string);
    /// assert_eq!(told.as_deref(), Some("sans-serif stands in for MS PGothic"));
    /// ```
    #[must_use]
    pub fn flash_stand_ins(&self) -> Vec<StandIn> {
        let wanted: [(Family, &[&'static str]); 3] = [
            (Family::Defont, &["MS PGothic", "ＭＳ Ｐゴシック"]),
            (Family::Gulim, GULIM),
            (Family::SimSun, SIMSUN),
        ];
        let found = wanted.map(|(family, names)| (names, self.first_family(family)));
        let others = found
            .into_iter()
            .filter(|(names, found)| !names.contains(found));
        others
            .map(|(names, found)| StandIn {
                wanted: names[0],
                family: found.to_owned(),
            })
            .collect()
    }
}
