//! The page of a sweep, `report.html`: a pure function of the plan, the journals, the confirmation, `provenance.json`, and
//! the measure and baseline that were asked for.

mod curves;
mod data;
mod front;
mod history;
mod keys;
mod pairs;
pub(super) mod poster;
mod sections;
pub(super) mod shown;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use burstnet_core::config::Schema;
use burstnet_core::measures::MeasureInfo;
use burstnet_sweep::files::write_atomically;
use burstnet_sweep::objective::Objective;
use burstnet_sweep::plan::configurations::Configurations;
use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::ledger::Ledger;
use burstnet_sweep::results::provenance::{self, Contribution};
use burstnet_sweep::results::study::Study;

use crate::ReportError;
use crate::analysis::{Analysis, Design, Sample};
use crate::page::figure::shortened;
use crate::page::frame::{Data, Document};
use crate::tables::Overview;
use data::PageData;

/// The file in a results directory.
pub const FILE: &str = "report.html";

const STYLES: [&str; 2] = [include_str!("style.css"), include_str!("poster/style.css")];
const SCRIPTS: [&str; 14] = [
    include_str!("script/state.js"),
    include_str!("script/chosen.js"),
    include_str!("script/ranking.js"),
    include_str!("script/compare.js"),
    include_str!("script/front.js"),
    include_str!("script/shares.js"),
    include_str!("script/acting.js"),
    include_str!("script/effects.js"),
    include_str!("script/scatter.js"),
    include_str!("script/history.js"),
    include_str!("script/heatmap.js"),
    include_str!("script/parallel.js"),
    include_str!("script/curves.js"),
    include_str!("script/replicates.js"),
];

/// The contents of the page.
#[derive(Clone, Copy)]
pub(crate) struct PageSource<'a> {
    /// The plan.
    pub(crate) plan: &'a Configurations,
    /// The values of all trials.
    pub(crate) sample: &'a Sample,
    /// The levels of all configurations.
    pub(crate) design: &'a Design,
    /// The analysis of the measure that the page is about.
    pub(crate) analysis: &'a Analysis,
    /// Units and meanings of the measures.
    pub(crate) infos: &'a [MeasureInfo],
    /// The keys of the plan, with their defaults and meanings.
    pub(crate) schema: &'a Schema,
    /// The progress of each shard; empty if the sweep runs in one.
    pub(crate) shards: &'a [ShardProgress],
    /// The runs that made the results.
    pub(crate) provenance: &'a [Contribution],
    /// The reason why that cannot be read, if it cannot.
    pub(crate) unread: Option<&'a str>,
    /// Damaged parts of journals.
    pub(crate) damaged: usize,
}

/// The progress of a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShardProgress {
    /// The shard.
    pub(crate) shard: Shard,
    /// The trials that it runs.
    pub(crate) planned: u64,
    /// Trials that are done.
    pub(crate) done: u64,
    /// Trials that failed.
    pub(crate) failed: u64,
}

impl ShardProgress {
    /// Returns the shards of a plan whose trials with records are in `ledger`; empty if it runs in one, or if its
    /// journals are of different numbers of shards. Nor of adaptive replicates, whose trials results divide among shards.
    fn of(plan: &Configurations, ledger: &Ledger) -> Vec<Self> {
        if plan.adaptive.is_some() {
            return Vec::new();
        }
        let mut counts = ledger.journals().iter().map(|(shard, _)| shard.count());
        let Some(count) = counts.next().filter(|first| *first > 1 && counts.all(|other| other == *first)) else {
            return Vec::new();
        };
        let (runs, copies) = (plan.runs(), plan.copies());
        let start = |shard: Shard| Self { shard, planned: shard.size(runs), done: 0, failed: 0 };
        let mut shards: Vec<Self> = (0..count).filter_map(|index| Shard::new(index, count)).map(start).collect();
        for entry in ledger.entries.iter().filter(|entry| !copies.contains(entry.trial_id / plan.replicates)) {
            if let Some(shard) = shards.get_mut((plan.position(entry.trial_id) % u64::from(count)) as usize) {
                shard.done += 1;
                shard.failed += u64::from(entry.failed());
            }
        }
        shards
    }
}

/// Writes the page of a study whose tables were just written, into `folder`. Where this is the results directory, the
/// caller holds its lock.
///
/// # Errors
/// Returns an error if a journal cannot be read, or the page not be written.
pub(crate) fn write_file(
    (study, objective): (&Study, &dyn Objective),
    overview: &mut Overview,
    analysis: &Analysis,
    folder: &Path,
) -> Result<(), ReportError> {
    // It reaches no figure, so that the results are shown without it.
    let (provenance, unread) = match provenance::read(&study.results.join(provenance::FILE)) {
        Ok(provenance) => (provenance, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let plan = &*Arc::clone(overview.ledger.configurations());
    let source = PageSource {
        plan,
        sample: &overview.sample,
        design: &Design::new(plan, &overview.sample),
        analysis,
        infos: &overview.measures,
        schema: objective.schema(),
        shards: &ShardProgress::of(plan, &overview.ledger),
        provenance: &provenance,
        unread: unread.as_deref(),
        damaged: overview.damage.len(),
    };
    let path = folder.join(FILE);
    let ledger = &mut overview.ledger;
    write_atomically(&study.disk, &path, |file| write(&source, ledger, file)).map_err(|error| match error {
        ReportError::Page { source } => ReportError::Io { path, source },
        other => other,
    })
}

/// Writes the page. Curves are read from the journals of `ledger`, only those that the page shows.
///
/// # Errors
/// Returns an error if a journal cannot be read or the page not be written.
fn write(source: &PageSource<'_>, ledger: &mut Ledger, out: &mut impl Write) -> Result<(), ReportError> {
    let data = PageData::gather(source, ledger)?;
    let title = format!("{}: results of a sweep", shortened(&source.plan.name, 80));
    let json = Data::new("sweep", &data).map_err(|source| ReportError::Page { source: source.into() })?;
    let document = Document {
        title: &title,
        header: Some(poster::header(source, &data)),
        body: sections::body(&poster::section(source, &data), source, &data),
        data: vec![json],
        styles: &STYLES,
        scripts: &SCRIPTS,
    };
    document.write(out).map_err(|source| ReportError::Page { source })
}
