//! From text to glyphs with advances: `docs/spec/comment-layout.md`, sections 6.1 and 6.4.

use std::collections::HashMap;
use std::sync::Arc;

use rustybuzz::ttf_parser::GlyphId;
use rustybuzz::{Direction, Face, Language, Script, ShapePlan, UnicodeBuffer, ttf_parser};

use super::bidi::{may_reorder, visual_runs};
use super::blanks::{blank, canonical};
use super::emoji;
use super::estimate;
use super::faces::{has_outlines, has_pictures};
use super::family::Family;
use super::fonts::Fonts;
use super::plain::{self, Plain, Ruled, Rules};
use super::shaped::{Advance, Glyph, Shaped, Token, slot};
use super::tokens::Tokens;

/// Shapes text with the fonts, and remembers the tokens that it has shaped.
pub(crate) struct Shaper<'f> {
    fonts: &'f Fonts,
    faces: Vec<Slot<'f>>,
    rules: Vec<Option<Option<Rules<'f>>>>, // of each face, once that was asked
    has_pictures: Option<bool>, // whether any face has colour glyphs, once that was asked
    shaped: Shaped,
    buffer: Option<UnicodeBuffer>,
    glyphs: Vec<Glyph>, // of what is set without the shaper
    language: Language,
}

/// What a text without a rule to it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// Tokens.
    Line,
    /// Nothing else is shaped with it.
    Token,
}

enum Slot<'f> {
    Untried,
    Broken,
    /// It can tell which characters it has. A character that the family lacks is looked for in
    /// every face of the system, of which few are then shaped with.
    Parsed(Box<ttf_parser::Face<'f>>),
    Open(Box<Opened<'f>>),
}

/// A face made ready for shaping, with how it shapes each script and direction: making such a plan takes longer
/// than following it.
struct Opened<'f> {
    face: Face<'f>,
    plans: HashMap<(Script, bool), ShapePlan>, // whether from right to left
}

impl Drop for Shaper<'_> {
    fn drop(&mut self) {
        self.fonts.keep_shaped(std::mem::take(&mut self.shaped));
    }
}

impl<'f> Shaper<'f> {
    pub(crate) fn new(fonts: &'f Fonts) -> Self {
        Self {
            fonts,
            faces: (0..fonts.num_faces()).map(|_| Slot::Untried).collect(),
            rules: (0..fonts.num_faces()).map(|_| None).collect(),
            has_pictures: None,
            shaped: fonts.take_shaped(),
            buffer: None,
            glyphs: Vec::new(),
            language: "ja".parse().expect("ja is a language tag"),
        }
    }

    /// Calls `each` with the glyphs of a line, left to right, in one or several pieces.
    pub(crate) fn line(&mut self, family: Family, line: &str, mut each: impl FnMut(&[Glyph])) {
        let mut glyphs = std::mem::take(&mut self.glyphs);
        if self.plain_glyphs(family, line, Piece::Line, &mut glyphs) {
            each(&glyphs);
        } else {
            each_token(line, |direction, token| {
                if direction == Direction::LeftToRight
                    && self.plain_glyphs(family, token, Piece::Token, &mut glyphs)
                {
                    each(&glyphs);
                } else {
                    each(&self.token(family, direction, token));
                }
            });
        }
        self.glyphs = glyphs;
    }

    /// Whether a token can be set without the shaper.
    pub(super) fn is_plain(&mut self, family: Family, token: &str) -> bool {
        self.plain_glyphs(family, token, Piece::Token, &mut Vec::new())
    }

    /// Whether a character is set as it stands wherever it stands.
    pub(super) fn is_free(&mut self, family: Family, c: char) -> bool {
        matches!(self.plain(family, c), Plain::Anywhere(_) | Plain::Nothing)
    }

