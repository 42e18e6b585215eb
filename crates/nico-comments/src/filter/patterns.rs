use regex::{RegexSet, RegexSetBuilder};

use super::Filter;
use crate::Comment;

/// Filter that removes the comments whose body one of many regular expressions matches, anywhere,
/// ignoring the case.
///
/// The syntax is that of the crate `regex`: no references back and no looking around, so that a
/// match takes time in proportion to the body, whatever the expression. `(?-i)` heeds the case.
///
/// Expressions may come from strangers: one that takes more than 2 MiB when compiled is an error,
/// and so is a list that takes more than 64 sets of that size, which is about 130 KB of usual
/// expressions. A list made to be as large as it may took 170 MB.
///
/// ```
/// use nico_comments::{Comment, Filter, NgPatterns, Vpos};
///
/// let filter = NgPatterns::new(["^[wｗ]{10,}$", "(?:死|氏)ね"])?;
/// assert!(!filter.keeps(&Comment::new(Vpos(0), "wwwwwwwwwwww")));
/// assert!(filter.keeps(&Comment::new(Vpos(0), "www")));
/// let error = NgPatterns::new(["草", "(((w{1000}){1000}){1000})"]).unwrap_err();
/// assert!(error.to_string().starts_with("expression 2, \"(((w{1000}){1000}){1000})\": "));
/// # Ok::<(), nico_comments::PatternError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct NgPatterns {
    sets: Vec<RegexSet>,
}

/// A regular expression of a list that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expression {}, {:?}: {kind}", index + 1, short(pattern))]
#[non_exhaustive]
pub struct PatternError {
    /// Which expression of the list, counted from 0.
    pub index: usize,
    /// What stood there.
    pub pattern: String,
    /// What is wrong with it.
    pub kind: PatternErrorKind,
}

/// Reason of a [`PatternError`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternErrorKind {
    /// It is malformed. Holds what the crate `regex` says, on one line.
    #[error("{0}")]
    Syntax(String),
    /// It has more bytes than it may.
    #[error("{len} bytes, expected at most {max}")]
    TooLong {
        /// Its bytes.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// It takes more than so many bytes when compiled.
    #[error("takes more than {0} bytes when compiled")]
    TooLarge(usize),
    /// All up to this one take too much memory together.
    #[error("the expressions up to this one take too much memory")]
    TooMany,
}

/// Longest expression, and most text of expressions that are compiled into one set. What a class
/// such as `\w` takes while it is compiled is thousands of times its two letters and not limited by
/// `regex`.
const MAX_TEXT: usize = 2048;
/// Most memory of a set, in bytes.
const MAX_SET: usize = 2 << 20;
/// Most sets.
const MAX_SETS: usize = 64;

impl NgPatterns {
    /// Compiles the expressions.
    ///
    /// # Errors
    ///
    /// The first expression that is malformed or longer than 2,048 bytes, or with which they become
    /// too large.
    pub fn new<S: AsRef<str>>(patterns: impl IntoIterator<Item = S>) -> Result<Self, PatternError> {
        let mut sets = Vec::new();
        let mut together: Vec<(usize, S)> = Vec::new();
        let mut len = 0;
        for (index, pattern) in patterns.into_iter().enumerate() {
            let bytes = pattern.as_ref().len();
            if bytes > MAX_TEXT {
                let (len, max) = (bytes, MAX_TEXT);
                let kind = PatternErrorKind::TooLong { len, max };
                return Err(error(index, pattern.as_ref(), kind));
            }
            if len + bytes > MAX_TEXT || together.len() >= MAX_TEXT {
                compile(&together, &mut sets)?;
                together.clear();
                len = 0;
            }
            len += bytes;
            together.push((index, pattern));
        }
        compile(&together, &mut sets)?;
        Ok(Self { sets })
    }
}

/// Compiles some expressions into one set, or into one for each where they are too large together.
fn compile<S: AsRef<str>>(
    patterns: &[(usize, S)],
    sets: &mut Vec<RegexSet>,
) -> Result<(), PatternError> {
    let Some((first, pattern)) = patterns.first() else {
        return Ok(());
    };
    if sets.len() >= MAX_SETS {
        return Err(error(*first, pattern.as_ref(), PatternErrorKind::TooMany));
    }
    match set(patterns.iter().map(|(_, pattern)| pattern)) {
        Ok(set) => sets.push(set),
        Err(kind) if patterns.len() == 1 => return Err(error(*first, pattern.as_ref(), kind)),
        Err(_) => {
            for one in patterns.chunks(1) {
                compile(one, sets)?;
            }
        }
    }
    Ok(())
}

fn set<'a, S: AsRef<str> + 'a>(
    patterns: impl Iterator<Item = &'a S>,
) -> Result<RegexSet, PatternErrorKind> {
    RegexSetBuilder::new(patterns)
        .case_insensitive(true)
        .size_limit(MAX_SET)
        .dfa_size_limit(MAX_SET / 2)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(limit) => PatternErrorKind::TooLarge(limit),
            // The message of a syntax error draws an arrow under the place; its last line says what
            // is wrong.
            other => {
                let message = other.to_string();
                let last = message.lines().next_back().unwrap_or_default();
                PatternErrorKind::Syntax(last.trim_start_matches("error: ").to_owned())
            }
        })
}

fn error(index: usize, pattern: &str, kind: PatternErrorKind) -> PatternError {
    PatternError {
        index,
        pattern: pattern.to_owned(),
        kind,
    }
}

/// As much of an expression as a message may hold.
fn short(pattern: &str) -> &str {
    let end = pattern.char_indices().nth(80).map(|(at, _)| at);
    &pattern[..end.unwrap_or(pattern.len())]
}

impl Filter for NgPatterns {
    fn keeps(&self, comment: &Comment) -> bool {
        !self.sets.iter().any(|set| set.is_match(&comment.body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vpos;
    use proptest::prelude::*;

    fn keeps(patterns: &NgPatterns, body: &str) -> bool {
        patterns.keeps(&Comment::new(Vpos(0), body))
    }

    #[test]
    fn mistakes_are_named() {
        let error = NgPatterns::new(["ok", "also", "[a"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "expression 3, \"[a\": unclosed character class"
        );
        let error = NgPatterns::new(["a".repeat(MAX_TEXT + 1)]).unwrap_err();
        assert!(error.to_string().len() < 200, "{error}");
    }

    #[test]
    fn greedy_lists_are_refused() {
        let large = (0..200).map(|n| format!(r"\w{{99}}{n}"));
        let error = NgPatterns::new(large).unwrap_err();
        let kinds = [
            PatternErrorKind::TooMany,
            PatternErrorKind::TooLarge(MAX_SET),
        ];
        assert!(kinds.contains(&error.kind), "{error}");
    }

    #[test]
    fn long_lists_work() {
        let many = NgPatterns::new((0..3000).map(|n| format!("草{n}終"))).unwrap();
        assert!(many.sets.len() > 1);
        assert!(!keeps(&many, "これ草2999終"));
        assert!(!keeps(&many, "草0終"));
        assert!(keeps(&many, "草3000終"));
        assert!(keeps(&NgPatterns::default(), "草"));
    }

    proptest! {
        /// No text makes it panic, and what is accepted judges any body.
        #[test]
        fn any_text_is_an_expression_or_an_error(patterns in prop::collection::vec(".{0,20}", 0..4), body: String) {
            if let Ok(filter) = NgPatterns::new(&patterns) {
                keeps(&filter, &body);
            }
        }
    }
}
