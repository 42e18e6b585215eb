//! The file: a mark, the families' orders of faces, and the faces.
//!
//! Numbers are big-endian, as in fonts. There are
//!
//! - for each of the five families the number of its faces (2 bytes) and their places in the file (2
//!   each)
//! - the number of faces (2), and of each its length (4) and its font
//! - the number of tokens that were shaped (4), and of each its family (1), whether it runs from right
//!   to left (1), its length (2), its text, the number of its glyphs (2), and these
//! - the number of characters that the fonts had rules for (4), and of each its family (1) and itself
//!   (4)
//!
//! A glyph is its face and its number in there (2 each); 0 and its advance, the kerning behind it (4
//! each) and the units per em (8), or 1 and both as shares of the em (8 each); and where it stands
//! beside the pen (4 each).

use crate::text::family::Family;
use crate::text::prepared::PreparedToken;
use crate::text::shaped::{Advance, Glyph};

/// The first bytes of a file, with its version.
const MARK: &[u8; 10] = b"nico-font\x02";

/// Faces as fonts, the order of them in each family, and what was shaped beforehand.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Container {
    pub(super) chains: [Vec<u16>; Family::ALL.len()],
    pub(super) faces: Vec<Vec<u8>>,
    pub(super) prepared: Vec<PreparedToken>,
    pub(super) ruled: Vec<(Family, char)>,
}

impl Container {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = MARK.to_vec();
        for chain in &self.chains {
            bytes.extend(len16(chain.len()));
            bytes.extend(chain.iter().flat_map(|face| face.to_be_bytes()));
        }
        bytes.extend(len16(self.faces.len()));
        for face in &self.faces {
            let length = u32::try_from(face.len()).expect("a font is below 4 GiB");
            bytes.extend(length.to_be_bytes());
            bytes.extend_from_slice(face);
        }
        let count = u32::try_from(self.prepared.len()).expect("comments have fewer tokens");
        bytes.extend(count.to_be_bytes());
        for token in &self.prepared {
            write_token(token, &mut bytes);
        }
        let count = u32::try_from(self.ruled.len()).expect("there are fewer characters");
        bytes.extend(count.to_be_bytes());
        for &(family, c) in &self.ruled {
            bytes.push(slot8(family));
            bytes.extend(u32::from(c).to_be_bytes());
        }
        bytes
    }

    /// `None` for anything that is no such file.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MARK)?;
        let mut chains: [Vec<u16>; Family::ALL.len()] = Default::default();
        for chain in &mut chains {
            let length = usize::from(number(&mut rest)?);
            *chain = (0..length)
                .map(|_| number(&mut rest))
                .collect::<Option<_>>()?;
        }
        let count = u16::from_be_bytes(take(&mut rest)?);
        if chains.iter().flatten().any(|&face| face >= count) {
            return None;
        }
        let mut faces = Vec::new();
        for _ in 0..count {
            let length = usize::try_from(u32::from_be_bytes(take(&mut rest)?)).ok()?;
            let (face, behind) = rest.split_at_checked(length)?;
            faces.push(face.to_vec());
            rest = behind;
        }
        let tokens = u32::from_be_bytes(take(&mut rest)?);
        let mut prepared = Vec::new();
        for _ in 0..tokens {
            prepared.push(token(&mut rest, count)?);
        }
        let characters = u32::from_be_bytes(take(&mut rest)?);
        let mut ruled = Vec::new();
        for _ in 0..characters {
            let [family] = take(&mut rest)?;
            let family = *Family::ALL.get(usize::from(family))?;
            ruled.push((
                family,
                char::from_u32(u32::from_be_bytes(take(&mut rest)?))?,
            ));
        }
        rest.is_empty().then_some(Self {
            chains,
            faces,
            prepared,
            ruled,
        })
    }
}

