//! Does attention look at those who are named? A model is asked about pictures whose
//! [`Boxes`](crate::Boxes) are known; the scores themselves are `caption-metrics`'.

mod guard;
mod maps;
mod measure;
mod mentions;
mod posterior;
mod presence;
mod probe;
mod swap;
mod truth;

pub use guard::attention_guard;
pub use measure::{Grounding, GroundingData};
pub use mentions::mentions;
pub use presence::presence;
pub use probe::Probe;
pub use swap::swap_test;
pub use truth::{characters_without_word, ground_truth};
