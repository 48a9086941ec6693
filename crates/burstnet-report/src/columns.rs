//! The columns of every table, in one place: name, type, unit, meaning.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use burstnet_core::config::{self, Item, Kind, Value};
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::plan::Plan;

/// What a column holds. Every column may hold nulls where a value is missing.
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

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnType,
    /// Its unit; empty for pure numbers and words.
    pub unit: &'static str,
    /// One sentence for users.
    pub doc: String,
    /// Whether it can hold nulls.
    pub nullable: bool,
    /// Whether most rows have a value of their own, for which a dictionary is in vain.
    pub distinct: bool,
}

impl Column {
    fn new(name: &str, kind: ColumnType, unit: &'static str, doc: &str) -> Self {
        Self { name: name.to_owned(), kind, unit, doc: doc.to_owned(), nullable: false, distinct: false }
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

/// The measures' statistics over a configuration's replicates: ending of the column's name, meaning.
pub const STATISTICS: [(&str, &str); 5] = [
    ("mean", "mean"),
    ("sd", "standard deviation (n − 1)"),
    ("min", "smallest value"),
    ("median", "median"),
    ("max", "largest value"),
];

/// The columns of `trials.parquet`.
pub fn trials(plan: &Plan, schema: &config::Schema, measures: &[MeasureInfo]) -> Vec<Column> {
    let mut columns = vec![
        Column::new("trial_id", ColumnType::Int, "", "config_id × replicates + replicate.").distinct(),
        Column::new("config_id", ColumnType::Int, "", "Number of the configuration in the plan."),
        Column::new("replicate", ColumnType::Int, "", "Number of the replicate, from 0."),
        Column::new("seed", ColumnType::Int, "", "Seed of the replicate, the same in every configuration."),
    ];
    columns.extend(swept(plan, schema));
    columns.extend(budget(plan, schema));
    columns.push(Column::new("status", ColumnType::Text, "", "ok, diverged, failed or pruned."));
    let error =
        "Why the trial is not ok; for diverged: step, layer and quantity; for pruned: where and why it stopped.";
    columns.push(Column::new("error", ColumnType::Text, "", error).nullable());
    let measure = |info: &MeasureInfo| Column::new(&info.name, ColumnType::Float, info.unit, info.doc).nullable();
    columns.extend(measures.iter().map(|info| measure(info).distinct()));
    let digest = "BLAKE3 over final weights, curves and measures.";
    columns.push(Column::new("digest", ColumnType::Text, "", digest).nullable().distinct());
    columns
}

/// The columns of `curves.parquet`.
pub fn curves() -> Vec<Column> {
    vec![
        Column::new("trial_id", ColumnType::Int, "", "The trial."),
        Column::new(
            "layer",
            ColumnType::Int,
            "",
            "Weight layer, 0 the first hidden one; the last is the output layer.",
        ),
        Column::new("step", ColumnType::Int, "steps", "The window's last step, counted from 0 over the training."),
        Column::new("learning_steps", ColumnType::Int, "steps", "In how many steps of the window the layer learned."),
        Column::new(
            "loss",
            ColumnType::Float,
            "",
            "Mean training loss over these steps: of the output layer in events²/step², of a hidden layer the squared \
             change of the burst probability.",
        )
        .nullable()
        .distinct(),
    ]
}

/// The columns of `summary.parquet`.
pub fn summary(plan: &Plan, schema: &config::Schema, measures: &[MeasureInfo]) -> Vec<Column> {
    let mut columns =
        vec![Column::new("config_id", ColumnType::Int, "", "Number of the configuration in the plan.").distinct()];
    columns.extend(swept(plan, schema));
    columns.push(Column::new("n_ok", ColumnType::Int, "trials", "Replicates that ended as they should."));
    columns.push(Column::new("n_diverged", ColumnType::Int, "trials", "Replicates that diverged."));
    columns.push(Column::new("n_failed", ColumnType::Int, "trials", "Replicates that failed."));
    if plan.stopping.is_some() {
        let doc = "Replicates that the search stopped early; no statistics hold their measures.";
        columns.push(Column::new("n_pruned", ColumnType::Int, "trials", doc));
    }
    if !plan.further_objectives.is_empty() {
        let doc =
            "Whether no other configuration is better in one objective without being worse in another (Pareto front).";
        columns.push(Column::new("pareto", ColumnType::Flag, "", doc));
    }
    for info in measures {
        for (ending, meaning) in STATISTICS {
            let name = format!("{}_{ending}", info.name);
            let doc = format!("{}: {meaning} over the replicates that are ok.", info.name);
            columns.push(Column::new(&name, ColumnType::Float, info.unit, &doc).nullable().distinct());
        }
    }
    columns
}

/// The columns of the ranking by `measure`, which is CSV only.
pub fn ranking(plan: &Plan, schema: &config::Schema, measure: &str, measures: &[MeasureInfo]) -> Vec<Column> {
    let unit = measures.iter().find(|info| info.name == measure).map_or("", |info| info.unit);
    let float = |name: &str, unit, doc: &str| Column::new(name, ColumnType::Float, unit, doc).nullable();
    let mut columns = vec![
        Column::new("rank", ColumnType::Int, "", "Rank among all configurations that have trials, from 1."),
        Column::new("config_id", ColumnType::Int, "", "Number of the configuration in the plan."),
    ];
    columns.extend(swept(plan, schema));
    columns.push(Column::new("n_ok", ColumnType::Int, "trials", "Replicates that ended as they should."));
    columns.push(Column::new("n_diverged", ColumnType::Int, "trials", "Replicates that diverged."));
    columns.push(Column::new("n_failed", ColumnType::Int, "trials", "Replicates that failed."));
    columns.push(Column::new("n", ColumnType::Int, "trials", "Replicates that have a value of the measure."));
    for (ending, meaning) in STATISTICS {
        columns.push(float(ending, unit, &format!("{measure}: {meaning} over the replicates that are ok.")));
    }
    for (name, doc) in [
        ("mean_low", "Lower end of Student's 95 % interval of the mean."),
        ("mean_high", "Upper end of Student's 95 % interval of the mean."),
        ("bootstrap_low", "Lower end of the bootstrap's 95 % interval of the mean."),
        ("bootstrap_high", "Upper end of the bootstrap's 95 % interval of the mean."),
    ] {
        columns.push(float(name, unit, doc));
    }
    let baseline = "The configuration that it is compared with; null for that one itself.";
    columns.push(Column::new("baseline_config_id", ColumnType::Int, "", baseline).nullable());
    for (name, unit, doc) in [
        ("difference", unit, "Mean of the differences from the baseline, replicate by replicate."),
        ("difference_low", unit, "Lower end of Student's 95 % interval of the difference."),
        ("difference_high", unit, "Upper end of Student's 95 % interval of the difference."),
        ("p", "", "Wilcoxon's signed-rank test of the differences, two-sided."),
        ("p_holm", "", "The same, corrected by Holm's method over all rows."),
        ("wins", "", "Share of the replicates in which it is the best of all rows."),
        ("best_probability", "", "Share of the resamples of the replicates in which its mean is the best of all rows."),
    ] {
        columns.push(float(name, unit, doc));
    }
    columns
}

/// The columns of `timings.parquet`.
pub fn timings() -> Vec<Column> {
    vec![
        Column::new("trial_id", ColumnType::Int, "", "The trial.").distinct(),
        Column::new("wall_seconds", ColumnType::Float, "s", "How long the trial took; null if another one ran for it.")
            .nullable()
            .distinct(),
        Column::new("thread", ColumnType::Int, "", "The worker thread, from 0.").nullable(),
        Column::new("host", ColumnType::Text, "", "The machine.").nullable(),
    ]
}

/// The columns of `effects.parquet`.
pub fn effects() -> Vec<Column> {
    let text = |name: &str, doc: &str| Column::new(name, ColumnType::Text, "", doc).nullable();
    let number = |name: &str, doc: &str| Column::new(name, ColumnType::Float, "", doc).nullable();
    vec![
        Column::new("measure", ColumnType::Text, "", "The measure."),
        Column::new("kind", ColumnType::Text, "", "What the row holds; docs/results.md lists the kinds."),
        text("key", "The swept key."),
        text("key_2", "The second key of a pair."),
        text("level", "Of a level: the key's value, or the ends of the bin."),
        number("level_number", "The key's value, if it is a single number."),
        number("level_low", "The lower end of a bin."),
        number("level_high", "The upper end of a bin."),
        number(
            "estimate",
            "A share of the variance from 0 to 1, a coefficient, or a level's mean in the measure's unit.",
        ),
        number("estimate_low", "Lower end of the 95 % interval of a level's mean."),
        number("estimate_high", "Upper end of the 95 % interval of a level's mean."),
        number("within_low", "Lower end of its 95 % interval within replicates."),
        number("within_high", "Upper end of its 95 % interval within replicates."),
        Column::new(
            "n",
            ColumnType::Int,
            "",
            "How many numbers the interval is of, or how many configurations the row.",
        )
        .nullable(),
    ]
}

/// The columns of `contrasts.parquet`.
pub fn contrasts(plan: &Plan, schema: &config::Schema) -> Vec<Column> {
    let number = |name: &str, doc: &str| Column::new(name, ColumnType::Float, "", doc).nullable();
    let count = |name: &str, doc: &str| Column::new(name, ColumnType::Int, "", doc).nullable();
    let mut columns = vec![
        Column::new("measure", ColumnType::Text, "", "The measure."),
        Column::new("rank", ColumnType::Int, "", "Rank of the configuration by the objective's measure, from 1."),
        Column::new("config_id", ColumnType::Int, "", "Number of the configuration in the plan."),
    ];
    columns.extend(swept(plan, schema));
    columns.extend([
        Column::new("n", ColumnType::Int, "trials", "Replicates that have a value."),
        number("mean", "Their mean, in the measure's unit, as all that follows but p values and shares."),
        number("sd", "Their standard deviation (n − 1)."),
        number("median", "Their median."),
        number("mean_low", "Lower end of Student's 95 % interval of the mean."),
        number("mean_high", "Upper end of Student's 95 % interval of the mean."),
        number("bootstrap_low", "Lower end of the bootstrap's 95 % interval of the mean."),
        number("bootstrap_high", "Upper end of the bootstrap's 95 % interval of the mean."),
        number("wins", "Share of the replicates in which it is the best one of this table."),
        number("best_probability", "Share of resamples of the replicates in which its mean is the best one."),
        count("baseline_config_id", "The configuration that it is compared with; null for that one itself."),
        count("n_pairs", "Replicates in which both have a value."),
        number("difference", "Mean of the differences, this one less the baseline."),
        number("difference_low", "Lower end of Student's 95 % interval of that mean."),
        number("difference_high", "Upper end of Student's 95 % interval of that mean."),
        count("wilcoxon_n", "Differences that are not zero."),
        number("wilcoxon_w", "Wilcoxon's signed-rank statistic: the smaller sum of ranks."),
        number("p", "Its two-sided p value."),
        number("p_smallest", "The smallest p that so many pairs can reach."),
        number("p_holm", "The p value corrected by Holm's method over the rows of this measure."),
    ]);
    columns
}

/// A column per swept key, `section.key` becoming `section_key`.
fn swept(plan: &Plan, schema: &config::Schema) -> Vec<Column> {
    let column = |(at, dimension): (usize, &burstnet_sweep::plan::Dimension)| {
        let key = schema.key(&dimension.key)?;
        let name = dimension.key.replace('.', "_");
        Some(Column::new(&name, column_type(&key.kind, &plan.column_values(at)), "", &key.doc).nullable())
    };
    plan.space.iter().enumerate().filter_map(column).collect()
}

/// The column that tells how much of its budget a trial has got, if trials are stopped between parts of it.
fn budget(plan: &Plan, schema: &config::Schema) -> Option<Column> {
    let key = schema.key(plan.stopping.as_ref()?.budget.as_ref()?)?;
    let doc = "How much of the budget the trial has got; 0 of one that was stopped before it ran.";
    Some(Column::new(&key.path.replace('.', "_"), ColumnType::Int, "", doc))
}

/// One type for all values that a swept key of this kind has in a table: that of the kind, or text where they are of
/// several types, as they would be written in a sweep file.
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
    }
}

/// The Arrow schema of these columns; unit and meaning stand in each field's metadata.
pub fn arrow_schema(columns: &[Column]) -> Arc<Schema> {
    let field = |column: &Column| {
        let kind = match column.kind {
            ColumnType::Int => DataType::Int64,
            ColumnType::Float => DataType::Float64,
            ColumnType::Flag => DataType::Boolean,
            ColumnType::Text => DataType::Utf8,
            ColumnType::Ints => DataType::new_list(DataType::Int64, true),
            ColumnType::Floats => DataType::new_list(DataType::Float64, true),
            ColumnType::Texts => DataType::new_list(DataType::Utf8, true),
        };
        let mut metadata = HashMap::from([("description".to_owned(), column.doc.clone())]);
        if !column.unit.is_empty() {
            metadata.insert("unit".to_owned(), column.unit.to_owned());
        }
        Field::new(&column.name, kind, column.nullable).with_metadata(metadata)
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}
