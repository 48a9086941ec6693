//! The rules of bounds on measures.

use burstnet_core::text::{listed, quoted};

use crate::limits::MOST_BOUNDS;
use crate::nearest::nearest;
use crate::plan::Plan;
use crate::search::bounds::Bound;
use crate::search::stopping;
use crate::space::plan_error::{About, PlanError};

/// Checks the bounds: each is on a measure of its own right, and together they leave something.
pub(super) fn bounds(plan: &Plan) -> Result<(), PlanError> {
    let bounds = &plan.subject_to;
    if bounds.len() > MOST_BOUNDS {
        let problem = format!("search.subject_to has {} bounds", bounds.len());
        return Err(PlanError::new(About::SubjectTo(MOST_BOUNDS), problem, format!("at most {MOST_BOUNDS}")));
    }
    for (at, bound) in bounds.iter().enumerate() {
        let wrong = |problem: String, expected: &str| Err(PlanError::new(About::SubjectTo(at), problem, expected));
        let measure = &bound.measure;
        if !plan.measures.contains(measure) {
            let problem = format!("search.subject_to names {}, which this sweep does not measure", quoted(measure));
            let names = || plan.measures.iter().map(String::as_str);
            let error = PlanError::new(About::SubjectTo(at), problem, format!("one of {}", listed(names())));
            return Err(PlanError { nearest: nearest(measure, names()), ..error });
        }
        if !bound.number.is_finite() {
            return wrong(format!("search.subject_to compares {measure} with {}", bound.number), "a finite number");
        }
        if plan.objectives().any(|goal| goal.measure == *measure) {
            let problem = format!("search.subject_to bounds {measure}, which is the objective");
            return wrong(problem, "another measure, since the search improves the objective as far as it can");
        }
        let mut before = bounds[..at].iter().filter(|other| other.measure == *measure);
        if let Some(other) = before.find(|other| !leave_something(other, bound)) {
            let problem = format!("search.subject_to: {other} and {bound} leave no value");
            return wrong(problem, "bounds that some value keeps");
        }
        if let Some(other) = bounds[..at].iter().find(|other| is_same_end(other, bound)) {
            let end = if bound.comparison.is_upper() { "above" } else { "below" };
            return wrong(
                format!("search.subject_to bounds {measure} from {end} twice: {other} and {bound}"),
                "each end once",
            );
        }
    }
    Ok(())
}

/// Returns whether two bounds are on the same end of the same measure.
fn is_same_end(a: &Bound, b: &Bound) -> bool {
    a.measure == b.measure && a.comparison.is_upper() == b.comparison.is_upper()
}

/// Returns whether some value keeps both of two bounds on one measure.
fn leave_something(a: &Bound, b: &Bound) -> bool {
    let (low, high) = if a.comparison.is_upper() { (b, a) } else { (a, b) };
    let ends = a.comparison.is_upper() != b.comparison.is_upper();
    !ends || low.number < high.number || low.holds(low.number) && high.holds(low.number)
}

/// Checks that the rule that stops configurations early knows bounds.
pub(super) fn stopping(plan: &Plan) -> Result<(), PlanError> {
    let rule = plan.stopping.as_ref().and_then(|held| held.rule()).map(|rule| rule.info());
    let Some(rule) = rule.filter(|rule| !rule.ranks && !plan.subject_to.is_empty()) else { return Ok(()) };
    let others: Vec<&str> =
        stopping::ALL.iter().map(|one| one.info()).filter(|one| one.ranks).map(|one| one.name).collect();
    let problem = format!("stopping rule {} with search.subject_to: it compares the objective alone", rule.name);
    Err(PlanError::new(About::Stopping, problem, format!("one of {}", others.join(", "))))
}