fn write_token(token: &PreparedToken, bytes: &mut Vec<u8>) {
    bytes.extend([slot8(token.family), token.right_to_left.into()]);
    bytes.extend(len16(token.text.len()));
    bytes.extend(token.text.bytes());
    bytes.extend(len16(token.glyphs.len()));
    for glyph in &token.glyphs {
        bytes.extend(glyph.face.to_be_bytes());
        bytes.extend(glyph.id.to_be_bytes());
        match glyph.advance {
            Advance::Units { own, kern, per_em } => {
                bytes.push(0);
                bytes.extend(own.to_be_bytes());
                bytes.extend(kern.to_be_bytes());
                bytes.extend(per_em.to_be_bytes());
            }
            Advance::Em { share, kern } => {
                bytes.push(1);
                bytes.extend(share.to_be_bytes());
                bytes.extend(kern.to_be_bytes());
            }
        }
        bytes.extend(glyph.offset.0.to_be_bytes());
        bytes.extend(glyph.offset.1.to_be_bytes());
    }
}

fn slot8(family: Family) -> u8 {
    u8::try_from(family.slot()).expect("there are five")
}

/// A token whose glyphs are of so many faces.
fn token(rest: &mut &[u8], faces: u16) -> Option<PreparedToken> {
    let [family, right_to_left] = take(rest)?;
    let family = *Family::ALL.get(usize::from(family))?;
    let length = usize::from(number(rest)?);
    let (text, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    let text = std::str::from_utf8(text).ok()?.into();
    let count = number(rest)?;
    let glyphs = (0..count).map(|_| glyph(rest).filter(|glyph| glyph.face < faces));
    Some(PreparedToken {
        family,
        right_to_left: right_to_left != 0,
        text,
        glyphs: glyphs.collect::<Option<_>>()?,
    })
}

fn glyph(rest: &mut &[u8]) -> Option<Glyph> {
    let finite = |number: f64| Some(number).filter(|number| number.is_finite());
    let (face, id) = (number(rest)?, number(rest)?);
    let advance = match take(rest)? {
        [0] => Advance::Units {
            own: i32::from_be_bytes(take(rest)?),
            kern: i32::from_be_bytes(take(rest)?),
            per_em: finite(f64::from_be_bytes(take(rest)?)).filter(|&per_em| per_em >= 1.0)?,
        },
        [1] => Advance::Em {
            share: finite(f64::from_be_bytes(take(rest)?))?,
            kern: finite(f64::from_be_bytes(take(rest)?))?,
        },
        _ => return None,
    };
    let offset = [
        f32::from_be_bytes(take(rest)?),
        f32::from_be_bytes(take(rest)?),
    ];
    let [x, y] = offset;
    (x.is_finite() && y.is_finite()).then_some(Glyph {
        face,
        id,
        advance,
        offset: (x, y),
    })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, behind) = rest.split_first_chunk::<N>()?;
    *rest = behind;
    Some(*first)
}

fn number(rest: &mut &[u8]) -> Option<u16> {
    take(rest).map(u16::from_be_bytes)
}

fn len16(length: usize) -> [u8; 2] {
    u16::try_from(length)
        .expect("there are at most 65,535 faces, and texts are cut off before")
        .to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let glyph = |advance| Glyph {
            face: 1,
            id: 7,
            advance,
            offset: (0.5, -0.25),
        };
        let container = Container {
            chains: [vec![1, 0], vec![], vec![0], vec![0], vec![1]],
            faces: vec![vec![1, 2, 3], vec![]],
            prepared: vec![PreparedToken {
                family: Family::Mincho,
                right_to_left: true,
                text: "AVあ".into(),
                glyphs: vec![
                    glyph(Advance::Units {
                        own: 600,
                        kern: -55,
                        per_em: 1000.0,
                    }),
                    glyph(Advance::Em {
                        share: 0.25,
                        kern: 0.0,
                    }),
                ],
            }],
            ruled: vec![(Family::Mincho, 'A')],
        };
        let bytes = container.bytes();
        assert_eq!(Container::parse(&bytes), Some(container));
        for end in 0..bytes.len() {
            assert_eq!(Container::parse(&bytes[..end]), None);
        }
    }
}
