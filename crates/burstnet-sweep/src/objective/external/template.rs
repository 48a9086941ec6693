//! Placeholders in the arguments and the environment of a program: `{key}` stands for a value of the trial. No shell
//! reads what is put in their place.

use std::fmt;

use burstnet_core::config::Value;
use burstnet_core::text::quoted;
use serde_json::json;

/// The advice for a brace that is part of the text.
const BRACES: &str = "{key}, or {{ and }} for braces";

/// A text with placeholders.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

/// A name in braces, which stands for a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placeholder {
    /// The name of a key, or of a value that every trial has.
    pub(crate) name: String,
    form: Form,
}

burstnet_core::words! {
    /// The way in which a value is written.
    enum Form {
        /// As a sweep file has it: numbers, words, `[2,4,8]`.
        Plain = "",
        /// As JSON.
        Json = "json",
        /// The elements of a list with commas between them.
        Csv = "csv",
        /// One argument per element of a list.
        Args = "args",
    }
}

burstnet_core::words! {
    /// A value that every trial has, whatever its keys.
    pub(crate) enum Given {
        /// The seed of the replicate.
        Seed = "seed",
        /// The number of the replicate.
        Replicate = "replicate",
        /// The number of the trial.
        Trial = "trial",
        /// A folder for files that the trial writes, empty before it.
        Dir = "dir",
        /// A folder in which the trial finds what it left there with a smaller part of its budget.
        State = "state",
        /// The number of the thread that runs the trial, from 0.
        Slot = "slot",
    }
}

impl Given {
    /// Returns the value of this name, if there is one.
    pub(crate) fn named(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

/// A text that is no template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TemplateError {
    /// The part of the text that is wrong.
    pub(crate) part: String,
    /// The problem, which begins with that part.
    pub(crate) problem: String,
    /// The values or forms that would be right.
    pub(crate) expected: String,
}

impl TemplateError {
    fn new(part: &str, problem: &str, expected: impl Into<String>) -> Self {
        Self { part: part.to_owned(), problem: format!("{} {problem}", quoted(part)), expected: expected.into() }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.form {
            Form::Plain => write!(f, "{{{}}}", self.name),
            form => write!(f, "{{{}:{}}}", self.name, form.word()),
        }
    }
}

impl Template {
    /// Returns a text without placeholders.
    pub(crate) fn literal(text: &str) -> Self {
        Self { parts: vec![Part::Text(text.to_owned())] }
    }

    /// Reads a text in which `{{` and `}}` are braces, and any other brace is one of a placeholder.
    ///
    /// # Errors
    /// If a brace is alone, or a placeholder is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain += before;
            if let Some(behind) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                plain.push_str(&from[..1]);
                rest = behind;
                continue;
            }
            let Some(inner) = from.strip_prefix('{') else {
                return Err(TemplateError::new("}", "closes nothing", BRACES));
            };
            let end = inner.find('}').filter(|end| !inner[..*end].contains('{'));
            let Some(end) = end else { return Err(TemplateError::new(from, "is never closed", BRACES)) };
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Placeholder(Placeholder::parse(&inner[..end])?));
            rest = &inner[end + 1..];
        }
        plain += rest;
        if !plain.is_empty() || parts.is_empty() {
            parts.push(Part::Text(plain));
        }
        let several = |part: &&Part| matches!(part, Part::Placeholder(Placeholder { form: Form::Args, .. }));
        match parts.iter().find(several) {
            Some(Part::Placeholder(placeholder)) if parts.len() > 1 => Err(TemplateError::new(
                &placeholder.to_string(),
                "stands beside other text, and gives an argument per element",
                format!("it as an argument of its own, or {{{}:csv}}", placeholder.name),
            )),
            Some(_) | None => Ok(Self { parts }),
        }
    }

    /// Returns the placeholders, in order.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.parts.iter().filter_map(|part| match part {
            Part::Placeholder(placeholder) => Some(placeholder),
            Part::Text(_) => None,
        })
    }

    /// Returns the text, if it has no placeholders.
    pub(crate) fn text(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _with_placeholders => None,
        }
    }

    /// Returns the arguments that the template becomes with these values: one, unless it is a list with an argument per
    /// element.
    ///
    /// # Errors
    /// With a message if a value cannot be written.
    pub(crate) fn fill(&self, value_of: &dyn Fn(&str) -> Value) -> Result<Vec<String>, String> {
        if let [Part::Placeholder(placeholder)] = self.parts.as_slice() {
            return placeholder.arguments(&value_of(&placeholder.name));
        }
        let mut whole = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => whole += text,
                Part::Placeholder(placeholder) => whole += &placeholder.written(&value_of(&placeholder.name))?,
            }
        }
        Ok(vec![whole])
    }
}

