use super::part::Part;

/// A tenth of `units`, at least one if there are two, drawn for dev.
pub(super) fn draw(units: usize, seed: u64) -> Vec<Part> {
    let num_dev = if units < 2 {
        0
    } else {
        ((units + 5) / 10).max(1)
    };
    let mut order: Vec<_> = (0..units).collect();
    let mut random = SplitMix(seed);
    let mut parts = vec![Part::Train; units];
    for drawn in 0..num_dev {
        let at = drawn + random.below(units - drawn);
        order.swap(drawn, at);
        parts[order[drawn]] = Part::Dev;
    }
    parts
}

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, by the upper half of the product; its bias is below n/2⁶⁴.
    fn below(&mut self, n: usize) -> usize {
        let product = u128::from(self.next()) * n as u128;
        usize::try_from(product >> 64).expect("less than n, which is a usize")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers published with the algorithm for seed 1234567.
    #[test]
    fn numbers_are_those_published() {
        let mut random = SplitMix(1_234_567);
        assert_eq!(
            [random.next(), random.next()],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]
        );
    }
}
