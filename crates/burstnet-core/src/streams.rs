//! Seeded random streams: one per purpose, so that no draw ever shifts another.
//!
//! A stream is ChaCha (8 rounds) keyed by the seed; the purpose, and within it a part (a layer, say), select one of
//! ChaCha's 2⁶⁴ independent streams. Draws are made from 64-bit integers, never from `usize`, and every way of
//! drawing stands in this file: what comes out must not change with a release of a random number library.
//!
//! Authors of models draw from streams of their own, which have names, and may use the distributions of the `rand` and
//! `rand_distr` crates, since [`Stream`] is a generator of theirs:
//!
//! ```
//! use burstnet_core::streams::Stream;
//! use rand::RngExt;
//!
//! let mut noise = Stream::named(2017, "noise");
//! let choice: u32 = noise.random_range(0..10);
//! assert!(choice < 10);
//! assert_eq!(Stream::named(2017, "noise").unit(), Stream::named(2017, "noise").unit());
//! ```
//!
//! Releases of `rand` may change which values come out; raise the version of your model if you move to one that does.

use std::convert::Infallible;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng, TryRng};

/// The purpose of a stream. The numbers are part of the bits. Other crates number purposes of their own from 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Input channels of the signals.
    InputSignals = 1,
    /// Target channels of the signals.
    TargetSignals = 2,
    /// Initial feedforward weights; the part is the layer.
    ForwardWeights = 3,
    /// Initial feedback weights; the part is the hidden layer.
    FeedbackWeights = 4,
    /// The feedback connections that exist; the part is the hidden layer.
    FeedbackMask = 5,
    /// The steps that are taught.
    Teaching = 6,
    /// The order of the training examples.
    ExampleOrder = 7,
    /// Perturbations that turn a class into examples; the part counts the examples.
    Examples = 8,
    /// Streams of a model's own, by name.
    Named = 16,
}

impl From<Purpose> for u32 {
    fn from(purpose: Purpose) -> Self {
        purpose as Self
    }
}

/// One stream of random numbers.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of `seed` for `purpose`.
    pub fn new(seed: u64, purpose: impl Into<u32>) -> Self {
        Self::part(seed, purpose, 0)
    }

    /// Returns the stream of `seed` with a name, for a model of your own. Streams of other names are independent of it.
    pub fn named(seed: u64, name: &str) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&blake3::hash(name.as_bytes()).as_bytes()[..16]);
        Self::keyed(seed, Purpose::Named, 0, &key)
    }

    /// Part `part` (below 2⁴⁸; a layer or a configuration) of the stream of `seed` for `purpose`.
    pub fn part(seed: u64, purpose: impl Into<u32>, part: u64) -> Self {
        Self::keyed(seed, purpose, part, &[0; 16])
    }

    /// Does the same as [`Stream::part`], with a further key, such as the hash of a name.
    pub fn keyed(seed: u64, purpose: impl Into<u32>, part: u64, key: &[u8; 16]) -> Self {
        let mut full = [0; 32];
        full[..8].copy_from_slice(&seed.to_le_bytes());
        full[8..16].copy_from_slice(b"burstnet");
        full[16..].copy_from_slice(key);
        let mut rng = ChaCha8Rng::from_seed(full);
        rng.set_stream((u64::from(purpose.into()) << 48) | part);
        Self(rng)
    }

    /// An integer, uniform over all 64-bit integers.
    #[inline]
    pub fn integer(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number uniform in [0, 1): the upper 53 bits of [`Stream::integer`], times 2⁻⁵³.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.integer() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A number uniform in [low, high).
    #[inline]
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// An integer uniform in 0..n, without bias (Lemire 2019, with rejection). `n` must not be 0.
    pub fn below(&mut self, n: u64) -> u64 {
        let threshold = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.integer()) * u128::from(n);
            if product as u64 >= threshold {
                return (product >> 64) as u64;
            }
        }
    }

    /// Puts `items` in random order (Fisher–Yates, from the last to the first).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            items.swap(last, other);
        }
    }
}

/// A stream as a generator of the `rand` crates.
impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_stable() {
        let mut stream = Stream::new(2017, Purpose::InputSignals);
        let got: Vec<u64> = (0..3).map(|_| stream.integer()).collect();
        assert_eq!(got, [0x8446_9d28_8090_7e1b, 0x2eab_64db_10d7_2c97, 0x5809_96db_dc5c_4ff1]);
        let mut stream = Stream::part(2017, Purpose::ForwardWeights, 1);
        assert_eq!(stream.uniform(-0.1, 0.1).to_bits(), 0x3f9e_abec_8a3e_f390);
        assert_eq!(stream.below(10), 8);
        let mut order: Vec<u32> = (0..8).collect();
        stream.shuffle(&mut order);
        assert_eq!(order, [6, 0, 2, 5, 7, 1, 3, 4]);
        let keyed = Stream::keyed(2017, 33_u32, 3, &[9; 16]).integer();
        assert_eq!(keyed, 0x2335_4712_4aa7_87de);
        assert_eq!(Stream::named(2017, "noise").integer(), 0x3c89_b773_3343_ac7b);
        assert_ne!(Stream::named(2017, "noise").integer(), Stream::named(2017, "Noise").integer());
    }

    #[test]
    fn a_stream_is_a_generator_of_rand() {
        let (mut own, mut of_rand) = (Stream::named(1, "noise"), Stream::named(1, "noise"));
        assert_eq!(of_rand.next_u64(), own.integer());
        let normal: f64 = rand_distr::Distribution::sample(&rand_distr::StandardNormal, &mut of_rand);
        assert!(normal.is_finite());
        assert_ne!(of_rand.next_u32(), of_rand.next_u32());
        let mut bytes = [0; 32];
        of_rand.fill_bytes(&mut bytes);
        assert_ne!(bytes, [0; 32]);
    }

    #[test]
    fn below_covers_its_range_and_no_more() {
        let mut stream = Stream::new(1, Purpose::ExampleOrder);
        let mut seen = [0_u32; 7];
        for _ in 0..7000 {
            seen[stream.below(7) as usize] += 1;
        }
        assert!(seen.iter().all(|&n| n > 800), "{seen:?}");
    }
}
