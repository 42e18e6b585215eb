use std::collections::HashMap;
use std::fmt;

use image::RgbaImage;

use super::area::Area;
use super::brush::{Brush, Layers};
use super::image_canvas::ImageCanvas;
use super::outline::OutlineStyle;
use super::sprites::Content;
use crate::place::{DrawItem, Layout, PlacedComment};
use crate::rgba::Rgba;
use crate::text::Fonts;
use crate::viewport::Viewport;

/// Memory for coverage, in bytes: whoever lays pictures over a video keeps those.
const BYTES: usize = 16 << 20;

/// Makes a picture of each comment, and says where it lies at a moment: for programs that lay
/// pictures over a video themselves, as a browser's canvas does.
///
/// What they show is what [`Overlay`](crate::Overlay) paints, to the rounding of colours. Pictures
/// are made when they are asked for and not kept; glyphs are, up to some 65 MB. Build it once for
/// the fonts and the viewport, and make a [`SpriteLayout`] of each layout.
///
/// ```
/// use nico_comments::{Comment, Vpos};
/// use overlay_render::{Fonts, LayoutOptions, SpriteLayout, SpriteOverlay, Viewport, layout};
///
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fonts");
/// # let fonts = Fonts::from_files([format!("{folder}/NotoCJKjp-Sans-Bold.subset.otf")])?;
/// let comments = [Comment::new(Vpos(0), "8888"), Comment::new(Vpos(0), "8888")];
/// let mut overlay = SpriteOverlay::new(&fonts, Viewport::new(640, 360)?);
/// let placed = overlay.follow(layout(&comments, &fonts, &LayoutOptions::default()));
///
/// let mut list = Vec::new();
/// overlay.look(&placed, 100.0, &mut list);
/// assert_eq!(list.len(), 2); // of one key where they look alike to the part of a pixel
/// let picture = overlay.picture(&placed, &list[0]).expect("it has letters");
/// assert!(picture.image.width() > 40);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SpriteOverlay<'f> {
    brush: Brush<'f>,
    /// Distinct looks of the layouts so far, which numbers go on from.
    looks: u32,
}

/// A layout, and which of its comments look alike. Made by [`SpriteOverlay::follow`].
#[derive(Clone, Debug)]
pub struct SpriteLayout {
    layout: Layout,
    looks: Vec<u32>,
}

/// A comment to lay over a picture, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SpriteItem {
    /// Which of [`Layout::comments`].
    pub index: usize,
    /// Items with the same key have the same picture, unless they are parts. Unique among all
    /// layouts of one overlay.
    pub key: u64,
    /// Whether the comment is so large that its picture holds only what is seen of it at just this
    /// place.
    pub is_part: bool,
    /// Left edge of its box, in pixels of the picture.
    pub x: i32,
    /// Top edge of its box, in pixels of the picture.
    pub y: i32,
    /// Where it lies in the stage, from which the others come.
    item: DrawItem,
}

/// The picture of a comment, no larger than what is drawn.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SpriteImage {
    /// Its pixels, transparent around the letters (straight alpha).
    pub image: RgbaImage,
    /// Pixels from the left edge of the comment's box to the picture's.
    pub left: i32,
    /// Pixels from the top edge of the comment's box to the picture's.
    pub top: i32,
}

impl<'f> SpriteOverlay<'f> {
    /// Makes ready to draw for pictures of the viewport's size, with the fonts of the layouts.
    #[must_use]
    pub fn new(fonts: &'f Fonts, viewport: Viewport) -> Self {
        Self {
            brush: Brush::new(fonts, viewport, OutlineStyle::default(), BYTES),
            looks: 0,
        }
    }

    /// Sees which comments of a layout look alike.
    #[must_use]
    pub fn follow(&mut self, layout: Layout) -> SpriteLayout {
        let looks = looks(&layout, &mut self.looks);
        SpriteLayout { layout, looks }
    }

    /// Lists what is on the screen at `t` centiseconds, in paint order, into a list that is cleared
    /// first.
    pub fn look(&self, layout: &SpriteLayout, t: f64, list: &mut Vec<SpriteItem>) {
        list.clear();
        list.extend(layout.layout.draw_list(t).into_iter().map(|item| {
            let comment = &layout.layout.comments()[item.index];
            let spot = self.brush.spot(comment, (item.x, item.y));
            let (across, down) = spot.subpixel;
            let between = u64::from(across.unsigned_abs()) + 4 * u64::from(down.unsigned_abs());
            SpriteItem {
                index: item.index,
                key: u64::from(layout.looks[item.index]) * 16 + between,
                is_part: spot.window.is_some(),
                x: spot.x,
                y: spot.y,
                item,
            }
        }));
    }

