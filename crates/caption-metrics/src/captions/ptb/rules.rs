//! The tokens: a regular expression each, of which the longest match is taken, the first of equal
//! ones.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

use super::abbreviations::{ANY_CASE, BEFORE_A_NUMBER, WITH_CAPITAL};

/// What a token of a rule becomes.
#[derive(Clone, Copy)]
enum Form {
    /// Itself.
    Same,
    /// With a straight apostrophe.
    Clitic,
    /// This text.
    Fixed(&'static str),
    /// Brackets by name, spaces as no-break spaces, so that it stays one token.
    OneToken,
}

use Form::{Clitic, Fixed, OneToken, Same};

struct Rule {
    /// Anchored; the token is the group `t`, what follows it must follow there too.
    pattern: Regex,
    form: Form,
}

/// Letters, and what else may stand within a word.
const WORD: &str = r"[\p{L}\p{M}][\p{L}\p{M}\p{Nd}_]*";

/// Words that fall into two tokens.
const CONTRACTIONS: [&str; 6] = ["cannot", "gonna", "gotta", "lemme", "gimme", "wanna"];

pub(super) fn is_contraction(word: &str) -> bool {
    CONTRACTIONS
        .iter()
        .any(|contraction| word.eq_ignore_ascii_case(contraction))
}

/// The first token of a text that does not begin with a space: how long it is there, and what
/// becomes of it.
pub(super) fn longest_match(text: &str) -> (usize, Cow<'_, str>) {
    let mut longest = None;
    for rule in RULES.iter() {
        let Some(found) = rule.pattern.captures(text) else {
            continue;
        };
        let (whole, token) = (found.get(0), found.name("t"));
        let (Some(whole), Some(token)) = (whole, token) else {
            continue;
        };
        if longest.is_none_or(|(length, _, _)| whole.end() > length) {
            longest = Some((whole.end(), token.as_str(), rule.form));
        }
    }
    let Some((_, token, form)) = longest else {
        return (0, Cow::Borrowed("")); // characters that are no token: emoji, controls
    };
    let text = match form {
        Same => Cow::Borrowed(token),
        Clitic => Cow::Owned(token.replace('’', "'")),
        Fixed(text) => Cow::Borrowed(text),
        OneToken => {
            let named = token.replace('(', "-lrb-").replace(')', "-rrb-");
            Cow::Owned(named.replace(' ', "\u{A0}"))
        }
    };
    (token.len(), text)
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let a = "['’]";
    let fraction = r"[0-9]{1,4}/[0-9]{1,4}";
    let thing = format!(
        r"(?:[dDoOlL]{a}[\p{{L}}\p{{M}}])?[\p{{L}}\p{{M}}\p{{Nd}}][\p{{L}}\p{{M}}\p{{Nd}}_]*"
    );
    let part = r"[A-Za-z0-9]+(?:-[A-Za-z]+){0,2}";
    let rules: Vec<(String, Form)> = vec![
        // Contractions and clitics.
        ("(?i:(?<t>can)not)".into(), Same),
        ("(?i:(?<t>gon|wan)na)".into(), Same),
        ("(?i:(?<t>got)ta)".into(), Same),
        ("(?i:(?<t>lem|gim)me)".into(), Same),
        (format!("(?i:(?<t>{a}t)(?:is|was))"), Clitic),
        (format!("(?i:(?<t>more){a}n)"), Same),
        (format!(r"(?<t>[A-Za-z]+?)[nN]{a}[tT]"), Same),
        (format!(r"(?<t>{a}(?:[msdMSD]|[rR][eE]|[vV][eE]|[lL][lL]))(?:[^A-Za-z]|$)"), Clitic),
        (format!(r"(?<t>{a}(?:[msdMSD]|[rR][eE]|[vV][eE]|[lL][lL]))$"), Clitic),
        (format!(r"(?<t>[nN]{a}[tT])"), Clitic),
        // Words with apostrophes of their own.
        (format!(r"(?<t>{a}[nN]{a}|[lLdDjJ]{a}|[oO][lL]{a}|{a}[eE][mM]|{a}[cC]ause|{a}[tT]il)"), Same),
        (format!(r"(?<t>{a}[nN])(?:[^A-Za-z]|$)"), Same),
        (format!(r"(?<t>[sS]omethin{a}|[mM]a{a}am|[oO]{a}clock|[dD]{a}ye)"), Same),
        (format!(r"(?<t>[yY]{a})[\p{{L}}]"), Same),
        (format!(r"(?<t>{a}[0-9]{{2}}[sS]?)(?:[^0-9]|$)"), Same),
        // Words, compounds and their like.
        (format!(r"(?<t>{WORD}(?:[.!?]{WORD})*)"), Same),
        (format!("(?<t>{thing}(?:-{thing})*)"), Same),
        (r"(?<t>[A-Za-z0-9][A-Za-z0-9.,]*(?:-[A-Za-z0-9]+)+)".into(), Same),
        (format!("(?<t>{part}(?:/{part}){{1,2}})"), Same),
        (r"(?<t>[A-Z]+(?:[+&][A-Z]+)+)".into(), Same),
        // Abbreviations: a full stop before another mark within the sentence makes one, too.
        (format!(r"(?<t>(?:{WORD}(?:[.!?]{WORD})*|{thing}(?:-{thing})*)\.)[,:;]"), Same),
        (r"(?<t>[A-Za-z](?:\.[A-Za-z])*\.)(?:[^A-Za-z0-9]|$)".into(), Same),
        (format!(r"(?<t>(?:{ANY_CASE}|{WITH_CAPITAL})\.)"), Same),
        (r"(?<t>Ph\.D\.)".into(), Same),
        (format!(r"(?<t>(?:{BEFORE_A_NUMBER})\.)\s?[0-9]"), Same),
        // Numbers.
        (r"(?<t>[-+]?(?:[0-9]*(?:[.:,][0-9]+)+|[0-9]+))".into(), Same),
        (format!("(?<t>(?:[0-9]{{1,4}}[- \u{A0}])?{fraction})"), OneToken),
        (r"(?<t>[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{2,4})".into(), Same),
        ("(?<t>½)".into(), Fixed("1/2")),
        ("(?<t>¼)".into(), Fixed("1/4")),
        ("(?<t>¾)".into(), Fixed("3/4")),
        ("(?<t>⅓)".into(), Fixed("1/3")),
        ("(?<t>⅔)".into(), Fixed("2/3")),
        // Currencies.
        (r"(?<t>[A-Z]{1,2}\$|\$)".into(), Same),
        ("(?<t>€)".into(), Fixed("$")),
        ("(?<t>£)".into(), Fixed("#")),
        ("(?<t>¢)".into(), Fixed("cents")),
        // Punctuation.
        (r#"(?<t>["”“«»]|''|``|['’‘`‹›‛])"#.into(), Fixed("'")),
        (r"(?<t>[?!]+)".into(), Same),
        (r"(?<t>\.\.\.|…)".into(), Fixed("...")),
        (r"(?<t>-+|[–—])".into(), Fixed("-")),
        (r"(?<t>\()".into(), Fixed("-lrb-")),
        (r"(?<t>\))".into(), Fixed("-rrb-")),
        (r"(?<t>\[)".into(), Fixed("-lsb-")),
        (r"(?<t>\])".into(), Fixed("-rsb-")),
        (r"(?<t>\{)".into(), Fixed("-lcb-")),
        (r"(?<t>\})".into(), Fixed("-rcb-")),
        (r"(?<t>[<>]?[:;=]['-]?[()DPdpO])(?:[^A-Za-z0-9]|$)".into(), OneToken),
        // Of computers.
        (r#"(?<t>https?://[^\s"<>|()]+[^\s"<>|.!?(){},-])"#.into(), Same),
        (r#"(?<t>[a-zA-Z0-9][^\s"<>|(){}]*@(?:[^\s"<>|(){}.]+\.)*[^\s"<>|(){}.]+)"#.into(), Same),
        (r#"(?<t>(?:www\.(?:[^\s"<>|().!?,]+\.)+[a-zA-Z]{2,4}|(?:[^\s"`'<>|().!?,_$-]+\.)+(?:com|net|org|edu))(?:/[^\s"<>|()]+[^\s"<>|.!?(){},-])?)"#.into(), Same),
        (r"(?<t>@[A-Za-z_][A-Za-z0-9_]*|#\p{L}+)".into(), Same),
        (r"(?<t>[cC](?:\+\+|#))".into(), Same),
        (r"(?<t>\([0-9]{2,3}\)[ -]?[0-9]{3,4}[ -][0-9]{3,5})".into(), OneToken),
        ("(?i:(?<t>&nbsp;))".into(), Fixed("")),
        ("(?<t>&#[0-9]+;)".into(), Same),
        ("(?i:(?<t>&amp;))".into(), Fixed("&")),
        ("(?i:(?<t>&lt;))".into(), Fixed("<")),
        ("(?i:(?<t>&gt;))".into(), Fixed(">")),
        ("(?i:(?<t>&quot;))".into(), Fixed("'")),
        (r"(?<t></?[A-Za-z][A-Za-z0-9]*\s?/?>)".into(), Same),
        // Whatever is left of the Basic Multilingual Plane.
        (r"(?<t>\*+|#+|<<|>>)".into(), Same),
        (r"(?<t>[^\s\p{C}\x{10000}-\x{10FFFF}])".into(), Same),
    ];
    let rule = |(pattern, form): (String, Form)| Rule {
        pattern: Regex::new(&format!("^(?:{pattern})"))
            .expect("the patterns of the table are valid"),
        form,
    };
    rules.into_iter().map(rule).collect()
});
