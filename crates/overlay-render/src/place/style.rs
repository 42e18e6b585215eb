//! How a comment looks, and how large it is: everything about it but its lane.

use nico_comments::{Color, Comment, Position};

use super::commands::{Commands, Fill};
use super::flash_size::{self, Wanted};
use super::motion::{clamped, real};
use super::operator::Operator;
use super::options::{LayoutOptions, MAX_LENGTH};
use super::placed::PlacedComment;
use super::script::{self, Scripts};
use super::sized::Sized;
use super::stage::STAGE_HEIGHT;
use super::text::CommentText;
use crate::rgba::Rgba;
use crate::text::family::Family;
use crate::text::flash_runs;
use crate::text::shape::Shaper;

/// Longest text that the owner's scripts make of another, in bytes.
const MAX_REWRITTEN: usize = MAX_LENGTH * 3;
/// What a banner stands on: half of the picture is seen through it.
const BANNER_BAR: Rgba = Rgba {
    color: Color::BLACK,
    alpha: 128,
};
/// Opacity of the outline.
const OUTLINE_ALPHA: u8 = 102;

/// A comment and what is known of it before it is measured.
pub(super) struct Source<'a> {
    pub(super) comment: &'a Comment,
    /// Its text, where that lies in a block already.
    pub(super) text: Option<CommentText>,
    pub(super) index: usize,
    pub(super) src: usize,
    pub(super) operator: Option<Operator>,
    /// How long a banner stays.
    pub(super) stays: i64,
}

/// Everything about a comment but its lane.
#[expect(
    clippy::cast_possible_truncation,
    reason = "factors that are written and shown with few digits"
)]
pub(super) fn style_and_size(
    source: Source<'_>,
    scripts: &mut Scripts,
    shaper: &mut Shaper<'_>,
    options: &LayoutOptions,
) -> PlacedComment {
    let Source {
        comment,
        text: shared,
        index,
        src,
        operator,
        stays,
    } = source;
    let owner = comment.is_owner() && operator.is_none();
    let vpos = clamped(comment.vpos);
    let (mut text, mut is_cut) = normalized(&comment.body, options);
    let mut commands = Commands::parse(&comment.mail, comment.is_premium() || operator.is_some());
    let mut style = commands.style;
    let mut hidden = script::is_hidden(&text, owner);
    if options.scripts && operator.is_none() {
        if owner {
            scripts.learn(&text, vpos, &commands);
        }
        if !hidden {
            scripts.rewrite(&mut text, &mut style, vpos, owner, MAX_REWRITTEN);
            is_cut |= cut(&mut text, options);
        }
        let defaults = scripts.defaults_at(vpos);
        style.position = style.position.or(defaults.position);
        style.size = style.size.or(defaults.size);
        style.font = style.font.or(defaults.font);
        style.color = style.color.or(defaults.color);
    }
    let banner = match operator {
        Some(Operator::Banner(banner)) => {
            (text, is_cut) = normalized(&banner.text, options);
            hidden = false;
            if banner.stays || !commands.says_long {
                commands.long = stays;
            }
            commands.full = false;
            style.position = Some(Position::Ue);
            let short = false;
            let color = banner.color.map(|color| Fill { color, short });
            style.color = color.or(style.color);
            true
        }
        Some(Operator::Clear | Operator::Command) => {
            hidden = true;
            false
        }
        None => false,
    };
    let fill = style.color;
    let color = fill.map_or(Color::WHITE, |fill| fill.color);
    let position = style.position.unwrap_or_default();
    let is_flash = options.player.is_flash(comment);
    let family = match style.font.unwrap_or_default() {
        family if is_flash => flash_runs::first_family(&text).unwrap_or(family),
        Family::Gulim | Family::SimSun => Family::Defont,
        family => family,
    };
    let size = style.size.unwrap_or_default();
    let invisible = commands.invisible || hidden;
    let lines: Vec<&str> = text.split('\n').collect();
    let sized = if invisible {
        Sized::default()
    } else if is_flash {
        let wanted = Wanted {
            text: &text,
            size,
            position,
            full: commands.full,
            ender: commands.ender,
            factor: options.size,
        };
        flash_size::sized(shaper, family, wanted)
    } else {
        Sized::of(
            shaper,
            family,
            size,
            &lines,
            position,
            commands.full,
            commands.ender,
            options.size,
        )
    };
    let long = match position {
        Position::Naka => faster(commands.long, options.speed),
        Position::Ue | Position::Shita => commands.long,
    };
    let outline_color = if color == Color::BLACK && !fill.is_some_and(|fill| fill.short) {
        Color::WHITE
    } else {
        Color::BLACK
    };
    let outline = commands
        .stroke
        .map_or(Rgba::new(outline_color, OUTLINE_ALPHA), |stroke| {
            Rgba::new(stroke.color, stroke.alpha.unwrap_or(OUTLINE_ALPHA))
        });
    PlacedComment {
        index,
        src,
        vpos: comment.vpos,
        position,
        size,
        font: family.font(),
        color,
        outline,
        stroke: commands.stroke.map(|_| outline),
        fill_box: commands.fill_box.or(banner.then_some(BANNER_BAR)),
        frame: commands.frame,
        opacity: commands
            .opacity
            .unwrap_or(if commands.live { 0.5 } else { 1.0 })
            .min(1.0)
            * options.opacity,
        opacity_command: commands.opacity.map(|opacity| opacity as f32),
        long,
        layer: comment.layer.unwrap_or(-1),
        full: commands.full,
        ender: commands.ender,
        live: commands.live,
        owner,
        banner,
        invisible,
        blank: text.chars().all(is_blank),
        says_naka: commands.says_naka,
        no: comment.no,
        num_lines: lines.len(),
        width: sized.width,
        height: sized.height,
        pos_y: 0.0,
        resized_x: sized.resized_x,
        resized_y: sized.resized_y,
        char_size: sized.metrics.char_size * options.size,
        line_height: sized.metrics.line_height * options.size,
        font_px: sized.font_px,
        glyph_scale: sized.glyph_scale * options.size,
        size_factor: options.size as f32,
        is_lowered: owner && sized.flash.is_none() && sized.resized_x && sized.glyph_scale < 1.0,
        floor: (STAGE_HEIGHT * options.area) as f32,
        overflow: 0,
        thinned: false,
        is_cut: is_cut && !invisible,
        fallback: sized.fallback,
        flash: sized.flash.map(Box::new),
        text: match shared {
            Some(shared) if shared == text.as_str() => shared,
            _ => text.as_str().into(),
        },
    }
}

