//! The keys of a model, and the values that each may hold.

use std::borrow::Cow;

use super::{ConfigError, Configuration, LARGEST_INTEGER, Value};

/// The values that a key may hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// True or false.
    Flag,
    /// An integer between two bounds, both allowed.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// A number between two bounds, both allowed.
    Number {
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
    },
    /// A number between two bounds, or null.
    OptionalNumber {
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
    },
    /// One of a few words.
    Word(&'static [&'static str]),
    /// An integer of at least 1, or one of a few words.
    CountOrWord {
        /// The largest integer.
        max: i64,
        /// The words.
        words: &'static [&'static str],
    },
    /// A number of at least 0, or a list of such numbers.
    RateOrRates {
        /// The largest.
        max: f64,
    },
    /// A list of integers of at least 1.
    Sizes {
        /// The least number of elements.
        at_least: usize,
        /// The largest number of elements.
        at_most: usize,
        /// The largest element.
        max: i64,
    },
    /// Two numbers, the first not above the second.
    Range {
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
    },
    /// The path of a file, or null. Relative paths start at the folder of the file that names them.
    File,
    /// The path of a folder, or null. Relative paths start at the folder of the file that names them.
    Folder,
    /// Any text.
    Text,
    /// A list of any length.
    List(Item),
    /// A value of this kind, or null.
    OrNull(Box<Kind>),
}

/// The elements of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// Integers.
    Integer,
    /// Numbers.
    Number,
    /// Texts.
    Text,
}

impl Item {
    /// The value as an element of such a list, or none if it does not fit.
    fn accept(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::Integer, Value::Int(i)) => (-LARGEST_INTEGER..=LARGEST_INTEGER).contains(i).then(|| value.clone()),
            (Self::Text, Value::Text(_)) => Some(value.clone()),
            (Self::Number, _) => number(value, f64::MIN, f64::MAX),
            (Self::Integer | Self::Text, _) => None,
        }
    }
}

impl Kind {
    /// Returns what is expected, for messages.
    pub fn expected(&self) -> String {
        match self {
            Self::Flag => "true or false".into(),
            Self::Integer { min, max } => format!("an integer from {min} to {max}"),
            Self::Number { min, max } => format!("a number {}", between(*min, *max)),
            Self::OptionalNumber { min, max } => format!("a number {}, or null", between(*min, *max)),
            Self::Word(words) => one_of(words),
            Self::CountOrWord { max, words } => format!("an integer from 1 to {max}, or {}", one_of(words)),
            Self::RateOrRates { max } => {
                format!("a number {0}, or a list of numbers {0}", between(0.0, *max))
            }
            Self::Sizes { at_least, at_most, max } => {
                format!("a list of {at_least} to {at_most} integers from 1 to {max}")
            }
            Self::Range { min, max } => format!("[low, high], two numbers {}, low ≤ high", between(*min, *max)),
            Self::File => "the path of a file, or null".into(),
            Self::Folder => "the path of a folder, or null".into(),
            Self::Text => "a text".into(),
            Self::List(Item::Integer) => format!("a list of integers from -{LARGEST_INTEGER} to {LARGEST_INTEGER}"),
            Self::List(Item::Number) => "a list of numbers".into(),
            Self::List(Item::Text) => "a list of texts".into(),
            Self::OrNull(kind) => format!("{}, or null", kind.expected()),
        }
    }

