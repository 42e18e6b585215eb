//! The frames of the video that all comments belong to, as a table.

use std::path::Path;

use nico_comments::{ParquetColumn, ParquetTable, ParquetType, Timeline, WholeFile};

use crate::{
    error::Error,
    split::{Part, Split, SplitRule},
    tables::SPLIT_SEED,
};

const COLUMNS: [ParquetColumn; 7] = [
    ParquetColumn::new("frame", ParquetType::Int32),
    ParquetColumn::new("second", ParquetType::Int32),
    ParquetColumn::new("begins_us", ParquetType::Int64),
    ParquetColumn::new("part_frames", ParquetType::Text),
    ParquetColumn::new("part_seconds", ParquetType::Text),
    ParquetColumn::new("part_blocks", ParquetType::Text),
    ParquetColumn::new("part_halves", ParquetType::Text),
];

/// The rules of the columns `part_…`, in their order.
const RULES: [SplitRule; 4] = SplitRule::ALL;

/// Writes a row for each frame: when it begins, and to which part each way to split gives it.
pub(super) fn write_frames(path: &Path, timeline: &Timeline) -> Result<(), Error> {
    let file = WholeFile::create(path)?;
    let io = |source| nico_comments::WriteError::Io {
        path: path.to_owned(),
        source,
    };
    let splits = RULES.map(|rule| Split::new(rule, SPLIT_SEED, timeline));
    let mut table = ParquetTable::new(file, "frames", &COLUMNS).map_err(io)?;
    for frame in 0..timeline.num_frames() {
        // A timeline has 67,108,864 frames and 86,400 seconds at most.
        let [number, second] = [frame, timeline.whole_second(frame)]
            .map(|number| i32::try_from(number).unwrap_or(i32::MAX));
        let parts = splits
            .each_ref()
            .map(|split| part_name(split.assign(frame)));
        let [frames, seconds, blocks, halves] = parts;
        table
            .push(&[
                number.into(),
                second.into(),
                micros(timeline.seconds_of(frame)).into(),
                frames.into(),
                seconds.into(),
                blocks.into(),
                halves.into(),
            ])
            .map_err(io)?;
    }
    Ok(table.finish().map_err(io)?.commit()?)
}

/// The name of a part in the tables.
pub(super) fn part_name(part: Part) -> &'static str {
    match part {
        Part::Train => "train",
        Part::Dev => "dev",
        Part::Guard => "guard",
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, and no video lasts 292,000 years"
)]
fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}
