//! The columns of burstnet's own tables of results that are keys.

use std::ops::Range;

use crate::plan::columns::column_of;

/// The name of the list of keys in a table's metadata.
pub const KEYS_METADATA: &str = "burstnet.keys";

/// The columns with which tables of results begin: of trials, of configurations, of the ranking, and of contrasts.
const BEGINNINGS: [&[&str]; 4] = [
    &["trial_id", "config_id", "replicate", "seed"],
    &["config_id"],
    &["rank", "config_id"],
    &["measure", "rank", "config_id"],
];
/// The columns that can come first after those of keys.
const ENDS: [&str; 3] = [STATUS, "n_ok", "n"];
/// The column with the outcome of a trial.
const STATUS: &str = "status";
/// The status of a trial that a rule has stopped.
pub const PRUNED: &str = "pruned";

/// The columns of a table that are keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyColumns {
    /// The numbers of the columns, and the names of the keys.
    pub keys: Vec<(usize, String)>,
    /// True for burstnet's own tables, which have further columns and may repeat a configuration.
    pub is_own: bool,
    /// The columns that are not keys because of their position. A table that declares its keys has none of these.
    pub others: Vec<(String, usize)>,
    /// The column with the outcomes of trials, if only that tells a key from a budget.
    pub status: Option<usize>,
}

impl KeyColumns {
    /// Returns the columns of a table with these `names` that are keys: those that its metadata `declared`, or those at
    /// the positions in which burstnet's own tables have keys, or else all.
    pub fn of(names: &[String], declared: Option<&[String]>) -> Self {
        if let Some(declared) = declared {
            let column = |key: &String| {
                let own = column_of(key);
                Some((names.iter().position(|name| *name == own)?, key.clone()))
            };
            let keys = declared.iter().filter_map(column).collect();
            return Self { keys, is_own: true, others: Vec::new(), status: None };
        }
        let named = |range: Range<usize>| range.map(|at| (at, names[at].clone())).collect();
        match between(names) {
            Some((range, end)) => {
                let status = Some(range.end).filter(|_| end == STATUS);
                let behind = range.end..names.len();
                let others = (0..range.start).chain(behind).map(|at| (names[at].clone(), at + 1)).collect();
                Self { keys: named(range), is_own: true, others, status }
            }
            None => Self { keys: named(0..names.len()), is_own: false, others: Vec::new(), status: None },
        }
    }
}

/// Returns the columns between the beginning and the results of one of burstnet's own tables, and the first of the
/// results.
fn between(names: &[String]) -> Option<(Range<usize>, &str)> {
    let begins =
        |beginning: &&&[&str]| names.len() > beginning.len() && names.iter().zip(**beginning).all(|(a, b)| a == b);
    let start = BEGINNINGS.iter().find(begins)?.len();
    let end = start + names[start..].iter().position(|name| ENDS.contains(&name.as_str()))?;
    Some((start..end, &names[end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &str, declared: Option<&str>) -> (String, bool, Option<usize>) {
        let split = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let found = KeyColumns::of(&split(names), declared.map(split).as_deref());
        let shown: Vec<String> = found.keys.iter().map(|(at, key)| format!("{at}:{key}")).collect();
        (shown.join(" "), found.is_own, found.status)
    }

    #[test]
    fn keys_stand_between_ids_and_results() {
        for (names, expected, status) in [
            ("trial_id config_id replicate seed a_b c status error loss digest", "4:a_b 5:c", Some(6)),
            ("config_id a_b n_ok n_diverged n_failed loss_mean", "1:a_b", None),
            ("rank config_id a_b n_ok n mean", "2:a_b", None),
            ("measure rank config_id a_b n mean", "3:a_b", None),
        ] {
            assert_eq!(keys(names, None), (expected.into(), true, status), "{names}");
        }
        for names in ["a_b c", "config_id a_b loss_mean", "a_b config_id n_ok", "config_id"] {
            let (_, is_own, _) = keys(names, None);
            assert!(!is_own, "{names}");
        }
    }

    #[test]
    fn what_a_table_declares_counts() {
        let names = "trial_id config_id replicate seed a_b training_epochs status";
        assert_eq!(keys(names, Some("a.b gone")), ("4:a.b".into(), true, None));
    }
}
