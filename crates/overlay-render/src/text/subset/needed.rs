//! Which glyphs and characters of which faces texts need.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rustybuzz::Direction;
use rustybuzz::ttf_parser::colr::{ClipBox, CompositeMode, Paint, Painter};
use rustybuzz::ttf_parser::{Face, GlyphId, RgbaColor, Transform};
use unicode_normalization::UnicodeNormalization;

use super::container::Container;
use super::face;
use crate::place::PlacedComment;
use crate::text::blanks::{blank, canonical};
use crate::text::family::Family;
use crate::text::fonts::Fonts;
use crate::text::prepared::{PreparedToken, direction};
use crate::text::shape::{Shaper, each_token};
use crate::text::shaped::Glyph;

/// What shapers make other characters of, where a font lacks those.
const ALWAYS: [char; 4] = [' ', '-', '\u{A0}', '\u{2010}'];

/// What a face is needed for.
#[derive(Debug, Default)]
pub(super) struct Used {
    pub(super) glyphs: BTreeSet<u16>,
    pub(super) characters: BTreeSet<char>,
}

/// The place of each face in a file, by its number.
pub(super) type Places = BTreeMap<u16, u16>;

/// What texts need.
#[derive(Debug, Default)]
pub(super) struct Needed {
    pub(super) faces: BTreeMap<u16, Used>,
    /// Family, whether from right to left, and text.
    pub(super) tokens: HashSet<(Family, bool, Box<str>)>,
}

impl Needed {
    /// Adds the text of a comment, unless it is one that is never measured.
    pub(super) fn comment(&mut self, shaper: &mut Shaper<'_>, comment: &PlacedComment) {
        if comment.invisible && !comment.thinned {
            return;
        }
        for line in comment.text.split('\n') {
            comment.line_parts(shaper, line, |shaper, _, text, family| {
                if !shaper.is_estimating(family) {
                    each_token(text, |direction, token| {
                        self.token(shaper, family, direction, token);
                    });
                }
            });
        }
    }

    fn token(
        &mut self,
        shaper: &mut Shaper<'_>,
        family: Family,
        direction: Direction,
        token: &str,
    ) {
        let key = (family, direction == Direction::RightToLeft, token.into());
        if !self.tokens.insert(key) {
            return;
        }
        // The family's first face decides what a character that none has looks like.
        let first = shaper.first_face(family);
        self.faces.entry(first).or_default();
        for glyph in &*shaper.token(family, direction, token) {
            let face = self.faces.entry(glyph.face).or_default();
            face.glyphs.insert(glyph.id);
        }
        for (face, run) in shaper.runs(family, token) {
            let characters = &mut self.faces.entry(face).or_default().characters;
            characters.extend(run.chars().chain(run.nfc()).chain(run.nfd()));
        }
    }

    /// Adds the glyphs that glyphs in colour are painted of.
    pub(super) fn layers(&mut self, fonts: &Fonts) {
        for (&number, used) in &mut self.faces {
            let data = fonts.data(number);
            let Some(face) = data.and_then(|(bytes, index)| Face::parse(bytes, index).ok()) else {
                continue;
            };
            used.characters.extend(ALWAYS);
            let mapped = used.characters.iter().filter_map(|&c| face.glyph_index(c));
            let mapped: Vec<u16> = mapped.map(|id| id.0).collect();
            used.glyphs.extend(mapped);
            used.glyphs.insert(0);
            if face.tables().colr.is_some() {
                let mut parts = Parts::default();
                for &id in &used.glyphs {
                    face.paint_color_glyph(
                        GlyphId(id),
                        0,
                        RgbaColor::new(0, 0, 0, 255),
                        &mut parts,
                    );
                }
                used.glyphs.extend(parts.0);
            }
        }
    }

