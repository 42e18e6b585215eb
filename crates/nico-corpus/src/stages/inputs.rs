//! What a stage depends on, by contents.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use jp_tokenize::TokenizerIdentity;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{error::Error, file_id::FileId};

/// Everything that the result of a stage depends on, by names that a user knows: options by their
/// values, files by their contents.
///
/// ```
/// use nico_corpus::{FileId, StageInputs};
///
/// #[derive(serde::Serialize)]
/// struct Options {
///     epochs: usize,
/// }
///
/// let with = |epochs, path| {
///     StageInputs::default()
///         .options(&Options { epochs })
///         .value("comments", &[FileId::new(path, "e3b0c442")])
/// };
/// let changes = with(1, "a.xml").changes_to(&with(2, "moved.xml"));
/// assert_eq!(changes.len(), 1); // the same comments lie elsewhere
/// assert_eq!(changes[0].to_string(), "epochs was 1, is 2");
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StageInputs(BTreeMap<String, Value>);

impl StageInputs {
    /// Adds one input: anything that has a form in JSON, such as a number, a [`FileId`] or several.
    ///
    /// # Panics
    ///
    /// Panics if it has none, as a map whose keys are no text.
    #[must_use]
    pub fn value(mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Self {
        self.0.insert(name.to_owned(), json(value));
        self
    }

    /// Adds a file.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be read.
    pub fn file(self, name: &str, path: &Path) -> Result<Self, Error> {
        Ok(self.value(name, &FileId::read(path)?))
    }

    /// Adds several files, whose order counts.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if one cannot be read.
    pub fn files(self, name: &str, paths: &[PathBuf]) -> Result<Self, Error> {
        let files: Vec<FileId> = paths.iter().map(FileId::read).collect::<Result<_, _>>()?;
        Ok(self.value(name, &files))
    }

    /// Adds the fields of a structure, each under its own name; those that are `null` are left out,
    /// so that an option that is new and not given changes nothing.
    ///
    /// # Panics
    ///
    /// Panics if the value is no structure.
    #[must_use]
    pub fn options(mut self, structure: &impl Serialize) -> Self {
        let Value::Object(fields) = json(structure) else {
            panic!("a structure has named fields");
        };
        let given = fields.into_iter().filter(|(_, value)| !value.is_null());
        self.0.extend(given);
        self
    }

    /// Adds what texts are split into words with: dictionary, user lexicon, which people are told
    /// by this name, and normalization.
    #[must_use]
    pub fn words(self, words: &TokenizerIdentity, lexicon: &str) -> Self {
        let sha256 = words.user_lexicon.sha256().to_string();
        self.value("dictionary", &words.dictionary)
            .value("user-lexicon", &FileId::new(lexicon, sha256))
            .value("normalization", &words.normalizer)
    }

    /// Adds all inputs of another stage.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        let others = other.0.iter();
        self.0
            .extend(others.map(|(name, value)| (name.clone(), value.clone())));
        self
    }

    /// The file of this name, if it is among them.
    #[cfg(feature = "report")]
    pub(super) fn file_of(&self, name: &str) -> Option<FileId> {
        self.0.get(name).and_then(file_of)
    }

    /// What is different in `new`: nothing if a stage that was done with these inputs needs not be
    /// done with those.
    #[must_use]
    pub fn changes_to(&self, new: &Self) -> Vec<InputChange> {
        let names = self.0.keys().chain(new.0.keys());
        let mut names: Vec<&String> = names.collect();
        names.sort();
        names.dedup();
        let mut changes = Vec::new();
        for name in names {
            let (from, to) = (value_of(&self.0, name), value_of(&new.0, name));
            compare(name, from, to, &mut changes);
        }
        changes
    }
}

/// An input of a stage that is not what it was.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct InputChange {
    /// Its name; of a part of a structure, both names with a dot between.
    pub input: String,
    /// What it was; null if there was none.
    pub from: Value,
    /// What it is; null if there is none.
    pub to: Value,
}

impl InputChange {
    pub(super) fn new(input: &str, from: &Value, to: &Value) -> Self {
        Self {
            input: input.to_owned(),
            from: from.clone(),
            to: to.clone(),
        }
    }
}

/// "epochs was 1, is 2"; files with the first digits of their checksums.
impl fmt::Display for InputChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { input, from, to } = self;
        write!(f, "{input} was {}, is {}", told(from), told(to))
    }
}

/// A value as files keep it, where a float has its shortest digits whatever its type.
fn json(value: &(impl Serialize + ?Sized)) -> Value {
    let text = serde_json::to_string(value).expect("inputs have a form in JSON");
    serde_json::from_str(&text).expect("what was written as JSON is JSON")
}

const NULL: &Value = &Value::Null;

fn value_of<'a>(inputs: &'a BTreeMap<String, Value>, name: &str) -> &'a Value {
    inputs.get(name).unwrap_or(NULL)
}

