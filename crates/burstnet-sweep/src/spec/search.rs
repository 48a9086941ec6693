//! The section `search` of a sweep file: the space, the strategy, and the rule that stops configurations early.

use std::collections::BTreeMap;

use burstnet_core::config::{Configuration, Kind, Schema, Value};
use burstnet_core::text::quoted;

use super::learn_from::{self, EarlierSource};
use super::meant::misfit;
use super::outline::{self, Part};
use super::settings;
use super::source::Source;
use super::subject_to;
use super::subspaces::{Shared, Union, items};
use super::table::Table;
use super::{entries_of, reader};
use crate::limits::MOST_INCLUDED;
use crate::plan::subspaces::Subspace;
use crate::search::auto::AUTO;
use crate::search::bounds::Bound;
use crate::search::samplers::{self, Sampler};
use crate::search::stopping;
use crate::search::strategy::{Counts, Stopping, Strategy, names, rule_names};
use crate::spec::document::{Content, Entry, Node};
use crate::spec::place::{Place, Placed, SpecError};
use crate::spec::swept::Swept;

/// The keys that every strategy has.
pub(super) const KEYS: [&str; 13] = [
    "strategy",
    "trials",
    "round",
    "lag",
    "space",
    "zip",
    "constraints",
    "subject_to",
    "learn_from",
    "include",
    "table",
    "per_replicate",
    "stopping",
];

/// Returns whether a key that every strategy has can be left out by null too.
fn can_be_null(key: &str) -> bool {
    KEYS.contains(&key) && !matches!(key, "strategy" | "space")
}

/// A search, checked key by key.
#[derive(Clone, Debug)]
pub struct Search {
    /// The swept keys, in the order of the file.
    pub space: Vec<Swept>,
    /// The sub-spaces, if the space is a list of them.
    pub subspaces: Vec<Placed<Subspace>>,
    /// The place of the space.
    pub space_place: Place,
    /// The strategy by which configurations are chosen.
    pub strategy: Strategy,
    /// The place of the strategy.
    pub strategy_place: Place,
    /// The place of the number of trials.
    pub trials_place: Option<Place>,
    /// The place of the number of configurations in a round.
    pub round_place: Option<Place>,
    /// The place of the lag.
    pub lag_place: Option<Place>,
    /// Groups of keys that move together.
    pub zip: Vec<Placed<Vec<String>>>,
    /// The constraints that every configuration has to satisfy.
    pub constraints: Vec<Placed<String>>,
    /// The bounds on measures that the best configuration keeps.
    pub subject_to: Vec<Placed<Bound>>,
    /// The earlier results from which the strategy learns.
    pub learn_from: Vec<Placed<EarlierSource>>,
    /// The included configurations, with the values of the keys that they set.
    pub include: Vec<Placed<BTreeMap<String, Value>>>,
    /// Where each of these keys stands.
    pub include_places: Vec<BTreeMap<String, Place>>,
    /// The keys that are drawn for each replicate, in the order of the file.
    pub per_replicate: Vec<Swept>,
    /// The rule that stops configurations early; `None` if all run to the end. The budget's key is not known yet.
    pub stopping: Option<Placed<Stopping>>,
}

