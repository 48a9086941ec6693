//! The rows of `summary.parquet`: the trials of a configuration, collected until it is complete.

use burstnet_core::config::Value;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::results::record::{Status, TrialRecord};

use super::writer::{Cell, TableWriter};
use crate::ReportError;
use crate::statistics::summary::Summary;

/// The trials of one configuration.
pub(crate) struct Group {
    pub(crate) config_id: u64,
    pub(crate) swept: Vec<Value>,
    ok: u64,
    diverged: u64,
    failed: u64,
    pruned: u64,
    values: Vec<Vec<f64>>,
    /// The measures of the trial that was added last, in the order of the plan.
    pub(crate) last: Vec<Option<f64>>,
}

impl Group {
    pub(crate) fn new(config_id: u64, plan: &Configurations) -> Self {
        Self {
            config_id,
            swept: plan.swept_values(config_id),
            ok: 0,
            diverged: 0,
            failed: 0,
            pruned: 0,
            values: vec![Vec::new(); plan.measures.len()],
            last: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, record: &TrialRecord, measures: &[String]) {
        self.last.clear();
        self.last.extend(measures.iter().map(|name| record.measure(name)));
        match record.status {
            Status::Ok => {
                self.ok += 1;
                for (values, measure) in self.values.iter_mut().zip(&self.last) {
                    values.extend(measure);
                }
            }
            Status::Diverged => self.diverged += 1,
            Status::Failed => self.failed += 1,
            Status::Pruned => self.pruned += 1,
        }
    }
}

/// The row of a configuration in `summary.parquet`.
pub(crate) struct Summarised {
    pub(crate) config_id: u64,
    pub(crate) swept: Vec<Value>,
    counts: [u64; 4],
    summaries: Vec<Summary>,
}

impl Group {
    pub(crate) fn summarised(self) -> Summarised {
        Summarised {
            config_id: self.config_id,
            counts: [self.ok, self.diverged, self.failed, self.pruned],
            summaries: self.values.iter().map(|values| Summary::of(values)).collect(),
            swept: self.swept,
        }
    }
}

impl Summarised {
    /// Writes its row; with several objectives it says whether it is on the front.
    pub(crate) fn write(
        &self,
        table: &mut TableWriter,
        plan: &Configurations,
        on_front: Option<bool>,
    ) -> Result<(), ReportError> {
        let on_front = on_front.map(Value::Bool);
        let [ok, diverged, failed, pruned] = self.counts;
        let cells = [Cell::Int(self.config_id)]
            .into_iter()
            .chain(self.swept.iter().map(Cell::Value))
            .chain([ok, diverged, failed].map(Cell::Int))
            .chain(plan.stopping.as_ref().map(|_| Cell::Int(pruned)))
            .chain(on_front.iter().map(Cell::Value))
            .chain(self.summaries.iter().flat_map(|summary| summary.in_order()).map(Cell::from));
        table.row(cells)
    }
}

/// The rows of `summary.parquet`.
pub(crate) enum Rows {
    /// They are written as configurations are complete.
    Written,
    /// They wait until all are known, on which it depends what is a best compromise.
    Held(Vec<Summarised>),
}

impl Rows {
    pub(crate) fn of(plan: &Configurations) -> Self {
        if plan.further_objectives.is_empty() { Self::Written } else { Self::Held(Vec::new()) }
    }
}