    /// Puts the glyphs of a text into a list that is cleared first, if it can be set without the
    /// shaper.
    fn plain_glyphs(
        &mut self,
        family: Family,
        text: &str,
        piece: Piece,
        glyphs: &mut Vec<Glyph>,
    ) -> bool {
        glyphs.clear();
        let mut characters = text.chars();
        while let Some(c) = characters.next() {
            match self.plain(family, c) {
                Plain::Anywhere(glyph) => glyphs.push(glyph),
                Plain::Last(glyph) if piece == Piece::Token && characters.as_str().is_empty() => {
                    glyphs.push(glyph);
                }
                Plain::Nothing => {}
                Plain::Last(_) | Plain::Shaped => return false,
            }
        }
        true
    }

    fn plain(&mut self, family: Family, c: char) -> Plain {
        if let Some(known) = self.shaped.plain(family, c) {
            return known;
        }
        let plain = self.find_plain(family, c).unwrap_or(Plain::Shaped);
        self.shaped.insert_plain(family, c, plain);
        plain
    }

    /// Whether a character can be set without the shaper: its glyph, if the face that it is taken
    /// from is the same whatever stands before it.
    fn find_plain(&mut self, family: Family, c: char) -> Option<Plain> {
        let &first = self.fonts.chain(family).first()?;
        let prepared = self.fonts.prepared().about(family, c);
        let c = canonical(c);
        if plain::is_nothing(c) {
            return Some(Plain::Nothing);
        }
        if stays(c) || !plain::is_only_looked_up(c) {
            return None;
        }
        let index = self.pick(family, c, false);
        if index != first && self.has(first, c) {
            return None;
        }
        let glyph = if blank(c).is_some() && !self.has(index, c) {
            // The shaper makes it of a space, always alike.
            let alone = self.token(family, Direction::LeftToRight, c.encode_utf8(&mut [0; 4]));
            match *alone {
                [glyph] => glyph,
                _ => return None,
            }
        } else {
            let face = self.parsed(index)?;
            let id = face.glyph_index(c)?;
            Glyph {
                face: index,
                id: id.0,
                advance: Advance::Units {
                    own: face.glyph_hor_advance(id).map_or(0, i32::from),
                    kern: 0,
                    per_em: f64::from(face.units_per_em()).max(1.0),
                },
                offset: (0.0, 0.0),
            }
        };
        let id = Some(glyph.id).filter(|&id| id != 0).map(GlyphId)?;
        match self.rules(index)?.about(id).max(prepared) {
            Ruled::Never => Some(Plain::Anywhere(glyph)),
            Ruled::WithOthers => Some(Plain::Last(glyph)),
            Ruled::Alone => None,
        }
    }

