//! `serde` for the types of a [`Comment`](crate::Comment) that are not written as they are kept in
//! memory: commands as a list of words, the fork as its word; and for what has names.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Unexpected, Visitor},
};

use crate::{Color, Font, Fork, Format, Kind, Mail, Position, Size};

/// The words, in order. No text: a word may hold spaces.
impl Serialize for Mail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Formats that write the length first want it beforehand.
        serializer.collect_seq(self.words().collect::<Vec<_>>())
    }
}

/// A list of words, cleaned as [`Mail::from_words`] does.
impl<'de> Deserialize<'de> for Mail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Words)
    }
}

/// Takes the words one by one: how many there are is believed when they have come.
struct Words;

impl<'de> Visitor<'de> for Words {
    type Value = Mail;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of mail commands")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<Mail, A::Error> {
        let mut mail = Mail::default();
        while let Some(word) = words.next_element::<String>()? {
            mail.push(&word);
        }
        Ok(mail)
    }
}

/// The word: `main`, `owner`, `easy`, or the text found.
impl Serialize for Fork {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A word or number as text, as [`Fork::parse`] reads it.
impl<'de> Deserialize<'de> for Fork {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}

/// Types that are written as the text they display.
macro_rules! as_text {
    ($($type:ident),+) => {$(
        /// The text that it displays.
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        /// A text, as [`FromStr`](std::str::FromStr) reads it.
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse::<Self>().map_err(D::Error::custom)
            }
        }
    )+};
}

as_text!(Color, Position, Size, Font, Format, Kind);

/// [`Comment::vpos_rest_ms`](crate::Comment::vpos_rest_ms), which is below a centisecond.
pub(crate) fn vpos_rest_ms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let millis = u8::deserialize(deserializer)?;
    if millis > 9 {
        let found = Unexpected::Unsigned(millis.into());
        return Err(D::Error::invalid_value(found, &"0 to 9 milliseconds"));
    }
    Ok(millis)
}

/// [`Comment::date_usec`](crate::Comment::date_usec), which is below a second.
pub(crate) fn date_usec<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u32>, D::Error> {
    let microseconds = Option::<u32>::deserialize(deserializer)?;
    if let Some(many @ 1_000_000..) = microseconds {
        let found = Unexpected::Unsigned(many.into());
        return Err(D::Error::invalid_value(found, &"0 to 999999 microseconds"));
    }
    Ok(microseconds)
}
