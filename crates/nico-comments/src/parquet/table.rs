use std::{
    io::{self, Write},
    sync::Arc,
};

use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType},
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::Type,
};

use super::{ParquetCell, buffer::Buffer};

/// Rows of a row group: what engines read at a time, and what is held in memory here.
const ROWS: usize = 1 << 17;

/// Bytes of values at which a row group ends though it has fewer rows.
const BYTES: usize = 64 << 20;

/// Type of a column of a [`ParquetTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParquetType {
    /// Yes or no: SQL's `BOOLEAN`.
    Boolean,
    /// A whole number of 32 bits: `INTEGER`.
    Int32,
    /// A whole number of 64 bits: `BIGINT`.
    Int64,
    /// A moment in UTC, to the microsecond: `TIMESTAMP WITH TIME ZONE`.
    Time,
    /// A text in UTF-8: `VARCHAR`.
    Text,
}

impl ParquetType {
    fn physical(self) -> PhysicalType {
        match self {
            Self::Boolean => PhysicalType::BOOLEAN,
            Self::Int32 => PhysicalType::INT32,
            Self::Int64 | Self::Time => PhysicalType::INT64,
            Self::Text => PhysicalType::BYTE_ARRAY,
        }
    }

    fn logical(self) -> Option<LogicalType> {
        match self {
            Self::Time => Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
            Self::Text => Some(LogicalType::String),
            Self::Boolean | Self::Int32 | Self::Int64 => None,
        }
    }
}

/// A column of a [`ParquetTable`]: its name, its type, and whether rows may have no value there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ParquetColumn {
    name: &'static str,
    kind: ParquetType,
    optional: bool,
}

impl ParquetColumn {
    /// A column in which every row has a value.
    #[must_use]
    pub const fn new(name: &'static str, kind: ParquetType) -> Self {
        Self {
            name,
            kind,
            optional: false,
        }
    }

    /// A column in which rows may have no value.
    #[must_use]
    pub const fn optional(name: &'static str, kind: ParquetType) -> Self {
        Self {
            name,
            kind,
            optional: true,
        }
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The type.
    #[must_use]
    pub const fn kind(&self) -> ParquetType {
        self.kind
    }

    /// Whether rows may have no value.
    #[must_use]
    pub const fn is_optional(&self) -> bool {
        self.optional
    }

    fn to_schema(self) -> Result<Type, ParquetError> {
        let repetition = match self.optional {
            true => Repetition::OPTIONAL,
            false => Repetition::REQUIRED,
        };
        Type::primitive_type_builder(self.name, self.kind.physical())
            .with_logical_type(self.kind.logical())
            .with_repetition(repetition)
            .build()
    }
}

/// Writer of a Parquet file with any typed columns, a row at a time.
///
/// Rows are written in row groups of 131,072, or fewer where they hold more than 64 MiB, so that
/// memory does not grow with the file. Pages are compressed by Snappy, which every engine reads.
///
/// ```
/// use nico_comments::{ParquetColumn, ParquetTable, ParquetType};
///
/// let columns = [
///     ParquetColumn::new("word", ParquetType::Text),
///     ParquetColumn::optional("count", ParquetType::Int64),
/// ];
/// let mut table = ParquetTable::new(Vec::new(), "words", &columns)?;
/// table.push(&["草".into(), 7_i64.into()])?;
/// table.push(&["w".into(), None::<i64>.into()])?;
/// let file = table.finish()?;
/// assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct ParquetTable<W: Write + Send> {
    file: SerializedFileWriter<W>,
    buffers: Vec<Buffer>,
    most_rows: usize,
    most_bytes: usize,
    /// Rows and bytes that wait.
    rows: usize,
    bytes: usize,
    all: u64,
}

/// Shows the size and not the rows.
impl<W: Write + Send> std::fmt::Debug for ParquetTable<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetTable")
            .field("columns", &self.buffers.len())
            .field("rows", &self.all)
            .finish_non_exhaustive()
    }
}

