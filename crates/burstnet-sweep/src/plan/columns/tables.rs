//! The columns of each table.

use super::{Column, ColumnType, Layout};

/// The statistics of measures over a configuration's replicates: the ending of the column's name, and its meaning.
pub const STATISTICS: [(&str, &str); 5] = [
    ("mean", "mean"),
    ("sd", "standard deviation (n − 1)"),
    ("min", "smallest value"),
    ("median", "median"),
    ("max", "largest value"),
];

fn config_id() -> Column {
    Column::new("config_id", ColumnType::Int, "", "Number of the configuration in the plan.")
}

/// Returns how many replicates of a configuration ended in which way.
fn ended() -> [Column; 3] {
    [
        ("n_ok", "Replicates that ended as they should."),
        ("n_diverged", "Replicates that diverged."),
        ("n_failed", "Replicates that failed."),
    ]
    .map(|(name, doc)| Column::new(name, ColumnType::Int, "trials", doc))
}

/// Returns the columns of `trials.parquet`.
pub fn trials(layout: &Layout) -> Vec<Column> {
    let mut columns = vec![
        Column::new("trial_id", ColumnType::Int, "", "config_id × replicates + replicate.").distinct(),
        config_id(),
        Column::new("replicate", ColumnType::Int, "", "Number of the replicate, from 0."),
        Column::new("seed", ColumnType::Int, "", "Seed of the replicate, the same in every configuration."),
    ];
    columns.extend(layout.swept.iter().chain(&layout.budget).cloned());
    columns.push(Column::new("status", ColumnType::Text, "", "ok, diverged, failed or pruned."));
    let error =
        "Why the trial is not ok; for diverged: step, layer and quantity; for pruned: where and why it stopped.";
    columns.push(Column::new("error", ColumnType::Text, "", error).nullable());
    columns.extend(layout.subspace());
    // Behind the outcome, since the keys of a configuration are those before it (own_table.rs).
    columns.extend(layout.drawn.iter().cloned());
    columns.extend(layout.measures.iter().map(|info| Column::measured(info, &info.name, info.doc)));
    let digest = "BLAKE3 over final weights, curves and measures.";
    columns.push(Column::new("digest", ColumnType::Text, "", digest).nullable().distinct());
    columns
}

/// Returns the columns of `curves.parquet`.
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

/// Returns the columns of `summary.parquet`.
pub fn summary(layout: &Layout) -> Vec<Column> {
    let mut columns = vec![config_id().distinct()];
    columns.extend(layout.swept.iter().cloned());
    columns.extend(ended());
    columns.extend(layout.subspace());
    if layout.pruned {
        let doc = "Replicates that the search stopped early; no statistics hold their measures.";
        columns.push(Column::new("n_pruned", ColumnType::Int, "trials", doc));
    }
    columns.extend(layout.feasible());
    if layout.pareto {
        let doc =
            "Whether no other configuration is better in one objective without being worse in another (Pareto front).";
        columns.push(Column::new("pareto", ColumnType::Flag, "", doc));
    }
    let doc = "Whether it cannot be told from the best configuration; null if it is not compared.";
    columns.push(Column::new("in_confidence_set", ColumnType::Flag, "", doc).nullable());
    for info in &layout.measures {
        for (ending, meaning) in STATISTICS {
            let name = format!("{}_{ending}", info.name);
            let doc = format!("{}: {meaning} over the replicates that are ok.", info.name);
            columns.push(Column::measured(info, &name, &doc));
        }
    }
    columns
}

/// Returns the columns of the ranking by `measure`, which is CSV only.
pub fn ranking(layout: &Layout, measure: &str) -> Vec<Column> {
    let unit = layout.measures.iter().find(|info| info.name == measure).map_or("", |info| info.unit);
    let float = |name: &str, unit, doc: &str| Column::new(name, ColumnType::Float, unit, doc).nullable();
    let mut columns = vec![
        Column::new("rank", ColumnType::Int, "", "Rank among all configurations that have trials, from 1."),
        config_id(),
    ];
    columns.extend(layout.swept.iter().cloned());
    columns.extend(ended());
    columns.extend(layout.subspace());
    columns.push(Column::new("n", ColumnType::Int, "trials", "Replicates that have a value of the measure."));
    columns.extend(layout.feasible());
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
        ("difference_low", unit, "Lower end of the simultaneous 95 % interval of the difference."),
        ("difference_high", unit, "Upper end of the simultaneous 95 % interval of the difference."),
        ("p", "", "Its p value, corrected for all comparisons."),
        ("wins", "", "Share of the replicates in which it is the best of all rows."),
        ("best_probability", "", "Share of the resamples of the replicates in which its mean is the best of all rows."),
    ] {
        columns.push(float(name, unit, doc));
    }
    columns
}

/// Returns the columns of `timings.parquet`.
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

/// Returns the columns of `effects.parquet`.
pub fn effects() -> Vec<Column> {
    let text = |name: &str, doc: &str| Column::new(name, ColumnType::Text, "", doc).nullable();
    let number = |name: &str, doc: &str| Column::new(name, ColumnType::Float, "", doc).nullable();
    vec![
        Column::new("measure", ColumnType::Text, "", "The measure."),
        Column::new("kind", ColumnType::Text, "", "What the row holds; docs/statistics.md lists the kinds."),
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
        number("estimate_low", "Lower end of its 95 % interval."),
        number("estimate_high", "Upper end of its 95 % interval."),
        number("within_low", "Lower end of its 95 % interval within replicates."),
        number("within_high", "Upper end of its 95 % interval within replicates."),
        number("p", "p value of the test that there is no effect."),
        Column::new(
            "n",
            ColumnType::Int,
            "",
            "How many numbers the interval is of, or how many configurations the row.",
        )
        .nullable(),
    ]
}

/// Returns the columns of `contrasts.parquet`.
pub fn contrasts(layout: &Layout) -> Vec<Column> {
    let number = |name: &str, doc: &str| Column::new(name, ColumnType::Float, "", doc).nullable();
    let count = |name: &str, doc: &str| Column::new(name, ColumnType::Int, "", doc).nullable();
    let mut columns = vec![
        Column::new("measure", ColumnType::Text, "", "The measure."),
        Column::new("rank", ColumnType::Int, "", "Rank of the configuration by the objective's measure, from 1."),
        config_id(),
    ];
    columns.extend(layout.swept.iter().cloned());
    columns.push(Column::new("n", ColumnType::Int, "trials", "Replicates that have a value."));
    columns.extend(layout.subspace());
    columns.extend([
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
        number("difference_low", "Lower end of the simultaneous 95 % interval of that mean."),
        number("difference_high", "Upper end of the simultaneous 95 % interval of that mean."),
        number("p", "Its p value, corrected for the comparisons of all configurations."),
    ]);
    columns
}
