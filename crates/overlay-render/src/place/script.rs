//! Nicoscript, the owner's commands to the player: `docs/spec/comment-layout.md`, section 5.

use std::collections::BTreeMap;

use super::commands::{Commands, Style};

/// Scripts of a kind that act; real files have a few dozen.
const MAX_SCRIPTS: usize = 1_000;
/// What replacements add to all texts together, in bytes: a short script could make each of a
/// million comments as long as comments may be.
const MAX_ADDED: usize = 64 << 20;
/// How long `@逆` and `@コメント禁止` work without a duration, in centiseconds.
const HALF_MINUTE: i64 = 3_000;

/// Whose comments a script is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    All,
    Viewers,
    Owner,
    /// `含む`: everybody's that match.
    Matching,
    /// `含まない`: everybody's that do not.
    NotMatching,
}

/// A time span with the comments that it concerns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) target: Target,
}

impl Span {
    pub(crate) fn holds(&self, t: f64, owner: bool) -> bool {
        let concerned = match self.target {
            Target::Viewers => !owner,
            Target::Owner => owner,
            _ => true,
        };
        concerned && super::motion::real(self.from) <= t && t < super::motion::real(self.to)
    }
}

/// The scripts met so far, while comments are gone through in order.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    defaults: Vec<(i64, i64, Style)>, // from, to
    replacements: Vec<Replacement>,
    pub(crate) reversed: Vec<Span>,
    pub(crate) banned: Vec<Span>,
    /// How many of each kind, by the reference's names for them.
    pub(crate) counts: BTreeMap<&'static str, usize>,
    /// What replacements added so far.
    added: usize,
    /// Texts that were left as they were because all of them together would have grown too long.
    pub(crate) not_replaced: usize,
}

#[derive(Debug)]
struct Replacement {
    from: i64,
    to: i64,
    old: String,
    new: String,
    whole: bool,
    target: Target,
    exact: bool,
    style: Style,
}

/// Whether a text hides itself: Niwango programs, and the owner's scripts.
pub(crate) fn is_hidden(text: &str, owner: bool) -> bool {
    let command = text.strip_prefix(['@', '＠']);
    text.starts_with('/')
        || (owner
            && command.is_some_and(|rest| {
                !rest.starts_with(char::is_whitespace)
                    && !rest.is_empty()
                    && !rest.starts_with("ボタン")
            }))
}

impl Scripts {
    /// Takes in a script of the owner. Other texts do nothing.
    pub(crate) fn learn(&mut self, text: &str, vpos: i64, commands: &Commands) {
        let Some(rest) = text.strip_prefix(['@', '＠']) else {
            return;
        };
        let until = |default: Option<i64>| {
            let long = commands.script_long.or(default);
            long.map_or(i64::MAX, |long| vpos + long)
        };
        let kind = if rest.starts_with("デフォルト") {
            self.defaults.push((vpos, until(None), commands.style));
            "default"
        } else if let Some(arguments) = rest.strip_prefix("置換") {
            let Some(replacement) = replacement(arguments, vpos, until(None), commands.style)
            else {
                return;
            };
            self.replacements.push(replacement);
            "replace"
        } else if let Some(arguments) = rest.strip_prefix('逆') {
            self.reversed.push(Span {
                from: vpos,
                to: until(Some(HALF_MINUTE)),
                target: arguments
                    .split_whitespace()
                    .next()
                    .and_then(target)
                    .unwrap_or(Target::All),
            });
            "reverse"
        } else if rest.starts_with("コメント禁止") {
            self.banned.push(Span {
                from: vpos,
                to: until(Some(HALF_MINUTE)),
                target: Target::All,
            });
            "ban"
        } else if rest.starts_with("シーク禁止") {
            "seekDisable"
        } else if rest.starts_with("ジャンプ") {
            "jump"
        } else {
            return;
        };
        *self.counts.entry(kind).or_default() += 1;
        self.defaults.truncate(MAX_SCRIPTS);
        self.replacements.truncate(MAX_SCRIPTS);
        self.reversed.truncate(MAX_SCRIPTS);
        self.banned.truncate(MAX_SCRIPTS);
    }

