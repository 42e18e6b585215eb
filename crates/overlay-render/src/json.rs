use std::io::{self, BufWriter, Write};

use nico_comments::{Color, Font, Position, Size};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::place::{Layout, PlacedComment, Player};
use crate::text::family::Family;

/// Writes a layout as JSON: `meta` with fonts and counts, then one object per comment in layout
/// order, a line each.
///
/// Members whose value is the default are left out: `loc` naka, `size` medium, `font` defont,
/// `color` #FFFFFF, `long` 300, `layer` -1, `lineCount` 1, `src` the comment's index, flags false.
/// `width`, `height` and `posY` are stage pixels (absent for invisible comments), `fontSize`,
/// `charSize` and `lineHeight` layout units (only for comments that were made smaller). Comments in
/// the Flash player's look have the flag `flash`, what they were made smaller by (`scale`) and what
/// they are stretched by to the side (`scaleX`), where that is not 1. Numbers are rounded to two
/// decimals, those two factors to five.
///
/// ```
/// use overlay_render::{Layout, write_layout_json};
///
/// let mut out = Vec::new();
/// write_layout_json(&Layout::default(), &mut out)?;
/// assert!(out.starts_with(b"{\"meta\":{"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// What the writer says.
pub fn write_layout_json(layout: &Layout, out: impl Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let comments = layout.comments();
    let face = |font| {
        layout
            .fonts()
            .and_then(|fonts| fonts.names(font).first().copied())
    };
    let flash = comments
        .iter()
        .filter(|c| c.player() == Player::Flash)
        .count();
    let mode = match flash {
        0 => Player::Html5,
        all if all == comments.len() => Player::Flash,
        _ => Player::Auto,
    };
    let mode = mode.as_str();
    let meta = serde_json::json!({
        "library": concat!("overlay-render ", env!("CARGO_PKG_VERSION")),
        "mode": mode,
        "fonts": {
            "defont": face(Font::Defont),
            "gothic": face(Font::Gothic),
            "mincho": face(Font::Mincho),
        },
        "comments": comments.len(),
        "visible": comments.iter().filter(|c| !c.invisible).count(),
        "overflow": comments.iter().filter(|c| c.overflow > 0).count(),
        "fallback": comments.iter().filter(|c| c.fallback).count(),
        "nicoScripts": layout.script_counts(),
    });
    write!(out, "{{\"meta\":{meta},\n\"comments\":[")?;
    for (i, comment) in comments.iter().enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut out, &Entry(comment))?;
    }
    out.write_all(b"\n]}\n")?;
    out.flush()
}

struct Entry<'a>(&'a PlacedComment);

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let c = self.0;
        let mut map = serializer.serialize_map(None)?;
        if let Some(no) = c.no {
            map.serialize_entry("id", &no)?;
        }
        map.serialize_entry("vpos", &c.vpos.0)?;
        if c.src != c.index {
            map.serialize_entry("src", &c.src)?;
        }
        if c.position != Position::Naka {
            map.serialize_entry("loc", c.position.as_str())?;
        }
        if c.size != Size::Medium {
            map.serialize_entry("size", c.size.as_str())?;
        }
        if c.family() != Family::Defont {
            map.serialize_entry("font", c.family().as_str())?;
        }
        if c.color != Color::WHITE {
            map.serialize_entry("color", &c.color.to_string())?;
        }
        if c.long != 300 {
            map.serialize_entry("long", &c.long)?;
        }
        if c.layer != -1 {
            map.serialize_entry("layer", &c.layer)?;
        }
        for (name, flag) in [
            ("full", c.full),
            ("ender", c.ender),
            ("_live", c.live),
            ("owner", c.owner),
            ("banner", c.banner),
            ("invisible", c.invisible),
            ("flash", c.player() == Player::Flash),
        ] {
            if flag {
                map.serialize_entry(name, &true)?;
            }
        }
        for (name, color) in [
            ("strokeColor", c.stroke),
            ("wakuColor", c.frame),
            ("fillColor", c.fill_box),
        ] {
            if let Some(color) = color {
                map.serialize_entry(name, &color.to_string())?;
            }
        }
        if let Some(opacity) = c.opacity_command {
            map.serialize_entry("opacity", &opacity)?;
        }
        if !c.invisible {
            if c.num_lines != 1 {
                map.serialize_entry("lineCount", &c.num_lines)?;
            }
            map.serialize_entry("width", &Rounded(c.width))?;
            map.serialize_entry("height", &Rounded(c.height))?;
            map.serialize_entry("posY", &Rounded(c.pos_y))?;
            if c.resized_x {
                map.serialize_entry("resizedX", &true)?;
            }
            if c.resized_y {
                map.serialize_entry("resizedY", &true)?;
            }
            if c.player() == Player::Flash {
                for (name, factor) in [("scale", c.glyph_scale), ("scaleX", c.stretch())] {
                    if factor != 1.0 {
                        map.serialize_entry(name, &((factor * 1e5).round() / 1e5))?;
                    }
                }
            } else if c.resized_x || c.resized_y {
                map.serialize_entry("fontSize", &Rounded(c.char_size * 0.8))?;
                map.serialize_entry("charSize", &Rounded(c.char_size))?;
                map.serialize_entry("lineHeight", &Rounded(c.line_height))?;
            }
            if c.overflow > 0 {
                map.serialize_entry("overflow", &c.overflow)?;
            }
            if c.fallback {
                map.serialize_entry("fallback", &true)?;
            }
        }
        map.end()
    }
}

/// A number of two decimals, whole ones without any.
struct Rounded(f64);

impl Serialize for Rounded {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be whole and small enough for an i64"
    )]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rounded = (self.0 * 100.0).round() / 100.0;
        if rounded.fract() == 0.0 && rounded.abs() < 1e15 {
            serializer.serialize_i64(rounded as i64)
        } else {
            serializer.serialize_f64(rounded)
        }
    }
}
