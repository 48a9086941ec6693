//! The bounds on measures in the section `search`: `subject_to: [alignment_deg_0 < 80]`.

use burstnet_core::config::Value;

use super::document::{Content, Entry, Node};
use super::place::{Placed, SpecError};
use crate::search::bounds::Bound;
use crate::space::expression::Expression;

/// The bounds that are expected, for messages.
const EXPECTED: &str = "a measure, one of < <= > >=, and a number, such as alignment_deg_0 < 80";

/// Reads the bounds: one, or a list of them.
pub(super) fn read(entry: &Entry) -> Result<Vec<Placed<Bound>>, SpecError> {
    match &entry.value.content {
        Content::List(items) => items.iter().map(bound).collect(),
        Content::Scalar(..) | Content::Map(_) => Ok(vec![bound(&entry.value)?]),
    }
}

fn bound(node: &Node) -> Result<Placed<Bound>, SpecError> {
    let wrong = |problem: String| node.error(problem).expected(EXPECTED);
    let text = match &node.content {
        Content::Scalar(text, _) if !matches!(node.value(), Some(Value::Int(_) | Value::Float(_) | Value::Null)) => {
            text
        }
        Content::Scalar(..) | Content::List(_) | Content::Map(_) => {
            return Err(wrong(format!("search.subject_to holds {}", node.shown())));
        }
    };
    let read = Expression::parse(text).map_err(|problem| node.error(format!("search.subject_to: {problem}")))?;
    let bound =
        read.bound().ok_or_else(|| wrong(format!("search.subject_to holds {}, which is no bound", node.shown())))?;
    Ok(Placed { held: bound, place: node.place.clone() })
}
