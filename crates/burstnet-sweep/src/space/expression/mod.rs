//! Constraints: `learning_rate.output < 0.1 * learning_rate.hidden and network.dynamics == 'pipelined'`.
//!
//! The arithmetic is that of float64 with `+`, `−`, `×` and `÷`, which gives the same bits everywhere.

mod parser;

use std::borrow::Cow;
use std::cmp::Ordering;

use burstnet_core::config::Value;
use burstnet_core::text::cut;

use crate::limits::LONGEST_CONSTRAINT;
use crate::search::bounds::{Bound, Comparison};

/// The longest part of a value that a message shows, in characters.
const LONGEST_SHOWN: usize = 80;

/// A condition that a configuration has to satisfy, on keys that are identified by `K`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression<K = String>(Node<K>);

#[derive(Clone, Debug, PartialEq)]
enum Node<K> {
    Key(K),
    Constant(Value),
    Not(Box<Node<K>>),
    Negative(Box<Node<K>>),
    Both(Operator, Box<Node<K>>, Box<Node<K>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    Plus,
    Minus,
    Times,
    Over,
}

impl Operator {
    /// The operators: how each one is written, and how strongly it binds.
    const ALL: [(&'static str, Self, u8); 12] = [
        ("or", Self::Or, 1),
        ("and", Self::And, 2),
        ("==", Self::Equal, 3),
        ("!=", Self::Unequal, 3),
        ("<=", Self::AtMost, 3),
        (">=", Self::AtLeast, 3),
        ("<", Self::Less, 3),
        (">", Self::More, 3),
        ("+", Self::Plus, 4),
        ("-", Self::Minus, 4),
        ("*", Self::Times, 5),
        ("/", Self::Over, 5),
    ];
    const COMPARISON: u8 = 3;
    /// The binding strength of `not`, which is weaker than that of a comparison.
    const NOT: u8 = 3;
    /// The binding strength of a sign.
    const SIGN: u8 = 6;
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// If the text is no expression, with a message that names the column.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST_CONSTRAINT {
            return Err(format!("{} bytes long, expected at most {LONGEST_CONSTRAINT}", text.len()));
        }
        let node = parser::parse(text)?;
        if !matches!(node, Node::Not(_) | Node::Key(_) | Node::Constant(Value::Bool(_)))
            && !matches!(&node, Node::Both(operator, ..) if (*operator as u8) < Operator::Plus as u8)
        {
            return Err("a value, expected a condition such as a.b < 2 * c.d".into());
        }
        Ok(Self(node))
    }

    /// Returns the expression as a bound on a measure, if it compares a name with a number.
    pub(crate) fn bound(self) -> Option<Bound> {
        let Node::Both(operator, a, b) = self.0 else { return None };
        let comparison = match operator {
            Operator::Less => Comparison::Less,
            Operator::AtMost => Comparison::AtMost,
            Operator::More => Comparison::More,
            Operator::AtLeast => Comparison::AtLeast,
            Operator::Or
            | Operator::And
            | Operator::Equal
            | Operator::Unequal
            | Operator::Plus
            | Operator::Minus
            | Operator::Times
            | Operator::Over => return None,
        };
        match (*a, *b) {
            (Node::Key(measure), number) => Some(Bound { measure, comparison, number: number.constant()? }),
            (number, Node::Key(measure)) => {
                Some(Bound { measure, comparison: comparison.turned(), number: number.constant()? })
            }
            _ => None,
        }
    }

    /// Returns the same expression with the result of `find` for each key, so that no name is looked up when it is
    /// evaluated.
    ///
    /// # Errors
    /// With the error of `find`.
    pub fn bind<K, E>(self, find: &mut dyn FnMut(String) -> Result<K, E>) -> Result<Expression<K>, E> {
        self.0.bind(find).map(Expression)
    }
}

impl<K> Expression<K> {
    /// Returns the number of operations in the expression.
    pub(crate) fn operations(&self) -> u64 {
        self.0.operations()
    }

    /// Returns whether the condition holds for the values of keys that `value_of` returns.
    ///
    /// # Errors
    /// If values are compared that cannot be, with a message.
    pub fn holds<'v>(&'v self, value_of: &dyn Fn(&'v K) -> &'v Value) -> Result<bool, String> {
        match &*self.0.value(value_of)? {
            Value::Bool(holds) => Ok(*holds),
            other => Err(format!("is {}, neither true nor false", shown(other))),
        }
    }
}

impl Node<String> {
    /// Returns the number that it is, if it is one.
    fn constant(&self) -> Option<f64> {
        match self {
            Self::Constant(value) => value.as_f64(),
            Self::Negative(inner) => inner.constant().map(|x| -x),
            Self::Key(_) | Self::Not(_) | Self::Both(..) => None,
        }
    }

    fn bind<K, E>(self, find: &mut dyn FnMut(String) -> Result<K, E>) -> Result<Node<K>, E> {
        Ok(match self {
            Self::Key(key) => Node::Key(find(key)?),
            Self::Constant(value) => Node::Constant(value),
            Self::Not(inner) => Node::Not(Box::new(inner.bind(find)?)),
            Self::Negative(inner) => Node::Negative(Box::new(inner.bind(find)?)),
            Self::Both(operator, a, b) => Node::Both(operator, Box::new(a.bind(find)?), Box::new(b.bind(find)?)),
        })
    }
}

impl<K> Node<K> {
    fn operations(&self) -> u64 {
        match self {
            Self::Key(_) | Self::Constant(_) => 1,
            Self::Not(inner) | Self::Negative(inner) => 1 + inner.operations(),
            Self::Both(_, a, b) => 1 + a.operations() + b.operations(),
        }
    }

