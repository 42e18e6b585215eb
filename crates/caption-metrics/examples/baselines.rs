//! What a captioner adds to its baselines: captions beside those of other pictures, and a language
//! model beside word frequencies.
//!
//! `cargo run --example baselines -p caption-metrics < captions.jsonl`, a line a picture:
//! `{"hypothesis": ["a", "cat"], "references": [["the", "cat"], ["a", "black", "cat"]]}`.

use std::{collections::HashMap, error::Error, io::BufRead};

use caption_metrics::{CaptionHypothesis, CaptionScores, Diversity, Pairs, Trigram, Unigram};

fn main() -> Result<(), Box<dyn Error>> {
    let captions = std::io::stdin()
        .lock()
        .lines()
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect::<Result<Vec<CaptionHypothesis>, Box<dyn Error>>>()?;

    // Each caption under the references of the next picture: what one gets without looking.
    let mut swapped = captions.clone();
    for (at, caption) in swapped.iter_mut().enumerate() {
        caption.references = captions[(at + 1) % captions.len()].references.clone();
    }
    for (name, captions) in [("own picture", &captions), ("next picture", &swapped)] {
        let CaptionScores {
            bleu,
            meteor,
            rouge_l,
            cider_d,
        } = CaptionScores::measure(captions);
        println!(
            "{name}: BLEU-4 {:.3}, METEOR {meteor:.3}, ROUGE-L {rouge_l:.3}, CIDEr-D {cider_d:.3?}",
            bleu[3]
        );
    }
    let written: Vec<&[String]> = captions.iter().map(|one| &*one.hypothesis).collect();
    println!(
        "self-BLEU of what was written: {:.3}",
        Diversity::measure(&written).self_bleu
    );

    // Every second picture's references are held out from language models of the others.
    let mut ids: HashMap<&str, u32> = HashMap::new();
    let (mut train, mut dev) = (Pairs::new(30), Pairs::new(30));
    for (row, caption) in captions.iter().enumerate() {
        for reference in &caption.references {
            let words: Vec<u32> = (reference.iter())
                .map(|word| {
                    let next = u32::try_from(ids.len() + 4).expect("fewer than 2^32 words");
                    *ids.entry(word).or_insert(next)
                })
                .collect();
            if row % 2 == 0 { &mut train } else { &mut dev }.push(row, &words);
        }
    }
    let num_words = ids.len() + 4;
    let trigram = Trigram::fit(&train, num_words).word_nlls(&dev);
    println!(
        "perplexity per word of held-out references: unigram {:.1}, trigram {:.1}",
        Unigram::fit(&train, num_words).measure(&dev).perplexity(),
        caption_metrics::Likelihood::from_nlls(&dev, &trigram).perplexity()
    );
    Ok(())
}
