//! What the operator of a live broadcast writes: `docs/spec/comment-layout.md`, section 14.

use nico_comments::{Color, Comment};

/// How long a banner is shown that does not say so by `@N`, in centiseconds.
pub(crate) const USUAL_BANNER: i64 = 500;
/// How long one is shown that nothing clears: six hours, as long as a broadcast.
pub(crate) const LONGEST_BANNER: i64 = 6 * 360_000;
/// Longest tag that is looked for, in bytes.
const MAX_TAG: usize = 512;
/// Tags that the operator's texts have.
const TAGS: &[&str] = &[
    "a", "b", "br", "center", "div", "em", "font", "i", "p", "s", "span", "strike", "strong", "u",
];

/// A comment of the operator or of the broadcaster.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operator {
    /// A text at the top of the picture.
    Banner(Banner),
    /// `/clear` or `/cls`: takes away what `/perm` put there.
    Clear,
    /// Another command to the player: `/vote`, `/nicoad`, `/disconnect`, `/hb`, …
    Command,
}

/// A text at the top of the picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Banner {
    pub(crate) text: String,
    pub(crate) color: Option<Color>,
    /// Whether it stays until it is cleared or replaced (`/perm`).
    pub(crate) stays: bool,
}

/// What an operator's comment is; `None` for viewers' and for those of a video's owner.
pub(crate) fn read(comment: &Comment) -> Option<Operator> {
    if !comment.is_operator() {
        return None;
    }
    let (text, stays) = match command(&comment.body) {
        None => (comment.body.as_str(), false),
        Some(("perm", text)) => (text, true),
        Some(("clear" | "cls", _)) => return Some(Operator::Clear),
        Some(_) => return Some(Operator::Command),
    };
    let (text, color) = plain(text);
    Some(Operator::Banner(Banner { text, color, stays }))
}

/// The name of a command, which is lower-case letters, and what follows.
fn command(body: &str) -> Option<(&str, &str)> {
    let rest = body.strip_prefix('/')?;
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (name, argument) = rest.split_at(end);
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase());
    is_name.then_some((name, argument.trim()))
}

/// For each comment of the operator, in the order of time and with its vpos, how long it stays if it
/// is a `/perm`: until the next `/perm` or `/clear`.
pub(crate) fn stays(operators: &[(i64, Operator)]) -> Vec<i64> {
    let mut stays = vec![USUAL_BANNER; operators.len()];
    let mut next: Option<i64> = None;
    for (index, (vpos, operator)) in operators.iter().enumerate().rev() {
        let ends = match operator {
            Operator::Clear => true,
            Operator::Banner(banner) => banner.stays,
            Operator::Command => false,
        };
        if ends {
            let now = *vpos;
            stays[index] = next.map_or(LONGEST_BANNER, |next| (next - now).min(LONGEST_BANNER));
            next = Some(now);
        }
    }
    stays
}

/// The text of a piece of HTML, and the colour that it begins with. What is no tag of theirs is
/// text.
fn plain(html: &str) -> (String, Option<Color>) {
    let mut text = String::with_capacity(html.len());
    let mut color = None;
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((tag, after)) = tag(rest) {
            if tag.name.eq_ignore_ascii_case("br") {
                text.push('\n');
            } else if tag.name.eq_ignore_ascii_case("font") && text.trim().is_empty() {
                color = color.or_else(|| attribute(tag.attributes, "color").and_then(Color::parse));
            }
            rest = after;
        } else if let Some((c, after)) = entity(rest) {
            text.push(c);
            rest = after;
        } else {
            text.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    text.push_str(rest);
    (text, color)
}

struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
}

/// The tag that a text begins with, and what follows.
fn tag(text: &str) -> Option<(Tag<'_>, &str)> {
    let inside = text.strip_prefix('<')?;
    let end = inside.bytes().take(MAX_TAG).position(|byte| byte == b'>')?;
    let (inside, after) = (&inside[..end], &inside[end + 1..]);
    let inside = inside.strip_prefix('/').unwrap_or(inside);
    let name_end = inside
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(inside.len());
    let (name, attributes) = inside.split_at(name_end);
    let is_known = TAGS.iter().any(|known| known.eq_ignore_ascii_case(name));
    is_known.then_some((Tag { name, attributes }, after))
}

/// The value of an attribute, with or without quotes.
fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let lower = attributes.to_ascii_lowercase(); // of the same length
    let at = lower.find(&format!("{name}="))? + name.len() + 1;
    let value = &attributes[at..];
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next(),
        _ => value.split([' ', '\t', '/']).next(),
    }
}

/// The character that an entity at the beginning stands for, and what follows.
fn entity(text: &str) -> Option<(char, &str)> {
    let entities = [
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&#39;", '\''),
        ("&nbsp;", ' '),
        ("&amp;", '&'),
    ];
    let mut entities = entities.into_iter();
    entities.find_map(|(name, c)| Some((c, text.strip_prefix(name)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nico_comments::Vpos;

    fn operator(premium: u8, body: &str) -> Option<Operator> {
        let mut comment = Comment::new(Vpos(0), body);
        comment.premium = premium;
        read(&comment)
    }

    #[test]
    fn commands_are_no_text() {
        for body in [
            "/nicoad {\"message\":\"x\"}",
            "/vote start 好き？ はい いいえ",
            "/hb ifseetno 5",
            "/disconnect",
        ] {
            assert_eq!(operator(3, body), Some(Operator::Command), "{body}");
        }
        assert_eq!(operator(2, "/cls"), Some(Operator::Clear));
        assert_eq!(operator(24, "/vote"), None); // a viewer's flags
        assert_eq!(operator(1, "お知らせ"), None);
    }

    #[test]
    fn tags_are_no_text() {
        let text = |body: &str| match operator(3, body) {
            Some(Operator::Banner(banner)) => (banner.text, banner.stays),
            other => panic!("{body}: {other:?}"),
        };
        let shown = |text: &str| (text.to_owned(), false);
        assert_eq!(text("<b>太字</b>の<BR/>運営"), shown("太字の\n運営"));
        assert_eq!(
            text("a < b <3 <x> &lt;b&gt; &amp;lt; &"),
            shown("a < b <3 <x> <b> &lt; &")
        );
        assert_eq!(
            text("/perm <a href=\"https://example.com/\"><u>商品</u></a>"),
            ("商品".to_owned(), true)
        );
    }

    #[test]
    fn a_font_at_the_beginning_gives_the_colour() {
        let color = |html: &str| plain(html).1.map(|color| color.to_string());
        assert_eq!(
            color("<u><font size=5 color=\"#00CCFF\">sm9</font></u>").as_deref(),
            Some("#00CCFF")
        );
        assert_eq!(color("<font color=red>x").as_deref(), Some("#FF0000"));
        assert_eq!(color("x<font color='red'>y"), None);
    }

    #[test]
    fn what_stays_does_so_until_it_is_cleared() {
        let bodies = ["/perm a", "text", "/perm b", "/clear", "/perm c"];
        let times = [0, 10, 700, 900, 1000];
        let operators = bodies.iter().zip(times).map(|(body, vpos)| {
            let operator = operator(3, body).expect("the operator's");
            (vpos, operator)
        });
        let stays = stays(&operators.collect::<Vec<_>>());
        assert_eq!(
            [stays[0], stays[1], stays[2], stays[4]],
            [700, USUAL_BANNER, 200, LONGEST_BANNER]
        );
    }
}
