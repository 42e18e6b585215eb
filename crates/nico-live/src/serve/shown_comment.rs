use std::io::Cursor;

use base64::{Engine, engine::general_purpose::STANDARD};
use image::ImageFormat;
use nico_comments::Position;
use overlay_render::{CommentPicture, PlacedComment};
use serde::Serialize;

/// A comment with its place, its movement and its picture, as the page gets it.
///
/// Lengths are pixels of the stage of 1920x1080, times milliseconds of the stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ShownComment {
    /// Its number among all that were shown.
    pub id: usize,
    /// What it says: for programs, the page draws the picture.
    pub text: String,
    /// `scroll`, `top` or `bottom`.
    pub kind: &'static str,
    /// Left edge of its box when it begins.
    pub x: f64,
    /// Top edge of its box.
    pub y: f64,
    /// Width of its box.
    pub width: f64,
    /// Height of its box.
    pub height: f64,
    /// Pixels to the left in a second.
    pub speed: f64,
    /// When it begins.
    pub begin: i64,
    /// When it is over.
    pub end: i64,
    /// Pixels from the picture's left edge to that of the box.
    pub left: u32,
    /// Pixels from the picture's top edge to that of the box.
    pub top: u32,
    /// The picture, PNG in base64.
    pub png: String,
}

impl ShownComment {
    /// A comment of a [`LiveStage`](overlay_render::LiveStage) with its picture at the stage's size.
    #[must_use]
    pub fn new(placed: &PlacedComment, picture: &CommentPicture) -> Self {
        let (begin, end) = placed.shown_between();
        let mut png = Cursor::new(Vec::new());
        // Writing into memory fails for pictures without pixels only; those are drawn as nothing.
        let written = picture.image.write_to(&mut png, ImageFormat::Png);
        let png = written.map_or_else(|_| String::new(), |()| STANDARD.encode(png.get_ref()));
        #[expect(clippy::cast_precision_loss, reason = "times are far below 2⁵³")]
        let x = placed.x_at(begin as f64);
        Self {
            id: placed.index,
            text: placed.text.to_string(),
            kind: match placed.position {
                Position::Naka => "scroll",
                Position::Ue => "top",
                Position::Shita => "bottom",
            },
            x,
            y: placed.top(),
            width: placed.width,
            height: placed.height,
            speed: placed.speed() * 100.0,
            begin: begin.saturating_mul(10),
            end: end.saturating_mul(10),
            left: picture.left,
            top: picture.top,
            png,
        }
    }
}
