//! The keys of an external program, as a plan has them.

use burstnet_core::config::{Configuration, Key, Kind, Schema, Value};

use super::key_names::KeyNames;
use super::kinds::{INTEGER, NUMBER, VALUES, key, kinds, or_null};
use crate::space::Dimension;
use crate::space::domain::Domain;

/// Returns the keys of a plan with these values.
pub(crate) fn of_plan(base: &Configuration, space: &[Dimension]) -> Result<Schema, String> {
    let mut names = KeyNames::default();
    let mut keys = Vec::new();
    for (path, default) in base.iter() {
        let dimension = space.iter().find(|dimension| dimension.key == path);
        names.take(path)?;
        let of_dimension = dimension.map_or_else(Vec::new, kinds_of_dimension);
        let candidates = match (default, dimension) {
            (Value::Null, None) => vec![Kind::Text],
            (Value::Null, Some(_)) => of_dimension,
            (_, Some(Dimension { ratio_of: Some(_), .. })) => vec![NUMBER],
            (_, _) => kinds(default),
        };
        let nullable = *default == Value::Null || dimension.is_some_and(has_null);
        let all = candidates.into_iter().map(|kind| key(path, or_null(kind, nullable), default.clone()));
        let domain = dimension.filter(|dimension| dimension.ratio_of.is_none()).map(|dimension| &dimension.domain);
        let fits = |key: &Key| {
            key.kind.accept(default).as_ref() == Some(default)
                && domain.is_none_or(|domain| domain.check(&key.kind).is_ok())
        };
        let found = all.into_iter().find(fits);
        keys.push(found.ok_or_else(|| format!("{path} is '{default}', expected {VALUES}"))?);
    }
    Ok(Schema::new(keys))
}

/// Returns the kinds that a swept key of a plan can have, by its domain.
fn kinds_of_dimension(dimension: &Dimension) -> Vec<Kind> {
    match &dimension.domain {
        _ if dimension.ratio_of.is_some() => vec![NUMBER],
        Domain::Values(values) => {
            let first = values.iter().find(|value| **value != Value::Null);
            first.map_or_else(|| vec![Kind::Text], kinds)
        }
        Domain::Int { .. } => vec![INTEGER],
        Domain::Linear { integer, .. } | Domain::Log { integer, .. } => vec![if *integer { INTEGER } else { NUMBER }],
        Domain::Uniform { .. } | Domain::LogUniform { .. } => vec![NUMBER],
    }
}

fn has_null(dimension: &Dimension) -> bool {
    matches!(&dimension.domain, Domain::Values(values) if values.contains(&Value::Null))
}
