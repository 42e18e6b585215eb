//! COCO's files: results, `[{"image_id": 1, "caption": "…"}]`, and annotations,
//! `{"images": [{"id": 1}], "annotations": [{"image_id": 1, "caption": "…"}]}`.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
};

use serde::Deserialize;

use super::{
    error::CaptionsError,
    set::{CaptionSet, CaptionText, CaptionedPicture},
};

/// A picture's id: COCO's numbers, or the names of data sets in its form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(untagged, expecting = "expected an integer or a text")]
pub(super) enum ImageId {
    Number(i64),
    Name(String),
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// A caption of a picture: an entry of either file.
#[derive(Deserialize)]
struct Captioned {
    image_id: ImageId,
    caption: String,
}

#[derive(Deserialize)]
struct Annotations {
    annotations: Vec<Captioned>,
}

/// Whether a text that begins so is a file of COCO's rather than an object a line.
pub(super) fn is_results(text: &str) -> bool {
    text.trim_start().starts_with('[')
}

/// Whether a text is COCO's annotations.
pub(super) fn is_annotations(text: &str) -> bool {
    serde_json::from_str::<Annotations>(text).is_ok()
}

/// The captions of the results, in their order, with the references of the annotations.
pub(super) fn join(results: &str, annotations: &str) -> Result<CaptionSet, Error> {
    let results: Vec<Captioned> = serde_json::from_str(results)
        .map_err(CaptionsError::Results)
        .map_err(Error::Results)?;
    if results.is_empty() {
        return Err(Error::Results(CaptionsError::Empty));
    }
    let annotations: Annotations = serde_json::from_str(annotations)
        .map_err(CaptionsError::Annotations)
        .map_err(Error::Annotations)?;
    let mut references: HashMap<ImageId, Vec<CaptionText>> = HashMap::new();
    for annotation in annotations.annotations {
        let texts = references.entry(annotation.image_id).or_default();
        texts.push(CaptionText::Text(annotation.caption));
    }
    let mut seen: HashMap<ImageId, usize> = HashMap::new();
    let mut pictures = Vec::with_capacity(results.len());
    for (entry, result) in results.into_iter().enumerate() {
        let id = result.image_id.to_string();
        let own = match seen.entry(result.image_id) {
            Entry::Occupied(first) => {
                return Err(Error::Results(CaptionsError::Repeated {
                    entry,
                    first: *first.get(),
                    image_id: id,
                }));
            }
            Entry::Vacant(place) => {
                let own = references.remove(place.key());
                place.insert(entry);
                own
            }
        };
        let Some(own) = own else {
            return Err(Error::Results(CaptionsError::UnknownPicture {
                entry,
                image_id: id,
            }));
        };
        pictures.push(CaptionedPicture {
            id,
            hypothesis: CaptionText::Text(result.caption),
            references: own,
        });
    }
    Ok(CaptionSet {
        pictures,
        without_caption: references.len(),
    })
}

/// Which of the two files is at fault.
pub(super) enum Error {
    Results(CaptionsError),
    Annotations(CaptionsError),
}
