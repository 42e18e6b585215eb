/// Longest part split at once, in characters. A path's cost is an `i32` to which each character
/// adds at most 65,535 in either direction, and room is needed for each character.
const MAX_CHUNK: usize = 8_192;

/// The beginning of a text that is split at once: all of it if it is short enough, otherwise up to
/// the last line break, end of a sentence or space in the second half of what is short enough, in
/// this order of preference.
pub(crate) fn first_chunk(text: &str) -> &str {
    if text.len() <= MAX_CHUNK {
        return text;
    }
    let Some((end, _)) = text.char_indices().nth(MAX_CHUNK) else {
        return text;
    };
    let chunk = &text[..end];
    let kinds: [&[char]; 3] = [
        &['\n'],
        &['。', '！', '？', '!', '?'],
        &[' ', '\u{3000}', '、'],
    ];
    for kind in kinds {
        if let Some((at, mark)) = chunk.rmatch_indices(kind).next()
            && at > end / 2
        {
            return &chunk[..at + mark.len()];
        }
    }
    chunk
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_at_the_best_place() {
        let filler = "あ".repeat(MAX_CHUNK - 10);
        for (between, expected_tail) in [
            ("。\n、草", "\n"),
            ("、。 草", "。"),
            ("草 草草", " "),
            ("草草草", "あ"),
        ] {
            let text = format!("{filler}{between}{filler}");
            let chunk = first_chunk(&text);
            assert!(chunk.ends_with(expected_tail), "{between}");
            assert!(chunk.chars().count() <= MAX_CHUNK);
        }
        assert_eq!(first_chunk(&filler), filler);
        assert_eq!(first_chunk(""), "");
        let early = format!("草\n{}", "あ".repeat(MAX_CHUNK));
        assert_eq!(first_chunk(&early).chars().count(), MAX_CHUNK);
    }
}
