//! The bounds of sweeps, their files and their programs, and the names that a sweep can have. The documentation quotes
//! them.

/// The largest seed: R, JSON and spreadsheets keep the digits of integers up to here.
pub const LARGEST_SEED: u64 = (1 << 53) - 1;
/// The most replicates of a configuration.
pub const MOST_REPLICATES: u64 = 1_000_000_000;
/// The most configurations of a sweep.
pub const MOST_CONFIGURATIONS: u64 = 1 << 47;
/// The most trials of a sweep.
pub(crate) const MOST_TRIALS: u64 = 1 << 53;
/// The most trials of a sweep that runs in rounds. Each of them is kept in memory.
pub(crate) const MOST_IN_ROUNDS: u64 = 1_000_000;
/// The lag of a search that learns, if the sweep file gives neither a lag nor a round.
pub const USUAL_LAG: u64 = 16;
/// The most shards of a sweep.
pub const MOST_SHARDS: u32 = 10_000;
/// The most configurations of a confirmation.
pub const MOST_CONFIRMED: usize = 1000;

/// The largest `plan.json`, in bytes.
pub(crate) const LARGEST_PLAN: u64 = 64 << 20;
/// The largest `provenance.json` that is read, in bytes.
pub(crate) const LARGEST_PROVENANCE: u64 = 16 << 20;
/// The largest `earlier-plans.json` that is read, in bytes.
pub(crate) const LARGEST_EARLIER: u64 = 1 << 20;
/// The largest `model.json` that is read, in bytes.
pub(crate) const LARGEST_PROGRAM_FOLDER: u64 = 1 << 16;
/// The most journals of a results directory.
pub(crate) const MOST_JOURNALS: usize = 1 << 14;
/// The longest record in a journal, in bytes. It keeps a damaged length from claiming memory.
pub(crate) const LONGEST_PAYLOAD: u32 = 1 << 30;
/// The most doubles that a ledger lists, and the most in addition whose records differ.
pub(crate) const MOST_DOUBLES_LISTED: usize = 20;
/// The most values that a message shows of those that a list gained or lost.
pub(crate) const MOST_VALUES_SHOWN: usize = 10;
/// The most files and folders that a sweep may name, and the most files in one of these folders.
pub(crate) const MOST_INPUT_FILES: usize = 10_000;

/// The largest run file or sweep file that is read, in bytes.
pub(crate) const LARGEST_SWEEP_FILE: usize = 16 << 20;
/// The greatest depth to which its lists and mappings may be nested.
pub(crate) const DEEPEST_NODE: usize = 64;
/// The most values in it, with aliases counted in full.
pub(crate) const MOST_NODES: usize = 500_000;
/// The most values of a key that `num` can ask for.
pub(crate) const MOST_VALUES: u64 = 1 << 48;
/// The largest integer in `int` for a key that holds real numbers, which are rounded to 12 digits.
pub(crate) const LARGEST_REAL_INTEGER: i64 = 100_000_000_000;
/// The most configurations that a sweep file can include.
pub(crate) const MOST_INCLUDED: usize = 10_000;
/// The most cells in the columns of a table that are keys.
pub const MOST_CELLS: usize = 1_000_000;
/// The longest time of a key of `execution`, in seconds: 30 days.
pub(crate) const MOST_SECONDS: f64 = 2_592_000.0;

/// The most trials at the beginning of a sweep that are watched for failures.
pub(crate) const MOST_FIRST_TRIALS: u64 = 1_000_000;

/// The most measures that an objective can combine.
pub(crate) const MOST_OBJECTIVES: usize = 8;
/// The most measures of a plan.
pub(crate) const MOST_MEASURES: usize = 1 << 14;
/// The longest name of a measure, in characters.
pub(crate) const LONGEST_MEASURE: usize = 100;

/// The most constraints of a sweep.
pub(crate) const MOST_CONSTRAINTS: usize = 100;
/// The most directories and tables of earlier results, and the most results in each.
pub(crate) const MOST_EARLIER_SOURCES: usize = 16;
pub(crate) const MOST_EARLIER: usize = 10_000;
/// The most bounds on measures of a sweep.
pub(crate) const MOST_BOUNDS: usize = 16;
/// The longest constraint, in bytes.
pub(crate) const LONGEST_CONSTRAINT: usize = 10_000;
/// The greatest depth to which parentheses, `not` and signs may be nested in a constraint.
pub(crate) const DEEPEST_CONSTRAINT: usize = 64;
/// The most points that are looked at for those that meet all constraints.
pub(crate) const MOST_SCANNED: u64 = 2_000_000;
/// The most operations of constraints that are carried out for them.
pub(crate) const MOST_OPERATIONS: u64 = 100_000_000;
/// The most points in a row that are excluded before the search for the next one is given up.
pub(crate) const MOST_EXCLUDED: u64 = 200_000;

