//! A dictionary of a few words, so that a target starts at once.

use jp_tokenize::Dictionary;

pub const WORDS: &str = "ここ,0,0,100,名詞,代名詞,一般,*,*,*,ここ,ココ,ココ
すき,1,1,100,名詞,形容動詞語幹,*,*,*,*,すき,スキ,スキ
ここす,0,1,150,名詞,一般,*,*,*,*,ここす,ココス,ココス
草,0,0,-100,名詞,一般,*,*,*,*,草,クサ,クサ
草,1,1,-100,接尾辞,*,*,*,*,*,草,クサ,クサ
\u{3000},0,0,100,記号,空白,*,*,*,*,\u{3000},\u{3000},\u{3000}
";
pub const MATRIX: &str = "2 2\n0 0 0\n0 1 -5\n1 0 7\n1 1 0\n";
pub const CHAR: &str = "DEFAULT 0 1 0
SPACE 0 1 0
ALPHA 1 1 0
HIRAGANA 0 1 2
KANJI 0 0 2
0x0020 SPACE
0x0009 SPACE
0x000A SPACE
0x0041..0x005A ALPHA
0x0061..0x007A ALPHA
0x3041..0x309F HIRAGANA
0x4E00..0x9FFF KANJI
0x4E00 KANJI ALPHA
";
pub const UNK: &str = "DEFAULT,0,0,500,記号,一般,*,*,*,*,*
SPACE,0,0,500,記号,空白,*,*,*,*,*
ALPHA,0,1,500,名詞,一般,*,*,*,*,*
HIRAGANA,0,0,500,名詞,一般,*,*,*,*,*
KANJI,1,0,500,名詞,一般,*,*,*,*,*
KANJI,1,0,500,名詞,固有名詞,*,*,*,*,*
";

pub fn dictionary() -> Dictionary {
    Dictionary::from_sources(WORDS, MATRIX, CHAR, UNK).expect("the dictionary is well formed")
}