    /// Draws the picture of an item of this layout; `None` if nothing of it is seen.
    #[must_use]
    pub fn picture(&mut self, layout: &SpriteLayout, item: &SpriteItem) -> Option<SpriteImage> {
        let comment = layout.layout.comments().get(item.index)?;
        let look = *layout.looks.get(item.index)?;
        let spot = self.brush.spot(comment, (item.item.x, item.item.y));
        let layers = self.brush.layers(comment, look, &spot);
        let area = spot
            .window
            .map_or(layers.area(), |window| layers.area().intersect(window));
        if area.is_empty() {
            return None;
        }
        let image = if layers.is_plain() {
            letters(&layers, area)
        } else {
            let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
            let mut canvas = ImageCanvas::of_size(side(area.width()), side(area.height()));
            layers.paint((-area.left, -area.top), &mut canvas);
            canvas.into_image()
        };
        Some(SpriteImage {
            image,
            left: area.left,
            top: area.top,
        })
    }
}

impl SpriteLayout {
    /// The layout.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Gives the layout back, to be followed by another overlay.
    #[must_use]
    pub fn into_layout(self) -> Layout {
        self.layout
    }
}

/// Which look each comment has, numbered from the one after `last`.
fn looks(layout: &Layout, last: &mut u32) -> Vec<u32> {
    let mut known = HashMap::new();
    let looks = layout.comments().iter().map(|comment| {
        *known.entry(Look::of(comment)).or_insert_with(|| {
            *last = last.wrapping_add(1);
            *last
        })
    });
    looks.collect()
}

/// Letters without anything else, in their colours.
fn letters(layers: &Layers, area: Area) -> RgbaImage {
    let letters = &layers.sprite.luma;
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let mut image = RgbaImage::new(side(area.width()), side(area.height()));
    let width = letters.area.width();
    let (mut covers, mut insides) = (vec![0; width], vec![0; width]);
    let skipped = usize::try_from(area.left - letters.area.left).unwrap_or(0);
    let below = u32::try_from(area.top - letters.area.top).unwrap_or(0);
    let (fill, outline) = (layers.fill.color, layers.outline.color);
    let rows = image.chunks_exact_mut(4 * area.width()).zip(below..);
    for (pixels, row) in rows {
        letters.unpack_row(row, &mut covers, &mut insides);
        let masks = covers[skipped..].iter().zip(&insides[skipped..]);
        for (pixel, (&cover, &inside)) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(masks) {
            if cover > 0 {
                let mix = |fill, outline| mixed(fill, outline, inside, cover);
                *pixel = [
                    mix(fill.r, outline.r),
                    mix(fill.g, outline.g),
                    mix(fill.b, outline.b),
                    cover,
                ];
            }
        }
    }
    image
}

/// `inside` parts of one colour and the rest of `cover` of another, as the colour of the whole.
fn mixed(fill: u8, outline: u8, inside: u8, cover: u8) -> u8 {
    if fill == outline || inside == 0 {
        return outline;
    }
    let (inside, cover) = (u32::from(inside), u32::from(cover));
    let sum = u32::from(fill) * inside + u32::from(outline) * (cover - inside);
    u8::try_from((sum + cover / 2) / cover).unwrap_or(u8::MAX)
}

/// What makes two comments look alike.
#[derive(PartialEq, Eq, Hash)]
struct Look<'a> {
    content: Content<'a>,
    fill: [u8; 3],
    outline: Rgba,
    boxes: [Option<Rgba>; 2],
    banner: Option<usize>, // each has a box of its own
}

impl<'a> Look<'a> {
    fn of(comment: &'a PlacedComment) -> Self {
        let color = comment.color;
        Self {
            content: Content::of(comment),
            fill: [color.r, color.g, color.b],
            outline: comment.outline,
            boxes: [comment.fill_box, comment.frame],
            banner: comment.banner.then_some(comment.index),
        }
    }
}

