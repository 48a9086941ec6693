//! The columns of every table, in one place: name, type, unit and meaning. Keys and measures cannot have their names.

mod tables;

use burstnet_core::config::{Item, Key, Kind, Schema, Value};
use burstnet_core::measures::MeasureInfo;

use crate::objective::Objective;
use crate::plan::{Dimension, ResolvedPlan};

pub use tables::{STATISTICS, contrasts, curves, effects, ranking, summary, timings, trials};

/// The type of a column. Every column may hold nulls in place of missing values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Integers.
    Int,
    /// Numbers in float64.
    Float,
    /// True or false.
    Flag,
    /// Texts.
    Text,
    /// Lists of integers.
    Ints,
    /// Lists of numbers in float64.
    Floats,
    /// Lists of texts.
    Texts,
}

/// The owner of a column's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The table itself. It has the column for any keys and measures.
    Table,
    /// A key, by its path.
    Key(String),
    /// A measure, by its name.
    Measure(String),
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The owner of the name.
    pub owner: Owner,
    /// The type.
    pub kind: ColumnType,
    /// The unit; empty for pure numbers and words.
    pub unit: &'static str,
    /// A sentence of documentation for users.
    pub doc: String,
    /// True if the column can hold nulls.
    pub nullable: bool,
    /// True if most rows have distinct values, for which a dictionary is of no use.
    pub distinct: bool,
}

impl Column {
    fn new(name: &str, kind: ColumnType, unit: &'static str, doc: &str) -> Self {
        let (name, doc) = (name.to_owned(), doc.to_owned());
        Self { name, owner: Owner::Table, kind, unit, doc, nullable: false, distinct: false }
    }

    /// Returns the column of a key: `section.key` becomes `section_key`.
    fn keyed(key: &Key, kind: ColumnType, doc: &str) -> Self {
        Self { owner: Owner::Key(key.path.to_string()), ..Self::new(&column_of(&key.path), kind, "", doc) }
    }

    /// Returns the column of a measure.
    fn measured(info: &MeasureInfo, name: &str, doc: &str) -> Self {
        let owner = Owner::Measure(info.name.clone());
        Self { owner, ..Self::new(name, ColumnType::Float, info.unit, doc).nullable().distinct() }
    }

    fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }
}

/// The fields in the JSON of a rerun beside the measures and columns of its trial.
const OF_A_RERUN: [&str; 2] = ["same", "page"];

/// The parts of a sweep that decide which columns its tables have.
#[derive(Clone, Debug)]
pub struct Layout {
    swept: Vec<Column>,
    /// The columns of the keys that are drawn for each replicate.
    drawn: Vec<Column>,
    /// The column of the budget, if trials get parts of it.
    budget: Option<Column>,
    measures: Vec<MeasureInfo>,
    /// True if trials can be stopped early.
    pruned: bool,
    /// True if there are bounds on measures.
    bounded: bool,
    /// True if there are several objectives.
    pareto: bool,
    /// True if the space is a list of sub-spaces.
    subspaces: bool,
}

impl Layout {
    /// Returns the layout of a plan's tables.
    pub fn of(plan: &ResolvedPlan, schema: &Schema, measures: &[MeasureInfo]) -> Self {
        let swept = |(at, dimension): (usize, &Dimension)| {
            let key = schema.key(&dimension.key)?;
            Some(Column::keyed(key, column_type(&key.kind, &plan.column_values(at)), &key.doc).nullable())
        };
        let drawn = |dimension: &Dimension| {
            let key = schema.key(&dimension.key)?;
            let doc = format!("{} Drawn for each replicate, the same in every configuration.", key.doc);
            Some(Column::keyed(key, column_type(&key.kind, &dimension.domain.ends()), &doc).nullable())
        };
        Self {
            drawn: plan.per_replicate.iter().filter_map(drawn).collect(),
            swept: plan.space.iter().enumerate().filter_map(swept).collect(),
            budget: plan.stopping.as_ref().and_then(|stopping| budget(stopping.budget.as_deref()?, schema)),
            measures: measures.to_vec(),
            pruned: plan.stopping.is_some(),
            bounded: !plan.subject_to.is_empty(),
            pareto: !plan.further_objectives.is_empty(),
            subspaces: !plan.subspaces.is_empty(),
        }
    }

