use std::path::Path;

use super::known_words::KnownWords;
use crate::error::{DictionaryErrorKind, Error};

/// Longest column, in bytes: vibrato has a buffer of 4,096.
const MAX_COLUMN: usize = 4_095;

/// The entries of a user lexicon, in order.
///
/// The columns are MeCab's: surface, left id, right id, cost, then the features. As in MeCab an
/// entry is one line. Lines that begin with `#` are comments; a surface that does stands between
/// quotation marks.
pub(super) struct UserEntries<'a> {
    name: &'a Path,
    /// The number of each one's line, from 1, and what stands there.
    entries: Vec<(u64, Entry<'a>)>,
}

impl<'a> UserEntries<'a> {
    /// Reads a lexicon's text. Ids are below `sizes`, the matrix's numbers of right and left ids.
    pub(super) fn parse(csv: &'a str, name: &'a Path, sizes: (u16, u16)) -> Result<Self, Error> {
        let csv = csv.strip_prefix('\u{FEFF}').unwrap_or(csv);
        let lines = csv.lines().zip(1_u64..);
        let lines = lines.filter(|(line, _)| !line.trim().is_empty() && !line.starts_with('#'));
        let entries = lines.map(|(line, number)| {
            let entry = Entry::parse(line, sizes).map_err(malformed(name, number))?;
            Ok((number, entry))
        });
        let entries = entries.collect::<Result<_, Error>>()?;
        Ok(Self { name, entries })
    }

    /// Whether no id and no cost is missing.
    pub(super) fn are_complete(&self) -> bool {
        self.entries.iter().all(|(_, entry)| entry.is_complete())
    }

    /// A line each, with what was missing.
    pub(super) fn filled(&self, known: &KnownWords<'_>) -> Result<Vec<String>, Error> {
        let fill = |(number, entry): &(u64, Entry<'_>)| {
            entry.filled(known).map_err(malformed(self.name, *number))
        };
        self.entries.iter().map(fill).collect()
    }
}

fn malformed(name: &Path, line: u64) -> impl FnOnce(String) -> Error {
    move |reason| Error::dictionary(name, DictionaryErrorKind::malformed(line, reason))
}

/// A line. What is `None` stood empty.
struct Entry<'a> {
    surface: &'a str,
    left: Option<u16>,
    right: Option<u16>,
    cost: Option<i16>,
    features: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn parse(line: &'a str, (num_right, num_left): (u16, u16)) -> Result<Self, String> {
        if line.contains(['\0', '\r']) {
            return Err("has a NUL or a carriage return, which no word can have".to_owned());
        }
        let (surface, rest) = first_column(line)?;
        if surface.is_empty() || surface == "\"\"" {
            return Err("the surface is empty".to_owned());
        }
        let mut columns = rest.unwrap_or_default().splitn(4, ',');
        let (Some(left), Some(right), Some(cost)) =
            (columns.next(), columns.next(), columns.next())
        else {
            return Err(format!(
                "{line:?}, expected surface, left id, right id, cost and features, \
                 separated by commas"
            ));
        };
        let features = columns.next();
        let mut rest = features;
        while let Some(columns) = rest {
            rest = first_column(columns)?.1;
        }
        Ok(Self {
            surface,
            left: id("left id", left, num_left)?,
            right: id("right id", right, num_right)?,
            cost: match cost.trim() {
                "" => None,
                _ => Some(number(
                    "cost",
                    cost,
                    i64::from(i16::MIN),
                    i64::from(i16::MAX),
                )?),
            },
            features,
        })
    }

    fn is_complete(&self) -> bool {
        self.left.is_some() && self.right.is_some() && self.cost.is_some()
    }

    /// The line with all numbers. As in MeCab both ids are filled in where one is missing.
    fn filled(&self, known: &KnownWords<'_>) -> Result<String, String> {
        let (left, right, cost) = match (self.left, self.right, self.cost) {
            (Some(left), Some(right), Some(cost)) => (left, right, cost),
            (left, right, cost) => {
                let own = known.parameters(self.features.unwrap_or_default())?;
                let (left, right) = left.zip(right).unwrap_or((own.0, own.1));
                (left, right, cost.unwrap_or(own.2))
            }
        };
        let surface = self.surface;
        Ok(match self.features {
            None => format!("{surface},{left},{right},{cost}"),
            Some(features) => format!("{surface},{left},{right},{cost},{features}"),
        })
    }
}

/// An id below `ids`; `None` if it is to be filled in.
fn id(name: &str, text: &str, ids: u16) -> Result<Option<u16>, String> {
    match text.trim() {
        "" => Ok(None),
        text if text.parse::<i64>().is_ok_and(|id| id < 0) => Ok(None),
        _ => number(name, text, 0, i64::from(ids) - 1).map(Some),
    }
}

