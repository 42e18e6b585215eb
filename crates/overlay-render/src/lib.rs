//! Places comments on a video the way Niconico's HTML5 player does, draws them, and renders videos
//! with them.
//!
//! [`layout`] is a pure function from comments to a [`Layout`]: each comment with its size, lane
//! and movement on a stage of 1920x1080 pixels. From there [`write_ass`] writes subtitles for
//! players and [`write_layout_json`] the numbers, [`draw_stage`] makes a transparent picture and
//! [`Overlay`] paints on frames in memory; [`SpriteOverlay`] makes a picture of each comment for
//! programs that have textures. `render` draws on a video and keeps its sound and frame times,
//! `render_pictures` and `render_frame` make PNG pictures of it. [`LiveStage`] and [`LiveOverlay`]
//! place and draw comments as they come, `LiveInput` and `LiveOutput` read and write the moving
//! picture. [`draw_tiles`] and [`HeatMap`] show where a model looked.
//!
//! # Example
//!
//! Without any feature: fonts from memory, comments as subtitles and as a picture.
//!
//! ```
//! use nico_comments::{Comment, Vpos};
//! use overlay_render::{AssOptions, Fonts, LayoutOptions, draw_stage, layout, write_ass};
//!
//! let comments = [
//!     Comment::new(Vpos(100), "こんにちは"),
//!     Comment::new(Vpos(250), "8888888").mail("ue big red"),
//! ];
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fonts");
//! # let path = format!("{folder}/NotoCJKjp-Sans-Bold.subset.otf");
//! let font: Vec<u8> = std::fs::read(path)?; // of a Japanese font, for example NotoSansJP-Bold.otf
//! let placed = layout(&comments, &Fonts::from_bytes([font])?, &LayoutOptions::default());
//!
//! let mut subtitles = Vec::new();
//! write_ass(&placed, &AssOptions::default(), &mut subtitles)?;
//! let picture = draw_stage(&placed, 300.0, 640, 360)?;
//! assert!(picture.pixels().any(|pixel| pixel.0 == [255, 0, 0, 255]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With the default features:
//!
#![cfg_attr(
    all(feature = "video", feature = "system-fonts"),
    doc = r#"
```no_run
use std::path::Path;

# use nico_comments::{Comment, Vpos};
use overlay_render::{Fonts, LayoutOptions, RenderOptions, layout, render};

# let comments = [Comment::new(Vpos(100), "うぽつ")];
let fonts = Fonts::system()?; // a Japanese font, for example Debian's fonts-noto-cjk
let placed = layout(&comments, &fonts, &LayoutOptions::default());
render(Path::new("in.mp4"), Path::new("out.mp4"), &placed, &RenderOptions::default())?;
# Ok::<(), overlay_render::Error>(())
```
"#
)]
//!
//! # Features
//!
//! | feature | gives | links |
//! |---|---|---|
//! | `video`, default | `render`, `render_pictures`, `render_frame` | FFmpeg's libraries; clang to build |
//! | `system-fonts`, default | `Fonts::system`, font files mapped into memory | fontconfig's settings are read, nothing is linked |
//!
//! Without both everything else works, builds for WebAssembly, and links nothing native.
//!
//! # Units
//!
//! Lengths are pixels of the stage, whatever the size of the picture that is drawn ([`Viewport`]
//! maps them). Times are centiseconds, as in comment files; moments that a picture is drawn for are
//! `f64` and may lie between two of them. Sizes of characters are layout units of [`UNIT`] pixels,
//! as the player counts them.
//!
//! # Keeping what borrows
//!
//! [`Overlay`], [`SpriteOverlay`], [`LiveStage`] and [`LiveOverlay`] borrow a layout or fonts, with
//! whose bytes they work where these lie. A program that keeps one for as long as it runs, as a game
//! in its state, leaks what is borrowed, once; one that opens video after video keeps both together,
//! for example with the crate `self_cell`.
//!
//! ```
//! use overlay_render::{Fonts, LayoutOptions, LiveStage};
//!
//! struct Game {
//!     stage: LiveStage<'static>,
//! }
//!
//! let fonts: &'static Fonts = Box::leak(Box::new(Fonts::estimated()));
//! let game = Game { stage: LiveStage::new(fonts, LayoutOptions::default()) };
//! assert_eq!(game.stage.comments().len(), 0);
//! ```
//!
//! # What is imitated
//!
//! The rules are those of the HTML5 player as the renderer niconicomments follows them: sizes,
//! shrinking, speed, lanes, order, colours, the mail commands, and the owner's scripts that change
//! appearance (`@デフォルト`, `@置換`, `@逆`, `@コメント禁止`). Text is measured with the same
//! kerning and rounding, so that with the same font files places agree to a hundredth of a pixel.
//! [`Player::Flash`] gives comments the look of the player before it, with its fonts where they are
//! installed. Not there: buttons, Niwango programs, the grouping of comment art by users.
//!
//! # Limits
//!
//! A comment has at most 16,384 UTF-16 units and 256 lines, the rest is cut off; pictures have
//! sides of at most [`MAX_SIDE`] pixels. Caches of glyphs and drawn comments stay below 250 MB.
//! Lines are set as a browser's canvas sets them, from left to right with right-to-left parts in
//! Unicode's order. Emoji are drawn in the colours of a font's bitmaps or layers, where one has them.
#![cfg_attr(docsrs, feature(doc_cfg))] // which feature an item needs, on docs.rs

mod ass;
mod attention;
mod draw;
mod error;
mod json;
mod limits;
mod place;
#[cfg(feature = "video")]
mod problem;
mod rgba;
mod text;
#[cfg(feature = "video")]
mod video;
mod viewport;

pub use ass::{AssAnchor, AssEvent, AssOptions, AssStage, AssWriter, write_ass};
pub use attention::{
    AttentionMap, AttentionTrack, CommentMaps, Contrast, HeatMap, PAPER_SMOOTHING, TileOptions,
    WordMap, draw_tiles,
};
pub use draw::{
    ChannelOrder, ChromaSiting, CommentPicture, LiveOverlay, Matrix, OutlineStyle, Overlay,
    RgbaPixels, SpriteImage, SpriteItem, SpriteLayout, SpriteOverlay, Yuv420p, YuvColors,
    draw_stage,
};
#[cfg(feature = "video")]
pub use error::shown_address;
pub use error::{Error, MapProblem};
pub use json::write_layout_json;
pub use limits::MAX_SIDE;
pub use place::{
    CommentText, DrawItem, LaneOverflow, Layout, LayoutOptions, LayoutProgress, LayoutReport,
    LayoutWarning, LiveStage, PackedComments, PlacedComment, Player, STAGE_HEIGHT, STAGE_WIDTH,
    UNIT, layout, layout_packed, layout_with_progress,
};
#[cfg(feature = "video")]
pub use problem::{InputProblem, OutputProblem};
pub use rgba::Rgba;
pub use text::{Fonts, StandIn};
#[cfg(feature = "video")]
pub use video::{
    Attention, Background, FrameRate, FrameShape, LiveContainer, LiveFrame, LiveInput, LiveItem,
    LiveOutput, LiveSound, LiveStreams, Loss, OutputSize, Progress, RenderOptions, RenderReport,
    RgbFrames, StreamKind, VideoInfo, render, render_frame, render_pictures, render_with_progress,
};
pub use viewport::Viewport;

/// The programs of the README are compiled.
#[cfg(all(doctest, feature = "system-fonts", feature = "video"))]
#[doc = include_str!("../README.md")]
struct Readme;