impl Placeholder {
    /// Reads the text between braces.
    fn parse(inner: &str) -> Result<Self, TemplateError> {
        let whole = || format!("{{{inner}}}");
        let (name, form) = inner.split_once(':').unwrap_or((inner, ""));
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(TemplateError::new(&whole(), "is not the name of a key", BRACES));
        }
        match form.parse::<Form>() {
            Ok(parsed) if inner.contains(':') == (parsed != Form::Plain) => {
                Ok(Self { name: name.to_owned(), form: parsed })
            }
            Ok(_) | Err(_) => Err(TemplateError::new(
                &whole(),
                "asks for a form that there is not",
                format!("{{{name}}}, {{{name}:json}}, {{{name}:csv}} or {{{name}:args}}"),
            )),
        }
    }

    /// Returns the arguments that a value becomes where the placeholder is a whole argument.
    pub(crate) fn arguments(&self, value: &Value) -> Result<Vec<String>, String> {
        match (self.form, value) {
            (Form::Args, Value::List(items)) => items.iter().map(|item| self.single(item)).collect(),
            (Form::Args, _) => self.single(value).map(|one| vec![one]),
            (Form::Plain | Form::Json | Form::Csv, _) => self.written(value).map(|one| vec![one]),
        }
    }

    fn written(&self, value: &Value) -> Result<String, String> {
        let items = match (self.form, value) {
            (Form::Json, _) => return Ok(json!(value).to_string()),
            (Form::Plain | Form::Csv | Form::Args, Value::List(items)) => items,
            (Form::Plain | Form::Csv | Form::Args, _) => return self.single(value),
        };
        let element = |item: &Value| {
            let text = self.single(item)?;
            let divides = |c: char| c == ',' || self.form == Form::Plain && matches!(c, '[' | ']');
            let is_lost = text.contains(divides) || text.is_empty() || text.trim() != text;
            if is_lost && matches!(item, Value::Text(_)) {
                let name = &self.name;
                return Err(format!(
                    "{self} would write the element {} so that nobody could tell where it ends; {{{name}:json}} and \
                     {{{name}:args}} can hold it",
                    quoted(&text)
                ));
            }
            Ok(text)
        };
        let list = items.iter().map(element).collect::<Result<Vec<_>, _>>()?.join(",");
        Ok(if self.form == Form::Plain { format!("[{list}]") } else { list })
    }

    fn single(&self, value: &Value) -> Result<String, String> {
        let text = value.to_string();
        match text.contains('\0') {
            true => Err(format!("{self} would write {}, and no argument can hold a byte 0", quoted(&text))),
            false => Ok(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str, value: impl Into<Value>) -> Result<Vec<String>, String> {
        let value = value.into();
        let template =
            Template::parse(text).map_err(|error| format!("{}, expected {}", error.problem, error.expected))?;
        template.fill(&|name| if name == "x" { value.clone() } else { Value::Null })
    }

    #[test]
    fn values_are_written_as_everywhere() {
        for (value, written) in [
            (Value::Int(-5), "-5"),
            (Value::Float(1.0), "1.0"),
            (Value::Float(0.1), "0.1"),
            (Value::Float(-0.0), "-0.0"),
            (Value::Float(1e-7), "1e-7"),
            (Value::Float(1e300), "1e300"),
            (Value::Float(5e-324), "5e-324"),
            (Value::Bool(true), "true"),
            (Value::Null, "null"),
            (Value::from("a b;$(c) 'd' \"e\" *"), "a b;$(c) 'd' \"e\" *"),
            (Value::from(""), ""),
            (vec![2_i64, 4, 8].into(), "[2,4,8]"),
            (vec![0.5, 1.0].into(), "[0.5,1.0]"),
            (vec!["a", "b c"].into(), "[a,b c]"),
            (Value::List(Vec::new()), "[]"),
        ] {
            assert_eq!(filled("{x}", value.clone()).unwrap(), [written], "{value}");
            assert_eq!(filled("--a={x}{{}}", value).unwrap(), [format!("--a={written}{{}}")]);
        }
    }

    #[test]
    fn lists_have_four_forms() {
        let list = || Value::from(vec![2_i64, 4, 8]);
        assert_eq!(filled("{x:json}", list()).unwrap(), ["[2,4,8]"]);
        assert_eq!(filled("s={x:csv}", list()).unwrap(), ["s=2,4,8"]);
        assert_eq!(filled("{x:args}", list()).unwrap(), ["2", "4", "8"]);
        assert_eq!(filled("{x:args}", Value::List(Vec::new())).unwrap(), [""; 0]);
        assert_eq!(filled("{x:args}", 3_i64).unwrap(), ["3"]);
        assert_eq!(filled("{x:csv}", 3_i64).unwrap(), ["3"]);
        assert_eq!(filled("{x:json}", vec!["a,b", "\""]).unwrap(), [r#"["a,b","\""]"#]);
        assert_eq!(filled("{x:args}", vec!["a,b", ""]).unwrap(), ["a,b", ""]);
        for (text, value) in [("{x}", "a,b"), ("{x:csv}", "a,b"), ("{x}", "[a"), ("{x}", ""), ("{x:csv}", " a")] {
            let told = filled(text, vec![value]).unwrap_err();
            assert!(told.contains("nobody could tell where it ends; {x:json} and {x:args} can hold it"), "{told}");
        }
        assert_eq!(filled("{x:csv}", vec!["[a"]).unwrap(), ["[a"]);
        assert!(filled("{x}", "a\0").unwrap_err().contains("no argument can hold a byte 0"));
    }

    #[test]
    fn braces_that_are_alone_are_refused() {
        for (text, told) in [
            ("{x", "'{x' is never closed, expected {key}, or {{ and }} for braces"),
            ("a}b", "'}' closes nothing"),
            ("{}", "'{}' is not the name of a key"),
            ("{print $1}", "'{print $1}' is not the name of a key"),
            ("{a{b}", "'{a{b}' is never closed"),
            ("{x:yaml}", "'{x:yaml}' asks for a form that there is not, expected {x}, {x:json}, {x:csv} or {x:args}"),
            ("{x:}", "'{x:}' asks for a form"),
            ("s={x:args}", "'{x:args}' stands beside other text"),
        ] {
            let said = filled(text, 1_i64).unwrap_err();
            assert!(said.starts_with(told), "{text}: {said}");
        }
        assert_eq!(filled("{{x}}", 1_i64).unwrap(), ["{x}"]);
        assert_eq!(filled("", 1_i64).unwrap(), [""]);
        assert_eq!(Template::parse("{{}}").unwrap().text(), Some("{}"));
        assert_eq!(Template::parse("{x}").unwrap().text(), None);
    }
}
