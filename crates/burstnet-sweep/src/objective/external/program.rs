//! The part of a plan about an external program: its command, its measures, and the files that belong to it.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::{fmt, io};

use burstnet_core::text::cut;
use burstnet_core::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reading::{self, Reading};
use super::template::{Given, Template, TemplateError};
use crate::files::hashed::{HashedFile, hash};
use crate::limits::{LONGEST_ARGUMENT, LONGEST_NAME, MOST_ARGUMENTS, MOST_PROGRAM_MEASURES, MOST_VARIABLES};

/// An external program that a sweep evaluates, as in `plan.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// True if braces in the command and the environment are placeholders. In plans of earlier versions they are braces.
    #[serde(default, skip_serializing_if = "is_false")]
    pub placeholders: bool,
    /// The environment variables that the program gets besides those of burstnet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// The content of its standard input.
    #[serde(default, skip_serializing_if = "Stdin::is_json")]
    pub stdin: Stdin,
    /// True if it is started once per thread and serves trial after trial.
    #[serde(default, skip_serializing_if = "is_false")]
    pub worker: bool,
    /// The measures that it gives, in the order of the columns.
    pub measures: Vec<String>,
    /// The sources of measures and curves; if there are none, the program prints them by the protocol.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<Reading>,
    /// The integer key that determines the length of an evaluation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
    /// The arguments that name files. With other content, it is another program.
    pub files: Vec<HashedFile>,
}

words! {
    /// The content of a program's standard input.
    #[derive(Default, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub enum Stdin {
        /// One line of JSON: the configuration, the seed and the budget.
        #[default]
        Json = "json",
        /// Nothing: the program reads arguments and environment variables.
        None = "none",
    }
}

impl Stdin {
    fn is_json(&self) -> bool {
        *self == Self::Json
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// The owner of a text that may hold placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// An argument of the command, by its number.
    Argument(usize),
    /// An environment variable, by its name.
    Variable(String),
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(at) => write!(f, "command[{at}]"),
            Self::Variable(name) => write!(f, "environment.{name}"),
        }
    }
}

impl Program {
    /// Notes whether its texts hold placeholders, as those of a sweep file do if there are braces in them.
    pub(crate) fn noting_placeholders(mut self) -> Self {
        self.placeholders = self.command.iter().chain(self.environment.values()).any(|text| text.contains(['{', '}']));
        self
    }

    /// Returns the texts that may hold placeholders: the arguments, then the environment variables.
    ///
    /// # Errors
    /// If one is no template.
    pub(crate) fn templates(&self) -> Result<Vec<(Holder, Template)>, (Holder, TemplateError)> {
        let arguments = self.command.iter().enumerate().map(|(at, text)| (Holder::Argument(at), text));
        let variables = self.environment.iter().map(|(name, text)| (Holder::Variable(name.clone()), text));
        let read = |(holder, text): (Holder, &String)| match self.template(text) {
            Ok(template) => Ok((holder, template)),
            Err(error) => Err((holder, error)),
        };
        arguments.chain(variables).map(read).collect()
    }

    fn template(&self, text: &str) -> Result<Template, TemplateError> {
        if self.placeholders { Template::parse(text) } else { Ok(Template::literal(text)) }
    }

    /// Returns the first placeholder of a worker's texts that differs from trial to trial, with its owner. A worker is
    /// started once for many trials.
    pub(crate) fn placeholder_of_trial(&self) -> Option<(Holder, String)> {
        let templates = self.templates().unwrap_or_default();
        let of_trial = |template: &Template| {
            let mut all = template.placeholders();
            all.find(|one| Given::named(&one.name) != Some(Given::Slot)).map(ToString::to_string)
        };
        let mut all = templates.into_iter().filter(|_| self.worker);
        all.find_map(|(holder, template)| Some((holder, of_trial(&template)?)))
    }

    /// Returns whether a source of measures or curves is a file in the folder of the trial.
    pub(crate) fn reads_files(&self) -> bool {
        self.read.iter().any(|reading| reading.file().is_some())
    }

    /// Returns whether an argument or an environment variable names a value that every trial has.
    pub(crate) fn names(&self, given: Given) -> bool {
        let templates = self.templates().unwrap_or_default();
        templates.iter().flat_map(|(_, one)| one.placeholders()).any(|one| Given::named(&one.name) == Some(given))
    }

