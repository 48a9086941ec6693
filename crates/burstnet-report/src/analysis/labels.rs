//! Short names of keys.

/// Returns the shortest ending of each key, from a dot on, that no other of these keys has.
pub fn labels(keys: &[String]) -> Vec<String> {
    let endings = |key: &str| -> Vec<String> {
        let parts: Vec<&str> = key.split('.').collect();
        (0..parts.len()).rev().map(|from| parts[from..].join(".")).collect()
    };
    let is_ending = |key: &str, ending: &str| {
        key.strip_suffix(ending).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let label = |key: &String| {
        let unique =
            |ending: &String| !ending.is_empty() && keys.iter().filter(|other| is_ending(other, ending)).count() < 2;
        endings(key).into_iter().find(unique).unwrap_or_else(|| key.clone())
    };
    keys.iter().map(label).collect()
}

/// Returns a function that gives the short name of one of these keys, and any other text as it is.
pub fn labeller(keys: Vec<String>) -> impl Fn(&str) -> String {
    let labels = labels(&keys);
    move |key| keys.iter().position(|own| own == key).map_or_else(|| key.to_owned(), |at| labels[at].clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_the_shortest_unique_endings() {
        let of = |keys: &[&str]| labels(&keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
        let keys = ["learning_rate.hidden", "learning_rate.output", "feedback.weight_range", "network.weight_range"];
        assert_eq!(of(&keys), ["hidden", "output", "feedback.weight_range", "network.weight_range"]);
        assert_eq!(of(&["a.b.c", "d.b.c", "c", "b"]), ["a.b.c", "d.b.c", "c", "b"]);
        assert_eq!(of(&["a.b.c", "a.d.c"]), ["b.c", "d.c"]);
        assert_eq!(of(&["a.", "b"]), ["a.", "b"]);
    }
}
