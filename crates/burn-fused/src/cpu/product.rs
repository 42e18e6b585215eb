//! Products of matrices in cache, the inner loop of everything.
//!
//! A tile of [`TILE`] rows of the left matrix times a panel of [`PANEL`] columns of the right one
//! is summed up in registers, of which AVX-512 has 32: 24 sums, four vectors of the panel and a
//! number. Every matrix is stored in whole tiles and panels, so that all of a product is the same
//! loop, and read in the order of its storage.

use pulp::Simd;

/// Columns of the right matrix that are computed together: four vectors of AVX-512.
pub(crate) const PANEL: usize = 64;
/// Rows of the left matrix that are computed together.
pub(crate) const TILE: usize = 6;

/// Multiplies each tile of `left`, `[tile][depth][TILE]`, with a panel, `[depth][PANEL]`.
#[inline(always)]
pub(crate) fn multiply<S: Simd>(simd: S, left: &[f32], panel: &[f32], sink: &mut impl Sink<S>) {
    let depth = panel.len() / PANEL;
    for (number, tile) in left.chunks_exact(depth * TILE).enumerate() {
        tile_by_panel(simd, tile.as_chunks::<TILE>().0, panel, PANEL, number, sink);
    }
}

/// The same with a left matrix that is itself of an earlier product, `[tile][TILE][PANEL]`; its
/// depth is [`PANEL`].
#[inline(always)]
pub(crate) fn multiply_panels<S: Simd>(
    simd: S,
    left: &[f32],
    panel: &[f32],
    sink: &mut impl Sink<S>,
) {
    let tiles = left.as_chunks::<PANEL>().0.as_chunks::<TILE>().0;
    for (number, tile) in tiles.iter().enumerate() {
        tile_by_panel(simd, tile, panel, PANEL, number, sink);
    }
}

/// One tile of `left`, `[depth][TILE]`, times the first `columns` columns of a panel (and whatever
/// others lie in a vector with them), as tile `number`.
#[inline(always)]
pub(crate) fn multiply_tile<S: Simd>(
    simd: S,
    left: &[f32],
    panel: &[f32],
    columns: usize,
    number: usize,
    sink: &mut impl Sink<S>,
) {
    let tile = left.as_chunks::<TILE>().0;
    tile_by_panel(simd, tile, panel, columns, number, sink);
}

/// The same with a tile that is itself of an earlier product, `[TILE][PANEL]`, of which only as
/// many columns count as the panel has rows.
#[inline(always)]
pub(crate) fn multiply_panel_tile<S: Simd>(
    simd: S,
    left: &[f32],
    panel: &[f32],
    columns: usize,
    number: usize,
    sink: &mut impl Sink<S>,
) {
    let tile = &left.as_chunks::<PANEL>().0.as_chunks::<TILE>().0[0];
    tile_by_panel(simd, tile, panel, columns, number, sink);
}

/// What becomes of a product while it is in registers.
pub(crate) trait Sink<S: Simd> {
    /// Takes the product of tile `tile` with `V` vectors of a panel, beginning with column `first`.
    fn take<const V: usize>(
        &mut self,
        simd: S,
        tile: usize,
        first: usize,
        product: &[[S::f32s; V]; TILE],
    );
}

/// Writes it, `[tile][TILE][PANEL]`, or adds it to what is there.
pub(crate) struct Sums<'a> {
    pub(crate) sums: &'a mut [f32],
    pub(crate) add: bool,
}

impl<S: Simd> Sink<S> for Sums<'_> {
    #[inline(always)]
    fn take<const V: usize>(
        &mut self,
        simd: S,
        tile: usize,
        first: usize,
        product: &[[S::f32s; V]; TILE],
    ) {
        let rows = self.sums[tile * TILE * PANEL..].chunks_exact_mut(PANEL);
        for (row, product) in rows.zip(product) {
            let row = S::as_mut_simd_f32s(&mut row[first..]).0;
            for (sum, product) in row.iter_mut().zip(product) {
                *sum = if self.add {
                    simd.add_f32s(*sum, *product)
                } else {
                    *product
                };
            }
        }
    }
}

/// [`TILE`] rows of a left matrix.
trait Tile {
    fn depth(&self) -> usize;

    /// What stands at `place` in row `row`.
    fn at(&self, place: usize, row: usize) -> f32;
}

/// By column: one address serves all rows.
impl Tile for [[f32; TILE]] {
    #[inline(always)]
    fn depth(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn at(&self, place: usize, row: usize) -> f32 {
        self[place][row]
    }
}

/// By row, as far from each other as is known when this is compiled, so that again one address
/// serves all.
impl Tile for [[f32; PANEL]; TILE] {
    #[inline(always)]
    fn depth(&self) -> usize {
        PANEL
    }

