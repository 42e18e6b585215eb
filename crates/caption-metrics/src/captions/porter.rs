/// The stem of an English word by Porter's algorithm ("An algorithm for suffix stripping", 1980),
/// with the two changes that its author published later: words of one or two letters are left
/// alone, and `bli` → `ble` and `logi` → `log` in step 2.
///
/// Words with anything but the letters a to z are returned as they are.
///
/// ```
/// use caption_metrics::porter_stem;
///
/// assert_eq!(porter_stem("running"), porter_stem("runs"));
/// assert_eq!(porter_stem("relational"), "relat");
/// assert_eq!(porter_stem("かわいい"), "かわいい");
/// ```
#[must_use]
pub fn porter_stem(word: &str) -> String {
    if word.len() <= 2 || !word.bytes().all(|letter| letter.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let mut word = Word(word.to_owned());
    word.plurals();
    word.past_and_progressive();
    word.last_y();
    word.replace_longest(&STEP_2);
    word.replace_longest(&STEP_3);
    word.remove_longest();
    word.last_e_and_double_l();
    word.0
}

/// Endings and what they become behind a stem with a measure above 0.
const STEP_2: [(&str, &str); 21] = [
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
    ("logi", "log"),
];

const STEP_3: [(&str, &str); 7] = [
    ("icate", "ic"),
    ("ative", ""),
    ("alize", "al"),
    ("iciti", "ic"),
    ("ical", "ic"),
    ("ful", ""),
    ("ness", ""),
];

/// Endings that go behind a stem with a measure above 1; `ion` only behind s or t.
const STEP_4: [&str; 19] = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
    "ism", "ate", "iti", "ous", "ive", "ize",
];

/// A word of the letters a to z, so that a byte is a letter.
struct Word(String);

impl Word {
    /// What stands before an ending, if the word has it.
    fn stem(&self, ending: &str) -> Option<&str> {
        self.0.strip_suffix(ending)
    }

    fn replace(&mut self, ending: &str, by: &str) {
        self.0.truncate(self.0.len() - ending.len());
        self.0.push_str(by);
    }

    /// Step 1a.
    fn plurals(&mut self) {
        for (ending, by) in [("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", "")] {
            if self.0.ends_with(ending) {
                return self.replace(ending, by);
            }
        }
    }

    /// Step 1b.
    fn past_and_progressive(&mut self) {
        if let Some(stem) = self.stem("eed") {
            if measure(stem) > 0 {
                self.replace("eed", "ee");
            }
            return;
        }
        let Some(ending) = ["ed", "ing"].into_iter().find(|end| self.0.ends_with(end)) else {
            return;
        };
        if !self.stem(ending).is_some_and(has_vowel) {
            return;
        }
        self.replace(ending, "");
        if ["at", "bl", "iz"].iter().any(|end| self.0.ends_with(end)) {
            self.0.push('e');
        } else if ends_double(&self.0) && !self.0.ends_with(['l', 's', 'z']) {
            self.0.pop();
        } else if measure(&self.0) == 1 && ends_short(&self.0) {
            self.0.push('e');
        }
    }

    /// Step 1c.
    fn last_y(&mut self) {
        if self.stem("y").is_some_and(has_vowel) {
            self.replace("y", "i");
        }
    }

    /// Steps 2 and 3: only the longest ending that is there is looked at.
    fn replace_longest(&mut self, endings: &[(&str, &str)]) {
        let found = endings.iter().filter(|(end, _)| self.0.ends_with(end));
        if let Some(&(ending, by)) = found.max_by_key(|(end, _)| end.len())
            && self.stem(ending).is_some_and(|stem| measure(stem) > 0)
        {
            self.replace(ending, by);
        }
    }

    /// Step 4.
    fn remove_longest(&mut self) {
        let found = STEP_4.iter().filter(|end| self.0.ends_with(**end));
        let Some(&ending) = found.max_by_key(|end| end.len()) else {
            return;
        };
        let goes = self.stem(ending).is_some_and(|stem| {
            measure(stem) > 1 && (ending != "ion" || stem.ends_with(['s', 't']))
        });
        if goes {
            self.replace(ending, "");
        }
    }

    /// Steps 5a and 5b.
    fn last_e_and_double_l(&mut self) {
        let goes = self.stem("e").is_some_and(|stem| {
            let measure = measure(stem);
            measure > 1 || (measure == 1 && !ends_short(stem))
        });
        if goes {
            self.0.pop();
        }
        if self.0.ends_with("ll") && measure(&self.0) > 1 {
            self.0.pop();
        }
    }
}

/// Which letters are vowels: a, e, i, o, u, and y behind a consonant.
fn vowels(stem: &str) -> Vec<bool> {
    let mut vowels: Vec<bool> = Vec::with_capacity(stem.len());
    for letter in stem.bytes() {
        let behind_consonant = vowels.last() == Some(&false);
        vowels.push(match letter {
            b'a' | b'e' | b'i' | b'o' | b'u' => true,
            b'y' => behind_consonant,
            _ => false,
        });
    }
    vowels
}

/// How often a consonant follows a vowel: Porter's `m`.
fn measure(stem: &str) -> usize {
    let vowels = vowels(stem);
    vowels.windows(2).filter(|pair| pair[0] && !pair[1]).count()
}

fn has_vowel(stem: &str) -> bool {
    vowels(stem).contains(&true)
}

/// Ends with the same consonant twice: Porter's `*d`.
fn ends_double(stem: &str) -> bool {
    let letters = stem.as_bytes();
    let last = letters.len().checked_sub(2).map(|at| &letters[at..]);
    last.is_some_and(|two| two[0] == two[1]) && vowels(stem).last() == Some(&false)
}

/// Ends consonant, vowel, consonant that is not w, x or y: Porter's `*o`.
fn ends_short(stem: &str) -> bool {
    vowels(stem).ends_with(&[false, true, false]) && !stem.ends_with(['w', 'x', 'y'])
}
