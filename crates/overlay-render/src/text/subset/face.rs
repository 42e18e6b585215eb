//! A face as an OpenType font that holds only some of its glyphs.

use rustybuzz::ttf_parser::{Face, GlyphId, Tag};

use super::needed::Used;
use super::{cff, sbix};
use crate::text::faces::{has_outlines, has_pictures};

/// Tables that stay as they are: names and their notices, weights, palettes and layers.
const KEPT: [&[u8; 4]; 5] = [b"OS/2", b"name", b"head", b"COLR", b"CPAL"];

/// `None` if the face cannot be read.
pub(super) fn write(bytes: &[u8], index: u32, used: &Used) -> Option<Vec<u8>> {
    let face = Face::parse(bytes, index).ok()?;
    let count = face.number_of_glyphs();
    let table = |tag: &[u8; 4]| face.raw_face().table(Tag::from_bytes(tag));
    let mut tables: Vec<([u8; 4], Vec<u8>)> = Vec::new();
    for tag in KEPT {
        if let Some(bytes) = table(tag) {
            tables.push((*tag, bytes.to_vec()));
        }
    }
    let advances = (0..count).map(|id| face.glyph_hor_advance(GlyphId(id)).unwrap_or(0));
    let advances: Vec<u8> = advances
        .flat_map(|advance| [advance.to_be_bytes(), [0; 2]].concat())
        .collect();
    tables.push((*b"hmtx", advances));
    let mut header = table(b"hhea")?.get(..34)?.to_vec();
    header.extend(count.to_be_bytes()); // each glyph has its advance
    tables.push((*b"hhea", header));
    let outlines = has_outlines(&face);
    let mut profile = vec![0, 0, 0x50, 0];
    profile.extend(count.to_be_bytes());
    tables.push((*b"maxp", profile));
    if let Some(post) = table(b"post").and_then(|post| post.get(4..32)) {
        tables.push((*b"post", [&[0, 3, 0, 0][..], post].concat())); // without names of glyphs
    }
    tables.push((*b"cmap", characters(&face, used)));
    if outlines {
        tables.push((*b"CFF ", cff::write(&face, used)));
    }
    if has_pictures(&face)
        && let Some(bitmaps) = sbix::write(&face, used)
    {
        tables.push((*b"sbix", bitmaps));
    }
    Some(font(tables))
}

/// The map from characters to glyphs, format 12.
fn characters(face: &Face<'_>, used: &Used) -> Vec<u8> {
    let mapped = used
        .characters
        .iter()
        .filter_map(|&c| Some((u32::from(c), u32::from(face.glyph_index(c)?.0))));
    let groups: Vec<u8> = mapped
        .flat_map(|(c, id)| [c, c, id].map(u32::to_be_bytes).concat())
        .collect();
    let count = u32::try_from(groups.len() / 12).expect("there are fewer characters");
    let mut bytes: Vec<u8> = Vec::with_capacity(28 + groups.len());
    // Version, one subtable: of Windows, all of Unicode, 12 bytes from here.
    for number in [0_u16, 1, 3, 10] {
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend(12_u32.to_be_bytes());
    for number in [12_u16, 0] {
        bytes.extend(number.to_be_bytes());
    }
    for number in [16 + 12 * count, 0, count] {
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend(groups);
    bytes
}

/// A font of these tables.
fn font(mut tables: Vec<([u8; 4], Vec<u8>)>) -> Vec<u8> {
    tables.sort();
    let count = u16::try_from(tables.len()).expect("some tables");
    let power = count.ilog2();
    let range = 16_u16 << power;
    let mut bytes = b"OTTO".to_vec();
    let search = [
        count,
        range,
        u16::try_from(power).expect("below 16"),
        count * 16 - range,
    ];
    bytes.extend(search.iter().flat_map(|number| number.to_be_bytes()));
    let long = |length: usize| u32::try_from(length).expect("a font is below 4 GiB");
    let mut at = 12 + 16 * tables.len();
    for (tag, table) in &tables {
        bytes.extend(tag);
        for number in [checksum(table), long(at), long(table.len())] {
            bytes.extend(number.to_be_bytes());
        }
        at += table.len().next_multiple_of(4);
    }
    for (_, table) in &tables {
        bytes.extend(table);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

fn checksum(table: &[u8]) -> u32 {
    let words = table.chunks(4).map(|chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        u32::from_be_bytes(word)
    });
    words.fold(0, u32::wrapping_add)
}
