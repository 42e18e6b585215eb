//! What random batches of a large store cost, against reading the same bytes by `pread`.
//!
//! `cargo run --release -p frame-features --example random_rows -- FOLDER [GIGABYTES] [ROUNDS]`
//!
//! Makes a store of rows of 196x512 numbers in `FOLDER`, unless one is there, and reads batches of
//! 256 random rows as a training would: each round throws the pages out of memory (by `dd`), reads
//! other rows by `pread`, by [`FeatureStore::read_rows`] and by [`FeatureStore::row`], and then the
//! same rows once more from memory. All ways end with f32. Prints medians.

use std::error::Error;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use frame_features::{
    EncoderId, FeatureStore, FeatureStoreWriter, Layer, Rational, StorePlan, VideoEnd, VideoSource,
};
use half::f16;
use half::slice::HalfFloatSliceExt;

const SHAPE: [usize; 2] = [196, 512];
const BATCH: usize = 256;
const BLOCK_ROWS: usize = 256;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let gigabytes: usize = arguments.next().map_or(Ok(4), |it| it.parse())?;
    let rounds: usize = arguments.next().map_or(Ok(9), |it| it.parse())?;
    let row_len: usize = SHAPE.iter().product();
    if FeatureStore::open(&folder).is_err() {
        make(&folder, (gigabytes << 30) / (2 * row_len))?;
    }
    let mut names: Vec<_> = std::fs::read_dir(&folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    names.retain(|path| path.extension().is_some_and(|it| it == "safetensors"));
    names.sort();
    let rows = FeatureStore::open(&folder)?.len();
    let bytes = rows * row_len * 2;
    println!("{rows} rows in {} blocks, {bytes} bytes", names.len());

    let mut state = 7_usize;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % rows
    };
    let ways: [(&str, Way); 3] = [
        ("pread", pread),
        ("read_rows", read_rows),
        ("row by row", row_by_row),
    ];
    let mut seconds = vec![(Vec::new(), Vec::new()); ways.len()];
    for _ in 0..rounds {
        for ((_, way), (cold, warm)) in ways.iter().zip(&mut seconds) {
            let batch: Vec<usize> = (0..BATCH).map(|_| next()).collect();
            names.iter().try_for_each(|path| forget(path))?;
            cold.push(way(&folder, &names, &batch)?);
            warm.push(way(&folder, &names, &batch)?);
        }
    }
    for ((name, _), (cold, warm)) in ways.iter().zip(seconds) {
        let (cold, warm) = (median(cold), median(warm));
        println!("{name:10}: {cold:.4} s from disk, {warm:.4} s from memory, for {BATCH} rows");
    }
    Ok(())
}

/// Reads a batch and says how many seconds it took, opening not counted.
type Way = fn(&Path, &[PathBuf], &[usize]) -> Result<f64, Box<dyn Error>>;

fn read_rows(folder: &Path, _: &[PathBuf], batch: &[usize]) -> Result<f64, Box<dyn Error>> {
    let store = FeatureStore::open(folder)?;
    let mut values = Vec::with_capacity(batch.len() * SHAPE[0] * SHAPE[1]);
    let start = Instant::now();
    store.read_rows(batch, &mut values)?;
    Ok(start.elapsed().as_secs_f64())
}

fn row_by_row(folder: &Path, _: &[PathBuf], batch: &[usize]) -> Result<f64, Box<dyn Error>> {
    let store = FeatureStore::open(folder)?;
    let mut values = vec![0.0; batch.len() * SHAPE[0] * SHAPE[1]];
    let start = Instant::now();
    for (row, place) in batch
        .iter()
        .zip(values.chunks_exact_mut(SHAPE[0] * SHAPE[1]))
    {
        store.row(*row)?.convert_to_f32_slice(place);
    }
    Ok(start.elapsed().as_secs_f64())
}

fn pread(_: &Path, names: &[PathBuf], batch: &[usize]) -> Result<f64, Box<dyn Error>> {
    let files = names
        .iter()
        .map(File::open)
        .collect::<Result<Vec<_>, _>>()?;
    let row_len = SHAPE[0] * SHAPE[1];
    let mut bits = vec![f16::ZERO; row_len];
    let mut values = vec![0.0; batch.len() * row_len];
    let start = Instant::now();
    for (row, place) in batch.iter().zip(values.chunks_exact_mut(row_len)) {
        let (file, row) = (&files[row / BLOCK_ROWS], row % BLOCK_ROWS);
        // The features are what a block's file ends with.
        let len = file.metadata()?.len();
        let stored = u64::try_from(row_len * 2 * BLOCK_ROWS)?;
        let offset = len - stored + u64::try_from(row * row_len * 2)?;
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(bits.reinterpret_cast_mut());
        file.read_exact_at(bytes, offset)?;
        bits.convert_to_f32_slice(place);
    }
    Ok(start.elapsed().as_secs_f64())
}

/// Throws a file's pages out of memory.
fn forget(path: &Path) -> Result<(), Box<dyn Error>> {
    let mut input = std::ffi::OsString::from("if=");
    input.push(path);
    let dd = Command::new("dd")
        .arg(input)
        .args(["iflag=nocache", "count=0"])
        .stderr(Stdio::null())
        .status()?;
    if dd.success() {
        Ok(())
    } else {
        Err("dd failed".into())
    }
}

/// Whole blocks of rows that differ.
fn make(folder: &Path, rows: usize) -> Result<(), Box<dyn Error>> {
    let rows = rows.div_ceil(BLOCK_ROWS) * BLOCK_ROWS;
    let encoder = EncoderId::new("none", "0".repeat(64), Layer::Conv5_3, 224);
    let video = VideoSource {
        path: "none".into(),
        bytes: 0,
        sha256: "0".repeat(64),
    };
    let plan = StorePlan::new(encoder, SHAPE, video).block_rows(BLOCK_ROWS);
    let mut writer = FeatureStoreWriter::create(folder, plan)?;
    let mut values = vec![0.0; SHAPE[0] * SHAPE[1]];
    for row in 0..rows {
        values.fill(f32::from(u16::try_from(row % 1000)?));
        writer.push(row, f64::from(u32::try_from(row)?) / 30.0, &values)?;
    }
    let seconds = f64::from(u32::try_from(rows)?) / 30.0;
    writer.finish(VideoEnd::new(rows, Rational::new(30, 1), seconds))?;
    Ok(())
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
