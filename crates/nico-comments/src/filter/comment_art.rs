use super::Filter;
use crate::{Comment, Position};

/// Filter that removes comment art (ASCII art): pictures made of characters, and text that is set
/// with spaces like a subtitle.
///
/// A comment is art if any of these holds:
///
/// 1. It is marked: the commands `ca` or `patissier`.
/// 2. It has at least three lines and stands still (`ue`, `shita`), or has `full` or `ender`, or
///    holds two characters that art is laid out with: U+3000, U+00A0, U+2000 to U+200B, U+2800, or
///    box, block and geometric shapes (U+2500 to U+25FF).
/// 3. It holds four of the spaces that no keyboard has: U+00A0, U+2000 to U+200B, U+2800.
/// 4. It stands still and holds six spaces for layout, U+3000 among them.
///
/// [Scripts](Comment::is_script) are none. Of 2,284 comments that their makers marked, in the seven
/// collected files of niconicomments that have marks, 2 to 4 alone find 99.1 %; the others are the
/// fill-in lines of a larger picture. In an episode of 17,258 comments they find 60, which are
/// names and jokes set with spaces.
///
/// ```
/// use nico_comments::{Comment, CommentArt, Filter, Vpos};
///
/// let art = Comment::new(Vpos(0), "\u{3000}／\\\n\u{3000}|\u{2003}|\n￣￣￣").mail("184 small");
/// assert!(!CommentArt.keeps(&art));
/// assert!(CommentArt.keeps(&Comment::new(Vpos(0), "ここすき").mail("ue")));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CommentArt;

impl CommentArt {
    /// Whether the comment is art.
    #[must_use]
    pub fn is_art(comment: &Comment) -> bool {
        comment.mail.is_comment_art() || Self::looks_like_art(comment)
    }

    /// Whether the comment would be art without its mark.
    fn looks_like_art(comment: &Comment) -> bool {
        if comment.is_script() {
            return false;
        }
        let (mut lines, mut wide, mut odd, mut shapes) = (1_usize, 0_usize, 0_usize, 0_usize);
        for c in comment.body.chars() {
            match c {
                '\n' => lines += 1,
                '\u{3000}' => wide += 1,
                '\u{A0}' | '\u{2000}'..='\u{200B}' | '\u{2800}' => odd += 1,
                '\u{2500}'..='\u{25FF}' => shapes += 1,
                _ => {}
            }
        }
        let mail = &comment.mail;
        let still = mail.position() != Position::Naka;
        let laid_out = still || mail.is_full() || mail.is_ender() || wide + odd >= 2 || shapes >= 2;
        (lines >= 3 && laid_out) || odd >= 4 || (still && wide + odd >= 6)
    }
}

impl Filter for CommentArt {
    fn keeps(&self, comment: &Comment) -> bool {
        !Self::is_art(comment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Comments, Fork, Kind, ReadOptions, Vpos};
    use std::path::Path;

    #[test]
    fn talk_is_no_art() {
        let talk = |body: &str, mail| !CommentArt::is_art(&Comment::new(Vpos(0), body).mail(mail));
        assert!(talk("陰\n陽\n師", "naka"));
        assert!(talk("二行\nある", "ue"));
        assert!(talk("ｷﾀ━━━━━━(ﾟ∀ﾟ)━━━━━━!!", ""));
        assert!(talk("は？\u{3000}え\u{3000}なに", "ue"));
        assert!(!talk("一\n二\n三", "shita") && !talk("w", "PATISSIER"));
    }

    #[test]
    fn scripts_are_no_art() {
        let script = Comment::new(Vpos(0), "@置換\n\u{3000}\u{3000}\n \n").fork(Fork::Owner);
        assert!(!CommentArt::is_art(&script));
    }

    /// What the heuristic finds in real files without looking at the marks, against the marks.
    #[test]
    fn marked_comments_look_like_art() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
        if !data.exists() {
            eprintln!("SKIPPED: {} is not there", data.display());
            return;
        }
        let read = |name: &str| -> Vec<Comment> {
            Comments::open(data.join(name), ReadOptions::default())
                .unwrap()
                .map(Result::unwrap)
                .collect()
        };
        let (mut marked, mut found) = (0, 0);
        for file in ["2", "4", "12", "14", "16", "18", "22"] {
            let comments = read(&format!("niconico/{file}.json"));
            let art: Vec<_> = comments
                .iter()
                .filter(|c| c.mail.is_comment_art())
                .collect();
            marked += art.len();
            found += art.iter().filter(|c| CommentArt::looks_like_art(c)).count();
        }
        let looks = |name: &str| read(name).iter().filter(|c| CommentArt::is_art(c)).count();
        assert_eq!((marked, found), (2284, 2263));
        // The README calls 8.json comment art; 0.json, the episode and the past log are talk.
        assert_eq!(looks("niconico/8.json"), 88);
        let owners = read("comments/formatted-json/4.json");
        let owners = owners.iter().filter(|c| Kind::Owner.has(c));
        let (art, all) = owners.fold((0, 0), |(art, all), c| {
            (art + usize::from(CommentArt::is_art(c)), all + 1)
        });
        assert_eq!((art, all), (119, 144));
        assert_eq!(looks("comments/legacy-json/sm9.json"), 6);
        assert_eq!(looks("comments/legacy-json/flat-episode-17258.json"), 60);
        assert_eq!(looks("comments/legacy-json/past-log-819.json"), 10);
    }
}
