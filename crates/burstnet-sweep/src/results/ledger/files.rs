//! Random access to journals, with no more of them open at once than a process may have.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::place::RecordPlace;
use crate::plan::shard::Shard;
use crate::results::journal::{JournalError, record_at};
use crate::results::record::TrialRecord;

/// The most journals that are open at once.
const OPEN: usize = 128;

pub(super) struct JournalFiles {
    journals: Vec<(Shard, PathBuf)>,
    open: Vec<Option<File>>,
    /// The open journals, in the order in which they were opened.
    order: VecDeque<usize>,
}

impl JournalFiles {
    pub(super) fn new(journals: Vec<(Shard, PathBuf)>) -> Self {
        let open = journals.iter().map(|_| None).collect();
        Self { journals, open, order: VecDeque::new() }
    }

    /// Returns the number of a journal, which is added if it is new.
    pub(super) fn number(&mut self, shard: Shard, path: &Path) -> usize {
        let known = self.journals.iter().position(|(_, held)| held == path);
        known.unwrap_or_else(|| {
            self.journals.push((shard, path.to_owned()));
            self.open.push(None);
            self.journals.len() - 1
        })
    }

    pub(super) fn journals(&self) -> &[(Shard, PathBuf)] {
        &self.journals
    }

    pub(super) fn record(&mut self, place: RecordPlace) -> Result<TrialRecord, JournalError> {
        let number = place.journal();
        let path = &self.journals[number].1;
        let io = |source| JournalError::Io { path: path.clone(), source };
        if self.open[number].is_none() {
            if self.order.len() == OPEN
                && let Some(oldest) = self.order.pop_front()
            {
                self.open[oldest] = None;
            }
            self.open[number] = Some(File::open(path).map_err(io)?);
            self.order.push_back(number);
        }
        match &self.open[number] {
            Some(file) => record_at(file, place.start()).map_err(io),
            None => Err(io(std::io::Error::other("not open"))),
        }
    }
}
