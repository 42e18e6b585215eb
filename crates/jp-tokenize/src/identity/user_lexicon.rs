use serde::{Deserialize, Serialize};

use super::checksum::Checksum;
use crate::error::WrongUserLexicon;

/// The words that user lexicons add to a dictionary: a line of MeCab's CSV each.
///
/// Serialized with its checksum, which is compared when it is read back.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(into = "Record", try_from = "Record")]
pub struct UserLexicon {
    entries: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "UserLexicon")]
struct Record {
    sha256: Checksum,
    entries: Vec<String>,
}

impl UserLexicon {
    pub(crate) fn new(entries: Vec<String>) -> Self {
        Self { entries }
    }

    /// The entries, in the order in which they were added; ids and costs that the lexicon left
    /// empty are filled in.
    #[must_use]
    pub fn entries(&self) -> &[String] {
        &self.entries
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A text for [`Dictionary::with_user_lexicon`](crate::Dictionary::with_user_lexicon), or for
    /// a file: a line each.
    #[must_use]
    pub fn to_csv(&self) -> String {
        self.entries
            .iter()
            .flat_map(|entry| [entry, "\n"])
            .collect()
    }

    /// The checksum of [`to_csv`](Self::to_csv)'s text.
    #[must_use]
    pub fn sha256(&self) -> Checksum {
        Checksum::of(self.to_csv().as_bytes())
    }
}

impl From<UserLexicon> for Record {
    fn from(lexicon: UserLexicon) -> Self {
        Self {
            sha256: lexicon.sha256(),
            entries: lexicon.entries,
        }
    }
}

impl TryFrom<Record> for UserLexicon {
    type Error = WrongUserLexicon;

    fn try_from(record: Record) -> Result<Self, WrongUserLexicon> {
        let lexicon = Self::new(record.entries);
        let found = lexicon.sha256();
        if found != record.sha256 {
            return Err(WrongUserLexicon {
                expected: record.sha256,
                found,
            });
        }
        Ok(lexicon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_were_changed_in_the_record_are_refused() {
        let lexicon =
            UserLexicon::new(vec!["草,0,0,1,名詞".to_owned(), "\"a,b\",0,0,1".to_owned()]);
        let record = serde_json::to_string(&lexicon).unwrap();
        assert_eq!(
            serde_json::from_str::<UserLexicon>(&record).unwrap(),
            lexicon
        );
        assert_eq!(lexicon.to_csv(), "草,0,0,1,名詞\n\"a,b\",0,0,1\n");
        let changed = record.replace('草', "木");
        let error = serde_json::from_str::<UserLexicon>(&changed).unwrap_err();
        assert!(
            error.to_string().contains("the user lexicon's SHA-256 is"),
            "{error}"
        );
    }
}
