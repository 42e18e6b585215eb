//! Lettering as outlines.

use ab_glyph::{Font, FontVec, OutlineCurve, Point as GlyphPoint, PxScale, ScaleFont};

use super::path::Path;

/// A font found on this computer.
#[derive(Debug)]
pub(crate) struct Lettering {
    font: FontVec,
}

/// Families with Japanese letters, best first.
const FAMILIES: [&str; 7] = [
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans JP",
    "IPAexGothic",
    "IPAGothic",
    "TakaoGothic",
    "VL Gothic",
];

impl Lettering {
    /// Looks for a font with Japanese letters, else for any sans serif. `None` where there is no
    /// font at all: titles are then left out.
    pub(crate) fn find() -> Option<Self> {
        let mut fonts = fontdb::Database::new();
        fonts.load_system_fonts();
        let mut families: Vec<_> = FAMILIES
            .iter()
            .map(|name| fontdb::Family::Name(name))
            .collect();
        families.push(fontdb::Family::SansSerif);
        let query = fontdb::Query {
            families: &families,
            weight: fontdb::Weight::BOLD,
            ..fontdb::Query::default()
        };
        let id = fonts
            .query(&query)
            .or_else(|| fonts.faces().next().map(|face| face.id))?;
        let font = fonts.with_face_data(id, |data, index| {
            FontVec::try_from_vec_and_index(data.to_vec(), index).ok()
        })??;
        Some(Self { font })
    }

    /// The outline of a line of text centred on x = 0 with its baseline at y = 0; `size` is the
    /// height of the line.
    pub(crate) fn line(&self, text: &str, size: f32) -> Path {
        let font = self.font.as_scaled(PxScale::from(size));
        let scale = font.h_scale_factor();
        let width: f32 = text.chars().map(|c| font.h_advance(font.glyph_id(c))).sum();
        let mut x = -width / 2.0;
        let mut path = Path::default();
        for c in text.chars() {
            let id = font.glyph_id(c);
            if let Some(outline) = self.font.outline(id) {
                let place = |p: GlyphPoint| (x + p.x * scale, -p.y * scale);
                let mut end = None;
                for curve in &outline.curves {
                    let (start, next) = match curve {
                        OutlineCurve::Line(a, b)
                        | OutlineCurve::Quad(a, _, b)
                        | OutlineCurve::Cubic(a, _, _, b) => (*a, *b),
                    };
                    if end != Some(start) {
                        let (x, y) = place(start);
                        path = path.and_from(x, y);
                    }
                    end = Some(next);
                    let (tx, ty) = place(next);
                    path = match curve {
                        OutlineCurve::Line(..) => path.line(tx, ty),
                        OutlineCurve::Quad(_, c, _) => {
                            let (cx, cy) = place(*c);
                            path.quad(cx, cy, tx, ty)
                        }
                        OutlineCurve::Cubic(_, c, d, _) => {
                            path.cubic(place(*c), place(*d), (tx, ty))
                        }
                    };
                }
            }
            x += font.h_advance(id);
        }
        path
    }
}
