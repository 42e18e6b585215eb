//! A JSON object a line: a caption with its references.

use serde::Deserialize;

use super::{
    coco::ImageId,
    error::CaptionsError,
    set::{CaptionSet, CaptionText, CaptionedPicture},
};

#[derive(Deserialize)]
struct Line {
    image_id: Option<ImageId>,
    hypothesis: CaptionText,
    references: Vec<CaptionText>,
}

pub(super) fn parse(text: &str) -> Result<CaptionSet, CaptionsError> {
    let mut pictures = Vec::new();
    for (index, text) in text.lines().enumerate() {
        if text.trim().is_empty() {
            continue;
        }
        let line = index + 1;
        let parsed: Line =
            serde_json::from_str(text).map_err(|source| CaptionsError::Line { line, source })?;
        if parsed.references.is_empty() {
            return Err(CaptionsError::NoReferences { line });
        }
        pictures.push(CaptionedPicture {
            id: parsed
                .image_id
                .map_or_else(|| line.to_string(), |id| id.to_string()),
            hypothesis: parsed.hypothesis,
            references: parsed.references,
        });
    }
    if pictures.is_empty() {
        return Err(CaptionsError::Empty);
    }
    Ok(CaptionSet {
        pictures,
        without_caption: 0,
    })
}
