//! The hidden units that a trace records.

use crate::UnitsError;

/// The hidden units that a trace records: for each hidden layer their numbers, in the order of the lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedUnits(pub Vec<Vec<usize>>);

impl TracedUnits {
    /// Returns all units of a network with these layers.
    pub fn all(layers: &[usize]) -> Self {
        Self(layers[1..layers.len() - 1].iter().map(|&units| (0..units).collect()).collect())
    }

    /// Returns the units that `arguments` name: each `UNITS`, for every hidden layer, or `LAYER:UNITS`, where UNITS is
    /// a list like `0,3,10-19`.
    ///
    /// # Errors
    /// Returns an error if one cannot be read, or names a unit or layer that does not exist.
    pub fn parse(arguments: &[String], layers: &[usize]) -> Result<Self, UnitsError> {
        let hidden = &layers[1..layers.len() - 1];
        let mut chosen = vec![Vec::new(); hidden.len()];
        for argument in arguments {
            let (layer, units) = match argument.split_once(':') {
                Some((layer, units)) => (Some(parse_number(layer, argument)?), units),
                None => (None, argument.as_str()),
            };
            if let Some(layer) = layer.filter(|&layer| layer >= hidden.len()) {
                return Err(UnitsError::NoLayer { argument: argument.clone(), layer, layers: hidden.len() });
            }
            for (m, chosen) in chosen.iter_mut().enumerate().filter(|(m, _)| layer.is_none_or(|layer| layer == *m)) {
                for part in units.split(',') {
                    let (first, last) = part.split_once('-').unwrap_or((part, part));
                    let (first, last) = (parse_number(first, argument)?, parse_number(last, argument)?);
                    if first > last || last >= hidden[m] {
                        let argument = argument.clone();
                        return Err(UnitsError::NoUnit { argument, unit: last, layer: m, units: hidden[m] });
                    }
                    chosen.extend(first..=last);
                }
            }
        }
        for units in &mut chosen {
            units.sort_unstable();
            units.dedup();
        }
        Ok(Self(chosen))
    }
}

fn parse_number(text: &str, argument: &str) -> Result<usize, UnitsError> {
    let no_number = |_| UnitsError::NoNumber { argument: argument.to_owned(), text: text.to_owned() };
    text.trim().parse().map_err(no_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_by_name() {
        let layers = [5, 20, 10, 3];
        let parse =
            |text: &[&str]| TracedUnits::parse(&text.iter().map(|&s| s.to_owned()).collect::<Vec<_>>(), &layers);
        assert_eq!(parse(&["0,3,5-7"]).unwrap().0, [vec![0, 3, 5, 6, 7], vec![0, 3, 5, 6, 7]]);
        assert_eq!(parse(&["1:2", "1:0"]).unwrap().0, [vec![], vec![0, 2]]);
        assert!(parse(&["10"]).unwrap_err().to_string().contains("unit 10 of hidden layer 1, which has 10"));
        assert!(parse(&["2:0"]).unwrap_err().to_string().contains("hidden layer 2 of 2"));
        assert!(parse(&["x"]).unwrap_err().to_string().contains("'x' is not a number"));
        assert_eq!(TracedUnits::all(&layers).0[1].len(), 10);
    }
}
