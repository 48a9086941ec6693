//! `burstnet report`: tables of a results directory, and the best configurations.

use std::path::Path;

use burstnet_report::ReportError;
use burstnet_report::analysis::{Analysis, Confirmed, Options};
use burstnet_report::tables::{self, Overview};
use burstnet_sweep::burst::BurstNetwork;
use burstnet_sweep::journal::Damage;
use burstnet_sweep::objective::Objective as _;
use burstnet_sweep::study::Study;

use super::confirm;
use super::page::write_page;
use super::sweep::failures;
use super::trial_page::trial_page;
use crate::arguments::ReportArguments;
use crate::failure::Failure;
use crate::text::{complain, count, mean_sd, say, table, value};

/// Writes the tables of what is done so far.
pub(crate) fn report(arguments: &ReportArguments) -> Result<(), Failure> {
    if let Some(id) = arguments.page.trial {
        return trial_page(&arguments.results, id, &arguments.page);
    }
    let network = BurstNetwork::default();
    let study = Study::open(&arguments.results, &network)?;
    let options = Options { measure: arguments.measure.clone(), baseline: arguments.baseline, ..Options::default() };
    options.check(&study.plan).map_err(ReportError::from)?;
    let mut overview = tables::write_compared(&study, &network, arguments.baseline)?;
    write_page(&study, &network, &study.results, &mut overview, &options)?;
    report_damage(&overview.damage, "see the missing trials");
    say(&summary(&study, &study.results, &overview, &network))?;
    let analysis = Analysis::of(&study.plan, &overview.measures, &overview.sample, &options);
    let mut analysis = analysis.map_err(ReportError::from)?;
    Confirmed::add_to(&mut analysis, &study, &network);
    if let Some(confirmed) = &analysis.confirmed {
        say(&format!("\n{}", confirm::summary(&analysis, confirmed)))?;
    }
    failures(&overview, &study.results)
}

/// Tells which bytes of journals are damaged.
pub(crate) fn report_damage(damage: &[Damage], so: &str) {
    for damage in damage {
        let (path, bytes) = (damage.journal.display(), &damage.bytes);
        complain(&format!("{path}: damaged from byte {} to {}; {so}", bytes.start, bytes.end));
    }
}

/// What a sweep left: how much of it ran, the best configurations, and how to load the tables in `folder`.
pub(crate) fn summary(study: &Study, folder: &Path, overview: &Overview, network: &BurstNetwork) -> String {
    let plan = &study.plan;
    let results = study.results.display();
    let mut states = Vec::new();
    let ok = overview.trials - overview.failed - overview.diverged;
    for (n, what) in [
        (ok, "ok"),
        (overview.diverged, "diverged"),
        (overview.failed, "failed"),
        (overview.planned - overview.trials, "missing"),
    ] {
        if n > 0 {
            states.push(format!("{n} {what}"));
        }
    }
    let mut text = format!(
        "{results}: {} of {} × {}: {}\n",
        count(overview.planned, "trial", "trials"),
        count(plan.configurations(), "configuration", "configurations"),
        count(plan.replicates, "replicate", "replicates"),
        states.join(", ")
    );
    let goal = &plan.objective;
    let measures = network.measures(&|key| plan.values_of(key));
    let unit = measures.iter().find(|info| info.name == goal.measure).map_or("", |info| info.unit);
    let unit = if unit.is_empty() { String::new() } else { format!(" [{unit}]") };
    let mut header = vec!["rank".to_owned(), "config_id".into()];
    header.extend(plan.space.iter().map(|dimension| dimension.key.replace('.', "_")));
    header.extend([format!("{} mean ± sd{unit}", goal.measure), "n".into()]);
    let rows = overview.ranking.best().iter().enumerate().map(|(rank, one)| {
        let mut row = vec![(rank + 1).to_string(), one.config_id.to_string()];
        row.extend(plan.swept_values(one.config_id).iter().map(value));
        let not_ok = if one.not_ok > 0 { format!(" ({} not ok)", one.not_ok) } else { String::new() };
        row.extend([mean_sd(&one.summary), format!("{}{not_ok}", one.ok)]);
        row
    });
    text += &format!("\n{}\n", table(header, rows.collect(), 0));
    let shown = overview.ranking.best().len() as u64;
    if plan.configurations() > shown {
        text += &format!("… the best {shown} of {}\n", plan.configurations());
    }
    text += &format!(
        "\nimport pandas as pd\ntrials = pd.read_parquet({})",
        serde_json::Value::String(folder.join("trials.parquet").to_string_lossy().into_owned())
    );
    text
}
