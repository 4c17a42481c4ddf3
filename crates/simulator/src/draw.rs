//! Repeatable draws: the same seed, stream and number always give the same values.

/// A stream of pseudo-random numbers (SplitMix64). For invented data only, never for secrets.
#[derive(Debug, Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    /// The stream named `stream` for item `number` of the world with this `seed`.
    pub(crate) fn of(seed: u64, stream: &str, number: u64) -> Self {
        // FNV-1a over the name, so that streams of one item do not run in step.
        let name = stream
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
        let mut draw = Self(seed ^ name.rotate_left(17));
        let mixed = draw.number() ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        Self(mixed)
    }

    /// The next 64 bits.
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `limit - 1`; 0 when `limit` is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.number().checked_rem(limit).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low).saturating_add(1)).unwrap_or(1);
        low.saturating_add(i64::try_from(self.below(span)).unwrap_or(0))
    }

    /// True in `percent` of 100 draws.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of the texts; empty when there are none.
    pub(crate) fn pick(&mut self, from: &[&'static str]) -> &'static str {
        let limit = u64::try_from(from.len()).unwrap_or(0);
        let at = usize::try_from(self.below(limit)).unwrap_or(0);
        from.get(at).copied().unwrap_or_default()
    }

    /// One of the characters of a text.
    pub(crate) fn letter(&mut self, from: &str) -> char {
        let limit = u64::try_from(from.chars().count()).unwrap_or(0);
        let at = usize::try_from(self.below(limit)).unwrap_or(0);
        from.chars().nth(at).unwrap_or('x')
    }

    /// `count` characters of a text.
    pub(crate) fn letters(&mut self, from: &str, count: usize) -> String {
        let all: Vec<char> = from.chars().collect();
        (0..count).map(|_| self.one_of(&all)).collect()
    }

    /// One of these characters.
    pub(crate) fn one_of(&mut self, from: &[char]) -> char {
        let limit = u64::try_from(from.len()).unwrap_or(0);
        usize::try_from(self.below(limit)).ok().and_then(|at| from.get(at)).copied().unwrap_or('x')
    }

    /// `count` decimal digits.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        self.letters("0123456789", count)
    }

    /// A value of `table` with its share of the weights' sum, or `otherwise` when the table is empty.
    pub(crate) fn weighted<T: Copy>(&mut self, table: &[(u64, T)], otherwise: T) -> T {
        let mut left = self.below(table.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in table {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        otherwise
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_stream_repeats_and_another_differs() {
        let three = |mut draw: Draw| [draw.number(), draw.number(), draw.number()];
        assert_eq!(three(Draw::of(7, "name", 3)), three(Draw::of(7, "name", 3)));
        for other in [Draw::of(8, "name", 3), Draw::of(7, "town", 3), Draw::of(7, "name", 4)] {
            assert_ne!(three(Draw::of(7, "name", 3)), three(other));
        }
    }

    #[test]
    fn limits_hold() {
        let mut draw = Draw::of(1, "limits", 1);
        for _ in 0..1_000 {
            assert!(draw.below(3) < 3);
            assert!((-2..=2).contains(&draw.between(-2, 2)));
        }
        assert_eq!(draw.below(0), 0);
        assert_eq!(draw.pick(&[]), "");
        assert_eq!(draw.weighted(&[], 'z'), 'z');
        assert!((0..200).all(|_| draw.weighted(&[(1, 'a'), (0, 'b')], 'z') == 'a'));
    }
}
