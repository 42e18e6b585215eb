use std::fmt;

use caption_metrics::{CharacterNgram, Estimate, UnitNgram};
use jp_tokenize::{
    PartOfSpeech, PieceOptions, Pieces, Tokenizer, UNK, Vocabulary, VocabularyBuilder,
};
use rayon::prelude::*;
use serde::Serialize;

use super::bits::{is_tuned_on, typed};
use crate::{error::Error, stream::Episode};

/// Sizes of the vocabularies of pieces.
const PIECES: [usize; 3] = [4_000, 8_000, 16_000];
/// All code points that are characters.
const CHARACTERS: usize = 1_112_064;
/// Orders that are tried.
const ORDERS: [usize; 3] = [2, 3, 4];
/// The order of characters.
const CHARACTER_ORDER: usize = 4;
/// Words that were said less often in train are spelt.
const MIN_COUNT: u64 = 2;

/// What texts are cut into for a language model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextUnit {
    /// Characters of Unicode.
    Character,
    /// Pieces that were learnt from train.
    Piece,
    /// Words of the dictionary; those that train does not have twice are spelt.
    Word,
}

impl fmt::Display for TextUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Character => "characters",
            Self::Piece => "pieces",
            Self::Word => "words",
        })
    }
}

/// Bits a character of typed comments by n-grams of a kind of unit.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct UnitBits {
    /// What texts were cut into.
    pub unit: TextUnit,
    /// How many different units there are.
    pub units: usize,
    /// Order of the n-grams; for pieces and words the one of 2 to 4 that needs the fewest bits on
    /// episodes learnt from that were held out for this: every tenth, of fewer than ten the last
    /// one.
    pub order: usize,
    /// Bits a character, ends of comments included, with an interval over episodes.
    pub bits: Estimate,
    /// Characters a unit, ends not counted.
    pub characters_per_unit: f64,
}

/// Learns n-grams of characters, pieces and words from typed comments of `train` and measures them
/// on those of `dev`: in how many bits a text can be foretold whole, unknown words by their
/// spelling. Without a dictionary there are no words.
///
/// The probability of a text is that of the one sequence of units that it is cut into, so that
/// others that give the same text count for nothing; all units of a text, spaces included, give it
/// back exactly.
///
/// # Errors
///
/// Fails if there are too many texts to learn pieces from.
pub fn measure_unit_bits(
    train: &[Episode],
    dev: &[Episode],
    dictionary: Option<&Tokenizer>,
    seed: u64,
) -> Result<Vec<UnitBits>, Error> {
    let characters = |text: &str| Cut {
        units: text.chars().map(u32::from).collect(),
        spelling: 0.0,
    };
    let mut measured = vec![measure(
        TextUnit::Character,
        CHARACTERS,
        &[CHARACTER_ORDER],
        [train, dev],
        characters,
        seed,
    )];
    for size in PIECES {
        let texts = train.iter().flat_map(typed).map(|comment| comment.text);
        let pieces = Pieces::learn(texts, &PieceOptions::default().size(size))?;
        let cut = |text: &str| Cut {
            units: pieces.encode(text),
            spelling: 0.0,
        };
        let units = pieces.len() - SPECIAL;
        let both = [train, dev];
        measured.push(measure(TextUnit::Piece, units, &ORDERS, both, cut, seed));
    }
    if let Some(tokenizer) = dictionary {
        let words = Words::learn(tokenizer, train);
        let units = words.vocabulary.num_words() + 1; // and the unknown one
        let cut = |text: &str| words.cut(text);
        let both = [train, dev];
        measured.push(measure(TextUnit::Word, units, &ORDERS, both, cut, seed));
    }
    Ok(measured)
}

/// Special words, of which none is in a text.
const SPECIAL: usize = jp_tokenize::SPECIAL_WORDS.len();

/// A text as the numbers of its units.
struct Cut {
    units: Vec<u32>,
    /// Bits that it takes to spell its unknown words.
    spelling: f64,
}

