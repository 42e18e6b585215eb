//! How often a trained network answers right.

use burn::tensor::Device;

use super::network::Trainee;
use super::pictures::{ATTRIBUTES, Attribute, OUTPUTS, example};
use super::tensors::{batch, values};

/// How often held-out answers were right.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Accuracy {
    /// What was asked.
    pub attribute: &'static str,
    /// Share of right answers on pictures with one character (the most probable answer counts), or
    /// on all pictures where every picture has exactly one answer.
    pub accuracy: f64,
    /// What the most frequent answer would give.
    pub chance: f64,
    /// Pictures asked about.
    pub pictures: usize,
}

/// Numbers of pictures at and above this are never trained on.
const HELD_OUT: u64 = 1 << 40;

/// Asks about `pictures` held-out pictures of the given size.
pub(super) fn measure(network: &Trainee, pictures: usize, size: u32) -> Vec<Accuracy> {
    let device = Device::flex();
    let mut counts = [(0_usize, 0_usize); ATTRIBUTES.len()]; // right, asked
    let mut answers_of = vec![0_usize; OUTPUTS];
    for first in (0..pictures).step_by(16) {
        let numbers = (first..(first + 16).min(pictures)).map(|i| HELD_OUT + i as u64);
        let examples: Vec<_> = numbers.map(|number| example(number, size)).collect();
        let (answers, _) = network.forward(batch(
            &examples.iter().map(|one| &one.picture).collect::<Vec<_>>(),
            size,
            &device,
        ));
        let answers = values(answers);
        for (example, answers) in examples.iter().zip(answers.chunks_exact(OUTPUTS)) {
            for (attribute, (right, asked)) in ATTRIBUTES.iter().zip(&mut counts) {
                if !attribute.exclusive && example.num_characters != 1 {
                    continue;
                }
                let truth = highest(attribute, &example.labels);
                answers_of[attribute.first + truth] += 1;
                *asked += 1;
                *right += usize::from(highest(attribute, answers) == truth);
            }
        }
    }
    let share = |part: usize, of: usize| {
        if of == 0 {
            0.0
        } else {
            to_f64(part) / to_f64(of)
        }
    };
    ATTRIBUTES
        .iter()
        .zip(counts)
        .map(|(attribute, (right, asked))| {
            let most = answers_of[attribute.first..attribute.first + attribute.count]
                .iter()
                .copied()
                .max()
                .unwrap_or(0);
            Accuracy {
                attribute: attribute.name,
                accuracy: share(right, asked),
                chance: share(most, asked),
                pictures: asked,
            }
        })
        .collect()
}

fn highest(attribute: &Attribute, values: &[f32]) -> usize {
    let values = &values[attribute.first..attribute.first + attribute.count];
    (0..values.len())
        .max_by(|&a, &b| values[a].total_cmp(&values[b]))
        .unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of pictures")]
fn to_f64(count: usize) -> f64 {
    count as f64
}