    /// Returns the arguments that have no placeholders, each with its number.
    fn literals(&self) -> impl Iterator<Item = (usize, String)> {
        let text = |(at, text): (usize, &String)| Some((at, self.template(text).ok()?.text()?.to_owned()));
        self.command.iter().enumerate().filter_map(text)
    }

    /// Hashes the files that arguments without placeholders name, relative to `folder`.
    ///
    /// # Errors
    /// If one cannot be read; with the argument.
    pub fn hash_files(&mut self, folder: &Path) -> Result<(), (String, io::Error)> {
        self.files.clear();
        let literals: Vec<(usize, String)> = self.literals().collect();
        for (at, argument) in literals {
            let known = self.files.iter().any(|file| file.name == *argument);
            let in_path = at == 0 && !argument.contains('/');
            if known || in_path || argument.is_empty() || !folder.join(&argument).is_file() {
                continue;
            }
            let hashed = hash(&folder.join(&argument), argument.clone());
            self.files.push(hashed.map_err(|error| (argument.clone(), error))?);
        }
        Ok(())
    }

    /// Returns the path of the program: in a folder of `PATH`, or, if it contains a slash, relative to `folder`.
    pub fn find(&self, folder: &Path) -> Option<PathBuf> {
        let name = self.name()?;
        let runnable = |path: &PathBuf| path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
        if name.contains('/') {
            return Some(folder.join(&name)).filter(runnable);
        }
        let folders = std::env::var_os("PATH")?;
        let found = std::env::split_paths(&folders).map(|folder| folder.join(&name)).find(runnable)?;
        std::path::absolute(found).ok()
    }

    /// Returns the first argument that is named like a script and is no file in `folder`: with it, every trial would fail.
    pub(crate) fn missing_script(&self, folder: &Path) -> Option<String> {
        const SCRIPTS: [&str; 12] =
            [".py", ".R", ".r", ".jl", ".m", ".sh", ".pl", ".rb", ".js", ".lua", ".tcl", ".sli"];
        let is_script = |text: &str| {
            SCRIPTS.iter().any(|ending| text.ends_with(ending)) && !text.starts_with('-') && !text.contains([' ', '\n'])
        };
        // Python runs a module or a text in place of a script with these.
        let mut before_options = self.literals().skip(1).take_while(|(_, text)| text != "-m" && text != "-c");
        let script = before_options.find(|(_, text)| is_script(text))?.1;
        (!folder.join(&script).exists()).then_some(script)
    }

    /// Returns the name of the program, as the command has it.
    pub(crate) fn name(&self) -> Option<String> {
        self.literals().next().filter(|(at, _)| *at == 0).map(|(_, name)| name)
    }

    /// Returns a hash of everything that identifies the program. Parts that earlier versions lack count only if they are
    /// there.
    pub(crate) fn content(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        let mut list = |texts: &mut dyn ExactSizeIterator<Item = &str>| {
            hasher.update(&(texts.len() as u64).to_le_bytes());
            for text in texts {
                hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
            }
        };
        list(&mut self.command.iter().map(String::as_str));
        list(&mut self.measures.iter().map(String::as_str));
        list(&mut self.budget.iter().map(String::as_str));
        list(&mut self.files.iter().map(|file| file.name.as_str()));
        list(&mut self.files.iter().map(|file| file.blake3.as_str()));
        let later = Self { command: Vec::new(), measures: Vec::new(), budget: None, files: Vec::new(), ..self.clone() };
        if later != Self::default() {
            hasher.update(&serde_json::to_vec(&later).unwrap_or_default());
        }
        hasher.finalize()
    }