impl Search {
    /// Reads the section. `base` has the values of keys where they are not swept.
    ///
    /// # Errors
    /// If a key is unknown or missing, or a value does not fit it.
    pub(super) fn read(schema: &Schema, base: &Configuration, source: &Source) -> Result<Self, SpecError> {
        let section = source.entries().iter().find(|entry| entry.key == "search" && !entry.value.is_null());
        let entries = section.map(|own| entries_of("search", &own.value)).transpose()?.unwrap_or_default();
        let whole = section.map_or(source.place(), |own| own.place.clone());
        let is_given = |entry: &&Entry| !(can_be_null(&entry.key) && entry.value.is_null());
        let find = |key: &str| entries.iter().filter(is_given).find(|entry| entry.key == key);
        let listed = find("space").and_then(|entry| Some((entry, items(&entry.value)?)));
        let swept = find("space").filter(|_| listed.is_none());
        let swept = swept.map(|entry| settings::flatten(schema, Part::Space, &entry.value, source));
        let swept = swept.transpose()?.unwrap_or_default();
        let (strategy, strategy_place) = strategy(entries, &whole, schema)?;
        let mut space: Vec<_> = swept.iter().map(|one| Swept::read(one.clone(), schema)).collect::<Result<_, _>>()?;
        let drawn = find("per_replicate")
            .map(|entry| settings::flatten(schema, Part::PerReplicate, &entry.value, source))
            .transpose()?
            .unwrap_or_default();
        let per_replicate: Vec<_> = drawn.into_iter().map(|one| Swept::read(one, schema)).collect::<Result<_, _>>()?;
        let mut zip = find("zip").map(zip).transpose()?.unwrap_or_default();
        let mut subspaces = Vec::new();
        if let Some((entry, items)) = listed {
            if !strategy.is_grid() {
                let problem = format!("search.space is a list of sub-spaces, with strategy {}", strategy.name);
                return Err(SpecError::new(&entry.place, problem)
                    .expected("strategy: grid, which runs all configurations of each; or one space"));
            }
            let shared = Shared { schema, base, source, zip: &zip, drawn: &per_replicate };
            let union = Union::read(entry, items, &shared)?;
            (space, subspaces, zip) = (union.space, union.subspaces, union.zip.into_iter().collect());
        }
        match find("table") {
            Some(entry) => {
                let table = Table::read(entry, schema, base, source)?;
                zip.extend(table.add_to(&mut space)?);
            }
            None if strategy.is_table() => {
                return Err(SpecError::new(&strategy_place, "strategy table has no search.table")
                    .expected("table: FILE.csv or FILE.parquet, whose columns are keys"));
            }
            None => {}
        }
        if let Some(setting) = swept.first().filter(|_| strategy.is_table()) {
            return Err(SpecError::new(
                &setting.place,
                "search.space with strategy table, which runs the rows of a table",
            )
            .expected("no space; or strategy grid, which runs each row with each combination of the space"));
        }
        let include = find("include").map(|entry| include(entry, schema, source)).transpose()?.unwrap_or_default();
        let (include, include_places) = include.into_iter().unzip();
        Ok(Self {
            constraints: find("constraints").map(constraints).transpose()?.unwrap_or_default(),
            subject_to: find("subject_to").map(subject_to::read).transpose()?.unwrap_or_default(),
            learn_from: find("learn_from")
                .map(|entry| learn_from::read(entry, source))
                .transpose()?
                .unwrap_or_default(),
            include,
            include_places,
            per_replicate,
            stopping: find("stopping").map(stopping).transpose()?,
            trials_place: find("trials").map(|entry| entry.value.place.clone()),
            round_place: find("round").map(|entry| entry.value.place.clone()),
            lag_place: find("lag").map(|entry| entry.value.place.clone()),
            space,
            subspaces,
            space_place: find("space").map_or(whole, |entry| entry.place.clone()),
            strategy,
            strategy_place,
            zip,
        })
    }
}

fn strategy(entries: &[Entry], whole: &Place, schema: &Schema) -> Result<(Strategy, Place), SpecError> {
    let find = |key: &str| entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value);
    let named = find("strategy").map_or(Some(Value::from(samplers::GRID)), Node::value);
    let named = named.as_ref().and_then(Value::as_text).unwrap_or_default();
    let place = find("strategy").map_or(whole, |node| &node.place).clone();
    let sampler = samplers::named(named);
    if sampler.is_none() && named != AUTO {
        let shown = find("strategy").map(Node::shown).unwrap_or_default();
        let error = SpecError::new(&place, format!("search.strategy is {shown}"));
        return Err(if stopping::named(named).is_some() {
            error.expected(format!(
                "one of {}; with search.stopping: {named} beside it, which stops configurations early",
                names().join(", ")
            ))
        } else {
            error.expected(one_of(&names())).nearest(named, names())
        });
    }
    // First, to report `n_trials` rather than a missing `trials`.
    let unknown = |entry: &Entry, known: &[&str]| unknown_setting(named, schema, entry, known);
    let settings =
        read_settings("search", entries, &KEYS, sampler.map_or(&[], |sampler| sampler.info().settings), unknown)?;
    let own = entries.iter().filter(|entry| matches!(&*entry.key, "trials" | "round" | "lag")).cloned().collect();
    let value = Node { place: whole.clone(), content: Content::Map(own) };
    let Counts { trials, round, lag } = reader::read("search", (whole, &value), schema)?;
    let strategy = Strategy { name: named.to_owned(), trials, round, lag, settings };
    Ok((strategy, place))
}

