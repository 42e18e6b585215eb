use jiff::civil::{Date, DateTime};

use crate::parse_error::ParseError;

/// Unix seconds of a date as people write it: unix seconds, `2020-09-13` (its beginning),
/// `2020-09-13 21:26`, `2020-09-13T21:26:30`, or with an offset, `2020-09-13T12:26:30Z`. Without an
/// offset it is Japanese time, as on the site.
///
/// ```
/// use nico_fetch::parse_date;
///
/// assert_eq!(parse_date("2020-09-13 21:26"), Ok(1_599_999_960));
/// assert_eq!(parse_date("2020-09-13T12:26:00Z"), Ok(1_599_999_960));
/// assert_eq!(parse_date("1599999960"), Ok(1_599_999_960));
/// assert!(parse_date("yesterday").is_err());
/// ```
///
/// # Errors
///
/// If it is none of these, or before 1970.
pub fn parse_date(text: &str) -> Result<i64, ParseError> {
    let text = text.trim();
    let japanese = |time: DateTime| jiff::tz::offset(9).to_timestamp(time).ok();
    let seconds = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else if let Ok(time) = text.parse::<jiff::Timestamp>() {
        Some(time.as_second())
    } else if let Ok(time) = text.parse::<DateTime>() {
        japanese(time).map(jiff::Timestamp::as_second)
    } else {
        let date = text.parse::<Date>().ok();
        date.and_then(|date| japanese(date.to_datetime(jiff::civil::Time::midnight())))
            .map(jiff::Timestamp::as_second)
    };
    seconds
        .filter(|&seconds| seconds >= 0)
        .ok_or(ParseError::Date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_japanese_unless_they_say_otherwise() {
        assert_eq!(parse_date("2020-09-13"), Ok(1_599_922_800));
        assert_eq!(parse_date(" 2020-09-13T21:26:30+09:00 "), Ok(1_599_999_990));
        assert_eq!(parse_date("2020-09-13T21:26:30"), Ok(1_599_999_990));
        for text in [
            "",
            "-5",
            "2020-13-01",
            "1969-01-01",
            "99999999999999999999",
            "2020",
        ] {
            assert_eq!(parse_date(text).is_ok(), text == "2020", "{text}");
        }
    }
}