    /// The defaults at a time. Of several the oldest counts, unless newer ones give all four values
    /// already.
    pub(crate) fn defaults_at(&self, vpos: i64) -> Style {
        let mut style = Style::default();
        for (_, _, newer) in self
            .defaults
            .iter()
            .rev()
            .filter(|(from, to, _)| *from <= vpos && vpos < *to)
        {
            style = Style {
                position: newer.position.or(style.position),
                size: newer.size.or(style.size),
                font: newer.font.or(style.font),
                color: newer.color.or(style.color),
            };
            if style.position.is_some()
                && style.size.is_some()
                && style.font.is_some()
                && style.color.is_some()
            {
                break;
            }
        }
        style
    }

    /// Rewrites a comment by the active replacements, oldest first. `max_len` bounds the text in
    /// bytes, [`MAX_ADDED`] what all texts grow by.
    pub(crate) fn rewrite(
        &mut self,
        text: &mut String,
        style: &mut Style,
        vpos: i64,
        owner: bool,
        max_len: usize,
    ) {
        let before = text.len();
        let most = before.saturating_add(MAX_ADDED - self.added);
        let mut is_left = false;
        for rule in &self.replacements {
            if vpos < rule.from || vpos >= rule.to || !rule.concerns(text, owner) {
                continue;
            }
            if rule.whole {
                if rule.new.len() <= most {
                    text.clone_from(&rule.new);
                } else {
                    is_left = true;
                }
            } else if !rule.old.is_empty() {
                let found = text.matches(rule.old.as_str()).count();
                let new = found.saturating_mul(rule.new.len());
                if text.len().saturating_add(new) <= max_len {
                    if text.len() - found * rule.old.len() + new <= most {
                        *text = text.replace(&rule.old, &rule.new);
                    } else {
                        is_left = true;
                    }
                }
            }
            style.position = rule.style.position.or(style.position);
            style.size = rule.style.size.or(style.size);
            style.font = rule.style.font.or(style.font);
            style.color = rule.style.color.or(style.color);
        }
        self.added += text.len().saturating_sub(before);
        self.not_replaced += usize::from(is_left);
    }
}

impl Replacement {
    fn concerns(&self, text: &str, owner: bool) -> bool {
        let matching = if self.exact {
            text == self.old
        } else {
            text.contains(&self.old)
        };
        match self.target {
            Target::All | Target::Matching => matching,
            Target::Viewers => matching && !owner,
            Target::Owner => matching && owner,
            Target::NotMatching => !matching,
        }
    }
}

fn target(word: &str) -> Option<Target> {
    Some(match word {
        "全" => Target::All,
        "コメ" => Target::Viewers,
        "投コメ" => Target::Owner,
        "含む" => Target::Matching,
        "含まない" => Target::NotMatching,
        _ => return None,
    })
}

fn replacement(arguments: &str, from: i64, to: i64, style: Style) -> Option<Replacement> {
    let mut words = split_quoted(arguments).into_iter();
    let old = words.next()?;
    Some(Replacement {
        from,
        to,
        old,
        new: words.next().unwrap_or_default(),
        whole: words.next().is_some_and(|word| word == "全"),
        target: words
            .next()
            .as_deref()
            .and_then(target)
            .unwrap_or(Target::Viewers),
        exact: words.next().is_some_and(|word| word == "完全一致"),
        style,
    })
}

/// Splits at white space; quotes of three kinds keep blanks together, and `\n` in the first two is
/// a line break.
fn split_quoted(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match quote {
            Some(end) if c == end => quote = None,
            Some('"' | '\'') if c == '\\' && chars.peek() == Some(&'n') => {
                chars.next();
                word.push('\n');
            }
            Some(_) => word.push(c),
            None if c.is_whitespace() => {
                if quoted || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                quoted = false;
            }
            None => match closing(c).filter(|_| word.is_empty()) {
                Some(end) => {
                    quote = Some(end);
                    quoted = true;
                }
                None => word.push(c),
            },
        }
    }
    if quoted || !word.is_empty() {
        words.push(word);
    }
    words
}