    /// The faces as fonts of their own, and which of them each is.
    pub(super) fn written(&self, fonts: &Fonts) -> (Container, Places) {
        let mut container = Container::default();
        let mut places = Places::new();
        for (&number, used) in &self.faces {
            let data = fonts.data(number);
            let Some(font) = data.and_then(|(bytes, index)| face::write(bytes, index, used)) else {
                continue;
            };
            let place = u16::try_from(container.faces.len()).expect("no more than the fonts have");
            places.insert(number, place);
            container.faces.push(font);
        }
        let families: HashSet<Family> = self.tokens.iter().map(|(family, _, _)| *family).collect();
        for family in families {
            let chain = fonts.chain(family).iter();
            container.chains[family.slot()] =
                chain.filter_map(|face| places.get(face).copied()).collect();
        }
        // A family that no text asks for is drawn with what there is.
        let any = container.chains.iter().find(|chain| !chain.is_empty());
        if let Some(any) = any.cloned() {
            let unasked = container.chains.iter_mut().filter(|chain| chain.is_empty());
            unasked.for_each(|chain| chain.clone_from(&any));
        }
        (container, places)
    }

    /// The tokens that a shaper is needed for, because of their characters (which are given by
    /// themselves as well) or of rules that the subset of the fonts has not: as they are shaped with
    /// all of the fonts. Behind them the characters that these rules begin with.
    pub(super) fn prepared(
        &self,
        whole: &mut Shaper<'_>,
        subset: &mut Shaper<'_>,
        places: &Places,
    ) -> (Vec<PreparedToken>, Vec<(Family, char)>) {
        let placed = |glyph: &Glyph| {
            let face = *places.get(&glyph.face)?;
            Some(Glyph { face, ..*glyph })
        };
        let prepare = |whole: &mut Shaper<'_>, family, right_to_left, text: &str| {
            let glyphs = whole.token(family, direction(right_to_left), text);
            PreparedToken {
                family,
                right_to_left,
                text: text.into(),
                glyphs: glyphs.iter().filter_map(placed).collect(),
            }
        };
        let mut prepared = Vec::new();
        let mut others = Vec::new();
        let mut ruled = BTreeSet::new();
        let mut characters = HashSet::new();
        for (family, right_to_left, text) in &self.tokens {
            let is_plain = !right_to_left && subset.is_plain(*family, text);
            let blanks = text.chars().map(canonical).filter(|&c| blank(c).is_some());
            characters.extend(blanks.map(|c| (*family, c)));
            let token = prepare(whole, *family, *right_to_left, text);
            if !is_plain {
                characters.extend(text.chars().map(|c| (*family, c)));
            } else if *token.glyphs == *subset.token(*family, direction(*right_to_left), text) {
                others.push((*family, text));
                continue;
            } else {
                let is_ruled = |c: &char| !whole.is_free(*family, *c);
                let found = text.chars().filter(is_ruled);
                ruled.extend(found.map(|c| (family.slot(), c)));
            }
            prepared.push(token);
        }
        // They begin as those with rules do, and would be looked at more closely.
        for (family, text) in others {
            let mut before_last = text.chars().rev().skip(1);
            if before_last.any(|c| ruled.contains(&(family.slot(), c))) {
                prepared.push(prepare(whole, family, false, text));
            }
        }
        // Of a character that no font may have it is asked by itself, and of a blank.
        let known: HashSet<_> = prepared
            .iter()
            .map(|token| (token.family, token.text.clone()))
            .collect();
        for (family, c) in characters {
            let text = c.to_string().into_boxed_str();
            let is_shaped = blank(c).is_some() || !subset.is_plain(family, &text);
            if is_shaped && !known.contains(&(family, text.clone())) {
                prepared.push(prepare(whole, family, false, &text));
            }
        }
        let place = |token: &PreparedToken| (token.family.slot(), token.right_to_left);
        prepared.sort_by(|a, b| (place(a), &a.text).cmp(&(place(b), &b.text)));
        let ruled = ruled.into_iter().map(|(slot, c)| (Family::ALL[slot], c));
        (prepared, ruled.collect())
    }
}

/// The outlines that are painted.
#[derive(Default)]
struct Parts(BTreeSet<u16>);

impl Painter<'_> for Parts {
    fn outline_glyph(&mut self, glyph_id: GlyphId) {
        self.0.insert(glyph_id.0);
    }

    fn paint(&mut self, _: Paint<'_>) {}
    fn push_clip(&mut self) {}
    fn push_clip_box(&mut self, _: ClipBox) {}
    fn pop_clip(&mut self) {}
    fn push_layer(&mut self, _: CompositeMode) {}
    fn pop_layer(&mut self) {}
    fn push_transform(&mut self, _: Transform) {}
    fn pop_transform(&mut self) {}
}