    /// Returns the layout with every column that another way to search the same space would add.
    pub(crate) fn widest(plan: &ResolvedPlan, objective: &dyn Objective, measures: &[MeasureInfo]) -> Self {
        let schema = objective.schema();
        let unswept = |key: &&str| plan.space.iter().chain(&plan.per_replicate).all(|dimension| dimension.key != *key);
        let budget = objective.budget_key().filter(unswept).and_then(|key| budget(key, schema));
        Self { budget, pruned: true, pareto: true, ..Self::of(plan, schema, measures) }
    }

    /// Returns the column of sub-spaces, if there are any. Like other columns of the search it stands behind the keys and
    /// the first one of the results, since the keys of a configuration are those before these (own_table.rs).
    fn subspace(&self) -> Option<Column> {
        let doc = "Name of the sub-space to which the configuration belongs.";
        self.subspaces.then(|| Column::new("subspace", ColumnType::Text, "", doc))
    }

    /// Returns the column of what keeps the bounds on measures, if there are any.
    fn feasible(&self) -> Option<Column> {
        let doc = "Whether the means keep all bounds of search.subject_to; false if the search stopped it early.";
        self.bounded.then(|| Column::new("feasible", ColumnType::Flag, "", doc))
    }

    /// Returns every table with its name: those that are Parquet files, and the ranking.
    pub fn tables(&self) -> [(&'static str, Vec<Column>); 7] {
        [
            ("trials", trials(self)),
            ("curves", curves()),
            ("summary", summary(self)),
            ("timings", timings()),
            ("effects", effects()),
            ("contrasts", contrasts(self)),
            ("ranking", ranking(self, "")),
        ]
    }
}

/// Returns the columns of measures and of the budget, and the other columns beside them except those of swept keys.
/// They come from the tables of trials and of configurations, which are read side by side, and from the JSON of a
/// rerun.
pub(crate) fn beside_measures(layout: &Layout) -> Vec<Column> {
    let is_swept = |column: &Column| matches!(column.owner, Owner::Key(_)) && Some(column) != layout.budget.as_ref();
    let mut columns = trials(layout);
    columns.retain(|column| !is_swept(column));
    let own = summary(layout).into_iter().filter(|column| column.owner == Owner::Table);
    let further = own.chain(OF_A_RERUN.map(|name| Column::new(name, ColumnType::Flag, "", "")));
    for column in further {
        if !columns.iter().any(|held| held.owner == Owner::Table && held.name == column.name) {
            columns.push(column);
        }
    }
    columns
}

/// Returns the columns that a table with all keys of a model would have.
pub(crate) fn of_keys(schema: &Schema) -> Vec<Column> {
    schema.keys().iter().map(|key| Column::keyed(key, column_type(&key.kind, &[]), &key.doc)).collect()
}

/// Returns the name of a key's column: `section.key` becomes `section_key`.
pub fn column_of(key: &str) -> String {
    key.replace('.', "_")
}

/// Returns the column with the part of its budget that a trial has got.
fn budget(key: &str, schema: &Schema) -> Option<Column> {
    let key = schema.key(key)?;
    let doc = "How much of the budget the trial has got; 0 of one that was stopped before it ran.";
    Some(Column::keyed(key, ColumnType::Int, doc))
}

/// Returns the one type that fits all values of a swept key of this kind in a table: that of the kind, or text if the
/// values have several types. The text is the value as a sweep file has it.
fn column_type(kind: &Kind, values: &[Value]) -> ColumnType {
    let all = |fit: &dyn Fn(&Value) -> bool| values.iter().all(|value| *value == Value::Null || fit(value));
    match kind {
        Kind::Flag => ColumnType::Flag,
        Kind::Integer { .. } => ColumnType::Int,
        Kind::Number { .. } | Kind::OptionalNumber { .. } => ColumnType::Float,
        Kind::Word(_) | Kind::File | Kind::Folder | Kind::Text => ColumnType::Text,
        Kind::CountOrWord { .. } if all(&|value| matches!(value, Value::Int(_))) => ColumnType::Int,
        Kind::RateOrRates { .. } if all(&|value| value.as_f64().is_some()) => ColumnType::Float,
        Kind::RateOrRates { .. } if all(&|value| value.as_list().is_some()) => ColumnType::Floats,
        Kind::CountOrWord { .. } | Kind::RateOrRates { .. } => ColumnType::Text,
        Kind::Sizes { .. } | Kind::List(Item::Integer) => ColumnType::Ints,
        Kind::Range { .. } | Kind::List(Item::Number) => ColumnType::Floats,
        Kind::List(Item::Text) => ColumnType::Texts,
        Kind::OrNull(kind) => column_type(kind, values),
    }
}