    #[inline(always)]
    fn at(&self, place: usize, row: usize) -> f32 {
        self[row][place]
    }
}

#[inline(always)]
fn tile_by_panel<S: Simd, T: Tile + ?Sized>(
    simd: S,
    tile: &T,
    panel: &[f32],
    columns: usize,
    number: usize,
    sink: &mut impl Sink<S>,
) {
    match (S::F32_LANES, columns.div_ceil(16)) {
        (16, 1) => vectors::<S, T, 1>(simd, tile, panel, columns, number, sink),
        (16, 2) => vectors::<S, T, 2>(simd, tile, panel, columns, number, sink),
        (16, 3) => vectors::<S, T, 3>(simd, tile, panel, columns, number, sink),
        (16, _) => vectors::<S, T, 4>(simd, tile, panel, columns, number, sink),
        // 16 registers: twelve sums, two vectors of the panel and a number.
        _ => vectors::<S, T, 2>(simd, tile, panel, columns, number, sink),
    }
}

/// `V` vectors of the panel at a time.
#[inline(always)]
fn vectors<S: Simd, T: Tile + ?Sized, const V: usize>(
    simd: S,
    tile: &T,
    panel: &[f32],
    columns: usize,
    number: usize,
    sink: &mut impl Sink<S>,
) {
    let panel = panel.as_chunks::<PANEL>().0;
    let panel = &panel[..panel.len().min(tile.depth())];
    for first in (0..columns).step_by(V * S::F32_LANES) {
        let mut product = [[simd.splat_f32s(0.0); V]; TILE];
        for (place, panel) in panel.iter().enumerate() {
            let panel = S::as_simd_f32s(&panel[first..]).0.as_chunks::<V>().0;
            for (row, product) in product.iter_mut().enumerate() {
                let value = simd.splat_f32s(tile.at(place, row));
                for (sum, vector) in product.iter_mut().zip(&panel[0]) {
                    *sum = simd.mul_add_f32s(value, *vector, *sum);
                }
            }
        }
        // A copy: what is indexed in a loop lies in memory, and would do so in the loop above as
        // well.
        sink.take(simd, number, first, &std::hint::black_box(product));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Arch, WithSimd};

    struct Multiply<'a> {
        by_panels: bool,
        /// `None` for whole panels.
        columns: Option<usize>,
        left: &'a [f32],
        panel: &'a [f32],
        sums: &'a mut [f32],
    }

    impl WithSimd for Multiply<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            for add in [false, true] {
                let mut sink = Sums {
                    sums: self.sums,
                    add,
                };
                let depth = self.panel.len() / PANEL;
                match (self.by_panels, self.columns) {
                    (true, None) => multiply_panels(simd, self.left, self.panel, &mut sink),
                    (false, None) => multiply(simd, self.left, self.panel, &mut sink),
                    (true, Some(columns)) => {
                        for (i, tile) in self.left.chunks_exact(TILE * PANEL).enumerate() {
                            multiply_panel_tile(simd, tile, self.panel, columns, i, &mut sink);
                        }
                    }
                    (false, Some(columns)) => {
                        for (i, tile) in self.left.chunks_exact(TILE * depth).enumerate() {
                            multiply_tile(simd, tile, self.panel, columns, i, &mut sink);
                        }
                    }
                }
            }
        }
    }

    /// Small integers multiply exactly: one tile and several, once and added, against the sums of
    /// the definition.
    #[test]
    fn agrees_with_the_definition() {
        let mut archs = vec![Arch::new(), Arch::Scalar];
        #[cfg(target_arch = "x86_64")]
        archs.extend(pulp::x86::V3::try_new().map(Arch::V3));
        let number = |i: usize| f32::from(u8::try_from(i * 7 % 11).unwrap()) - 5.0;
        for arch in archs {
            for (by_panels, depth, columns) in [
                (false, 1, None),
                (false, 5, None),
                (false, 200, None),
                (false, 5, Some(48)),
                (false, 5, Some(17)),
                (true, PANEL, None),
                (true, PANEL, Some(64)),
                (true, 40, Some(48)),
                (true, 7, Some(24)),
                (true, 1, Some(1)),
            ] {
                for tiles in [1, 3] {
                    let stored = if by_panels { PANEL } else { depth };
                    let left: Vec<f32> = (0..tiles * TILE * stored).map(number).collect();
                    let panel: Vec<f32> = (0..depth * PANEL).map(|i| number(i + 3)).collect();
                    let mut sums = vec![7.0; tiles * TILE * PANEL];
                    arch.dispatch(Multiply {
                        by_panels,
                        columns,
                        left: &left,
                        panel: &panel,
                        sums: &mut sums,
                    });
                    for (i, sum) in sums.iter().enumerate() {
                        let (row, column) = (i / PANEL, i % PANEL);
                        if column >= columns.unwrap_or(PANEL) {
                            continue;
                        }
                        let left = |k: usize| {
                            if by_panels {
                                left[row * PANEL + k]
                            } else {
                                left[(row / TILE * depth + k) * TILE + row % TILE]
                            }
                        };
                        let expected: f32 = (0..depth)
                            .map(|k| left(k) * panel[k * PANEL + column])
                            .sum();
                        assert_eq!(*sum, 2.0 * expected, "depth {depth}, number {i}");
                    }
                }
            }
        }
    }
}
