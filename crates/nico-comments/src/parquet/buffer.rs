//! The values of a column that wait for the end of their row group.

use std::io::Write;

use parquet::{
    data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type},
    errors::ParquetError,
    file::writer::{SerializedColumnWriter, SerializedRowGroupWriter},
};

use super::{ParquetCell, ParquetColumn, ParquetType};

/// The values of one column.
#[derive(Debug)]
pub(super) struct Buffer {
    column: ParquetColumn,
    values: Values,
    /// For each row 1 where there is a value, 0 where there is none; only of optional columns.
    present: Vec<i16>,
}

#[derive(Debug)]
enum Values {
    Boolean(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    /// All texts one after the other, and where each ends.
    Text {
        bytes: Vec<u8>,
        ends: Vec<usize>,
    },
}

impl Buffer {
    pub(super) fn new(column: ParquetColumn) -> Self {
        let values = match column.kind() {
            ParquetType::Boolean => Values::Boolean(Vec::new()),
            ParquetType::Int32 => Values::Int32(Vec::new()),
            ParquetType::Int64 | ParquetType::Time => Values::Int64(Vec::new()),
            ParquetType::Text => Values::Text {
                bytes: Vec::new(),
                ends: Vec::new(),
            },
        };
        Self {
            column,
            values,
            present: Vec::new(),
        }
    }

    /// Takes the value of a row; the bytes that it takes.
    ///
    /// # Panics
    ///
    /// Panics if the column is of another type, or has to have a value and gets none.
    pub(super) fn push(&mut self, cell: ParquetCell<'_>) -> usize {
        let is_null = cell == ParquetCell::Null;
        if self.column.is_optional() {
            self.present.push(i16::from(!is_null));
            if is_null {
                return 2;
            }
        }
        match (&mut self.values, cell) {
            (Values::Boolean(values), ParquetCell::Boolean(value)) => values.push(value),
            (Values::Int32(values), ParquetCell::Int32(value)) => values.push(value),
            (Values::Int64(values), ParquetCell::Int64(value)) => values.push(value),
            (Values::Text { bytes, ends }, ParquetCell::Text(value)) => {
                bytes.extend_from_slice(value.as_bytes());
                ends.push(bytes.len());
                return value.len() + size_of::<ByteArray>();
            }
            (_, cell) => panic!("{cell:?} is no value of {:?}", self.column),
        }
        size_of::<i64>()
    }

    /// Writes the values as the next column of the row group, and forgets them.
    pub(super) fn write<W: Write + Send>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        let mut writer = group.next_column()?.ok_or_else(no_column)?;
        let present = self.column.is_optional().then_some(&*self.present);
        self.values.write(&mut writer, present)?;
        self.present.clear();
        writer.close()
    }
}

/// A row group has as many columns as the table: their one source is the same list.
fn no_column() -> ParquetError {
    ParquetError::General("a row group without the column".to_owned())
}

impl Values {
    fn write(
        &mut self,
        writer: &mut SerializedColumnWriter<'_>,
        present: Option<&[i16]>,
    ) -> Result<(), ParquetError> {
        match self {
            Self::Boolean(values) => {
                let writer = writer.typed::<BoolType>();
                writer.write_batch(values, present, None)?;
                values.clear();
            }
            Self::Int32(values) => {
                let writer = writer.typed::<Int32Type>();
                writer.write_batch(values, present, None)?;
                values.clear();
            }
            Self::Int64(values) => {
                let writer = writer.typed::<Int64Type>();
                writer.write_batch(values, present, None)?;
                values.clear();
            }
            Self::Text { bytes, ends } => {
                let all = ByteArray::from(std::mem::take(bytes));
                let starts = std::iter::once(0).chain(ends.iter().copied());
                let texts: Vec<ByteArray> = starts
                    .zip(ends.iter())
                    .map(|(start, end)| all.slice(start, end - start))
                    .collect();
                let writer = writer.typed::<ByteArrayType>();
                writer.write_batch(&texts, present, None)?;
                ends.clear();
            }
        }
        Ok(())
    }
}
