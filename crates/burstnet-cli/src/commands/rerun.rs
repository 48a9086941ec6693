//! `burstnet rerun`: one trial again, from the results directory alone.

use burstnet_report::tables;
use burstnet_sweep::burst::evaluation;
use burstnet_sweep::objective::{Evaluation, Objective as _};
use burstnet_sweep::plan::{Plan, Trial};
use burstnet_sweep::record::{Status, TrialRecord};
use burstnet_sweep::study::Study;
use serde_json::{Map, json};

use super::run::{hex, observed};
use crate::arguments::RerunArguments;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::memory;
use crate::output::Outputs;
use crate::text::{count, say, table};

/// Runs a trial again and compares every bit with what the journal holds.
pub(crate) fn rerun(arguments: &RerunArguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let network = arguments.isa.network()?;
    let study = Study::open(&arguments.results, &network)?;
    let plan = &study.plan;
    if plan.bits != network.bits_version() {
        return Err(Failure::Input(format!(
            "{}: made with version {} of the bits, this program has version {}; use the burstnet that provenance.json names",
            study.results.display(),
            plan.bits,
            network.bits_version()
        )));
    }
    let trial = chosen(arguments, plan)?;
    let record = tables::find(&study, trial.id)?.ok_or_else(|| {
        Failure::Input(format!("trial {} has not been run yet in {}", trial.id, study.results.display()))
    })?;
    study.verify_inputs()?;
    let configuration = plan.stored_configuration(trial.config_id, &study.results);
    memory::check(&|key| vec![configuration.get(key).clone()])?;
    let mut outputs = Outputs::start(&arguments.records, &configuration)?;
    let again = match observed(&network, &configuration, trial.seed, &mut outputs, &interrupt) {
        Ok(result) => {
            outputs.finish(&result)?;
            Ok(evaluation(result))
        }
        Err(Failure::Input(message)) => Err(message), // a trial that fails may have failed before
        Err(other) => return Err(other),
    };
    let comparison = Comparison::new(plan, &record, &again);
    if arguments.json {
        say(&comparison.json(trial).to_string())?
    } else {
        say(&comparison.for_people(trial))?
    }
    if comparison.same {
        Ok(())
    } else {
        Err(Failure::Differs(format!("trial {} differs from what the results hold", trial.id)))
    }
}

fn chosen(arguments: &RerunArguments, plan: &Plan) -> Result<Trial, Failure> {
    let out_of = |what: &str, value: u64, n: u64| {
        Failure::Input(format!(
            "--{what} {value}: this sweep has {}, numbered from 0",
            count(n, what, &format!("{what}s"))
        ))
    };
    if let Some(id) = arguments.trial {
        return if id < plan.trials() { Ok(plan.trial(id)) } else { Err(out_of("trial", id, plan.trials())) };
    }
    let config = arguments.config.unwrap_or_default();
    if config >= plan.configurations() {
        return Err(out_of("config", config, plan.configurations()));
    }
    let replicate = match (arguments.replicate, arguments.seed) {
        (Some(replicate), _) if replicate < plan.replicates => replicate,
        (Some(replicate), _) => return Err(out_of("replicate", replicate, plan.replicates)),
        (None, Some(seed)) => (0..plan.replicates)
            .find(|&replicate| plan.trial(replicate).seed == seed)
            .ok_or_else(|| Failure::Input(format!("--seed {seed}: no replicate of this sweep has it (column seed)")))?,
        (None, None) => {
            return Err(Failure::Input(format!("--config {config}: expected --replicate or --seed with it")));
        }
    };
    Ok(plan.trial(config * plan.replicates + replicate))
}

/// A measure: its name, what the results hold, and what the rerun gave.
struct Compared {
    name: String,
    held: Option<f64>,
    again: Option<f64>,
}

impl Compared {
    fn same(&self) -> bool {
        self.held.map(f64::to_bits) == self.again.map(f64::to_bits)
    }
}

struct Comparison {
    same: bool,
    status: Status,
    error: Option<String>,
    digest: Option<[u8; 32]>,
    measures: Vec<Compared>,
}

impl Comparison {
    fn new(plan: &Plan, record: &TrialRecord, again: &Result<Evaluation, String>) -> Self {
        let (status, error, digest) = match again {
            Ok(evaluation) => match &evaluation.diverged {
                Some(error) => (Status::Diverged, Some(error.clone()), evaluation.digest),
                None => (Status::Ok, None, evaluation.digest),
            },
            Err(error) => (Status::Failed, Some(error.clone()), None),
        };
        let measure = |name: &str| {
            let held = again.as_ref().ok()?.measures.iter().find(|(own, _)| own == name)?;
            held.1
        };
        let measures: Vec<Compared> = (plan.measures.iter())
            .map(|name| Compared { name: name.clone(), held: record.measure(name), again: measure(name) })
            .collect();
        let same = measures.iter().all(Compared::same)
            && (status, digest) == (record.status, record.digest)
            && (status == Status::Failed || error == record.error) // how a failure is worded is no result
            && again.as_ref().map_or(true, |evaluation| evaluation.curves == record.curves);
        Self { same, status, error, digest, measures }
    }

    fn json(&self, trial: Trial) -> serde_json::Value {
        let mut object = Map::new();
        for (name, id) in [("trial_id", trial.id), ("config_id", trial.config_id), ("replicate", trial.replicate)] {
            object.insert(name.into(), json!(id));
        }
        object.insert("seed".into(), json!(trial.seed));
        object.insert("status".into(), json!(self.status.name()));
        if let Some(error) = &self.error {
            object.insert("error".into(), json!(error));
        }
        object.insert("digest".into(), json!(self.digest.as_ref().map(hex)));
        object.insert("same".into(), json!(self.same));
        for measure in &self.measures {
            object.insert(measure.name.clone(), json!(measure.again));
        }
        serde_json::Value::Object(object)
    }

    fn for_people(&self, trial: Trial) -> String {
        let show = |value: Option<f64>| value.map_or("–".into(), |x| format!("{x:?}"));
        let rows = self.measures.iter().filter(|one| one.held.is_some() || one.again.is_some()).map(|one| {
            let verdict = if one.same() { "same bits" } else { "DIFFERS" };
            vec![one.name.clone(), show(one.held), show(one.again), verdict.into()]
        });
        let header = ["measure", "recorded", "rerun", ""].map(str::to_owned).to_vec();
        format!(
            "trial {} (config {}, replicate {}, seed {}): {}\n{}\ndigest {}: {}",
            trial.id,
            trial.config_id,
            trial.replicate,
            trial.seed,
            self.error
                .as_ref()
                .map_or(self.status.name().to_owned(), |error| format!("{} ({error})", self.status.name())),
            table(header, rows.collect(), 1),
            self.digest.as_ref().map_or("–".into(), hex),
            if self.same { "all bits the same" } else { "DIFFERS" }
        )
    }
}
