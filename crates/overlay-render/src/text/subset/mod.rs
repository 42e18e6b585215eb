//! Fonts of the glyphs that some layouts need, for a page or a program elsewhere.
//!
//! A face is written as an OpenType font with the numbers of its glyphs as they are, which costs
//! hardly anything once it is compressed: outlines of those that are needed (`cff`), bitmaps of those
//! (`sbix`), advances, and a map of the characters. The tables for shaping are larger than all of
//! that, and few texts need them: these texts are written with the glyphs that they are set in, in
//! place of the tables, and so are all that a shaper is needed for. The faces stand in a file behind the orders in which the families ask them.

mod cff;
mod container;
mod face;
mod needed;
mod sbix;

use std::sync::Arc;

use self::container::Container;
use self::needed::Needed;
use super::faces;
use super::fonts::Fonts;
use super::prepared::Prepared;
use super::shape::Shaper;
use crate::error::Error;
use crate::place::Layout;

impl Fonts {
    /// Writes the glyphs that the texts of these layouts are drawn with, for
    /// [`from_subset`](Self::from_subset), instead of the megabytes of a Japanese font. The same
    /// texts are then measured and drawn as with these fonts; others of the same characters have no
    /// kerning and no ligatures.
    ///
    /// For comments that a page lays out by itself, give the layout of all of them, and where
    /// scripts of the owner's rewrite texts, also one without scripts. Whoever passes the bytes on
    /// has to keep to the fonts' licences; names and copyright notices are in them.
    ///
    /// ```
    /// use nico_comments::{Comment, Vpos};
    /// use overlay_render::{Fonts, LayoutOptions, layout};
    ///
    /// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fonts");
    /// # let fonts = Fonts::from_files([format!("{folder}/NotoCJKjp-Sans-Bold.subset.otf")])?;
    /// let comments = [Comment::new(Vpos(0), "こんにちは")];
    /// let placed = layout(&comments, &fonts, &LayoutOptions::default());
    /// let bytes = fonts.subset([&placed]);
    ///
    /// let few = Fonts::from_subset(&bytes)?;
    /// let again = layout(&comments, &few, &LayoutOptions::default());
    /// assert_eq!(placed.comments()[0].width, again.comments()[0].width);
    /// # Ok::<(), overlay_render::Error>(())
    /// ```
    #[must_use]
    pub fn subset<'l>(&self, layouts: impl IntoIterator<Item = &'l Layout>) -> Vec<u8> {
        let mut shaper = Shaper::new(self);
        let mut needed = Needed::default();
        for layout in layouts {
            for comment in layout.comments() {
                needed.comment(&mut shaper, comment);
            }
        }
        needed.layers(self);
        let (mut container, places) = needed.written(self);
        // Its faces cannot be read back if they could not be before.
        if let Ok(subset) = Self::from_container(container.clone()) {
            (container.prepared, container.ruled) =
                needed.prepared(&mut shaper, &mut Shaper::new(&subset), &places);
        }
        container.bytes()
    }

    /// The fonts that [`subset`](Self::subset) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::NotASubset`] for other bytes.
    pub fn from_subset(bytes: &[u8]) -> Result<Self, Error> {
        let container = Container::parse(bytes).ok_or(Error::NotASubset)?;
        Self::from_container(container)
    }

    fn from_container(container: Container) -> Result<Self, Error> {
        let mut all = Vec::with_capacity(container.faces.len());
        for face in container.faces {
            let mut found = faces::in_memory(Arc::new(face)).into_iter();
            all.push(found.next().ok_or(Error::NotASubset)?);
        }
        let ruled = container.ruled.into_iter().collect();
        let prepared = Prepared::new(container.prepared, ruled);
        Ok(Self::in_order(all, container.chains, prepared))
    }
}

#[cfg(test)]
pub(in crate::text) mod tests {
    use std::path::Path;

    use nico_comments::{Comment, Font, Vpos};

    use super::*;
    use crate::{LayoutOptions, draw_stage, layout};

    /// All fonts of the tests.
    pub(in crate::text) fn fonts() -> Fonts {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fonts");
        let names = [
            "NotoCJKjp-Sans-Bold.subset.otf",
            "NotoCJKjp-Sans-Regular.subset.otf",
            "NotoCJKjp-Serif-Regular.subset.otf",
            "NotoColorEmoji.subset.ttf",
            "TestBitmaps.ttf",
            "TestLayers.ttf",
        ];
        Fonts::from_files(names.map(|name| folder.join(name))).unwrap()
    }

    fn comments() -> Vec<Comment> {
        let texts = [
            ("こんにちは", ""),
            ("8888 AVATA To", "red"),
            ("ゆっくり\nしていってね", "mincho ue"),
            ("か\u{3099}草\u{3000}\u{2003}w", "gothic shita"),
            ("😀😀", "ue big"),
            ("ω🐪", ""),
        ];
        texts
            .iter()
            .enumerate()
            .map(|(i, (text, mail))| {
                Comment::new(Vpos(i64::try_from(i).unwrap() * 30), *text).mail(*mail)
            })
            .collect()
    }

    /// Layouts are equal and pictures nearly: what is drawn comes from outlines of the same numbers.
    #[test]
    fn a_subset_lays_out_and_draws_the_same() {
        let fonts = fonts();
        let options = LayoutOptions::default();
        let whole = layout(&comments(), &fonts, &options);
        let bytes = fonts.subset([&whole]);
        let few = layout(&comments(), &Fonts::from_subset(&bytes).unwrap(), &options);
        for (one, other) in whole.comments().iter().zip(few.comments()) {
            assert_eq!(
                (one.width, one.pos_y, one.fallback),
                (other.width, other.pos_y, other.fallback),
                "{}",
                one.text
            );
        }
        assert_eq!(whole.report(), few.report());
        for t in [60.0, 150.0] {
            let picture = |layout| draw_stage(layout, t, 960, 540).unwrap();
            let (one, other) = (picture(&whole), picture(&few));
            assert!(one.pixels().any(|pixel| pixel.0[3] == 255));
            let most = one
                .iter()
                .zip(other.iter())
                .map(|(a, b)| a.abs_diff(*b))
                .max();
            assert!(most <= Some(1), "{most:?}");
        }
    }

    /// Of three fonts with some hundred glyphs each a few kilobytes are left, and of a family that
    /// no comment asks for nothing.
    #[test]
    fn only_what_is_needed_is_written() {
        let fonts = fonts();
        let few = [Comment::new(Vpos(0), "草")];
        let bytes = fonts.subset([&layout(&few, &fonts, &LayoutOptions::default())]);
        assert!(bytes.len() < 12_000, "{}", bytes.len());
        let subset = Fonts::from_subset(&bytes).unwrap();
        assert_eq!(subset.num_faces(), 1);
        assert_eq!(subset.family(Font::Defont), fonts.family(Font::Defont));
    }

    #[test]
    fn other_bytes_are_refused() {
        let fonts = fonts();
        let bytes = fonts.subset([&layout(&comments(), &fonts, &LayoutOptions::default())]);
        for end in [0, 4, 11, 40, bytes.len() / 2, bytes.len() - 1] {
            assert!(matches!(
                Fonts::from_subset(&bytes[..end]),
                Err(Error::NotASubset)
            ));
        }
        let font: &[u8] = include_bytes!("../../../tests/data/fonts/TestLayers.ttf");
        assert!(Fonts::from_subset(font).is_err());
        let mut wrong = bytes;
        wrong[12] = 200; // a face that is not there
        assert!(Fonts::from_subset(&wrong).is_err());
    }
}
