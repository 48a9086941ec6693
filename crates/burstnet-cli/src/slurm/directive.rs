//! `#SBATCH` lines: options of `sbatch` that stand in a script.

use std::fmt;

/// Options that the scripts set themselves, and those of this command that decide them.
const OWN: &[(&str, Option<&str>)] = &[
    ("array", Some("--tasks")),
    ("chdir", None),
    ("cpus-per-task", Some("--cpus")),
    ("dependency", None),
    ("error", Some("--script-dir")),
    ("job-name", None),
    ("no-requeue", None),
    ("nodes", None),
    ("ntasks", Some("--tasks")),
    ("open-mode", None),
    ("output", Some("--script-dir")),
    ("parsable", None),
    ("partition", Some("--partition")),
    ("requeue", None),
    ("signal", Some("--warning")),
    ("time", Some("--time")),
    ("wrap", None),
];
/// Words that Slurm erases wherever they stand in a line (they separated the parts of heterogeneous jobs).
const ERASED: [&str; 2] = ["hetjob", "packjob"];

/// An option of `sbatch`, with a value unless it is a switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directive {
    name: String,
    value: Option<String>,
}

impl Directive {
    /// Returns an option with a value that can stand in a line.
    pub(crate) fn new(name: &str, value: impl ToString) -> Self {
        Self { name: name.to_owned(), value: Some(value.to_string()) }
    }

    /// Returns an option without a value.
    pub(crate) fn switch(name: &str) -> Self {
        Self { name: name.to_owned(), value: None }
    }

    /// Reads `--NAME` or `--NAME=VALUE`.
    ///
    /// # Errors
    /// Returns an error if it is neither, the scripts set this option themselves, or the value cannot stand in a line.
    pub(crate) fn parse(option: &str) -> Result<Self, String> {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, None),
        };
        let name = name.strip_prefix("--").unwrap_or_default();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(allowed) {
            return Err("expected --NAME or --NAME=VALUE, such as --account=physics".into());
        }
        if ["het", "pack"].iter().any(|start| name.starts_with(start)) && !ERASED.contains(&name) {
            return Err("the scripts are of one job each, expected nothing about parts of heterogeneous jobs".into());
        }
        // sbatch completes names that were cut short.
        if let Some((own, instead)) = OWN.iter().find(|(own, _)| own.starts_with(name)) {
            let instead = instead.map(|option| format!("; use {option}")).unwrap_or_default();
            return Err(format!("the scripts set --{own} themselves{instead}"));
        }
        check_value(name)?;
        check_value(value.unwrap_or_default())?;
        Ok(Self { name: name.to_owned(), value: value.map(str::to_owned) })
    }
}

/// Checks that Slurm reads `value` back from a line as it is.
///
/// # Errors
/// Returns an error if it would not, with what is in it.
pub(crate) fn check_value(value: &str) -> Result<(), String> {
    check_text(value)?;
    let lower = value.to_ascii_lowercase();
    if value.contains('\\') {
        return Err("an #SBATCH line cannot contain a backslash".into());
    }
    match ERASED.iter().find(|word| lower.contains(**word)) {
        Some(word) => Err(format!("Slurm erases {word:?} from #SBATCH lines")),
        None => Ok(()),
    }
}

/// Checks that `text` is one line.
///
/// # Errors
/// Returns an error if there is a line break or another control character in it.
pub(crate) fn check_text(text: &str) -> Result<(), String> {
    match text.chars().find(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        Some('\n') => Err("a script cannot contain a line break".into()),
        Some(c) => Err(format!("a script cannot contain the control character {c:?}")),
        None => Ok(()),
    }
}

/// The line. Slurm reads double quotes, and a backslash before one, as a shell does, and nothing else within them.
impl fmt::Display for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#SBATCH --{}", self.name)?;
        let Some(value) = &self.value else { return Ok(()) };
        let plain = |c: char| c.is_alphanumeric() || "_-./:,=+@%[]*".contains(c);
        if !value.is_empty() && value.chars().all(plain) {
            write!(f, "={value}")
        } else {
            write!(f, "=\"{}\"", value.replace('"', "\\\""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_sbatch() {
        let line = |option| Directive::parse(option).map(|directive| directive.to_string());
        for (option, expected) in [
            ("--account=physics", "#SBATCH --account=physics"),
            ("--exclusive", "#SBATCH --exclusive"),
            ("--mem=4G", "#SBATCH --mem=4G"),
            ("--time-min=10", "#SBATCH --time-min=10"),
            ("--nodelist=n[1-3,7]", "#SBATCH --nodelist=n[1-3,7]"),
            ("--constraint=a&b", "#SBATCH --constraint=\"a&b\""),
            ("--comment=it's \"so\" #1", "#SBATCH --comment=\"it's \\\"so\\\" #1\""),
            ("--comment=", "#SBATCH --comment=\"\""),
        ] {
            assert_eq!(line(option).as_deref(), Ok(expected));
        }
        for (option, problem) in [
            ("", "expected --NAME"),
            ("-A", "expected --NAME"),
            ("account=physics", "expected --NAME"),
            ("--", "expected --NAME"),
            ("--account physics", "expected --NAME"),
            ("--mem\n#SBATCH --array=1", "expected --NAME"),
            ("--array=1", "use --tasks"),
            ("--arr=1", "use --tasks"),
            ("--time=5", "use --time"),
            ("--no-requeue", "set --no-requeue themselves"),
            ("--comment=a\nb", "a line break"),
            ("--comment=a\\b", "a backslash"),
            ("--comment=a\u{1b}b", "the control character '\\u{1b}'"),
            ("--comment=HetJob", "\"hetjob\""),
            ("--hetjob=1", "\"hetjob\""),
            ("--hetjob", "\"hetjob\""),
            ("--packjob", "\"packjob\""),
            ("--my-packjob=2", "\"packjob\""),
            ("--het-group=0", "parts of heterogeneous jobs"),
            ("--pack-group=1", "parts of heterogeneous jobs"),
            ("--het-g=1", "parts of heterogeneous jobs"),
        ] {
            let said = line(option).unwrap_err();
            assert!(said.contains(problem), "{option}: {said}");
        }
    }
}
