//! A file of dialogue of any kind (SubRip, WebVTT, ASS) is an error that names it, or lines in
//! order of time; it says the same in another encoding and with other ends of lines.

#![no_main]

#[path = "common/place.rs"]
mod place;

use libfuzzer_sys::fuzz_target;
use nico_corpus::stream::{Dialogue, DialogueFormat};

fuzz_target!(|bytes: &[u8]| {
    let (format, name) = if bytes.starts_with(b"WEBVTT") {
        (DialogueFormat::WebVtt, "a.vtt")
    } else if bytes.starts_with(b"[") {
        (DialogueFormat::Ass, "a.ass")
    } else {
        (DialogueFormat::Srt, "a.srt")
    };
    let path = place::file(name, bytes);
    let read = Dialogue::read(&path);
    match &read {
        Ok(dialogue) => in_order(dialogue),
        Err(error) => drop(place::named(&path, error)),
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let parsed = Dialogue::parse(text, format);
    match read {
        Ok(read) => assert_eq!(read, parsed),
        Err(_) => assert!(parsed.lines().is_empty()),
    }
    // As the other formats too: a name may lie.
    for other in [
        DialogueFormat::Srt,
        DialogueFormat::WebVtt,
        DialogueFormat::Ass,
    ] {
        in_order(&Dialogue::parse(text, other));
    }
    if !text.contains(['\r', '\u{feff}']) {
        let utf_16 = std::iter::once(0xfeff).chain(text.encode_utf16());
        let utf_16: Vec<u8> = utf_16.flat_map(u16::to_be_bytes).collect();
        if let Ok(read) = Dialogue::read(place::file(name, &utf_16)) {
            assert_eq!(read, parsed, "in UTF-16");
        }
        let crlf = Dialogue::parse(&text.replace('\n', "\r\n"), format);
        assert_eq!(crlf, parsed, "with CR LF");
    }
});

/// Panics unless lines have a text of one line each and lie in order.
fn in_order(dialogue: &Dialogue) {
    let lines = dialogue.lines();
    for line in lines {
        assert!(
            0 <= line.start_ms && line.start_ms <= line.end_ms,
            "{line:?}"
        );
        assert!(
            !line.text.is_empty() && line.text.trim() == line.text,
            "{line:?}"
        );
        assert!(!line.text.contains('\n'), "{line:?}");
    }
    assert!(lines.is_sorted_by_key(|line| line.start_ms));
    assert_eq!(&Dialogue::new(lines.iter().cloned()), dialogue);
}