impl fmt::Debug for SpriteOverlay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpriteOverlay")
            .field("viewport", &self.brush.viewport())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use image::Pixel;
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::{LayoutOptions, Overlay, layout};

    fn comments() -> Vec<Comment> {
        let mails = [
            "",
            "red",
            "ue big",
            "shita small cyan",
            "black",
            "_live",
            "nico:fill:#00f8 nico:waku:#fff",
        ];
        let count = mails.len() * 6;
        let texts = ["こんにちは", "8888", "ゆっくり\nしていってね", "草"];
        (0..count)
            .map(|i| {
                let vpos = Vpos(i64::try_from(i).unwrap() * 9);
                Comment::new(vpos, texts[i % 4]).mail(mails[i % mails.len()])
            })
            .collect()
    }

    fn fonts() -> Fonts {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fonts");
        Fonts::from_files([format!("{folder}/NotoCJKjp-Sans-Bold.subset.otf")]).unwrap()
    }

    /// The pictures, laid over one another in 8 bits, come to what `Overlay` makes of them all: at the
    /// stage's shape, at narrow and at wide ones.
    #[test]
    fn pictures_come_to_the_whole() {
        let fonts = fonts();
        let laid_out = layout(&comments(), &fonts, &LayoutOptions::default());
        for (width, height) in [(320, 180), (240, 180), (500, 180), (200, 300)] {
            let viewport = Viewport::new(width, height).unwrap();
            let mut overlay = SpriteOverlay::new(&fonts, viewport);
            let placed = overlay.follow(laid_out.clone());
            let mut whole = Overlay::new(&laid_out, viewport);
            let mut list = Vec::new();
            for t in [0.0, 130.5, 260.0, 431.3] {
                overlay.look(&placed, t, &mut list);
                let mut laid = RgbaImage::new(width, height);
                for item in &list {
                    let picture = overlay.picture(&placed, item).unwrap();
                    for (x, y, pixel) in picture.image.enumerate_pixels() {
                        let at = |at: u32, from: i32| i64::from(at) + i64::from(from);
                        let (x, y) = (at(x, item.x + picture.left), at(y, item.y + picture.top));
                        let inside =
                            (0..width.into()).contains(&x) && (0..height.into()).contains(&y);
                        if inside {
                            let (x, y) = (u32::try_from(x).unwrap(), u32::try_from(y).unwrap());
                            laid.get_pixel_mut(x, y).blend(pixel);
                        }
                    }
                }
                let expected = whole.picture(t);
                assert!(expected.pixels().any(|pixel| pixel.0[3] > 0));
                for (one, other) in laid.pixels().zip(expected.pixels()) {
                    // Colours that are hardly seen may differ.
                    let seen = |pixel: &image::Rgba<u8>| {
                        let alpha = u32::from(pixel.0[3]);
                        let [r, g, b, _] = pixel.0.map(|channel| u32::from(channel) * alpha / 255);
                        [r, g, b, alpha]
                    };
                    let pairs = seen(one).into_iter().zip(seen(other));
                    let most = pairs.map(|(one, other)| one.abs_diff(other)).max();
                    assert!(most <= Some(6), "{one:?} {other:?} at {t}");
                }
            }
        }
    }

    /// Keys go on from layout to layout, and comments that look alike share one.
    #[test]
    fn keys_tell_pictures_apart() {
        let fonts = fonts();
        let laid_out = layout(&comments(), &fonts, &LayoutOptions::default());
        let mut overlay = SpriteOverlay::new(&fonts, Viewport::new(640, 360).unwrap());
        let keys = |overlay: &mut SpriteOverlay<'_>| {
            let placed = overlay.follow(laid_out.clone());
            let mut list = Vec::new();
            overlay.look(&placed, 260.0, &mut list);
            let mut keys: Vec<u64> = list.iter().map(|item| item.key / 16).collect();
            keys.sort_unstable();
            let all = keys.len();
            keys.dedup();
            assert!(!keys.is_empty() && keys.len() < all);
            keys
        };
        let (first, second) = (keys(&mut overlay), keys(&mut overlay));
        assert!(first.last() < second.first());
    }

    /// A comment far larger than the picture is drawn where it is seen.
    #[test]
    fn large_comments_come_in_parts() {
        let fonts = fonts();
        let wide = Comment::new(Vpos(0), "草".repeat(2_000)).mail("big");
        let laid_out = layout(&[wide], &fonts, &LayoutOptions::default());
        let mut overlay = SpriteOverlay::new(&fonts, Viewport::new(1920, 1080).unwrap());
        let placed = overlay.follow(laid_out);
        let mut list = Vec::new();
        overlay.look(&placed, 100.0, &mut list);
        assert!(list[0].is_part && list[0].x < -1_000);
        let picture = overlay.picture(&placed, &list[0]).unwrap();
        assert!(picture.image.width() <= 1_920);
        assert_eq!(picture.left + list[0].x, 0);
    }
}
