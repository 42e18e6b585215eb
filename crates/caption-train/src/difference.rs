use std::fmt;

use caption_model::LearntPart;
use serde::Serialize;
use serde_json::Value;

/// Something in which a training differs from the one that a folder holds.
///
/// ```
/// use caption_train::Difference;
///
/// let difference = Difference::new("learning_rate", 0.001, 0.0005);
/// assert_eq!(difference.to_string(), "learning_rate was 0.001, is 0.0005");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Difference {
    /// What differs: an option's name, or a part of the data.
    pub what: String,
    /// What it was in the folder's training.
    pub before: String,
    /// What it is now.
    pub now: String,
}

impl Difference {
    /// A difference of these values.
    pub fn new(what: impl Into<String>, before: impl fmt::Display, now: impl fmt::Display) -> Self {
        Self {
            what: what.into(),
            before: before.to_string(),
            now: now.to_string(),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, before, now } = self;
        write!(f, "{what} was {before}, is {now}")
    }
}

/// Most differences that a message names.
const NAMED: usize = 6;

/// Differences in words, the first ones and the number of the others.
pub(super) fn listed(differences: &[Difference]) -> String {
    let named = differences.iter().take(NAMED).map(Difference::to_string);
    let mut text = named.collect::<Vec<_>>().join("; ");
    if let Some(more @ 1..) = differences.len().checked_sub(NAMED) {
        text.push_str(&format!("; and {more} more"));
    }
    text
}

/// The options that differ between two configurations, by their paths: `global.d_hidden`.
pub(super) fn of_options<T: Serialize>(before: &T, now: &T) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&as_stored(before), &as_stored(now), "", &mut found);
    found
}

/// A value as a checkpoint gives it back: reading decimals may change their last digit, and must
/// make no difference.
fn as_stored(value: &impl Serialize) -> Value {
    let text = serde_json::to_string(value).expect("a configuration is plain data");
    serde_json::from_str(&text).expect("it was JSON a line before")
}

fn compare(before: &Value, now: &Value, path: &str, found: &mut Vec<Difference>) {
    if let (Value::Object(before), Value::Object(now)) = (before, now)
        && before.keys().any(|key| now.contains_key(key))
    {
        let new = now.keys().filter(|key| !before.contains_key(*key));
        for key in before.keys().chain(new) {
            let path = match path {
                "" => key.clone(),
                path => format!("{path}.{key}"),
            };
            let at = |members: &serde_json::Map<String, Value>| {
                members.get(key).cloned().unwrap_or(Value::Null)
            };
            compare(&at(before), &at(now), &path, found);
        }
        return;
    }
    if before != now {
        let path = if path.is_empty() { "the network" } else { path };
        found.push(Difference::new(path, shown(before), shown(now)));
    }
}

/// A value in a message. Of an object without a member in common with the other one, such as
/// another kind of captioner, the names tell enough.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::String(text) => text.clone(),
        Value::Object(members) if members.len() == 1 => {
            members.keys().cloned().collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// The parts of the data that differ.
pub(super) fn of_parts(before: &[LearntPart], now: &[LearntPart]) -> Vec<Difference> {
    let find = |parts: &'_ [LearntPart], what: &str| -> Option<LearntPart> {
        parts.iter().find(|part| part.what == what).cloned()
    };
    let shown = |part: Option<LearntPart>| part.map_or_else(|| "none".into(), |it| it.to_string());
    let gone_or_other = before.iter().filter_map(|was| {
        let is = find(now, &was.what);
        let same = is.as_ref().is_some_and(|is| is.is_same(was));
        (!same).then(|| Difference::new(&was.what, was, shown(is)))
    });
    let new = now.iter().filter(|is| find(before, &is.what).is_none());
    gone_or_other
        .chain(new.map(|is| Difference::new(&is.what, "none", is)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::TrainConfig, reinforce::HardAttention, schedule::Schedule};
    use caption_model::{AttentionCaptionerConfig, GlobalCaptionerConfig, NetworkConfig};

    fn names(differences: &[Difference]) -> Vec<&str> {
        differences.iter().map(|it| it.what.as_str()).collect()
    }

    #[test]
    fn options_are_named_with_both_values() {
        let before = TrainConfig::default();
        let now = before
            .clone()
            .learning_rate(0.1 + 0.2)
            .schedule(Schedule::Cosine)
            .hard_attention(Some(HardAttention::default()));
        assert_eq!(of_options(&now, &now.clone()), []);
        let found = of_options(&before, &now);
        assert_eq!(
            names(&found),
            ["hard_attention", "learning_rate", "schedule"]
        );
        assert!(listed(&found).contains("schedule was constant, is cosine"));
    }

    #[test]
    fn another_captioner_is_one_difference() {
        let global = NetworkConfig::from(GlobalCaptionerConfig::new(9, 4));
        let attention = NetworkConfig::from(AttentionCaptionerConfig::new(9, 4));
        let found = of_options(&global, &attention);
        assert_eq!(listed(&found), "the network was global, is attention");
        let larger = NetworkConfig::from(GlobalCaptionerConfig::new(9, 4).with_d_hidden(7));
        assert_eq!(names(&of_options(&global, &larger)), ["global.d_hidden"]);
    }

    #[test]
    fn many_differences_are_counted() {
        let parts = |prefix: &str| -> Vec<LearntPart> {
            let each = (1..=9).map(|number| format!("video {number}"));
            each.map(|what| LearntPart::file(&what, "a.mp4", format!("{prefix}{what}")))
                .collect()
        };
        let found = of_parts(&parts("a"), &parts("b")[..8]);
        assert_eq!(found.len(), 9);
        assert!(found[8].to_string().ends_with("is none"));
        assert!(listed(&found).ends_with("; and 3 more"));
        assert_eq!(of_parts(&parts("a")[1..], &parts("a")).len(), 1);
    }
}
