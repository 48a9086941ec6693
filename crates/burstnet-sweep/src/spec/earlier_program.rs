//! A check that a directory of earlier results is of the same program, and of the same keys.

use std::collections::{BTreeMap, BTreeSet};

use super::learn_from::EarlierTable;
use crate::objective::external::program::Program;
use crate::plan::Plan;

impl EarlierTable {
    /// Returns the parts of the program that were others then. Results of another version are results too.
    ///
    /// # Errors
    /// If a directory is of another program, or of the burst network.
    pub(super) fn differences(&self, plan: &Plan) -> Result<Vec<String>, (String, String)> {
        let Some(earlier) = &self.plan else { return Ok(Vec::new()) };
        let mut differs = Vec::new();
        match (&earlier.model, &plan.model) {
            (None, None) => {}
            (Some(_), None) => {
                return Err((
                    "it is of a program, and this sweep of the burst network".into(),
                    "results of the same".into(),
                ));
            }
            (None, Some(_)) => {
                return Err((
                    "it is of the burst network, and this sweep of a program".into(),
                    "results of the same".into(),
                ));
            }
            (Some(before), Some(now)) => {
                if before.command != now.command {
                    return Err((
                        format!("it is of another program: {:?} there, and {:?} here", before.command, now.command),
                        "results of the same program, or a table of them".into(),
                    ));
                }
                let contents = |program: &Program| -> BTreeMap<String, String> {
                    program.files.iter().map(|file| (file.name.clone(), file.blake3.clone())).collect()
                };
                let (before, now) = (contents(before), contents(now));
                let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
                let others = names.into_iter().filter(|name| before.get(*name) != now.get(*name));
                differs.extend(others.map(|name| format!("another {name}")));
            }
        }
        if earlier.bits != plan.bits {
            differs.push(format!("version {} of the bits", earlier.bits));
        }
        Ok(differs)
    }

    /// Refuses a directory in which keys are varied that this plan holds at one value.
    ///
    /// # Errors
    /// If there is such a key.
    pub(super) fn refuse_others(&self, plan: &Plan) -> Result<(), (String, String)> {
        let Some(earlier) = &self.plan else { return Ok(()) };
        let other = earlier.space.iter().find(|other| plan.space.iter().all(|own| own.key != other.key));
        match other {
            None => Ok(()),
            Some(other) => {
                Err((format!("it also varies {}", other.key), "results of a sweep that varies the same keys".into()))
            }
        }
    }
}