    /// The value as this kind has it (an integer where a number is meant becomes a float, if that is exact), or none if it
    /// does not fit.
    pub fn accept(&self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::Flag, Value::Bool(_)) => Some(value.clone()),
            (Self::Integer { min, max }, Value::Int(i)) => (min..=max).contains(&i).then(|| value.clone()),
            (Self::Number { min, max }, _) => number(value, *min, *max),
            (Self::OptionalNumber { .. } | Self::File | Self::Folder, Value::Null) => Some(Value::Null),
            (Self::OptionalNumber { min, max }, _) => number(value, *min, *max),
            (Self::Word(words) | Self::CountOrWord { words, .. }, Value::Text(text)) => {
                words.contains(&text.as_str()).then(|| value.clone())
            }
            (Self::CountOrWord { max, .. }, Value::Int(i)) => (1..=*max).contains(i).then(|| value.clone()),
            (Self::RateOrRates { max }, Value::List(items)) => {
                items.iter().map(|item| number(item, 0.0, *max)).collect::<Option<_>>().map(Value::List)
            }
            (Self::RateOrRates { max }, _) => number(value, 0.0, *max),
            (Self::Sizes { at_least, at_most, max }, Value::List(items)) => ((*at_least..=*at_most)
                .contains(&items.len())
                && items.iter().all(|item| matches!(item, Value::Int(i) if (1..=*max).contains(i))))
            .then(|| value.clone()),
            (Self::Range { min, max }, Value::List(items)) => {
                let ends: Vec<Value> = items.iter().map(|item| number(item, *min, *max)).collect::<Option<_>>()?;
                let ordered = ends.len() == 2 && ends[0].as_f64() <= ends[1].as_f64();
                ordered.then_some(Value::List(ends))
            }
            (Self::File | Self::Folder, Value::Text(text)) => (!text.is_empty()).then(|| value.clone()),
            (Self::Text, Value::Text(_)) => Some(value.clone()),
            (Self::List(item), Value::List(items)) => {
                items.iter().map(|value| item.accept(value)).collect::<Option<_>>().map(Value::List)
            }
            (Self::OrNull(_), Value::Null) => Some(Value::Null),
            (Self::OrNull(kind), _) => kind.accept(value),
            (
                Self::Flag
                | Self::Integer { .. }
                | Self::Word(_)
                | Self::CountOrWord { .. }
                | Self::Sizes { .. }
                | Self::Range { .. }
                | Self::File
                | Self::Folder
                | Self::Text
                | Self::List(_),
                _,
            ) => None,
        }
    }

    /// The words that a value of this kind may be.
    pub fn words(&self) -> &'static [&'static str] {
        if let Self::Word(words) | Self::CountOrWord { words, .. } = self { words } else { &[] }
    }

    /// The kind of values that are not null, where null is one beside them.
    pub fn without_null(&self) -> &Self {
        if let Self::OrNull(kind) = self { kind } else { self }
    }

    /// Returns whether values of this kind name files or folders.
    pub fn is_path(&self) -> bool {
        matches!(self, Self::File | Self::Folder)
    }
}

fn number(value: &Value, min: f64, max: f64) -> Option<Value> {
    value.exact_f64().filter(|x| (min..=max).contains(x)).map(Value::Float)
}

fn between(min: f64, max: f64) -> String {
    if max == f64::MAX && min == f64::MIN {
        "(finite)".into()
    } else if max == f64::MAX {
        format!("of at least {min}")
    } else {
        format!("from {min} to {max}")
    }
}

fn one_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// One key of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// `section.key`.
    pub path: Cow<'static, str>,
    /// The values that it may hold.
    pub kind: Kind,
    /// Its value where none is given.
    pub default: Value,
    /// One sentence for users.
    pub doc: Cow<'static, str>,
}

/// All keys of a model, in the order in which they are documented.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    keys: Vec<Key>,
}

impl Schema {
    /// A schema of these keys.
    pub fn new(keys: Vec<Key>) -> Self {
        Self { keys }
    }

    /// The keys, in the order in which they are documented.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The key at `path`.
    pub fn key(&self, path: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.path == path)
    }

    /// Returns whether keys stand under the section `path`.
    pub fn is_section(&self, path: &str) -> bool {
        self.keys.iter().any(|key| key.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
    }

    /// The names of the sections, in order.
    pub fn sections(&self) -> Vec<&str> {
        let mut sections: Vec<&str> = Vec::new();
        for (section, _) in self.keys.iter().filter_map(|key| key.path.split_once('.')) {
            if !sections.contains(&section) {
                sections.push(section);
            }
        }
        sections
    }

    /// Every key at its default.
    pub fn defaults(&self) -> Configuration {
        let mut configuration = Configuration::default();
        for key in &self.keys {
            configuration.set(&key.path, key.default.clone());
        }
        configuration
    }

    /// `value` as the key at `path` has it.
    ///
    /// # Errors
    /// If there is no such key, or the value does not fit it.
    pub fn accept(&self, path: &str, value: &Value) -> Result<Value, ConfigError> {
        let key = self.key(path).ok_or_else(|| ConfigError::new(path, value, "a known key"))?;
        key.kind.accept(value).ok_or_else(|| ConfigError::new(path, value, key.kind.expected()))
    }
}
