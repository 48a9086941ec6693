//! The median rule (Golovin et al., KDD 2017), by rounds: a configuration stops at a part of its budget if it is worse
//! there than the median of the configurations of earlier rounds.
//!
//! Configurations come in rounds of `search.round`; those of the first run to the end.

use super::{Decision, Info, Race, Rule, Stopped};
use crate::samplers::Setting;

/// How many configurations a round has where the sweep file does not say.
const USUAL_ROUND: u64 = 10;

/// The median rule.
pub(super) struct Median;

impl Rule for Median {
    fn info(&self) -> &'static Info {
        &Info {
            name: "median",
            source: "Golovin et al., KDD 2017",
            needs_budget: true,
            needs_replicates: false,
            settings: &[Setting {
                name: "rungs",
                default: 4.0,
                min: 2.0,
                max: 1000.0,
                integer: true,
                doc: "Into how many equal parts the budget is divided.",
            }],
        }
    }

    fn rungs(&self, race: &Race<'_>) -> Vec<u64> {
        let parts = ((race.setting)("rungs") as u64).clamp(1, race.budget.max(1));
        let mut rungs: Vec<u64> =
            (1..=parts).map(|part| (u128::from(race.budget) * u128::from(part) / u128::from(parts)) as u64).collect();
        rungs.iter_mut().for_each(|rung| *rung = (*rung).max(1));
        rungs.dedup();
        rungs
    }

    fn most_rounds(&self, race: &Race<'_>) -> u64 {
        let size = race.round.unwrap_or(USUAL_ROUND).max(1);
        race.configurations.div_ceil(size) * self.rungs(race).len() as u64
    }

    fn decide(&self, race: &Race<'_>) -> Decision {
        let rungs = self.rungs(race);
        let size = race.round.unwrap_or(USUAL_ROUND).max(1);
        let mut decision = Decision::default();
        // The losses of earlier rounds at each rung.
        let mut earlier: Vec<Vec<f64>> = vec![Vec::new(); rungs.len()];
        let mut start = 0;
        while start < race.configurations {
            let end = start.saturating_add(size).min(race.configurations);
            let mut alive: Vec<u64> = (start..end).collect();
            let mut own: Vec<Vec<f64>> = vec![Vec::new(); rungs.len()];
            for (rung, at) in rungs.iter().enumerate() {
                let Some(ranked) = race.ranked(&alive, rung) else {
                    decision.jobs = race.jobs(&alive, rung);
                    return decision;
                };
                own[rung] = ranked.iter().map(|(loss, _)| *loss).collect();
                if rung + 1 == rungs.len() {
                    break;
                }
                if let Some(median) = median(&mut earlier[rung]) {
                    let worse = |&(loss, _): &(f64, u64)| loss > median;
                    for (_, config_id) in ranked.iter().filter(|one| worse(one)) {
                        let reason =
                            format!("stopped at {at} of {}: worse than the median of earlier rounds", race.budget);
                        decision.stopped.push(Stopped { config_id: *config_id, reason });
                    }
                    alive = ranked.iter().filter(|one| !worse(one)).map(|(_, config_id)| *config_id).collect();
                    alive.sort_unstable();
                }
                if alive.is_empty() {
                    break;
                }
            }
            earlier.iter_mut().zip(own).for_each(|(all, own)| all.extend(own));
            start = end;
        }
        decision
    }
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(values[middle - 1] + (values[middle] - values[middle - 1]) / 2.0),
    }
}
