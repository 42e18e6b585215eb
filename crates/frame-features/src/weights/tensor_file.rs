//! Named tensors in a file, of whatever format.

/// A file of named tensors, of which shapes are known and values are read when asked for.
pub(super) trait TensorFile {
    /// The tensors' names, sorted.
    fn names(&self) -> Vec<String>;
    /// Shape of a tensor, or nothing if there is none of that name.
    fn shape(&self, name: &str) -> Option<Vec<usize>>;
    /// The values of a tensor that is there, row-major.
    fn read(&self, name: &str) -> Result<Vec<f32>, String>;
}
