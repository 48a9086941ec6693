//! The places of keys in a sweep file, which lead a reader from a wrong place to the right one.

use burstnet_core::config::{Key, Schema};
use burstnet_core::text::{listed, quoted};

use super::json_schema::keys;
use crate::limits::SWEEP_KEYS;
use crate::nearest::nearest;
use crate::objective::Direction;
use crate::space::domain::Domain;
use crate::spec::document::{Content, Entry, Node};
use crate::spec::domain;
use crate::spec::place::{Place, SpecError};

/// The sections of a sweep file that this crate reads rather than the model.
const SECTIONS: [&str; 8] =
    ["replicates", "search", "search.stopping", "objective", "execution", "model", "model.read", "model.read.curve"];

/// The options of the command line that other tools have as keys or under other names: the option, its meaning, and the
/// names, with blanks between them.
const OPTIONS: [(&str, &str, &str); 2] = [
    (
        "--threads N",
        "how many trials run at once",
        "threads n_threads jobs n_jobs j workers num_workers n_workers parallel cores cpus n_cpus concurrency \
         max_concurrent procs processes",
    ),
    (
        "--out DIR",
        "where results go",
        "out output o output_dir out_dir outdir results results_dir dir log_dir save_dir",
    ),
];

/// A part of a sweep file or run file that has keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The top of a file. In a run file it has the sections of a run.
    Top,
    /// `base`.
    Base,
    /// `search.space`.
    Space,
    /// `search.per_replicate`.
    PerReplicate,
    /// A place that names keys of a run by their full paths: `--set`, `when`, `include`.
    Named,
    /// Another section of a sweep file.
    Section(&'static str),
}

impl Part {
    /// Returns whether keys have domains in it, rather than values.
    pub(super) fn has_domains(self) -> bool {
        matches!(self, Self::Space | Self::PerReplicate)
    }

    /// Returns the part at this path; "" is the whole file.
    pub(super) fn of(path: &str) -> Self {
        SECTIONS.into_iter().find(|section| *section == path).map_or(Self::Top, Self::Section)
    }

    /// Returns the name of the part in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Top => "the file",
            Self::Base => "base",
            Self::Space => "search.space",
            Self::PerReplicate => "search.per_replicate",
            Self::Named => "a configuration of search.include",
            Self::Section(section) => section,
        }
    }
}

/// Returns the option of the command line that other tools have as a key or an option of this name, and its meaning.
pub fn option(name: &str) -> Option<(&'static str, &'static str)> {
    let found = OPTIONS.iter().find(|(_, _, names)| names.split(' ').any(|own| own == name));
    found.map(|(option, says, _)| (*option, *says))
}

/// Returns the paths of all keys of a sweep file. Keys of a run are without `base`, as in `--set`.
pub fn paths(schema: &Schema) -> Vec<String> {
    let in_sections =
        SECTIONS.iter().flat_map(|section| keys(section).into_iter().map(move |key| format!("{section}.{key}")));
    let of_run = schema.keys().iter().map(|key| key.path.to_string());
    SWEEP_KEYS.map(str::to_owned).into_iter().chain(in_sections).chain(of_run).collect()
}

/// Returns an error for a key that does not exist at its place, with its value, if that is known, and the keys that
/// exist.
pub(super) fn unknown(
    schema: &Schema,
    part: Part,
    path: &str,
    (place, value): (&Place, Option<&Node>),
    siblings: &[&str],
) -> SpecError {
    let direction = value.and_then(Node::value).and_then(|value| value.as_text()?.parse::<Direction>().ok());
    if let (Part::Section("objective"), Some(direction)) = (part, direction) {
        let (measure, direction) = (quoted(path), direction.word());
        return SpecError::new(place, format!("unknown key {}", quoted(&format!("objective.{path}"))))
            .expected(format!("{{measure: {}, direction: {direction}}}", measure.trim_matches('\'')));
    }
    if let Some((section, example)) = value.and_then(|value| home(schema, part, path, value)) {
        let belongs = if section.is_empty() { "at the top of the file".into() } else { format!("under {section}") };
        return SpecError::new(place, format!("{} belongs {belongs}", quoted(path))).expected(example);
    }
    let full = match part {
        Part::Section(section) => format!("{section}.{path}"),
        Part::Top | Part::Base | Part::Space | Part::PerReplicate | Part::Named => path.to_owned(),
    };
    let error = SpecError::new(place, format!("unknown key {}", quoted(&full)));
    if let Some((option, says)) = option(path) {
        return error.expected(format!("{option} on the command line, which says {says}"));
    }
    let expected = match siblings {
        [only] => (*only).to_owned(),
        [first, second] => format!("{first} or {second}"),
        siblings => format!("one of {}", listed(siblings.iter().copied())),
    };
    let mut all = paths(schema);
    if value.is_some_and(|value| matches!(value.content, Content::Map(_)) && !is_domain(value)) {
        all.extend(schema.sections().into_iter().map(str::to_owned));
    }
    // A key of the same section is more likely to be meant than one of another.
    let own = siblings
        .iter()
        .find(|_| matches!(part, Part::Section(_)))
        .and_then(|_| nearest(path, siblings.iter().copied()));
    let near = own.or_else(|| nearest(&full, all.iter().map(String::as_str)));
    error.expected(expected).meant(near)
}

