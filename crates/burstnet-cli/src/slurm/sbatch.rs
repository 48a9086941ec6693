//! Handing scripts to Slurm.

use burstnet_report::shell;

use std::path::Path;
use std::process::Command;

use crate::terminal::say::complain;

/// A job that Slurm took.
pub(crate) struct SlurmJob {
    pub(crate) id: String,
    /// The cluster, where there are several.
    cluster: Option<String>,
}

impl SlurmJob {
    /// Submits a script with its arguments, to run when another job has ended, if one is given.
    ///
    /// # Errors
    /// Returns an error if `sbatch` is not there, refuses it, or answers something else than a job, with how to submit
    /// it by hand.
    pub(crate) fn submit(script: &Path, arguments: &[String], after: Option<&Self>) -> Result<Self, String> {
        let mut options = Vec::new();
        if let Some(job) = after {
            options.push(format!("--dependency=afterany:{}", job.id));
            options.extend(job.cluster.iter().map(|name| format!("--clusters={name}")));
        }
        let failed = |problem: &str| {
            let words =
                [&["sbatch".to_owned()], &options[..], &[shell::quote(&script.to_string_lossy())], arguments].concat();
            format!("{problem}\nThe scripts are written. To submit this one by hand: {}", words.join(" "))
        };
        let output = Command::new("sbatch").arg("--parsable").args(&options).arg(script).args(arguments).output();
        let output = output.map_err(|error| failed(&format!("cannot start sbatch: {error}")))?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(failed(&format!("sbatch failed ({}): {}", output.status, said.trim_end())));
        }
        if !said.trim().is_empty() {
            complain(said.trim_end());
        }
        let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Self::parse(&answer).ok_or_else(|| failed(&format!("sbatch answered {answer:?}, expected the number of a job")))
    }

    /// Reads `JOB` or `JOB;CLUSTER`.
    fn parse(answer: &str) -> Option<Self> {
        let (id, cluster) = match answer.split_once(';') {
            Some((id, cluster)) => (id, Some(cluster.to_owned())),
            None => (answer, None),
        };
        let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let is_name = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
        (is_number && cluster.as_ref().is_none_or(is_name)).then(|| Self { id: id.to_owned(), cluster })
    }
}