fn number<N: TryFrom<i64>>(name: &str, text: &str, least: i64, most: i64) -> Result<N, String> {
    let number = text.trim().parse().ok();
    let number = number.filter(|number| (least..=most).contains(number));
    number
        .and_then(|number| N::try_from(number).ok())
        .ok_or_else(|| {
            format!("the {name} is {text:?}, expected an integer from {least} to {most}")
        })
}

/// The first column as it stands there, and what follows its comma.
fn first_column(text: &str) -> Result<(&str, Option<&str>), String> {
    let end = match text.strip_prefix('"') {
        None => text.find(',').unwrap_or(text.len()),
        Some(quoted) => {
            let mut quotes = quoted.match_indices('"').map(|(at, _)| at).peekable();
            loop {
                let Some(at) = quotes.next() else {
                    return Err("a quotation mark is not closed".to_owned());
                };
                if quotes.next_if_eq(&(at + 1)).is_none() {
                    break at + 2; // both marks
                }
            }
        }
    };
    let (column, rest) = text.split_at(end);
    if column.len() > MAX_COLUMN {
        return Err(format!("a column is longer than {MAX_COLUMN} bytes"));
    }
    match rest.strip_prefix(',') {
        None if !rest.is_empty() => Err(format!(
            "{rest:?} after a closing quotation mark, expected a comma"
        )),
        rest => Ok((column, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::layout::Word;

    fn read(csv: &str) -> Result<Vec<String>, Error> {
        let words = [Word {
            features: "名詞,一般,*,*,*,*,草",
            ids: (1, 2),
            cost: 77,
        }];
        let entries = UserEntries::parse(csv, Path::new("slang.csv"), (3, 2))?;
        let filled = entries.filled(&KnownWords::new(&words))?;
        if entries.are_complete() {
            assert_eq!(entries.filled(&KnownWords::default())?, filled);
        }
        Ok(filled)
    }

    fn message(csv: &str) -> String {
        read(csv).unwrap_err().to_string()
    }

    #[test]
    fn entries_come_in_order_with_all_that_is_legal() {
        let csv = "\u{FEFF}# 2024\r\n草,1,2,-100,名詞,一般\r\n\n\"a,\"\"b\",0,0,0,\"x,y\",z\n木, 0,0 ,0\n\
                   \"#草\",0,0,0,名詞\n#木,0,0,0,名詞";
        let expected = [
            "草,1,2,-100,名詞,一般",
            "\"a,\"\"b\",0,0,0,\"x,y\",z",
            "木,0,0,0",
            "\"#草\",0,0,0,名詞",
        ];
        assert_eq!(read(csv).unwrap(), expected);
        assert!(read("\n \n#\n").unwrap().is_empty());
    }

    #[test]
    fn empty_ids_and_costs_are_filled_in() {
        for (csv, expected) in [
            ("草,,,5,名詞,一般", "草,1,2,5,名詞,一般"),
            ("草,-1,-1,5,名詞,一般", "草,1,2,5,名詞,一般"),
            ("草,,,,名詞,一般", "草,1,2,77,名詞,一般"),
            ("草,0,0,,名詞,一般", "草,0,0,77,名詞,一般"),
            ("草,0,,5,名詞,一般", "草,1,2,5,名詞,一般"), // both, as in MeCab
            ("草,0,0,5,動詞", "草,0,0,5,動詞"),
        ] {
            assert_eq!(read(csv).unwrap(), [expected], "{csv}");
        }
        assert_eq!(
            message("# a\n草,,,5,動詞\n"),
            "slang.csv: line 2: no word of the dictionary is 動詞,*,*,*,*,*, so its ids and cost are not known"
        );
        assert!(message("草,,,").starts_with("slang.csv: line 1: no word of the dictionary"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        assert_eq!(
            message("草,0,0,1,名詞\n草,2,0,1,名詞\n"),
            "slang.csv: line 2: the left id is \"2\", expected an integer from 0 to 1"
        );
        for (csv, expected) in [
            ("草,0,3,1,名詞", "line 1: the right id is \"3\""),
            ("草,0,x,1,名詞", "line 1: the right id is \"x\""),
            ("草,0,0,32768,名詞", "the cost is \"32768\""),
            ("草,0,0,1.5,名詞", "the cost is \"1.5\""),
            ("草,0,0", "expected surface, left id, right id, cost"),
            ("草", "expected surface"),
            (",0,0,1,名詞", "the surface is empty"),
            ("\"\",0,0,1,名詞", "the surface is empty"),
            ("草,0,0,1,\"名詞\n", "is not closed"),
            ("草,0,0,1,\"名詞\"x,y", "\"x,y\" after a closing"),
            ("\0,0,0,1,名詞", "NUL"),
            ("a\rb,0,0,1,名詞", "carriage return"),
        ] {
            assert!(message(csv).contains(expected), "{csv:?}: {}", message(csv));
        }
        assert!(message(&format!("{},0,0,0,x", "草".repeat(2_000))).contains("longer than"));
    }
}