    fn rules(&mut self, face: u16) -> Option<&Rules<'f>> {
        let at = usize::from(face);
        if self.rules.get(at)?.is_none() {
            let rules = self.parsed(face).and_then(Rules::of);
            self.rules[at] = Some(rules);
        }
        self.rules[at].as_ref()?.as_ref()
    }

    /// Whether no face of a family has a glyph for a character that should be seen. Where widths
    /// are estimated, none is said to lack.
    pub(crate) fn lacks(&mut self, family: Family, c: char) -> bool {
        let seen = canonical(c);
        if self.fonts.chain(family).is_empty()
            || stays(seen)
            || blank(seen).is_some()
            || seen.is_control()
            || seen.is_whitespace()
        {
            return false;
        }
        if self.plain(family, c) != Plain::Shaped {
            return false;
        }
        // The shaper also makes characters from their parts, so faces alone cannot tell.
        let glyphs = self.token(
            family,
            Direction::LeftToRight,
            seen.encode_utf8(&mut [0; 4]),
        );
        glyphs.is_empty() || glyphs.iter().any(|glyph| glyph.id == 0)
    }

    /// Whether there is no font for a family.
    pub(super) fn is_estimating(&self, family: Family) -> bool {
        self.fonts.chain(family).is_empty()
    }

    /// The face that a family's characters are looked for in first.
    pub(crate) fn first_face(&self, family: Family) -> u16 {
        let chain = self.fonts.chain(family);
        chain.first().copied().unwrap_or(estimate::NO_FACE)
    }

    /// The parsed face, if its file can be read.
    fn parsed(&mut self, face: u16) -> Option<&ttf_parser::Face<'f>> {
        let slot = self.faces.get_mut(usize::from(face))?;
        if matches!(slot, Slot::Untried) {
            let parsed = self
                .fonts
                .data(face)
                .and_then(|(bytes, index)| ttf_parser::Face::parse(bytes, index).ok())
                .filter(|face| has_outlines(face) || has_pictures(face));
            *slot = parsed.map_or(Slot::Broken, |face| Slot::Parsed(Box::new(face)));
        }
        match slot {
            Slot::Parsed(face) => Some(face),
            Slot::Open(opened) => Some(&opened.face),
            Slot::Untried | Slot::Broken => None,
        }
    }

    fn opened(&mut self, face: u16) -> Option<&mut Opened<'f>> {
        self.parsed(face)?;
        let slot = self.faces.get_mut(usize::from(face))?;
        if let Slot::Parsed(parsed) = slot {
            *slot = Slot::Open(Box::new(Opened {
                face: Face::from_face((**parsed).clone()),
                plans: HashMap::new(),
            }));
        }
        match slot {
            Slot::Open(opened) => Some(opened),
            _ => None,
        }
    }

    pub(super) fn token(&mut self, family: Family, direction: Direction, token: &str) -> Token {
        let slot = slot(family, direction);
        if let Some(known) = self.shaped.get(slot, token) {
            return known;
        }
        if let Some(prepared) = self.fonts.prepared().get(slot, token) {
            return prepared;
        }
        let glyphs: Token = self.shape(family, direction, token).into();
        self.shaped.insert(slot, token, Arc::clone(&glyphs));
        glyphs
    }

    /// Shapes runs of characters that one face has, in the order in which they stand.
    fn shape(&mut self, family: Family, direction: Direction, token: &str) -> Vec<Glyph> {
        if self.fonts.chain(family).is_empty() {
            return estimate::glyphs(token).collect();
        }
        let mut runs = self.runs(family, token);
        if direction == Direction::RightToLeft {
            runs.reverse();
        }
        let mut glyphs = Vec::new();
        for (face, run) in runs {
            self.run(&run, face, direction, &mut glyphs);
        }
        glyphs
    }

    /// Runs of characters that one face has, in the order in which they are written.
    pub(super) fn runs(&mut self, family: Family, token: &str) -> Vec<(u16, String)> {
        let mut runs: Vec<(u16, String)> = Vec::new();
        let first = self.fonts.chain(family)[0];
        let text: Vec<char> = token.chars().map(canonical).collect();
        for (at, &c) in text.iter().enumerate() {
            let is_picture = self.is_picture(&text, at);
            let stays = match runs.last() {
                Some(&(face, _)) if emoji::continues(&text, at) && self.has_pictures(face) => {
                    stays(c) || self.has(face, c)
                }
                Some(&(face, _)) => stays(c) || (face == first && !is_picture && self.has(face, c)),
                None => false,
            };
            if !stays {
                let face = self.pick(family, c, is_picture);
                if runs.last().is_none_or(|&(last, _)| last != face) {
                    runs.push((face, String::new()));
                }
            }
            if let Some((_, run)) = runs.last_mut() {
                run.push(c);
            }
        }
        runs
    }

    fn has(&mut self, face: u16, c: char) -> bool {
        self.parsed(face)
            .is_some_and(|face| face.glyph_index(c).is_some())
    }

    /// Whether a character is shown as a picture, and there is a face with pictures.
    fn is_picture(&mut self, text: &[char], at: usize) -> bool {
        if !emoji::is_picture(text, at) {
            return false;
        }
        let known = self.has_pictures;
        let has_pictures = known.unwrap_or_else(|| {
            let faces = 0..self.fonts.num_faces();
            let mut faces = faces.filter_map(|face| u16::try_from(face).ok());
            faces.any(|face| self.has_pictures(face))
        });
        self.has_pictures = Some(has_pictures);
        has_pictures
    }

    fn has_pictures(&mut self, face: u16) -> bool {
        self.parsed(face).is_some_and(has_pictures)
    }

    /// The first face with the character, of those with pictures or of those with outlines; else of
    /// any; else the first face.
    fn pick(&mut self, family: Family, c: char, is_picture: bool) -> u16 {
        let fonts = self.fonts;
        let chain = fonts.chain(family);
        if stays(c) || blank(c).is_some() {
            return chain[0];
        }
        let mut other = None;
        for &face in chain {
            if !self.has(face, c) {
                continue;
            }
            let suits = if is_picture {
                has_pictures
            } else {
                has_outlines
            };
            if self.parsed(face).is_some_and(suits) {
                return face;
            }
            other.get_or_insert(face);
        }
        other.unwrap_or(chain[0])
    }

    fn run(&mut self, run: &str, index: u16, direction: Direction, glyphs: &mut Vec<Glyph>) {
        let mut buffer = self.buffer.take().unwrap_or_default();
        let language = self.language.clone();
        let Some(Opened { face, plans }) = self.opened(index) else {
            return;
        };
        let face = &*face;
        buffer.set_language(language.clone());
        buffer.push_str(run);
        buffer.guess_segment_properties();
        buffer.set_direction(direction);
        let script = buffer.script();
        let plan = plans
            .entry((script, direction == Direction::RightToLeft))
            .or_insert_with(|| ShapePlan::new(face, direction, Some(script), Some(&language), &[]));
        let shaped = rustybuzz::shape_with_plan(face, plan, buffer);
        let per_em = f64::from(face.units_per_em()).max(1.0);
        let placed = shaped.glyph_infos().iter().zip(shaped.glyph_positions());
        glyphs.extend(placed.map(|(info, position)| {
            let id = u16::try_from(info.glyph_id).unwrap_or(0);
            let own = face.glyph_hor_advance(GlyphId(id)).map_or(0, i32::from);
            let c = usize::try_from(info.cluster)
                .ok()
                .and_then(|at| run.get(at..)?.chars().next());
            // The shaper makes blanks that the font lacks from its space, with the width in whole
            // font units.
            let lacking = c.filter(|&c| face.glyph_index(c).is_none()).and_then(blank);
            let advance = match (position.x_advance, lacking) {
                // A mark or an ignorable character that the shaper gave no advance has no kerning
                // either.
                (0, _) => Advance::Units {
                    own: 0,
                    kern: 0,
                    per_em,
                },
                (advance, None) => Advance::Units {
                    own,
                    kern: advance.saturating_sub(own),
                    per_em,
                },
                (advance, Some(share)) => {
                    let units = (share * per_em).round();
                    Advance::Em {
                        share,
                        kern: (f64::from(advance) - units) / per_em,
                    }
                }
            };
            Glyph {
                face: index,
                id,
                advance,
                offset: (em(position.x_offset, per_em), em(position.y_offset, per_em)),
            }
        }));
        self.buffer = Some(shaped.clear());
    }
}

/// Calls `each` with the tokens of a line and their directions, left to right.
pub(super) fn each_token<'t>(line: &'t str, mut each: impl FnMut(Direction, &'t str)) {
    if !may_reorder(line) {
        Tokens::new(line).for_each(|token| each(Direction::LeftToRight, token));
        return;
    }
    for run in visual_runs(line) {
        let tokens = Tokens::new(&line[run.range]);
        if run.right_to_left {
            let tokens: Vec<&str> = tokens.collect();
            let tokens = tokens.into_iter().rev();
            tokens.for_each(|token| each(Direction::RightToLeft, token));
        } else {
            tokens.for_each(|token| each(Direction::LeftToRight, token));
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a fraction of the em, where f32 is a thousand times finer than a pixel"
)]
fn em(units: i32, per_em: f64) -> f32 {
    (f64::from(units) / per_em) as f32
}

/// Characters without a glyph of their own: they take the face of what is before them.
fn stays(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}'
    )
}
