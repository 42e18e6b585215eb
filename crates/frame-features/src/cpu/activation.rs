//! What follows a convolution.

/// The function that is applied to a convolution's sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activation {
    None,
    Relu,
}

impl Activation {
    /// The smallest value that it gives.
    pub(super) fn least(self) -> f32 {
        match self {
            Self::None => f32::NEG_INFINITY,
            Self::Relu => 0.0,
        }
    }
}