impl<W: Write + Send> ParquetTable<W> {
    /// Begins a file; `name` is that of its schema, which engines do not show.
    ///
    /// # Errors
    ///
    /// If `out` fails.
    ///
    /// # Panics
    ///
    /// Panics without a column.
    pub fn new(out: W, name: &str, columns: &[ParquetColumn]) -> io::Result<Self> {
        assert!(!columns.is_empty(), "a table has columns");
        let schema = || {
            let fields = columns
                .iter()
                .map(|column| Ok(Arc::new(column.to_schema()?)));
            let fields = fields.collect::<Result<_, ParquetError>>()?;
            Type::group_type_builder(name).with_fields(fields).build()
        };
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let file = schema().and_then(|schema| {
            SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))
        });
        Ok(Self {
            file: file.map_err(cause)?,
            buffers: columns.iter().copied().map(Buffer::new).collect(),
            most_rows: ROWS,
            most_bytes: BYTES,
            rows: 0,
            bytes: 0,
            all: 0,
        })
    }

    /// Sets the most rows of a row group. Default: 131,072.
    ///
    /// # Panics
    ///
    /// Panics if it is 0.
    #[must_use]
    pub fn most_rows(mut self, rows: usize) -> Self {
        assert!(rows > 0, "a row group has rows");
        self.most_rows = rows;
        self
    }

    /// Sets the bytes of values at which a row group ends, about as many as are held in memory;
    /// a row that alone has more is a group of its own. Default: 64 MiB.
    #[must_use]
    pub fn most_bytes(mut self, bytes: usize) -> Self {
        self.most_bytes = bytes;
        self
    }

    /// Rows taken so far.
    #[must_use]
    pub fn num_rows(&self) -> u64 {
        self.all
    }

    /// Takes a row: a value for each column, in their order.
    ///
    /// # Errors
    ///
    /// If what is written to fails.
    ///
    /// # Panics
    ///
    /// Panics if the values are not as many as the columns, one is of another type than its column,
    /// or a column that has to have a value gets none.
    pub fn push(&mut self, row: &[ParquetCell<'_>]) -> io::Result<()> {
        assert_eq!(row.len(), self.buffers.len(), "values of {row:?}");
        for (buffer, &cell) in self.buffers.iter_mut().zip(row) {
            self.bytes += buffer.push(cell);
        }
        self.rows += 1;
        self.all += 1;
        if self.rows >= self.most_rows || self.bytes >= self.most_bytes {
            self.write_group().map_err(cause)?;
        }
        Ok(())
    }

    /// Ends the file: without this it is none. A file without rows is one too.
    ///
    /// # Errors
    ///
    /// If what is written to fails.
    pub fn finish(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.write_group().map_err(cause)?;
        }
        self.file.into_inner().map_err(cause)
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for buffer in &mut self.buffers {
            buffer.write(&mut group)?;
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

/// What made Parquet's writer fail: the error of what it writes to, where that is it.
fn cause(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(source) => io::Error::other(source),
        },
        error => io::Error::other(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(bytes.len())
                .ok_or_else(|| io::Error::new(io::ErrorKind::StorageFull, "no space left"))?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Wherever a disk is full, that is what is said, and nothing panics.
    #[test]
    fn a_full_disk_is_an_error() {
        let columns = [ParquetColumn::new("text", ParquetType::Text)];
        let write = |room: usize| {
            let mut table = ParquetTable::new(Full(room), "t", &columns)?.most_rows(100);
            for row in 0..2_000 {
                table.push(&[row.to_string().repeat(9).as_str().into()])?;
            }
            table.finish()
        };
        let whole = 1 << 20;
        let length = whole - write(whole).unwrap().0;
        for room in [0, 4, length / 3, length / 2, length - 1] {
            let error = write(room).map(drop).unwrap_err();
            assert!(
                error.to_string().contains("no space left"),
                "{room}: {error}"
            );
        }
    }

    #[test]
    #[should_panic(expected = "is no value of")]
    fn a_missing_value_is_the_callers_mistake() {
        let columns = [ParquetColumn::new("text", ParquetType::Text)];
        let mut table = ParquetTable::new(Vec::new(), "t", &columns).unwrap();
        let _ = table.push(&[ParquetCell::Null]);
    }
}
