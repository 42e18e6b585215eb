use std::collections::HashMap;

use super::brush::Brush;
use super::canvas::Canvas;
use super::outline::OutlineStyle;
use super::sprites::Content;
use crate::place::{DrawItem, Layout};
use crate::viewport::Viewport;

/// Memory for sprites, in bytes.
const BYTES: usize = 192 << 20;

/// Paints the comments of a layout, moment by moment.
pub(super) struct Painter<'a> {
    layout: &'a Layout,
    contents: Vec<u32>, // for each comment, which of the distinct drawings it has
    brush: Option<Brush<'a>>,
    list: Vec<DrawItem>,
}

impl<'a> Painter<'a> {
    pub(super) fn new(layout: &'a Layout, viewport: Viewport, style: OutlineStyle) -> Self {
        let mut known = HashMap::new();
        let contents = layout.comments().iter().map(|comment| {
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            *known.entry(Content::of(comment)).or_insert(next)
        });
        Self {
            contents: contents.collect(),
            // A layout without fonts has no comments.
            brush: layout
                .fonts()
                .map(|fonts| Brush::new(fonts, viewport, style, BYTES)),
            layout,
            list: Vec::new(),
        }
    }

    /// Looks up what is on the stage at `t` centiseconds, and returns how many comments that are.
    pub(super) fn look(&mut self, t: f64) -> usize {
        self.layout.draw_list_into(t, &mut self.list);
        self.list.len()
    }

    /// Paints what the last [`look`](Self::look) found.
    pub(super) fn paint(&mut self, canvas: &mut impl Canvas) {
        let Some(brush) = &mut self.brush else {
            return;
        };
        for item in &self.list {
            let comment = &self.layout.comments()[item.index];
            brush.comment(comment, self.contents[item.index], (item.x, item.y), canvas);
        }
    }
}
