use caption_model::commenter::{CommentPlace, CommentSize, CommentStyle, StreamComment};
use nico_comments::{Comment, Fork, Vpos};

/// Colours that coloured comments get, each viewer one of them.
const COLORS: [&str; 8] = [
    "red", "pink", "orange", "yellow", "green", "cyan", "blue", "purple",
];

/// A comment that a [`Commenter`](caption_model::Commenter) wrote for a viewer, as comment files
/// have it: its style as mail commands and fork, the viewer as an anonymous user. Number and date
/// are left open.
#[must_use]
pub fn written_comment(millis: i64, viewer: u32, written: &StreamComment) -> Comment {
    let fork = match written.style.is_one_tap {
        true => Fork::Easy,
        false => Fork::Main,
    };
    Comment::new(Vpos(millis.div_euclid(10)), written.text.as_str())
        .thread("1")
        .fork(fork)
        .mail(mail(written.style, viewer).as_str())
        .user(format!("generated-{viewer}"))
        .anonymous(true)
}

/// The commands of a style.
fn mail(style: CommentStyle, viewer: u32) -> String {
    let mut words = vec!["184"];
    match style.place {
        CommentPlace::Top => words.push("ue"),
        CommentPlace::Bottom => words.push("shita"),
        _ => {}
    }
    match style.size {
        CommentSize::Big => words.push("big"),
        CommentSize::Small => words.push("small"),
        _ => {}
    }
    if style.is_colored {
        words.push(COLORS[viewer as usize % COLORS.len()]);
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commenting::comment_style,
        stream::{Dialogue, Episode},
    };

    #[test]
    fn styles_come_back() {
        for style in CommentStyle::all() {
            let written = StreamComment {
                text: "w".into(),
                style,
                score: 0.0,
            };
            let comment = written_comment(20, 3, &written);
            let episode = Episode::new("a", [comment], Dialogue::default());
            assert_eq!(comment_style(&episode.comment(0)), style);
        }
    }
}