/// Appends what differs, part by part where both are structures, and only what differs of lists.
fn compare(name: &str, from: &Value, to: &Value, changes: &mut Vec<InputChange>) {
    if let (Value::Array(old), Value::Array(new)) = (from, to)
        && old.len() == new.len()
    {
        let pairs = old.iter().zip(new).filter(|(from, to)| !same(from, to));
        let (old, new): (Vec<Value>, Vec<Value>) =
            pairs.map(|(from, to)| (from.clone(), to.clone())).unzip();
        if !old.is_empty() {
            changes.push(InputChange::new(
                name,
                &Value::Array(old),
                &Value::Array(new),
            ));
        }
        return;
    }
    let (Value::Object(old), Value::Object(new)) = (from, to) else {
        if !same(from, to) {
            changes.push(InputChange::new(name, from, to));
        }
        return;
    };
    if file_of(from).is_some() || file_of(to).is_some() {
        if !same(from, to) {
            changes.push(InputChange::new(name, from, to));
        }
        return;
    }
    let added = new.keys().filter(|key| !old.contains_key(*key));
    for key in old.keys().chain(added) {
        let part = |of: &serde_json::Map<String, Value>| of.get(key).cloned().unwrap_or_default();
        compare(&format!("{name}.{key}"), &part(old), &part(new), changes);
    }
}

/// Whether two values are equal, files by their contents.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(ones), Value::Array(others)) => {
            ones.len() == others.len() && ones.iter().zip(others).all(|(a, b)| same(a, b))
        }
        _ => match (file_of(one), file_of(other)) {
            (Some(one), Some(other)) => one == other,
            _ => one == other,
        },
    }
}

fn file_of(value: &Value) -> Option<FileId> {
    FileId::deserialize(value).ok()
}

/// Most entries of a list that are told.
const MAX_TOLD: usize = 8;

/// A value as a person reads it.
fn told(value: &Value) -> String {
    if let Some(file) = file_of(value) {
        return file.to_string();
    }
    match value {
        Value::Null => "not given".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => {
            let mut told: Vec<_> = values.iter().take(MAX_TOLD).map(told).collect();
            if values.len() > MAX_TOLD {
                told.push(format!("… ({} in all)", values.len()));
            }
            told.join(" ")
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, value)| format!("{name} {}", told(value)));
            fields.collect::<Vec<_>>().join(", ")
        }
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    struct Options {
        top_k: Option<usize>,
        temperature: f32,
        learning_rate: f64,
    }

    fn told_changes(from: &StageInputs, to: &StageInputs) -> Vec<String> {
        let changes = from.changes_to(to).into_iter();
        changes.map(|change| change.to_string()).collect()
    }

    /// 0.7 of single precision is 0.699999988…: what is told, and what a file keeps, is 0.7.
    #[test]
    fn options_are_told_by_their_names_and_shortest_digits() {
        let options = |top_k, temperature, learning_rate| {
            StageInputs::default().options(&Options {
                top_k,
                temperature,
                learning_rate,
            })
        };
        let old = options(None, 1.0, 1e-3);
        assert_eq!(
            told_changes(&old, &options(Some(5), 0.7, 1e-3)),
            ["temperature was 1.0, is 0.7", "top-k was not given, is 5"]
        );
        let kept = serde_json::to_string(&options(None, 0.7, 0.1 + 0.2)).unwrap();
        let read: StageInputs = serde_json::from_str(&kept).unwrap();
        assert!(
            read.changes_to(&options(None, 0.7, 0.1 + 0.2)).is_empty(),
            "{kept}"
        );
    }

    #[test]
    fn files_are_compared_by_contents_and_told_with_both_names() {
        let lexicons = |files: &[FileId]| StageInputs::default().value("user-lexicon", files);
        let (old, new) = ("0123456789abcdef", "fedcba9876543210");
        let one = [FileId::new("l.csv", old)];
        assert!(
            lexicons(&one)
                .changes_to(&lexicons(&[FileId::new("moved.csv", old)]))
                .is_empty()
        );
        assert_eq!(
            told_changes(&lexicons(&one), &lexicons(&[FileId::new("l.csv", new)])),
            ["user-lexicon was l.csv (0123456789ab…), is l.csv (fedcba987654…)"]
        );
        let two = |sha256| [FileId::new("same.csv", "00"), FileId::new("l.csv", sha256)];
        assert_eq!(
            told_changes(&lexicons(&two("12")), &lexicons(&two("34"))),
            ["user-lexicon was l.csv (12…), is l.csv (34…)"]
        );
        assert_eq!(
            told_changes(&lexicons(&one), &lexicons(&[])),
            ["user-lexicon was l.csv (0123456789ab…), is none"]
        );
    }

    #[test]
    fn of_structures_the_part_is_told() {
        let division = |seed, dev| {
            let value = serde_json::json!({"split": "blocks", "seed": seed, "dev": dev});
            StageInputs::default().value("division", &value)
        };
        assert_eq!(
            told_changes(&division(1, 9), &division(2, 9)),
            ["division.seed was 1, is 2"]
        );
    }
}