    fn value<'v>(&'v self, value_of: &dyn Fn(&'v K) -> &'v Value) -> Result<Cow<'v, Value>, String> {
        let truth = |node: &'v Self| match &*node.value(value_of)? {
            Value::Bool(b) => Ok(*b),
            other => Err(format!("{} is neither true nor false", shown(other))),
        };
        Ok(Cow::Owned(match self {
            Self::Key(key) => return Ok(Cow::Borrowed(value_of(key))),
            Self::Constant(value) => return Ok(Cow::Borrowed(value)),
            Self::Not(inner) => Value::Bool(!truth(inner)?),
            Self::Negative(inner) => Value::Float(-number_in(&*inner.value(value_of)?)?),
            Self::Both(Operator::Or, a, b) => Value::Bool(truth(a)? || truth(b)?),
            Self::Both(Operator::And, a, b) => Value::Bool(truth(a)? && truth(b)?),
            Self::Both(operator, a, b) => combine(*operator, &*a.value(value_of)?, &*b.value(value_of)?)?,
        }))
    }
}

fn number_in(value: &Value) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| format!("{} is not a number", shown(value)))
}

/// Returns a value as a message shows it.
fn shown(value: &Value) -> String {
    cut(&value.to_string(), LONGEST_SHOWN).into_owned()
}

fn combine(operator: Operator, a: &Value, b: &Value) -> Result<Value, String> {
    let order = || Ok::<_, String>(number_in(a)?.partial_cmp(&number_in(b)?));
    Ok(match operator {
        Operator::Equal => Value::Bool(equal(a, b)),
        Operator::Unequal => Value::Bool(!equal(a, b)),
        Operator::Less => Value::Bool(order()? == Some(Ordering::Less)),
        Operator::More => Value::Bool(order()? == Some(Ordering::Greater)),
        Operator::AtMost => Value::Bool(matches!(order()?, Some(Ordering::Less | Ordering::Equal))),
        Operator::AtLeast => Value::Bool(matches!(order()?, Some(Ordering::Greater | Ordering::Equal))),
        Operator::Plus => Value::Float(number_in(a)? + number_in(b)?),
        Operator::Minus => Value::Float(number_in(a)? - number_in(b)?),
        Operator::Times => Value::Float(number_in(a)? * number_in(b)?),
        Operator::Over => Value::Float(number_in(a)? / number_in(b)?),
        Operator::Or | Operator::And => return Err("and, or of values".into()),
    })
}

/// Returns whether two values are the same. An integer and a float are compared as numbers.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> Result<bool, String> {
        let value = |key: String| {
            Ok::<_, String>(match key.as_str() {
                "a.three" => Value::Int(3),
                "half" => Value::Float(0.5),
                "a.word" => Value::from("slow"),
                "flag" => Value::Bool(true),
                _ => Value::Null,
            })
        };
        Expression::parse(text)?.bind(&mut { value })?.holds(&|value| value)
    }

    #[test]
    fn what_holds() {
        for text in [
            "a.three == 3",
            "a.three * half >= 1.5 and not a.three < half",
            "1 + 2 * 3 == 7 and (1 + 2) * 3 == 9",
            "2 - 1 - 1 == 0 and 8 / 4 / 2 == 1",
            "-half < 1e-3 and half != 5e+1",
            "a.word == 'slow' or nowhere == 1",
            "a.word != \"fast\"",
            "flag and not (flag and false)",
            "flag",
            "nowhere == null",
            "not flag or true",
        ] {
            assert_eq!(holds(text), Ok(true), "{text}");
            assert_eq!(holds(&format!("not ({text})")), Ok(false), "{text}");
        }
    }

    #[test]
    fn what_is_no_condition() {
        for (text, message) in [
            ("", "ends after character 0, expected a key, a number"),
            ("a.three <", "ends after character 9"),
            ("a.three < 2 < 3", "'<' at character 13, expected 'and' between two comparisons"),
            ("a.three 2", "'2' at character 9, expected an operator"),
            ("(a.three < 2", "expected a closing parenthesis"),
            ("a.word == 'slow", "expected a text that ends with the same quote"),
            ("a.three + 2", "a value, expected a condition"),
            ("a.three = 2", "'=' at character 9, expected an operator"),
            ("a.word < 2", "slow is not a number"),
            ("1.2.3 < 2", "expected a finite number"),
            ("a.three < 9007199254740993", "'9' at character 11, expected a finite number that float64 can hold"),
            ("a.three < 1e999", "expected a finite number"),
            ("a.three and flag", "3 is neither true nor false"),
            ("and flag", "'a' at character 1"),
        ] {
            let found = holds(text).unwrap_err();
            assert!(found.contains(message), "{text}: {found}");
        }
        assert!(Expression::parse(&"(".repeat(1000)).unwrap_err().contains("nested more than"));
        assert!(Expression::parse(&"not ".repeat(1000)).unwrap_err().contains("nested more than"));
        assert!(Expression::parse(&"-".repeat(9999)).unwrap_err().contains("nested more than"));
    }

    #[test]
    fn keys_that_are_named() {
        let mut keys = Vec::new();
        let mut note = |key: String| {
            keys.push(key);
            Ok::<_, ()>(())
        };
        Expression::parse("a.b < 2 * c_d and not (e == 'x')").unwrap().bind(&mut note).unwrap();
        assert_eq!(keys, ["a.b", "c_d", "e"]);
    }
}
