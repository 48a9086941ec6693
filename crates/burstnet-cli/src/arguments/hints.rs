//! Advice for command lines that cannot be read: options that are keys of a sweep file, and what is called otherwise here.

use std::ffi::OsStr;
use std::path::Path;

use burstnet_core::config::keys;
use burstnet_sweep::{nearest, spec};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Options as other programs have them, and what does the same here.
const OTHERWISE: &[(&str, &[&str])] = &[
    ("the same command goes on with a sweep that was interrupted", &["resume", "continue", "restart", "restore"]),
    ("`burstnet plan SWEEP` shows what would run", &["dry_run", "dryrun", "preview", "check", "validate", "n"]),
    ("`burstnet report RESULTS` shows the results", &["report", "summary", "show"]),
    ("a sweep file is given without an option: `burstnet sweep SWEEP`", &["config", "c", "file", "f", "sweep", "yaml"]),
    (
        "another --out, or --extend to keep what both sweeps have in common",
        &["overwrite", "force", "clobber", "replace"],
    ),
];
/// The commands that take `--set`.
const WITH_SET: [&str; 4] = ["run", "plan", "sweep", "slurm"];

/// Puts what was meant in place of the names that only look alike.
pub(crate) fn advise(error: &mut clap::Error, command: Option<&OsStr>) {
    let advice = match error.kind() {
        ErrorKind::UnknownArgument => of(error, ContextKind::InvalidArg).and_then(|option| of_option(&option, command)),
        ErrorKind::InvalidSubcommand => of(error, ContextKind::InvalidSubcommand).and_then(|name| of_command(&name)),
        _ => None,
    };
    if let Some(advice) = advice {
        for kind in [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue] {
            error.remove(kind);
        }
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(advice)]));
    }
}

fn of(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    }
}

/// Returns advice on an option that a command does not have.
fn of_option(option: &str, command: Option<&OsStr>) -> Option<String> {
    command.filter(|command| WITH_SET.iter().any(|own| command == own))?;
    let name = option.split(['=', ' ']).next()?.strip_prefix('-')?.trim_start_matches('-').replace('-', "_");
    if let Some((option, says)) = spec::option(&name) {
        return Some(format!("{option} says {says}"));
    }
    if let Some((advice, _)) = OTHERWISE.iter().find(|(_, names)| names.contains(&name.as_str())) {
        return Some((*advice).to_owned());
    }
    let keys = spec::paths(&keys::schema());
    let key = Some(&name).filter(|name| keys.contains(name)).cloned();
    let key = key.or_else(|| nearest::nearest(&name, keys.iter().map(String::as_str)))?;
    let key = key.split('\'').next()?; // the first of several
    Some(format!("{key} is a key of the file: write it there, or --set {key}=VALUE"))
}

/// Returns advice on a name that is no command.
fn of_command(name: &str) -> Option<String> {
    let path = Path::new(name);
    let shown = path.display();
    if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
        return Some(format!(
            "a command comes first: `burstnet sweep {shown}` runs it, `burstnet plan {shown}` shows it"
        ));
    }
    path.is_dir().then(|| format!("a command comes first: `burstnet report {shown}` shows the results there"))
}
