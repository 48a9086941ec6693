//! Reading the text of an expression.

use burstnet_core::config::Value;

use super::{Node, Operator};
use crate::limits::DEEPEST_CONSTRAINT;
use crate::space::scalar::plain;

/// The operands that can stand where a value is expected, for messages.
const OPERAND: &str = "a key, a number, true, false, a text in quotes, or (";

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Node<String>, String> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let node = parser.operand_and(0)?;
    parser.skip_space();
    match parser.at < text.len() {
        true => Err(parser.unexpected("an operator such as <, ==, +, and")),
        false => Ok(node),
    }
}

/// A text, how far it has been read, and how deep its parentheses are there.
struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn unexpected(&self, expected: &str) -> String {
        let column = self.text[..self.at].chars().count() + 1;
        match self.text[self.at..].chars().next() {
            Some(found) => format!("'{}' at character {column}, expected {expected}", found.escape_debug()),
            None => format!("ends after character {}, expected {expected}", column - 1),
        }
    }

    /// Reads the next operator, and returns it with its binding strength.
    fn operator(&mut self) -> Option<(&'static str, Operator, u8)> {
        self.skip_space();
        let rest = &self.text[self.at..];
        Operator::ALL.into_iter().find(|(written, ..)| {
            let follows = rest.strip_prefix(written);
            follows.is_some_and(|after| {
                !written.starts_with(char::is_alphabetic) || !after.starts_with(|c: char| is_of_name(c))
            })
        })
    }

    /// Reads an operand and all operators behind it that bind more strongly than `least`.
    fn operand_and(&mut self, least: u8) -> Result<Node<String>, String> {
        self.depth += 1;
        if self.depth > DEEPEST_CONSTRAINT {
            return Err(format!("nested more than {DEEPEST_CONSTRAINT} deep"));
        }
        let mut left = self.operand()?;
        let mut compared = false;
        while let Some((written, operator, strength)) = self.operator().filter(|(.., strength)| *strength > least) {
            if strength == Operator::COMPARISON && std::mem::replace(&mut compared, true) {
                return Err(self.unexpected("'and' between two comparisons"));
            }
            self.at += written.len();
            let right = self.operand_and(strength)?;
            left = Node::Both(operator, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Node<String>, String> {
        self.skip_space();
        let rest = &self.text[self.at..];
        match rest.chars().next() {
            Some('(') => {
                self.at += 1;
                let inner = self.operand_and(0)?;
                self.skip_space();
                if !self.text[self.at..].starts_with(')') {
                    return Err(self.unexpected("a closing parenthesis"));
                }
                self.at += 1;
                Ok(inner)
            }
            Some('-') => {
                self.at += 1;
                Ok(Node::Negative(Box::new(self.operand_and(Operator::SIGN)?)))
            }
            Some(quote @ ('\'' | '"')) => match rest[1..].split_once(quote) {
                Some((text, _)) => {
                    self.at += text.len() + 2;
                    Ok(Node::Constant(Value::from(text)))
                }
                None => Err(self.unexpected("a text that ends with the same quote")),
            },
            Some(c) if c.is_ascii_digit() || c == '.' => self.literal(),
            Some(c) if c.is_alphabetic() || c == '_' => self.word(),
            Some(_) | None => Err(self.unexpected(OPERAND)),
        }
    }

    fn literal(&mut self) -> Result<Node<String>, String> {
        let rest = &self.text[self.at..];
        let mut end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        if let Some(exponent) = rest[end..].strip_prefix(['e', 'E']) {
            let signed = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let digits = signed.find(|c: char| !c.is_ascii_digit()).unwrap_or(signed.len());
            end = if digits == 0 { end } else { rest.len() - signed.len() + digits };
        }
        match plain(&rest[..end]).exact_f64().filter(|x| x.is_finite()) {
            Some(x) => {
                self.at += end;
                Ok(Node::Constant(Value::Float(x)))
            }
            None => Err(self.unexpected("a finite number that float64 can hold")),
        }
    }

    fn word(&mut self) -> Result<Node<String>, String> {
        let rest = &self.text[self.at..];
        let word = &rest[..rest.find(|c| !is_of_name(c)).unwrap_or(rest.len())];
        let misplaced = matches!(word, "and" | "or");
        if misplaced {
            return Err(self.unexpected(OPERAND));
        }
        self.at += word.len();
        Ok(match word {
            "not" => Node::Not(Box::new(self.operand_and(Operator::NOT - 1)?)),
            "true" => Node::Constant(Value::Bool(true)),
            "false" => Node::Constant(Value::Bool(false)),
            "null" => Node::Constant(Value::Null),
            key => Node::Key(key.to_owned()),
        })
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}