/// The text as it is set, and whether it was cut: a TAB is two em spaces wide, and what is beyond
/// the limits is cut off.
fn normalized(body: &str, options: &LayoutOptions) -> (String, bool) {
    let mut text = body.replace('\t', "\u{2003}\u{2003}");
    let is_cut = cut(&mut text, options);
    (text, is_cut)
}

/// Cuts off what is beyond the limits; whether there was something.
fn cut(text: &mut String, options: &LayoutOptions) -> bool {
    let before = text.len();
    if text.len() > options.max_length {
        let mut units = 0;
        let end = text.char_indices().find(|(_, c)| {
            units += c.len_utf16();
            units > options.max_length
        });
        if let Some((end, _)) = end {
            text.truncate(end);
        }
    }
    if let Some((end, _)) = text.match_indices('\n').nth(options.max_lines - 1) {
        text.truncate(end);
    }
    text.len() < before
}

/// The display time with which a comment scrolls so many times as fast: its way takes a second more.
#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 12,100 centiseconds, four times"
)]
fn faster(long: i64, speed: f64) -> i64 {
    if speed == 1.0 {
        return long;
    }
    let long = ((real(long) + 100.0) / speed - 100.0).round() as i64;
    long.max(1)
}

/// Whether a character leaves no mark: white space, joiners, fillers.
fn is_blank(c: char) -> bool {
    let filler = matches!(
        c,
        '\u{AD}' | '\u{200B}'
            ..='\u{200D}'
                | '\u{2060}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{3164}'
                | '\u{FFA0}'
                | '\u{FEFF}'
    );
    filler || c.is_whitespace()
}