/// The comments of an episode.
struct CutEpisode {
    texts: Vec<Cut>,
    characters: u64,
}

fn measure(
    unit: TextUnit,
    units: usize,
    orders: &[usize],
    [train, dev]: [&[Episode]; 2],
    cut: impl Fn(&str) -> Cut + Sync,
    seed: u64,
) -> UnitBits {
    let cut_all = |episodes: &[Episode]| -> Vec<CutEpisode> {
        let cut_one = |episode: &Episode| CutEpisode {
            texts: typed(episode).map(|comment| cut(comment.text)).collect(),
            characters: typed(episode)
                .map(|comment| comment.text.chars().count() as u64)
                .sum(),
        };
        episodes.par_iter().map(cut_one).collect()
    };
    let (train, dev) = (cut_all(train), cut_all(dev));
    let fit = |episodes: &mut dyn Iterator<Item = &CutEpisode>, order| {
        let texts = episodes.flat_map(|episode| &episode.texts);
        UnitNgram::fit(texts.map(|text| text.units.as_slice()), order, units)
    };
    let bits = |model: &UnitNgram, episode: &CutEpisode| -> f64 {
        let texts = episode.texts.iter();
        texts
            .map(|text| model.bits(&text.units) + text.spelling)
            .sum()
    };
    let order = match orders {
        &[only] => only,
        several => {
            let tuned = |held_out: bool| {
                let (numbered, count) = (train.iter().enumerate(), train.len());
                numbered.filter_map(move |(at, one)| {
                    (is_tuned_on(at, count) == held_out).then_some(one)
                })
            };
            let tried = several.par_iter().map(|&order| {
                let model = fit(&mut tuned(false), order);
                let needed: f64 = tuned(true).map(|episode| bits(&model, episode)).sum();
                (needed, order)
            });
            let tried: Vec<(f64, usize)> = tried.collect();
            let best = tried.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
            best.map_or(ORDERS[0], |(_, order)| order)
        }
    };
    let model = fit(&mut train.iter(), order);
    let needed: Vec<f64> = dev.par_iter().map(|one| bits(&model, one)).collect();
    let characters: Vec<f64> = dev.iter().map(|one| one.characters as f64).collect();
    let texts = dev.iter().flat_map(|one| &one.texts);
    let cut_into: usize = texts.map(|text| text.units.len()).sum();
    UnitBits {
        unit,
        units,
        order,
        bits: Estimate::ratio(&needed, &characters, seed),
        characters_per_unit: characters.iter().sum::<f64>() / cut_into.max(1) as f64,
    }
}

/// Words of a dictionary, and how unknown ones are spelt.
struct Words<'a> {
    tokenizer: &'a Tokenizer,
    vocabulary: Vocabulary,
    spelling: CharacterNgram,
}

impl<'a> Words<'a> {
    fn learn(tokenizer: &'a Tokenizer, train: &[Episode]) -> Self {
        let counted = train.par_iter().map(|episode| {
            let mut counts = VocabularyBuilder::new();
            for comment in typed(episode) {
                words(tokenizer, comment.text, |word| {
                    counts.add(word, PartOfSpeech::UNKNOWN);
                });
            }
            counts
        });
        let merge = |mut all: VocabularyBuilder, one| {
            all.merge(one);
            all
        };
        let counts = counted.reduce(VocabularyBuilder::new, merge);
        let table = counts.table(|_| true);
        let rare = table.iter().filter(|(_, count)| *count < MIN_COUNT);
        Self {
            tokenizer,
            vocabulary: counts.build(None, MIN_COUNT),
            spelling: CharacterNgram::fit(rare.map(|(word, _)| *word)),
        }
    }