    /// Checks a program that was not read from a sweep file.
    ///
    /// # Errors
    /// With a message if no sweep file can describe it.
    pub(crate) fn check(&self) -> Result<(), String> {
        check_command(&self.command)?;
        check_environment(&self.environment)?;
        let shown = |(holder, error): (Holder, TemplateError)| {
            format!("model.{holder}: {}, expected {}", error.problem, error.expected)
        };
        self.templates().map_err(shown)?;
        self.name().ok_or(NO_NAME)?;
        if let Some((holder, placeholder)) = self.placeholder_of_trial() {
            return Err(format!("model.{holder}: {}, expected {OF_WORKERS}", of_trial(&placeholder)));
        }
        if self.worker && self.stdin == Stdin::None {
            return Err(format!("model.stdin: {NO_REQUESTS}, expected json"));
        }
        check_measures(&self.measures)?;
        reading::sources(&self.read, &self.measures).map_err(|(at, error)| format!("model.read[{at}]: {error}"))?;
        if self.files.len() > self.command.len() {
            return Err(format!("{} files of the model, expected at most one per argument", self.files.len()));
        }
        let hex = |text: &str| text.len() == 64 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        let literals: HashSet<String> = self.literals().map(|(_, text)| text).collect();
        match self.files.iter().find(|file| !literals.contains(&file.name) || !hex(&file.blake3)) {
            Some(file) => {
                Err(format!("model.files has {:?}, expected an argument of the command and its BLAKE3", file.name))
            }
            None => Ok(()),
        }
    }
}

/// The problem of a command whose program depends on the trial.
pub(crate) const NO_NAME: &str = "model.command starts with a placeholder, expected the name of a program; \
                                  [env, '{key}', …] runs the program that a key names";

/// The problem of a worker that reads nothing.
pub(crate) const NO_REQUESTS: &str = "'none' leaves a worker without requests, which it reads on standard input";

/// The advice for the placeholders of a worker.
pub(crate) const OF_WORKERS: &str =
    "{slot}, or the values of the trial in the request that the worker reads; {{ and }} for braces";

/// Returns the problem of a worker's placeholder that differs from trial to trial.
pub(crate) fn of_trial(placeholder: &str) -> String {
    format!("'{placeholder}' differs from trial to trial, and a worker is started once for many")
}

/// Checks the number and the lengths of arguments.
pub(crate) fn check_command(command: &[String]) -> Result<(), String> {
    if command.is_empty() || command.len() > MOST_ARGUMENTS {
        return Err(format!("model.command has {} arguments, expected 1 to {MOST_ARGUMENTS}", command.len()));
    }
    if command[0].is_empty() {
        return Err("model.command starts with nothing, expected the name of a program".into());
    }
    match command.iter().position(|argument| argument.len() > LONGEST_ARGUMENT || argument.contains('\0')) {
        Some(at) => Err(format!(
            "argument {at} of model.command has {} bytes, expected at most {LONGEST_ARGUMENT}, none of them 0",
            command[at].len()
        )),
        None => Ok(()),
    }
}

/// Checks the number and the names of environment variables, and the lengths of their values.
pub(crate) fn check_environment(environment: &BTreeMap<String, String>) -> Result<(), String> {
    if environment.len() > MOST_VARIABLES {
        return Err(format!(
            "model.environment has {} variables, expected at most {MOST_VARIABLES}",
            environment.len()
        ));
    }
    if let Some(name) = environment.keys().find(|name| !is_name(name)) {
        return Err(format!("model.environment names {:?}, expected {NAME}", cut(name, LONGEST_NAME)));
    }
    match environment.iter().find(|(_, text)| text.len() > LONGEST_ARGUMENT || text.contains('\0')) {
        Some((name, text)) => Err(format!(
            "model.environment.{name} has {} bytes, expected at most {LONGEST_ARGUMENT}, none of them 0",
            text.len()
        )),
        None => Ok(()),
    }
}

/// Checks the number and the names of measures.
pub(crate) fn check_measures(measures: &[String]) -> Result<(), String> {
    if measures.is_empty() || measures.len() > MOST_PROGRAM_MEASURES {
        return Err(format!("model.measures names {} measures, expected 1 to {MOST_PROGRAM_MEASURES}", measures.len()));
    }
    if let Some(name) = measures.iter().find(|name| !is_name(name)) {
        let start = cut(name, LONGEST_NAME);
        return Err(format!("model.measures names {start:?}, expected {NAME}"));
    }
    let mut seen = HashSet::new();
    match measures.iter().find(|name| !seen.insert(name.as_str())) {
        Some(name) => Err(format!("model.measures names {name:?} twice")),
        None => Ok(()),
    }
}

/// The description of a valid name, for messages.
pub(crate) const NAME: &str = "up to 100 letters, digits and '_', not starting with a digit";

/// Returns whether a measure, a section or a key can have this name, which becomes the name of a column.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}
