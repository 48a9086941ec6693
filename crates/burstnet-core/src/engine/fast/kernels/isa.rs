//! The instruction sets of the kernels. All give the same bits; they differ in speed.

use std::fmt;

/// A set of instructions that this processor has: a value can only exist on such a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// An instruction set that is unknown, or that this processor lacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{asked}': {reason}; this processor can run {available}")]
pub struct IsaError {
    asked: String,
    reason: &'static str,
    available: String,
}

/// The names of all instruction sets, slowest first.
pub const NAMES: [&str; 3] = ["portable", "avx2", "avx512"];

impl Isa {
    /// Returns the fastest set that this processor has.
    pub fn detect() -> Self {
        let mut best = Self(Level::Portable);
        for name in NAMES {
            best = Self::available(name).unwrap_or(best);
        }
        best
    }

    /// Returns the set with this name among [`NAMES`].
    ///
    /// # Errors
    /// If there is none of that name, or this processor lacks its instructions.
    pub fn named(name: &str) -> Result<Self, IsaError> {
        Self::available(name).ok_or_else(|| IsaError {
            asked: name.to_owned(),
            reason: if NAMES.contains(&name) {
                "this processor lacks these instructions"
            } else {
                "no such set of instructions"
            },
            available: NAMES.into_iter().filter(|name| Self::available(name).is_some()).collect::<Vec<_>>().join(", "),
        })
    }

    fn available(name: &str) -> Option<Self> {
        match name {
            "portable" => Some(Self(Level::Portable)),
            #[cfg(target_arch = "x86_64")]
            "avx2" if has_avx2() => Some(Self(Level::Avx2)),
            #[cfg(target_arch = "x86_64")]
            "avx512" if has_avx2() && std::arch::is_x86_feature_detected!("avx512f") => Some(Self(Level::Avx512)),
            _ => None,
        }
    }

    pub(super) fn level(self) -> Level {
        self.0
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Level::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "avx512",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_says_what_there_is() {
        assert_eq!(Isa::named("portable").unwrap().to_string(), "portable");
        let message = Isa::named("sse9").unwrap_err().to_string();
        assert!(
            message.starts_with("'sse9': no such set of instructions; this processor can run portable"),
            "{message}"
        );
    }
}
