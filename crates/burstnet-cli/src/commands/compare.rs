//! `burstnet report --compare A B`: a planned comparison of two configurations, or of two levels.

use std::path::Path;

use burstnet_core::engine::Isa;
use burstnet_report::analysis::planned::{PlannedComparison, Side};
use burstnet_report::{AnalysisError, tables};
use burstnet_sweep::results::models::NamedModel;
use burstnet_sweep::results::study::Study;
use burstnet_sweep::spec::sets::parse_settings;
use serde::Serialize;

use crate::arguments::ReportArguments;
use crate::failure::Failure;
use crate::shared::damaged::DamagedBytes;
use crate::shared::outcome::failures;
use crate::terminal;
use crate::terminal::damage::{SEE_MISSING, report_damage};
use crate::terminal::say::say_json;

/// Prints the comparison, and writes nothing.
pub(crate) fn compare(arguments: &ReportArguments) -> Result<(), Failure> {
    let sides = arguments.compare.iter().map(|text| side(text)).collect::<Result<Vec<_>, _>>()?;
    let [a, b] = &sides[..] else { return Err(Failure::Input("--compare: expected two sides".into())) };
    let model = NamedModel::of_results(&arguments.results, Isa::detect())?;
    let objective = model.objective();
    let study = Study::open(&arguments.results, objective)?;
    let collected = tables::collected(&study, objective)?;
    let (plan, sample) = (collected.ledger.configurations(), &collected.sample);
    let compared = PlannedComparison::of(plan, &collected.measures, sample, [a, b], arguments.measure.as_deref());
    let compared = compared.map_err(|error| match error {
        AnalysisError::Comparison(error) => {
            Failure::Input(format!("--compare {}: {error}", arguments.compare.join(" ")))
        }
        other => Failure::Input(other.to_string()),
    })?;
    report_damage(&collected.damage, compared.missing, SEE_MISSING);
    if arguments.json {
        let report = Compared {
            name: &study.plan.name,
            version: env!("CARGO_PKG_VERSION"),
            fingerprint: study.plan.fingerprint(),
            results: &study.results,
            comparison: &compared,
            damage: DamagedBytes::of(&collected.damage),
        };
        let json = serde_json::to_string(&report);
        say_json(&json.map_err(|error| Failure::Environment(format!("--json: {error}")))?)?;
    } else {
        terminal::print_planned(&study, &compared)?;
    }
    failures(sample.total().failed, &study.results)
}

/// The object that `--json` prints.
#[derive(Serialize)]
struct Compared<'a> {
    name: &'a str,
    version: &'static str,
    fingerprint: String,
    results: &'a Path,
    #[serde(flatten)]
    comparison: &'a PlannedComparison,
    damage: Vec<DamagedBytes<'a>>,
}

/// Reads a side: a configuration's number, or settings.
fn side(text: &str) -> Result<Side, Failure> {
    if text.contains('=') {
        let sets = parse_settings("--compare", text)?;
        let settings = sets.into_iter().map(|set| Ok((set.key.clone(), set.value()?)));
        return settings.collect::<Result<_, Failure>>().map(Side::Settings);
    }
    let number = text.trim().parse().map(Side::Configuration);
    number.map_err(|_| {
        Failure::Input(format!(
            "--compare: '{text}' is neither a configuration's number nor a setting, expected a number such as 53, or key=value"
        ))
    })
}
