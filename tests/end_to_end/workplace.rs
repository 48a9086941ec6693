//! A folder of its own for a test, and the command in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A sweep of 12 short trials.
pub(crate) const SMALL_SWEEP: &str = "\
name: small
seed: 7
replicates: 3
base:
  network: {layers: [12, 8, 3]}
  signals: {length: 100}
  training: {epochs: 3}
search:
  space:
    learning_rate.hidden: [0.0, 1.0]
    feedback.density: [0.5, 1.0]
";

pub(crate) struct Workplace(tempfile::TempDir);

impl Workplace {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The command, to be run in this folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("burstnet"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    /// Runs the command and expects an exit code.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str], code: i32) -> Said {
        Said::new(self.command(arguments).output().expect("the command starts"), arguments, code)
    }

    /// Runs the command and expects that it refuses with a message that holds `told`, and prints nothing else.
    #[track_caller]
    pub(crate) fn refuses(&self, arguments: &[&str], told: &str) -> Said {
        let said = self.run(arguments, 2);
        assert!(said.err.contains(told) && said.out.is_empty(), "{told}\n{}{}", said.err, said.out);
        said
    }

    /// Every file below this folder, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        fn walk(folder: &Path, root: &Path, files: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    walk(&path, root, files);
                } else {
                    files.push(path.strip_prefix(root).expect("below").display().to_string());
                }
            }
        }
        let mut files = Vec::new();
        walk(self.0.path(), self.0.path(), &mut files);
        files.sort();
        files
    }
}

/// What the command printed.
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    #[track_caller]
    pub(crate) fn new(output: Output, arguments: &[&str], code: i32) -> Self {
        let said = Self {
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        assert_eq!(output.status.code(), Some(code), "burstnet {arguments:?}\n{}{}", said.out, said.err);
        assert!(!said.err.contains('\x1b'), "burstnet {arguments:?} draws where there is no terminal: {}", said.err);
        said
    }

    /// What it printed, with its lines joined: sentences are wrapped to the terminal's width.
    pub(crate) fn prose(&self) -> String {
        self.out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// Waits until `holds`. That it never does is a failure, not a matter of speed, so there is plenty of time.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let patience = Instant::now();
    while !holds() {
        assert!(patience.elapsed() < Duration::from_secs(300), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until a journal has its first records.
pub(crate) fn wait_for_records(journal: &Path) {
    wait_until(&format!("records in {}", journal.display()), || journal.metadata().map_or(0, |held| held.len()) > 100);
}

/// An .npy file with this header and data.
pub(crate) fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}
