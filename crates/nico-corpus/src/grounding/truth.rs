use caption_metrics::{BoundingBox, GroundTruth};
use frame_features::FeatureStore;
use jp_tokenize::Vocabulary;

use crate::boxes::Boxes;

/// Seconds of a video that an interval draws as one: about a scene.
const SCENE: f64 = 5.0;

/// Who is where in the rows of a store, called by the words of a vocabulary.
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

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times are not negative"
)]
fn whole(number: f64) -> usize {
    number as usize
}
