use std::path::Path;

use crate::error::{DictionaryErrorKind, Error};

/// Longest column, in bytes: vibrato has a buffer of 4,096.
const MAX_COLUMN: usize = 4_095;

/// The entries of a user lexicon as vibrato wants them: a line each, the last one first.
///
/// The columns are MeCab's: surface, left id, right id, cost, then the features. As in MeCab an
/// entry is one line. The ids are below `sizes`, the matrix's numbers of right ids and of left ids.
pub(super) fn check(csv: &str, name: &Path, sizes: (u16, u16)) -> Result<Vec<String>, Error> {
    let csv = csv.strip_prefix('\u{FEFF}').unwrap_or(csv);
    let mut entries = Vec::new();
    for (line, number) in csv.lines().zip(1_u64..) {
        if line.trim().is_empty() {
            continue;
        }
        check_entry(line, sizes)
            .map_err(|reason| DictionaryErrorKind::malformed(number, reason))
            .map_err(|kind| Error::dictionary(name, kind))?;
        entries.push(line.to_owned());
    }
    entries.reverse();
    Ok(entries)
}

fn check_entry(line: &str, (num_right, num_left): (u16, u16)) -> Result<(), String> {
    if line.contains(['\0', '\r']) {
        return Err("has a NUL or a carriage return, which no word can have".to_owned());
    }
    let (surface, rest) = first_column(line)?;
    if surface.is_empty() || surface == "\"\"" {
        return Err("the surface is empty".to_owned());
    }
    let mut columns = rest.unwrap_or_default().splitn(4, ',');
    let (Some(left), Some(right), Some(cost)) = (columns.next(), columns.next(), columns.next())
    else {
        return Err(format!(
            "{line:?}, expected surface, left id, right id, cost and features, separated by commas"
        ));
    };
    check_number("left id", left, 0, i64::from(num_left) - 1)?;
    check_number("right id", right, 0, i64::from(num_right) - 1)?;
    check_number("cost", cost, i64::from(i16::MIN), i64::from(i16::MAX))?;
    let mut features = columns.next();
    while let Some(columns) = features {
        features = first_column(columns)?.1;
    }
    Ok(())
}

fn check_number(name: &str, text: &str, least: i64, most: i64) -> Result<(), String> {
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(()),
        _ => Err(format!(
            "the {name} is {text:?}, expected an integer from {least} to {most}"
        )),
    }
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

    fn message(csv: &str) -> String {
        let name = Path::new("slang.csv");
        check(csv, name, (3, 2)).unwrap_err().to_string()
    }

    #[test]
    fn entries_come_last_first() {
        let csv = "\u{FEFF}草,1,2,-100,名詞,一般\r\n\n\"a,\"\"b\",0,0,0,\"x,y\",z\n木,0,0,0";
        let entries = check(csv, Path::new("slang.csv"), (3, 2)).unwrap();
        let expected = [
            "木,0,0,0",
            "\"a,\"\"b\",0,0,0,\"x,y\",z",
            "草,1,2,-100,名詞,一般",
        ];
        assert_eq!(entries, expected);
        assert!(check("\n \n", Path::new("x"), (3, 2)).unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        assert_eq!(
            message("草,0,0,1,名詞\n草,2,0,1,名詞\n"),
            "slang.csv: line 2: the left id is \"2\", expected an integer from 0 to 1"
        );
        for (csv, expected) in [
            ("草,0,3,1,名詞", "line 1: the right id is \"3\""),
            ("草,0,0,32768,名詞", "the cost is \"32768\""),
            ("草,0,0,,名詞", "the cost is \"\""),
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
