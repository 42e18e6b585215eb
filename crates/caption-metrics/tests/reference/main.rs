//! Scores agree with those of the programs that the field uses; `reference.py` says which and made
//! `reference.json`.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use caption_metrics::{
    CaptionHypothesis, CaptionScores, HeldOutSeconds, js_divergence, meteor, pearson, porter_stem,
    rouge_l, self_bleu, spearman,
};
use serde_json::Value;

fn reference() -> Value {
    serde_json::from_str(include_str!("reference.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

#[track_caller]
fn assert_near(found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
}

#[test]
fn caption_scores_are_those_of_pycocoevalcap_and_nltk() {
    let reference = &reference()["captions"];
    let captions: Vec<CaptionHypothesis> =
        serde_json::from_value(reference["captions"].clone()).unwrap();
    let scores = CaptionScores::measure(&captions);
    for (bleu, expected) in scores.bleu.iter().zip(numbers(&reference["bleu"])) {
        assert!((bleu - expected).abs() < 1e-6, "{bleu}, not {expected}");
    }
    for (index, captioned) in captions.iter().enumerate() {
        let CaptionHypothesis {
            hypothesis,
            references,
        } = captioned;
        assert_near(rouge_l(hypothesis, references), &reference["rouges"][index]);
        assert_near(meteor(hypothesis, references), &reference["meteors"][index]);
    }
    assert_near(scores.cider_d.unwrap(), &reference["cider_d"]);
    // Each picture's own, CIDEr-D weighed by the whole set.
    let each = CaptionScores::measure_each(&captions);
    for (scores, expected) in each.iter().zip(numbers(&reference["ciders"])) {
        let cider_d = scores.unwrap().cider_d.unwrap();
        assert!(
            (cider_d - expected).abs() < 1e-6,
            "{cider_d}, not {expected}"
        );
    }
    assert_eq!(each.len(), captions.len());
}

#[test]
fn stems_are_those_of_porters_own_program() {
    for (word, stem) in reference()["captions"]["stems"].as_object().unwrap() {
        assert_eq!(porter_stem(word), stem.as_str().unwrap(), "{word}");
    }
}

#[test]
fn self_bleu_is_the_mean_of_nltks_sentence_bleu() {
    let reference = &reference()["diversity"];
    let sentences: Vec<Vec<String>> =
        serde_json::from_value(reference["sentences"].clone()).unwrap();
    assert_near(self_bleu(&sentences), &reference["self_bleu"]);
}

#[test]
fn rates_compare_as_scipy_compares_them() {
    let reference = &reference()["rates"];
    let (real, written) = (numbers(&reference["real"]), numbers(&reference["written"]));
    assert_near(pearson(&real, &written).unwrap(), &reference["pearson"]);
    assert_near(spearman(&real, &written).unwrap(), &reference["spearman"]);
    let held_out = HeldOutSeconds::new(0..real.len() as u64);
    let smoothed = held_out.smooth(&real, 2.0);
    for (smoothed, expected) in smoothed.iter().zip(numbers(&reference["smoothed"])) {
        assert!((smoothed - expected).abs() < 1e-9);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small whole numbers"
    )]
    let words = |counts: &[f64]| -> Vec<usize> {
        let repeated = |(word, &count): (usize, &f64)| std::iter::repeat_n(word, count as usize);
        counts[..10].iter().enumerate().flat_map(repeated).collect()
    };
    let divergence = js_divergence(words(&real), words(&written));
    assert_near(divergence, &reference["js_divergence"]);
}