fn one_of(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// Reads the settings of a sampler or rule from the entries of the section `path`, which has the keys `fixed` too.
fn read_settings(
    path: &str,
    entries: &[Entry],
    fixed: &[&str],
    all: &'static [samplers::SearchSetting],
    unknown: impl Fn(&Entry, &[&str]) -> SpecError,
) -> Result<BTreeMap<String, f64>, SpecError> {
    let mut held = samplers::defaults(all);
    for entry in entries.iter().filter(|entry| !fixed.contains(&&*entry.key)) {
        let Some(setting) = all.iter().find(|setting| setting.name == entry.key) else {
            let known: Vec<&str> = fixed.iter().copied().chain(all.iter().map(|setting| setting.name)).collect();
            return Err(unknown(entry, &known));
        };
        held.insert(entry.key.clone(), number(&format!("{path}.{}", entry.key), &entry.value, setting)?);
    }
    Ok(held)
}

/// Returns the error for a key that the section has with no strategy, or with another one.
fn unknown_setting(strategy: &str, schema: &Schema, entry: &Entry, known: &[&str]) -> SpecError {
    let has = |other: &&&dyn Sampler| other.info().settings.iter().any(|setting| setting.name == entry.key);
    let Some(other) = samplers::ALL.iter().find(has) else {
        let held = (&entry.place, Some(&entry.value));
        return outline::unknown(schema, Part::Section("search"), &entry.key, held, known);
    };
    let path = quoted(&format!("search.{}", entry.key));
    let problem = format!("{path}, which strategy {} has, with strategy {strategy}", other.info().name);
    SpecError::new(&entry.place, problem).expected(format!("one of {}", known.join(", ")))
}

fn number(name: &str, node: &Node, setting: &samplers::SearchSetting) -> Result<f64, SpecError> {
    let value = node.value().as_ref().and_then(Value::as_f64).filter(|x| setting.fits(*x));
    value.ok_or_else(|| {
        let kind = Kind::Number { min: setting.min, max: setting.max };
        misfit(node, &kind, format!("{name} is {}", node.shown())).expected(setting.expected())
    })
}

fn stopping(entry: &Entry) -> Result<Placed<Stopping>, SpecError> {
    let entries = match &entry.value.content {
        Content::Map(entries) => entries.clone(),
        Content::Scalar(..) | Content::List(_) => vec![Entry { key: "rule".into(), ..entry.clone() }],
    };
    let named = entries.iter().find(|held| held.key == "rule");
    let value = named.and_then(|held| held.value.value());
    let name = value.as_ref().and_then(Value::as_text).unwrap_or_default();
    let Some(rule) = stopping::named(name) else {
        let (place, shown) = match named {
            Some(held) => (&held.value.place, held.value.shown()),
            None => (&entry.value.place, "missing".into()),
        };
        return Err(SpecError::new(place, format!("search.stopping.rule is {shown}"))
            .expected(one_of(&rule_names()))
            .nearest(name, rule_names()));
    };
    let unknown = |held: &Entry, known: &[&str]| {
        let path = quoted(&format!("search.stopping.{}", held.key));
        SpecError::new(&held.place, format!("unknown key {path} of rule {name}"))
            .expected(format!("one of {}", known.join(", ")))
            .nearest(&held.key, known.iter().copied())
    };
    let settings = read_settings("search.stopping", &entries, &["rule"], rule.info().settings, unknown)?;
    let held = Stopping { rule: name.to_owned(), settings, budget: None };
    Ok(Placed { held, place: entry.place.clone() })
}

/// Reads the groups of keys that move together: a list of keys, or a list of such lists.
fn zip(entry: &Entry) -> Result<Vec<Placed<Vec<String>>>, SpecError> {
    let wrong = |node: &Node| {
        SpecError::new(&node.place, format!("search.zip holds {}", node.shown()))
            .expected("[section.key, section.key], or a list of such lists")
    };
    let Content::List(items) = &entry.value.content else { return Err(wrong(&entry.value)) };
    let keys = |node: &Node| -> Result<Placed<Vec<String>>, SpecError> {
        let value = node.value().ok_or_else(|| wrong(node))?;
        let named = value.as_list().unwrap_or_default().iter().map(|one| one.as_text().map(str::to_owned));
        let held: Vec<String> = named.collect::<Option<_>>().ok_or_else(|| wrong(node))?;
        Ok(Placed { held, place: node.place.clone() })
    };
    if items.iter().all(|item| matches!(item.content, Content::Scalar(..))) {
        return Ok(vec![keys(&entry.value)?]);
    }
    let is_list = |item: &&Node| matches!(item.content, Content::List(_));
    items.iter().map(|item| Some(item).filter(is_list).ok_or_else(|| wrong(item)).and_then(keys)).collect()
}

fn constraints(entry: &Entry) -> Result<Vec<Placed<String>>, SpecError> {
    let wrong = |node: &Node| {
        let what = if matches!(node.value(), Some(Value::Int(_) | Value::Float(_))) { "the number " } else { "" };
        SpecError::new(&node.place, format!("search.constraints holds {what}{}", node.shown()))
            .expected("a list of conditions such as 'a.b < c.d', with names of keys")
    };
    let text = |node: &Node| match &node.content {
        Content::Scalar(..) if matches!(node.value(), Some(Value::Int(_) | Value::Float(_) | Value::Null)) => {
            Err(wrong(node))
        }
        Content::Scalar(text, _) if !text.is_empty() => Ok(Placed { held: text.clone(), place: node.place.clone() }),
        Content::Scalar(..) | Content::List(_) | Content::Map(_) => Err(wrong(node)),
    };
    match &entry.value.content {
        Content::List(items) => items.iter().map(text).collect(),
        Content::Scalar(..) => Ok(vec![text(&entry.value)?]),
        Content::Map(_) => Err(wrong(&entry.value)),
    }
}

/// A configuration that must be there, and where its keys stand.
type Included = (Placed<BTreeMap<String, Value>>, BTreeMap<String, Place>);

fn include(entry: &Entry, schema: &Schema, source: &Source) -> Result<Vec<Included>, SpecError> {
    let Content::List(items) = &entry.value.content else {
        return Err(SpecError::new(&entry.value.place, format!("search.include is {}", entry.value.shown()))
            .expected("a list of configurations such as {section.key: value, …}"));
    };
    if items.len() > MOST_INCLUDED {
        return Err(SpecError::new(&entry.value.place, format!("search.include has {} configurations", items.len()))
            .expected(format!("at most {MOST_INCLUDED}; or a table")));
    }
    let mut all: Vec<Included> = Vec::with_capacity(items.len());
    for item in items {
        let (mut held, mut places) = (BTreeMap::new(), BTreeMap::new());
        for setting in settings::flatten(schema, Part::Named, item, source)? {
            let mut accepted = Configuration::default();
            settings::apply(schema, std::slice::from_ref(&setting), &mut accepted)?;
            held.insert(setting.key.clone(), accepted.get(&setting.key).clone());
            places.insert(setting.key, setting.place);
        }
        if all.iter().any(|(other, _)| other.held == held) {
            return Err(
                SpecError::new(&item.place, "search.include has this configuration twice").expected("each once")
            );
        }
        all.push((Placed { held, place: item.place.clone() }, places));
    }
    Ok(all)
}