/// The most combinations of coupled keys that are checked before the first trial.
pub(crate) const MOST_CHECKS: u64 = 10_000;
/// The most configurations that are checked with every part of the budget.
pub(crate) const MOST_DIVIDED: usize = 20;
/// The replicates whose drawn values are checked before the first trial.
pub(crate) const MOST_DRAWN_CHECKS: u64 = 1000;
/// The most configurations that are compared with each other. In a larger plan all count as distinct.
pub const MOST_COMPARED: u64 = 10_000_000;
/// The most trials that are searched for results of an earlier plan.
pub(crate) const MOST_SEARCHED: u64 = 10_000_000;
/// The most bytes of checkpoints that a session keeps of trials that may go on.
pub(crate) const MOST_CHECKPOINT_BYTES: usize = 1 << 30;

/// The most bytes of prepared signals that are kept for other trials.
pub(crate) const MOST_PREPARED_BYTES: usize = 256 << 20;
/// The most bytes of input files that are kept for other trials.
pub(crate) const MOST_INPUT_BYTES: usize = 256 << 20;
/// The most finished records that may wait to be written.
pub(crate) const MOST_WAITING: usize = 1 << 13;

/// The most arguments of an external program.
pub(crate) const MOST_ARGUMENTS: usize = 256;
/// The most environment variables that it is given.
pub(crate) const MOST_VARIABLES: usize = 256;
/// The most bytes of its arguments and environment variables, once values are in the place of placeholders.
pub(crate) const MOST_ARGUMENT_BYTES: usize = 1 << 20;
/// The longest of these arguments in a sweep file, in bytes.
pub(crate) const LONGEST_ARGUMENT: usize = 4096;
/// The longest of them once values are in the place of placeholders, in bytes. Linux takes no longer ones than 128 KiB.
pub(crate) const LONGEST_FILLED: usize = 100_000;
/// The most keys of an external program.
pub(crate) const MOST_PROGRAM_KEYS: usize = 1000;
/// The most measures of an external program.
pub(crate) const MOST_PROGRAM_MEASURES: usize = 1000;
/// The longest name of a key or measure of an external program, in bytes.
pub(crate) const LONGEST_NAME: usize = 100;
/// The most sources of its measures and curves.
pub(crate) const MOST_READINGS: usize = 100;
/// The most folders of failed trials that stay.
pub(crate) const MOST_FAILED_KEPT: usize = 5;
/// The most bytes that an external program may print, and the most of a file that it writes.
pub(crate) const MOST_PROGRAM_OUTPUT: usize = 64 << 20;
/// The most bytes that it may print on one line.
pub(crate) const LONGEST_PROGRAM_LINE: usize = 1 << 20;
/// The most bytes that are read from a pipe after the program has ended: more than a pipe holds.
pub(crate) const MOST_LEFT_IN_PIPE: usize = 2 << 20;
/// The most bytes of its output that are kept for a comparison.
pub const MOST_OUTPUT_KEPT: usize = 1 << 20;
/// The most layers of its curves.
pub(crate) const MOST_CURVE_LAYERS: u64 = 1000;
/// The last step of its curves.
pub(crate) const LAST_CURVE_STEP: u64 = 1 << 53;
/// The longest reason that it may give for a divergence, in characters.
pub(crate) const LONGEST_REASON: usize = 1000;

/// The longest reason that a worker may give for a failed trial, in characters; of a longer one, the end is kept.
pub(crate) const LONGEST_FAILURE: usize = 2000;
/// The most trials after which workers can be started anew.
pub(crate) const MOST_SERVED: u64 = 1_000_000_000;

/// The keys at the top of a sweep file.
pub(crate) const SWEEP_KEYS: [&str; 8] =
    ["name", "seed", "replicates", "model", "base", "objective", "search", "execution"];

/// The rule for the name of a sweep, for messages.
pub(crate) const NAMED: &str = "up to 100 letters, digits, '-', '_' and '.', not starting with '.'";

/// Returns whether a sweep can have this name. It becomes the name of a folder, and it appears in messages.
pub fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.chars().all(allowed)
}
