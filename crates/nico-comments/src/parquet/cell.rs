/// A value of a row of a [`ParquetTable`](super::ParquetTable): what a column of its
/// [type](super::ParquetType) takes. Made with `from` of the value, or of an `Option` of it.
///
/// ```
/// use nico_comments::ParquetCell;
///
/// assert_eq!(ParquetCell::from(Some("草")), ParquetCell::Text("草"));
/// assert_eq!(ParquetCell::from(None::<i64>), ParquetCell::Null);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParquetCell<'a> {
    /// No value.
    Null,
    /// Yes or no.
    Boolean(bool),
    /// A small whole number.
    Int32(i32),
    /// A whole number; of a column of times, microseconds since 1970 in UTC.
    Int64(i64),
    /// A text.
    Text(&'a str),
}

impl From<bool> for ParquetCell<'_> {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i32> for ParquetCell<'_> {
    fn from(value: i32) -> Self {
        Self::Int32(value)
    }
}

impl From<i64> for ParquetCell<'_> {
    fn from(value: i64) -> Self {
        Self::Int64(value)
    }
}

impl<'a> From<&'a str> for ParquetCell<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

/// [`Null`](ParquetCell::Null) where there is no value.
impl<'a, T: Into<Self>> From<Option<T>> for ParquetCell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
