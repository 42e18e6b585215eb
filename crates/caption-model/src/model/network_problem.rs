use frame_features::VggTailProblem;

/// Why no network can be made of a [`NetworkConfig`](crate::NetworkConfig): what does not fit in
/// it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkProblem {
    /// The share of numbers that dropout leaves out is none.
    #[error("dropout is {dropout}, expected 0 to below 1")]
    Dropout {
        /// The share.
        dropout: f64,
    },
    /// The encoder's blocks do not fit each other.
    #[error(transparent)]
    Tail(#[from] VggTailProblem),
    /// The captioner does not read what the encoder's blocks give.
    #[error("the encoder gives vectors of {given}, the captioner reads {read}")]
    Unconnected {
        /// Size of the encoder's vectors.
        given: usize,
        /// Size of the vectors that the captioner reads.
        read: usize,
    },
}