    fn cut(&self, text: &str) -> Cut {
        let mut cut = Cut {
            units: Vec::new(),
            spelling: 0.0,
        };
        words(self.tokenizer, text, |word| {
            let id = self.vocabulary.id(word).filter(|&id| id > UNK);
            if id.is_none() {
                cut.spelling += self.spelling.bits(word);
            }
            cut.units.push(id.unwrap_or(UNK));
        });
        cut
    }
}

/// Gives the words of a text, and what stands between them, which a dictionary drops: blanks.
fn words(tokenizer: &Tokenizer, text: &str, mut give: impl FnMut(&str)) {
    let mut end = 0;
    let mut worker = tokenizer.worker();
    for token in worker.tokenize(text) {
        if token.range.start > end {
            give(&text[end..token.range.start]);
        }
        give(token.surface);
        end = token.range.end;
    }
    if end < text.len() {
        give(&text[end..]);
    }
}

#[cfg(test)]
mod tests {
    use jp_tokenize::Dictionary;
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::stream::Dialogue;

    fn episodes(count: usize, said: &[&str]) -> Vec<Episode> {
        let episode = |number: usize| {
            let comments = (0..)
                .zip(said.iter().cycle().skip(number).take(40))
                .map(|(second, body)| Comment::new(Vpos(100 * second), *body));
            Episode::new(format!("show/{number}"), comments, Dialogue::default())
        };
        (0..count).map(episode).collect()
    }

    fn tokenizer() -> Tokenizer {
        let dictionary = Dictionary::from_sources(
            "ここ,0,0,10,名詞\nすき,0,0,10,名詞\n",
            "1 1\n0 0 0\n",
            "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
            "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
        );
        Tokenizer::new(dictionary.unwrap()).unwrap()
    }

    /// Whatever texts are cut into, all of it is priced, and what was learnt is foretold.
    #[test]
    fn every_kind_of_unit_foretells_the_same_texts() {
        let said = ["ここすき", "ここ すき", "草", "ここすき！"];
        let (train, dev) = (episodes(20, &said), episodes(3, &said));
        let tokenizer = tokenizer();
        let found = measure_unit_bits(&train, &dev, Some(&tokenizer), 1).unwrap();
        let kinds: Vec<TextUnit> = found.iter().map(|one| one.unit).collect();
        let [character, piece, word] = [TextUnit::Character, TextUnit::Piece, TextUnit::Word];
        assert_eq!(kinds, [character, piece, piece, piece, word]);
        for one in &found {
            // One of four comments, 13 characters in four of them: 8 bits of 14.
            assert!((one.bits.value - 8.0 / 14.0).abs() < 0.1, "{one:?}");
        }
        let without = measure_unit_bits(&train, &dev, None, 1).unwrap();
        assert_eq!(without.len(), 4);
    }

    /// A word that train does not have costs its spelling, and blanks are priced as well.
    #[test]
    fn unknown_words_are_spelt_and_blanks_priced() {
        let train = episodes(20, &["ここすき", "ここ すき"]);
        let tokenizer = tokenizer();
        let words = Words::learn(&tokenizer, &train);
        assert_eq!(words.cut("ここ すき").units.len(), 3);
        assert_eq!(words.cut("ここ すき").spelling, 0.0);
        let unknown = words.cut("ここ鬱");
        assert_eq!(unknown.units[1], UNK);
        assert!(unknown.spelling > 15.0, "{}", unknown.spelling);
        let mut given = String::new();
        super::words(&tokenizer, " ここ  すき ", |word| given.push_str(word));
        assert_eq!(given, " ここ  すき ");
    }

    #[test]
    fn the_character_model_is_that_of_the_other_figures() {
        let said = ["ここすき", "草", "うおおお", "ここ好き"];
        let (train, dev) = (episodes(20, &said), episodes(3, &["ここすきすき", "草"]));
        let found = measure_unit_bits(&train, &dev, None, 1).unwrap();
        let other = super::super::bits::measure_bits(&train, &dev, 1);
        assert!((found[0].bits.value - other.four_gram.value).abs() < 1e-12);
    }
}
