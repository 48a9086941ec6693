//! Comparisons that cannot be made.

/// Returns the end of a message with the nearest name.
pub(super) fn meant(nearest: Option<&String>) -> String {
    nearest.map_or(String::new(), |nearest| format!(" (did you mean '{nearest}'?)"))
}

/// Returns how the keys of a zip are to be named.
fn together(zipped: Option<&String>) -> String {
    zipped.map_or(String::new(), |keys| format!("; {keys} move together, and have to be named together"))
}

/// A planned comparison that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComparisonError {
    /// One side is a configuration, the other one settings.
    #[error("a number and a setting, expected two numbers of configurations or two settings")]
    Mixed,
    /// Both sides are the same.
    #[error("both sides are {what}, expected two that differ")]
    Same {
        /// The configuration or the settings that both are.
        what: String,
    },
    /// No swept key has this name.
    #[error("'{name}' is not a key that is varied here, expected {expected}{}", meant(nearest.as_ref()))]
    UnknownKey {
        /// The name.
        name: String,
        /// The swept keys.
        expected: String,
        /// The nearest one.
        nearest: Option<String>,
    },
    /// Several keys end with this name.
    #[error("'{name}' can be {candidates}, expected the whole key")]
    AmbiguousKey {
        /// The name.
        name: String,
        /// The keys.
        candidates: String,
    },
    /// A key has two values on one side.
    #[error("{key} has two values on one side, expected one")]
    Twice {
        /// The key.
        key: String,
    },
    /// Only one side names a key.
    #[error("only one side has a value of {key}, expected the same keys on both sides")]
    OneSided {
        /// The key.
        key: String,
    },
    /// No configuration has this value.
    #[error("no configuration has {key} = {value}, expected {expected}{}", meant(nearest.as_ref()))]
    NoLevel {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// The values that there are.
        expected: String,
        /// The nearest one.
        nearest: Option<String>,
    },
    /// No two configurations agree in the other keys.
    #[error(
        "{} and {} configurations have these values of {keys}, but none of them agree in all other keys, expected a sweep that \
         is a grid in {keys}{}", has[0], has[1], together(zipped.as_ref())
    )]
    NoPairs {
        /// The configurations on either side.
        has: [u64; 2],
        /// The keys.
        keys: String,
        /// Keys that move together with some of these.
        zipped: Option<String>,
    },
    /// There is no such configuration.
    #[error("configuration {config_id}: this sweep has {configurations}, numbered from 0")]
    Configuration {
        /// Its number.
        config_id: u64,
        /// Number of these configurations.
        configurations: u64,
    },
    /// Several sweeps are to be compared, but there is one.
    #[error("a single results directory, expected two or more")]
    OneSweep,
    /// There are more sweeps than a page can show.
    #[error("{sweeps} results directories, expected at most {most}")]
    TooManySweeps {
        /// Their number.
        sweeps: usize,
        /// The most that there can be.
        most: usize,
    },
    /// A sweep does not have the measure.
    #[error("{}: has no measure '{name}', expected one of {expected}{}", results.display(), meant(nearest.as_ref()))]
    Measure {
        /// The measure.
        name: String,
        /// The results directory.
        results: std::path::PathBuf,
        /// The measures that it has.
        expected: String,
        /// The nearest one.
        nearest: Option<String>,
    },
    /// No configuration is in two sweeps.
    #[error(
        "{first} and {other} have no configuration in common: {why}, expected sweeps with the same values of the keys that either \
         varies"
    )]
    NothingMatches {
        /// The first sweep.
        first: String,
        /// The other one.
        other: String,
        /// The reason.
        why: String,
    },
}
