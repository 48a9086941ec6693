//! Many numbers in little room: arrays in base64, which a page's script reads as they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};

/// Numbers as float32, little-endian.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Floats(pub Vec<f32>);

/// Numbers from 0 to 1 as round(65534 x), uint16, little-endian; 65535 where there is no number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fractions(pub Vec<u16>);

/// Numbers as round(127 x / scale), int8; −128 where there is no number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shades(pub Vec<i8>);

impl Fractions {
    /// The value that stands for no number.
    pub(super) const NONE: u16 = u16::MAX;
    const LARGEST: f32 = 65534.0;

    /// Returns the number for `x`, which is taken to the nearest that can be held.
    pub(super) fn of(x: f32) -> u16 {
        if x.is_nan() { Self::NONE } else { (x.clamp(0.0, 1.0) * Self::LARGEST).round() as u16 }
    }
}

impl Shades {
    /// The value that stands for no number.
    pub(super) const NONE: i8 = i8::MIN;

    /// Converts numbers within ± `scale`; those that are not finite become [`Self::NONE`].
    pub(super) fn of(numbers: &[f32], scale: f32) -> Self {
        let shade = |x: &f32| match x.is_finite() {
            true if scale > 0.0 => (x / scale * 127.0).round().clamp(-127.0, 127.0) as i8,
            true => 0,
            false => Self::NONE,
        };
        Self(numbers.iter().map(shade).collect())
    }
}

impl Serialize for Floats {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        base64(self.0.iter().flat_map(|x| x.to_le_bytes()), serializer)
    }
}

impl Serialize for Fractions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        base64(self.0.iter().flat_map(|x| x.to_le_bytes()), serializer)
    }
}

impl Serialize for Shades {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        base64(self.0.iter().flat_map(|x| x.to_le_bytes()), serializer)
    }
}

fn base64<S: Serializer>(bytes: impl Iterator<Item = u8>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes.collect::<Vec<u8>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_little_endian() {
        let json = |value: &dyn erased::Json| value.json();
        assert_eq!(json(&Floats(vec![1.0, -2.0])), "\"AACAPwAAAMA=\"");
        assert_eq!(json(&Fractions(vec![1, 256])), "\"AQAAAQ==\"");
        assert_eq!(json(&Shades(vec![-1, 127])), "\"/38=\"");
    }

    mod erased {
        pub(super) trait Json {
            fn json(&self) -> String;
        }

        impl<T: serde::Serialize> Json for T {
            fn json(&self) -> String {
                serde_json::to_string(self).unwrap()
            }
        }
    }

    #[test]
    fn fractions_and_shades_are_the_nearest() {
        let all = [0.0, 1.0, 0.5, 1.5, -0.1, f32::NAN].map(Fractions::of);
        assert_eq!(all, [0, 65534, 32767, 65534, 0, Fractions::NONE]);
        let shades = Shades::of(&[2.0, -2.0, 0.0, 1.0, f32::NAN, f32::INFINITY], 2.0);
        assert_eq!(shades.0, [127, -127, 0, 64, Shades::NONE, Shades::NONE]);
        assert_eq!(Shades::of(&[0.0, f32::NAN], 0.0).0, [0, Shades::NONE]);
    }
}