/// Returns the section in which a key of this name stands ("" for the top), with an example, or `None` if no section
/// has it.
fn home(schema: &Schema, part: Part, path: &str, value: &Node) -> Option<(&'static str, String)> {
    let written = |key: &str| format!("{key}: {}", in_short(value));
    let in_space = || ("search.space", format!("search: {{space: {{{}}}}}", written(path)));
    if schema.key(path).is_some() || schema.is_section(path) {
        return match part {
            Part::Section("search") => Some(in_space()),
            Part::Top if is_varied(schema, path, value) => Some(in_space()),
            Part::Top | Part::Section(_) => Some(("base", format!("base: {{{}}}", written(path)))),
            Part::Base | Part::Space | Part::PerReplicate | Part::Named => None,
        };
    }
    if SWEEP_KEYS.contains(&path) {
        return (part != Part::Top).then(|| ("", written(path)));
    }
    let within = |section: &'static str, key: &str| (section, format!("{section}: {{{}}}", written(key)));
    if let Some((section, key)) = path.split_once('.') {
        // For example, `search.strategy: random` at the top.
        let section = SECTIONS.into_iter().find(|own| *own == section).filter(|_| part == Part::Top)?;
        return Some(within(section, key));
    }
    let is_part = |section: &str| matches!(part, Part::Section(own) if own == section);
    let holds = |section: &&str| !is_part(section) && keys(section).iter().any(|key| key == path);
    SECTIONS
        .into_iter()
        .filter(|section| *section != "search.stopping")
        .find(holds)
        .map(|section| within(section, path))
}

/// Returns whether the node is a domain of a key, or of a section's key, rather than a value of it.
fn is_varied(schema: &Schema, path: &str, value: &Node) -> bool {
    match (schema.key(path), &value.content) {
        (Some(key), Content::List(_) | Content::Map(_)) => {
            value.value().and_then(|value| key.kind.accept(&value)).is_none()
        }
        (None, Content::Map(entries)) => {
            is_domain(value)
                || entries.iter().any(|entry| is_varied(schema, &format!("{path}.{}", entry.key), &entry.value))
        }
        (Some(_), Content::Scalar(..)) | (None, Content::Scalar(..) | Content::List(_)) => false,
    }
}

/// Returns whether a node is the domain of a key, rather than a section.
pub(super) fn is_domain(node: &Node) -> bool {
    match &node.content {
        Content::Map(entries) => {
            entries.iter().any(|entry| domain::Form::WORDS.contains(&&*entry.key) || entry.key == "ratio_of")
        }
        Content::List(_) | Content::Scalar(..) => true,
    }
}

/// Returns a node as an example shows it, or `…` if it is long.
fn in_short(node: &Node) -> String {
    const LONGEST: usize = 60;
    let short = |text: &String| !text.is_empty() && text.chars().count() <= LONGEST && !text.contains(char::is_control);
    written(node)
        .filter(short)
        .unwrap_or_else(|| if matches!(node.content, Content::Map(_)) { "{…}" } else { "…" }.into())
}

/// Returns a node as YAML on one line, unless it is too large to be useful.
fn written(node: &Node) -> Option<String> {
    const MOST: usize = 10;
    match &node.content {
        Content::Scalar(..) | Content::List(_) => node.written(),
        Content::Map(entries) if entries.len() <= MOST => {
            let entry = |entry: &Entry| Some(format!("{}: {}", entry.key, written(&entry.value)?));
            Some(format!("{{{}}}", entries.iter().map(entry).collect::<Option<Vec<_>>>()?.join(", ")))
        }
        Content::Map(_) => None,
    }
}

/// Returns an error for a section of a run that has a value or a domain in place of keys.
pub(super) fn section_of(schema: &Schema, part: Part, section: &str, entry: &Entry) -> SpecError {
    let node = &entry.value;
    let keys: Vec<&Key> = schema
        .keys()
        .iter()
        .filter(|key| key.path.strip_prefix(section).is_some_and(|rest| rest.starts_with('.')))
        .collect();
    let own = |key: &Key| key.path[section.len() + 1..].to_owned();
    let fits = |key: &&&Key| match part {
        Part::Space | Part::PerReplicate => Domain::read(&key.path, &key.kind, node).is_ok(),
        Part::Top | Part::Base | Part::Named | Part::Section(_) => {
            node.value().is_some_and(|value| key.kind.accept(&value).is_some())
        }
    };
    let fitting = keys.iter().find(fits).copied();
    let names: Vec<String> = keys.iter().map(|key| own(key)).collect();
    let problem = format!("{section} is a section, not a key, and holds {}", node.shown());
    let error = SpecError::new(&entry.place, problem);
    let Some(key) = fitting.or(keys.first().copied()) else { return error.expected("a mapping of keys to values") };
    let example = match (part, fitting) {
        (Part::Space | Part::PerReplicate, Some(_)) => format!("{}: {}", key.path, in_short(node)),
        (Part::Space | Part::PerReplicate, None) => format!("{}: [values]", key.path),
        (_, Some(_)) => format!("{section}: {{{}: {}}}", own(key), in_short(node)),
        (_, None) => format!("{section}: {{{}: {}}}", own(key), key.default),
    };
    let error =
        error.expected(format!("a key of it ({}), such as {example}", listed(names.iter().map(String::as_str))));
    error.meant(Some(key.path.to_string()))
}
