/// Id of the padding word `<pad>`, which fills a batch's shorter rows up.
pub const PAD: u32 = 0;
/// Id of the beginning-of-sentence word `<bos>`, which begins a comment.
pub const BOS: u32 = 1;
/// Id of the end-of-sentence word `<eos>`, which ends a comment.
pub const EOS: u32 = 2;
/// Id of the unknown word `<unk>`, which stands for every word that the vocabulary does not have.
pub const UNK: u32 = 3;

/// The special words, each at its id.
pub const SPECIAL_WORDS: [&str; 4] = ["<pad>", "<bos>", "<eos>", "<unk>"];
