/// Part of a corpus that a frame belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// To learn from.
    Train,
    /// To judge by.
    Dev,
    /// For neither: too close to the other part.
    Guard,
}
