"""Writes reference.json: what other programs say of the captions, stems and rates in it.

    pip install nltk==3.10.4 pycocoevalcap==1.2 sacrebleu==2.6.0 scipy==1.17.1
    python reference.py

BLEU, ROUGE-L and CIDEr-D are pycocoevalcap's (BLEU also sacrebleu's, which must agree); METEOR is NLTK's with Porter's stems
as their author published them and without synonyms; sentence BLEU with smoothing is NLTK's; correlations and the Gaussian are SciPy's.
"""

import json
from pathlib import Path

import numpy
import sacrebleu
from nltk.stem.porter import PorterStemmer
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
from nltk.translate.meteor_score import meteor_score
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.distance import jensenshannon
from scipy.stats import pearsonr, spearmanr

CAPTIONS = [
    ("a cat sits on the red mat", ["a cat is sitting on a red mat", "the cat sits on the mat"]),
    ("two dogs run across the green field", ["two dogs are running across a field of grass", "dogs run in the green field"]),
    ("a man rides his horse", ["a man is riding a brown horse on the beach", "the man rides a horse along the sea", "a rider and his horse"]),
    ("the the the the", ["the cat is on the mat", "there is a cat on the mat"]),
    ("people walking happily through the rainy streets of a city", ["people walk happily in the rain", "some people are walking through streets of the city while it rains"]),
    ("チノ ちゃん かわいい w", ["チノ ちゃん かわいい", "ここ の チノ ちゃん すき w"]),
    ("8888", ["おつ かれ 8888", "うぽつ"]),
    ("a plate of food", ["a bowl full of soup", "dinner is served on a plate"]),
]

WORDS = """caresses ponies ties caress cats feed agreed plastered bled motoring sing conflated troubled sized hopping tanned falling hissing
fizzed failing filing happy sky relational conditional rational valenci hesitanci digitizer conformabli radicalli differentli vileli
analogousli vietnamization predication operator feudalism decisiveness hopefulness callousness formaliti sensitiviti sensibiliti triplicate
formative formalize electriciti electrical hopeful goodness revival allowance inference airliner gyroscopic adjustable defensible irritant
replacement adjustment dependent adoption homologou communism activate angulariti homologous effective bowdlerize probate rate cease controll
roll apology archaeology is as a yes syzygy toy enjoying dying dies generalizations oscillators skies""".split()

SENTENCES = ["a b c d e", "a b c d f g", "a b", "x", "c d e f", "a b c d e"]


class NoSynonyms:
    def synsets(self, word):
        return []


def captions():
    references = {i: refs for i, (_, refs) in enumerate(CAPTIONS)}
    hypotheses = {i: [hypothesis] for i, (hypothesis, _) in enumerate(CAPTIONS)}
    bleu, _ = Bleu(4).compute_score(references, hypotheses, verbose=0)
    rouge, rouges = Rouge().compute_score(references, hypotheses)
    cider, ciders = Cider().compute_score(references, hypotheses)
    most = max(len(refs) for _, refs in CAPTIONS)
    streams = [[refs[i] if i < len(refs) else None for _, refs in CAPTIONS] for i in range(most)]
    other = sacrebleu.corpus_bleu([h for h, _ in CAPTIONS], streams, tokenize="none", smooth_method="none").score / 100
    assert abs(other - bleu[3]) < 1e-6, (other, bleu[3])
    stemmer = PorterStemmer(mode=PorterStemmer.MARTIN_EXTENSIONS)
    meteors = [
        meteor_score([ref.split() for ref in refs], hypothesis.split(), stemmer=stemmer, wordnet=NoSynonyms())
        for hypothesis, refs in CAPTIONS
    ]
    return {
        "captions": [{"hypothesis": h.split(), "references": [ref.split() for ref in refs]} for h, refs in CAPTIONS],
        "bleu": bleu,
        "meteors": meteors,
        "rouges": list(map(float, rouges)),
        "cider_d": float(cider),
        "ciders": list(map(float, ciders)),
        "stems": {word: stemmer.stem(word) for word in WORDS},
    }


def self_bleu():
    sentences = [sentence.split() for sentence in SENTENCES]
    scores = []
    for i, sentence in enumerate(sentences):
        order = min(4, len(sentence))
        others = sentences[:i] + sentences[i + 1:]
        smoothing = SmoothingFunction(epsilon=0.1).method1
        scores.append(sentence_bleu(others, sentence, weights=[1 / order] * order, smoothing_function=smoothing))
    return {"sentences": sentences, "self_bleu": float(numpy.mean(scores))}


def rates():
    random = numpy.random.default_rng(7)
    real = random.poisson(3, 40).astype(float)
    written = random.poisson(2 + real / 2).astype(float)
    smooth = lambda x: gaussian_filter1d(x, 2, mode="constant", truncate=4)
    smoothed = smooth(real) / smooth(numpy.ones(len(real)))
    p, q = real[:10] / real[:10].sum(), written[:10] / written[:10].sum()
    return {
        "real": real.tolist(),
        "written": written.tolist(),
        "smoothed": smoothed.tolist(),
        "pearson": float(pearsonr(real, written)[0]),
        "spearman": float(spearmanr(real, written)[0]),
        "js_divergence": float(jensenshannon(p, q, base=2) ** 2),
    }


if __name__ == "__main__":
    reference = {"captions": captions(), "diversity": self_bleu(), "rates": rates()}
    text = json.dumps(reference, ensure_ascii=False, indent=1)
    Path(__file__).with_name("reference.json").write_text(text + "\n", encoding="utf-8")
