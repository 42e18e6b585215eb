/// What a page says of how a script was tried, in a comment right before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A test runs it.
    Test,
    /// Somebody ran it on this day, `YYYY-MM-DD`.
    Hand(String),
}

impl Mark {
    /// The mark that a comment is; `Ok(None)` for comments about something else.
    ///
    /// # Errors
    ///
    /// The text of one that begins with `run` and is no mark.
    pub(crate) fn parse(html: &str) -> Result<Option<Self>, String> {
        let inner = html.trim().strip_prefix("<!--");
        let Some(text) = inner.and_then(|inner| inner.strip_suffix("-->")) else {
            return Ok(None);
        };
        let text = text.trim();
        if text == "run by a test" {
            return Ok(Some(Self::Test));
        }
        match text.strip_prefix("run by hand ") {
            Some(day) if is_day(day) => Ok(Some(Self::Hand(day.to_owned()))),
            _ if text.starts_with("run") => Err(text.to_owned()),
            _ => Ok(None),
        }
    }
}

/// Whether it looks like `2026-11-30`.
fn is_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_comments() {
        assert_eq!(
            Mark::parse("<!-- run by a test -->\n"),
            Ok(Some(Mark::Test))
        );
        let by_hand = Mark::Hand("2026-11-30".into());
        assert_eq!(
            Mark::parse("<!--run by hand 2026-11-30-->"),
            Ok(Some(by_hand))
        );
        for other in [
            "<p>run by a test</p>",
            "<!-- a table -->",
            "<!-- run by a test",
            "<!---->",
            "<!-->",
        ] {
            assert_eq!(Mark::parse(other), Ok(None), "{other}");
        }
        for wrong in [
            "run by hand",
            "run by hand today",
            "run by hand 2026/11/30",
            "run by tests",
        ] {
            assert_eq!(Mark::parse(&format!("<!-- {wrong} -->")), Err(wrong.into()));
        }
    }
}
