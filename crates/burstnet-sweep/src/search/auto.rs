//! The choice of a strategy from the search alone: its extent, its axes and its objectives.

use crate::search::samplers::{Axis, AxisKind, named};

/// The name in sweep files. A plan has the name of the strategy that was chosen.
pub(crate) const AUTO: &str = "auto";

/// The strategies that may be chosen.
pub(crate) const MAY_CHOOSE: [&str; 5] = ["sobol", "random", "tpe", "gp", "cmaes"];

/// The most trials that are spread evenly: too few to learn from.
const FEW: u64 = 10;
/// The most trials, times objectives, and axes for a Gaussian process, whose proposals cost more with each.
const MOST_TRIALS: u64 = 500;
const MOST_AXES: usize = 20;

/// The properties of a search by which its strategy is chosen.
pub(crate) struct Extent<'a> {
    /// The number of configurations.
    pub(crate) trials: u64,
    /// The axes.
    pub(crate) axes: &'a [Axis],
    /// True if a key exists only where another one has certain values.
    pub(crate) is_conditional: bool,
    /// The number of objectives.
    pub(crate) objectives: usize,
    /// The rule that stops configurations early.
    pub(crate) stopping: Early,
}

/// The effect of a rule that stops configurations early on what strategies can learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Early {
    /// There is no rule.
    Never,
    /// Strategies learn from what ends early, if they can.
    Learned,
    /// It compares all configurations at once, or by rounds, so that nothing can be learned.
    Unlearned,
}

/// Returns the name of the strategy for a search. `docs/search.md` has the rules.
pub(crate) fn chosen(extent: &Extent<'_>) -> &'static str {
    let fits = |name: &str| named(name).is_some_and(|sampler| extent.axes.len() <= sampler.info().most_axes);
    let is_number = |axis: &Axis| !matches!(axis.kind, AxisKind::Unordered(_));
    if extent.stopping == Early::Unlearned || extent.trials <= FEW {
        if fits("sobol") { "sobol" } else { "random" }
    } else if extent.trials.saturating_mul(extent.objectives as u64) <= MOST_TRIALS && extent.axes.len() <= MOST_AXES {
        "gp"
    } else if extent.trials > MOST_TRIALS
        && extent.objectives == 1
        && extent.axes.iter().all(is_number)
        && !extent.is_conditional
        && extent.stopping == Early::Never
        && fits("cmaes")
    {
        "cmaes"
    } else {
        "tpe"
    }
}

/// Returns the name of the strategy in place of the one that was chosen, if it has to learn from earlier results.
pub(crate) fn with_earlier(name: &'static str, axes: usize) -> &'static str {
    match name {
        "sobol" | "random" if axes <= MOST_AXES => "gp",
        "gp" => "gp",
        _ => "tpe",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_has_its_case() {
        let axes = |count: usize, kind| vec![Axis { name: "a".into(), kind }; count];
        let (ranges, words) = (|count| axes(count, AxisKind::Range), axes(3, AxisKind::Unordered(4)));
        let usual = |trials, axes: &[Axis]| {
            chosen(&Extent { trials, axes, is_conditional: false, objectives: 1, stopping: Early::Never })
        };
        assert_eq!([10, 11, 500, 501].map(|trials| usual(trials, &ranges(6))), ["sobol", "gp", "gp", "cmaes"]);
        assert_eq!([usual(100, &words), usual(1000, &words)], ["gp", "tpe"]);
        assert_eq!([usual(100, &ranges(20)), usual(100, &ranges(21)), usual(1000, &ranges(300))], ["gp", "tpe", "tpe"]);
        let axes = ranges(4);
        let extent = Extent { trials: 1000, axes: &axes, is_conditional: true, objectives: 1, stopping: Early::Never };
        assert_eq!(chosen(&extent), "tpe");
        let two = |trials| chosen(&Extent { objectives: 2, trials, ..extent });
        assert_eq!([10, 250, 251, 1000].map(two), ["sobol", "gp", "tpe", "tpe"]);
        let stops = |axes| {
            chosen(&Extent { trials: 40, axes, is_conditional: false, objectives: 1, stopping: Early::Unlearned })
        };
        let earlier = |name| [2, 21].map(|axes| with_earlier(name, axes));
        assert_eq!(
            ["sobol", "random", "tpe", "cmaes"].map(earlier),
            [["gp", "tpe"], ["gp", "tpe"], ["tpe"; 2], ["tpe"; 2]]
        );
        assert_eq!([stops(&axes), stops(&ranges(257))], ["sobol", "random"]);
        let learned = |trials| {
            let axes = ranges(4);
            chosen(&Extent { trials, axes: &axes, is_conditional: false, objectives: 1, stopping: Early::Learned })
        };
        assert_eq!([10, 40, 1000].map(learned), ["sobol", "gp", "tpe"]);
    }
}
