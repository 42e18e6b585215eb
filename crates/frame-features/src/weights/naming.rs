//! What the tensors of a file are called, and which network that makes it.

use std::path::Path;

use super::tensor_file::TensorFile;
use crate::error::Error;
use crate::layout::{Published, VggVariant};

/// The tensor that every file has.
const FIRST: &str = "features.0.weight";
/// What wrappers put before the names of a network's tensors.
const WRAPPERS: [&str; 10] = [
    "module",
    "model",
    "net",
    "network",
    "backbone",
    "encoder",
    "vgg",
    "state_dict",
    "model_state_dict",
    "_orig_mod",
];
/// So many names of a file are shown, and so many letters of each.
const SHOWN_NAMES: usize = 6;
const SHOWN_LETTERS: usize = 60;

/// How torchvision calls the layers of a network's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Naming {
    pub(super) variant: VggVariant,
    /// Whether each convolution is followed by a batch normalisation.
    pub(super) batch_norm: bool,
}

impl Naming {
    /// Recognises the network by the names and the shapes of its tensors.
    pub(super) fn recognise(file: &dyn TensorFile) -> Self {
        let sides = |name: &str| file.shape(name).map(|shape| shape.len());
        let is_convolution = |index: usize| sides(&format!("features.{index}.weight")) == Some(4);
        let batch_norm = sides("features.1.running_mean").is_some()
            || (sides("features.1.weight") == Some(1) && is_convolution(3));
        // Where the third group ends, VGG-16 has a pooling and VGG-19 another convolution.
        let is_vgg16 = if batch_norm {
            is_convolution(24)
        } else {
            is_convolution(17)
        };
        Self {
            variant: if is_vgg16 {
                VggVariant::Vgg16
            } else {
                VggVariant::Vgg19
            },
            batch_norm,
        }
    }

    /// Convolution `index`, and the batch normalisation after it.
    pub(super) fn convolution(self, index: usize) -> (Published, Option<Published>) {
        let published = self.variant.convolution(index);
        if !self.batch_norm {
            return (published, None);
        }
        let place = self.variant.feature_index(index) + index; // one more for each before it
        let named = |place: usize, paper: String| Published {
            paper,
            torchvision: format!("features.{place}"),
        };
        let norm = named(place + 1, format!("{}'s normalisation", published.paper));
        (named(place, published.paper), Some(norm))
    }
}

/// A file whose names all begin with something that a wrapper has put there.
pub(super) struct Unwrapped<'a> {
    file: &'a dyn TensorFile,
    prefix: String,
}

impl<'a> Unwrapped<'a> {
    /// Finds what stands before the names of the network's tensors: nothing, or what frameworks and
    /// training programs wrap networks in (`module.`, `model_state_dict.` and so on).
    pub(super) fn new(path: &Path, file: &'a dyn TensorFile) -> Result<Self, Error> {
        let names = file.names();
        let mut prefixes: Vec<&str> = names
            .iter()
            .filter_map(|name| name.strip_suffix(FIRST))
            .filter(|prefix| prefix.is_empty() || prefix.ends_with('.'))
            .collect();
        if prefixes.len() > 1 {
            prefixes.retain(|prefix| {
                let mut words = prefix.split_terminator('.');
                words.all(|word| WRAPPERS.contains(&word))
            });
        }
        if prefixes.contains(&"") {
            prefixes = vec![""];
        }
        match prefixes[..] {
            [prefix] => Ok(Self {
                prefix: prefix.to_owned(),
                file,
            }),
            [one, other, ..] => Err(Error::weights(
                path,
                format!(
                    "there are several networks in it: \"{}{FIRST}\" and \"{}{FIRST}\"",
                    shortened(one),
                    shortened(other)
                ),
            )),
            [] => Err(Error::weights(
                path,
                format!(
                    "\"{FIRST}\" is missing, expected torchvision's names or those after a prefix \
                     such as \"module.\"; found {}",
                    listed(file, &names)
                ),
            )),
        }
    }
}

impl TensorFile for Unwrapped<'_> {
    fn names(&self) -> Vec<String> {
        let names = self.file.names().into_iter();
        names
            .filter_map(|name| Some(name.strip_prefix(&self.prefix)?.to_owned()))
            .collect()
    }

    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.file.shape(&format!("{}{name}", self.prefix))
    }

    fn read(&self, name: &str) -> Result<Vec<f32>, String> {
        self.file.read(&format!("{}{name}", self.prefix))
    }
}

/// The first names of a file with their shapes, and how many more there are.
fn listed(file: &dyn TensorFile, names: &[String]) -> String {
    let mut shown: Vec<String> = names
        .iter()
        .take(SHOWN_NAMES)
        .map(|name| {
            let shape = file.shape(name).unwrap_or_default();
            let sides = shape.len().min(8);
            format!("{:?} {:?}", shortened(name), &shape[..sides])
        })
        .collect();
    if names.len() > SHOWN_NAMES {
        shown.push(format!("and {} more", names.len() - SHOWN_NAMES));
    }
    if shown.is_empty() {
        return "no tensors".to_owned();
    }
    shown.join(", ")
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= SHOWN_LETTERS {
        return name.to_owned();
    }
    let beginning: String = name.chars().take(SHOWN_LETTERS).collect();
    format!("{beginning}…")
}
