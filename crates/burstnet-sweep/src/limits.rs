//! The bounds of a sweep file, and the names that a sweep can have.

/// The largest seed: R, JSON and spreadsheets keep the digits of integers up to here.
pub const LARGEST_SEED: u64 = (1 << 53) - 1;
/// The most replicates of a configuration.
pub const MOST_REPLICATES: u64 = 1_000_000_000;
/// The most configurations of a sweep.
pub const MOST_CONFIGURATIONS: u64 = 1 << 47;
/// The most measures that an objective can combine.
pub(crate) const MOST_OBJECTIVES: usize = 8;

/// The keys at the top of a sweep file.
pub(crate) const SWEEP_KEYS: [&str; 8] =
    ["name", "seed", "replicates", "model", "base", "objective", "search", "execution"];

/// The rule for the name of a sweep, for messages.
pub(crate) const NAMED: &str = "up to 100 letters, digits, '-', '_' and '.', the first no '.'";

/// Returns whether a sweep can have this name. It becomes the name of a folder, and it appears in messages.
pub fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.chars().all(allowed)
}
