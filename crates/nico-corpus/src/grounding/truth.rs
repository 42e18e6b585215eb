use caption_metrics::{BoundingBox, GroundTruth};
use frame_features::FeatureStore;
use jp_tokenize::Vocabulary;

use crate::boxes::{BoxCharacter, Boxes};

/// Seconds of a video that an interval draws as one: about a scene.
const SCENE: f64 = 5.0;

/// Who is where in the rows of a store, called by the words of a vocabulary.
#[must_use]
pub fn ground_truth(boxes: &Boxes, store: &FeatureStore, vocabulary: &Vocabulary) -> GroundTruth {
    let info = store.info();
    let mut truth = GroundTruth::new(info.times.len());
    let numbers: Vec<usize> = boxes
        .characters
        .iter()
        .map(|one| {
            let names = one.names.iter().filter_map(|name| vocabulary.id(name));
            truth.add_character(&one.id, names)
        })
        .collect();
    let times = info.times_from_start();
    for (row, (&frame, time)) in info.frames.iter().zip(times).enumerate() {
        truth.set_group(row, whole(time / SCENE));
        for seen in boxes.present(frame) {
            let who = boxes
                .characters
                .iter()
                .position(|one| one.id == seen.character);
            if let Some(who) = who {
                let region = BoundingBox::from_pixels(seen.rect, [boxes.width, boxes.height]);
                truth.add_box(row, numbers[who], region);
            }
        }
    }
    truth
}

/// The characters of whose names none is a word of the vocabulary: their mentions are not known,
/// and no score counts them.
#[must_use]
pub fn characters_without_word<'a>(
    boxes: &'a Boxes,
    vocabulary: &Vocabulary,
) -> Vec<&'a BoxCharacter> {
    let has_word = |one: &BoxCharacter| one.names.iter().any(|name| vocabulary.id(name).is_some());
    let characters = boxes.characters.iter();
    characters.filter(|one| !has_word(one)).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times are not negative"
)]
fn whole(number: f64) -> usize {
    number as usize
}

#[cfg(test)]
mod tests {
    use jp_tokenize::{PartOfSpeech, VocabularyBuilder};

    use super::*;

    /// One name of several is enough.
    #[test]
    fn characters_whose_names_are_no_words_are_found() {
        let boxes = Boxes::parse(
            r#"{"fps":[30,1],"frames":9,"width":64,"height":48,"boxes":[],"characters":[
                {"id":"ruri","names":["ルリ","ルリちゃん"]},{"id":"kai","names":["カイ","カイくん"]}]}"#,
        )
        .unwrap();
        let mut words = VocabularyBuilder::new();
        words.add("ルリ", PartOfSpeech::UNKNOWN);
        let found = characters_without_word(&boxes, &words.build(None, 1));
        let ids: Vec<&str> = found.iter().map(|one| &*one.id).collect();
        assert_eq!(ids, ["kai"]);
    }
}
