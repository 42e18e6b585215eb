//! The size of a comment and how it shrinks: `docs/spec/comment-layout.md`, sections 6.4 and 7.

use nico_comments::{Position, Size};

use super::sized::Sized;
use super::stage::{Metrics, UNIT, shrinks_from, width_limit};
use crate::text::family::Family;
use crate::text::shape::Shaper;
use crate::text::shaped::Advance;

/// Steps that the search for a fitting size takes.
const STEPS: usize = 20;

impl Sized {
    /// With sizes that are then multiplied with `factor`, in which width and height are given; the
    /// metrics are those before.
    #[expect(
        clippy::too_many_arguments,
        reason = "what a comment's size depends on"
    )]
    pub(crate) fn of(
        shaper: &mut Shaper<'_>,
        family: Family,
        size: Size,
        lines: &[&str],
        position: Position,
        full: bool,
        ender: bool,
        factor: f64,
    ) -> Self {
        let resized_y = !ender && lines.len() >= shrinks_from(size);
        let mut metrics = Metrics::of(size, resized_y);
        let ruler = Ruler::new(shaper, family, lines);
        let mut width = ruler.width(metrics);
        let limit = width_limit(full) / factor;
        let resized_x = position != Position::Naka && width > limit;
        if resized_x {
            metrics = if metrics.char_size * limit / width < 1.0 {
                ruler.bisect(metrics, limit)
            } else {
                ruler.fit(
                    metrics,
                    width,
                    limit,
                    resized_y.then(|| Metrics::of(size, false)),
                )
            };
            width = ruler.width(metrics);
        }
        let (font_px, glyph_scale) = metrics.font_px();
        Self {
            metrics,
            width: width * UNIT * factor,
            height: metrics.height(lines.len()) * UNIT * factor,
            resized_x,
            resized_y,
            fallback: ruler.fallback,
            font_px,
            glyph_scale,
            flash: None,
        }
    }
}

/// The glyphs' advances of some lines: they are measured in several sizes.
#[derive(Default)]
struct Ruler {
    /// Those of equal glyphs beside each other once, with their number.
    advances: Vec<(Advance, u32)>,
    /// Where in `advances` each line ends.
    ends: Vec<usize>,
    fallback: bool,
}

impl Ruler {
    fn new(shaper: &mut Shaper<'_>, family: Family, lines: &[&str]) -> Self {
        let first = shaper.first_face(family);
        let mut ruler = Self::default();
        for line in lines {
            let begin = ruler.advances.len();
            shaper.line(family, line, |glyphs| {
                for glyph in glyphs {
                    ruler.fallback |= glyph.face != first;
                    match ruler.advances[begin..].last_mut() {
                        Some((last, times)) if *last == glyph.advance => *times += 1,
                        _ => ruler.advances.push((glyph.advance, 1)),
                    }
                }
            });
            ruler.ends.push(ruler.advances.len());
        }
        ruler
    }

    /// The widest line, in units.
    ///
    /// Advances are multiples of 2⁻¹⁶ pixels, so that no sum of them is rounded.
    fn width(&self, metrics: Metrics) -> f64 {
        let (px, scale) = metrics.font_px();
        let mut widest: f64 = 0.0;
        let mut begin = 0;
        for &end in &self.ends {
            let advances = self.advances[begin..end].iter();
            let width = advances.fold(0.0, |width, (advance, times)| {
                width + advance.px(px) * f64::from(*times)
            });
            widest = widest.max((width * scale).ceil());
            begin = end;
        }
        widest
    }

    fn width_at(&self, char_size: f64) -> f64 {
        self.width(Metrics {
            char_size,
            line_height: 0.0,
        })
    }

    /// Section 7.3. `base` are the sizes before the shrink for many lines, if that was done too.
    fn fit(&self, metrics: Metrics, width: f64, limit: f64, base: Option<Metrics>) -> Metrics {
        let start = (metrics.char_size * limit / width).max(1.0);
        let start_line = (metrics.line_height * limit / width).max(1.0);
        let mut size = start;
        let mut measured = self.width_at(size);
        if measured > limit {
            for _ in 0..STEPS {
                size = (size - 1.0).max(1.0);
                measured = self.width_at(size);
                if measured <= limit || size <= 1.0 {
                    break;
                }
            }
        } else {
            let mut next = size;
            for _ in 0..STEPS {
                if measured >= limit {
                    break;
                }
                size = next;
                next += 1.0;
                measured = self.width_at(next);
            }
        }
        match base {
            None => Metrics {
                char_size: size,
                line_height: start_line * size / start,
            },
            Some(base) => {
                let ratio = size / metrics.char_size;
                Metrics {
                    char_size: ratio * base.char_size,
                    line_height: ratio * base.line_height,
                }
            }
        }
    }

    /// For lines that no character size of 1 or more makes narrow enough.
    fn bisect(&self, metrics: Metrics, limit: f64) -> Metrics {
        let (mut fits, mut too_large) = (0.0, metrics.char_size);
        for _ in 0..STEPS {
            let middle = (fits + too_large) / 2.0;
            if self.width_at(middle) <= limit {
                fits = middle;
            } else {
                too_large = middle;
            }
        }
        let char_size = if fits > 0.0 { fits } else { too_large };
        Metrics {
            char_size,
            line_height: metrics.line_height * char_size / metrics.char_size,
        }
    }
}
