//! The sizes of a tile.

use crate::cpu::grid::TILE;

/// Side of the inputs that a tile of outputs depends on.
pub(super) const REACH: usize = TILE + 2;
/// Numbers in a transformed tile.
pub(super) const PLACES: usize = REACH * REACH;