fn closing(c: char) -> Option<char> {
    Some(match c {
        '"' | '\'' => c,
        '「' => '」',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nico_comments::{Mail, Position, Size};

    fn commands(mail: &str) -> Commands {
        Commands::parse(&Mail::parse(mail), true)
    }

    fn rewritten(scripts: &mut Scripts, text: &str, owner: bool) -> String {
        let mut text = text.to_owned();
        scripts.rewrite(&mut text, &mut Style::default(), 10, owner, 1000);
        text
    }

    #[test]
    fn arguments_are_split_at_blanks_outside_quotes() {
        assert_eq!(
            split_quoted(" a 「b c」　\"d\\ne\" '' f'g"),
            ["a", "b c", "d\ne", "", "f'g"]
        );
    }

    #[test]
    fn replacements_change_text() {
        let mut scripts = Scripts::default();
        scripts.learn("@置換 草 w", 0, &commands(""));
        scripts.learn("＠置換 8888 拍手 全 全", 0, &commands("shita"));
        assert_eq!(rewritten(&mut scripts, "草草", false), "ww");
        assert_eq!(rewritten(&mut scripts, "草草", true), "草草");
        assert_eq!(rewritten(&mut scripts, "88888", true), "拍手");
        let mut style = Style::default();
        scripts.rewrite(&mut "8888".to_owned(), &mut style, 10, false, 1000);
        assert_eq!(style.position, Some(Position::Shita));
    }

    #[test]
    fn replacements_cannot_grow_without_bound() {
        let mut scripts = Scripts::default();
        for _ in 0..1000 {
            scripts.learn("@置換 w wwwwwwwwww 単 全", 0, &commands(""));
        }
        assert!(rewritten(&mut scripts, "w", false).len() <= 1000);
    }

    /// 29,999 bytes are added each time, which 64 MiB hold 2,237 times. What makes texts shorter
    /// goes on.
    #[test]
    fn replacements_have_a_bound_for_all_texts_together() {
        let mut scripts = Scripts::default();
        let long = "字".repeat(10_000);
        scripts.learn(&format!("@置換 a {long}"), 0, &commands(""));
        scripts.learn(&format!("@置換 b {long} 全"), 0, &commands(""));
        scripts.learn("@置換 長い 短", 0, &commands(""));
        let mut length = 0;
        for number in 0..3_000 {
            let mut text = ["a", "b"][number % 2].to_owned();
            scripts.rewrite(&mut text, &mut Style::default(), 10, false, 49_152);
            length += text.len();
        }
        assert_eq!(length, 2_237 * 30_000 + 763);
        assert_eq!(scripts.not_replaced, 763);
        assert_eq!(rewritten(&mut scripts, "長い", false), "短");
    }

    #[test]
    fn the_oldest_default_counts() {
        let mut scripts = Scripts::default();
        scripts.learn("@デフォルト", 0, &commands("ue @10"));
        scripts.learn("@デフォルト", 100, &commands("shita big"));
        let style = scripts.defaults_at(200);
        assert_eq!(
            (style.position, style.size),
            (Some(Position::Ue), Some(Size::Big))
        );
        assert_eq!(scripts.defaults_at(1000).position, Some(Position::Shita));
        assert_eq!(scripts.defaults_at(50).size, None);
    }

    #[test]
    fn owners_scripts_hide_themselves() {
        assert!(is_hidden("@逆", true) && is_hidden("＠ピザ", true) && is_hidden("/seek", false));
        assert!(
            !is_hidden("@逆", false) && !is_hidden("@ 逆", true) && !is_hidden("@ボタン [a]", true)
        );
    }
}
