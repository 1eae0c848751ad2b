//! A small mutator: the same seed makes the same bytes, for ever and on every machine. libFuzzer is the thorough one.

use super::dice::Dice;

/// Pieces that readers of JSON, queries, amounts and headers stumble over.
const PIECES: [&str; 24] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "&",
    "=",
    "%",
    "%00",
    "+",
    ".",
    "-",
    "0",
    "9999999999999999",
    "1e999",
    "null",
    "\\ud800",
    "\u{fffd}",
    "\u{0}",
    " ",
    "\n",
];

/// Where the bytes come from.
pub(crate) struct Mutator {
    dice: Dice,
}

impl Mutator {
    /// Two mutators of one seed do the same.
    pub(crate) fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed, 0) }
    }

    fn below(&mut self, end: usize) -> usize {
        self.dice.below(end)
    }

    /// One of the seeds, changed in one to eight places.
    pub(crate) fn mutant(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut data = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            self.change(&mut data, seeds);
        }
        data
    }

    fn change(&mut self, data: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let (from, to) = (self.below(data.len() + 1), self.below(data.len() + 1));
        let (from, to) = (from.min(to), from.max(to));
        match self.below(6) {
            0 if from < data.len() => data[from] ^= 1_u8 << self.below(8),
            1 if from < data.len() => data[from] = self.dice.next().to_le_bytes()[0],
            2 => drop(data.drain(from..to)),
            3 if data.len() < 4_096 => {
                let copied = data[from..to].to_vec();
                drop(data.splice(from..from, copied));
            }
            4 => {
                let other = &seeds[self.below(seeds.len())];
                let cut = self.below(other.len() + 1);
                data.truncate(from);
                data.extend_from_slice(&other[cut..]);
            }
            _ => {
                let piece = PIECES[self.below(PIECES.len())];
                drop(data.splice(from..from, piece.bytes()));
            }
        }
    }
}
