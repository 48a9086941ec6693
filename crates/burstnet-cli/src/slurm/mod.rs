//! The scripts with which a sweep runs under Slurm: a job array of its shards, and the merge after it.

mod directive;
mod sbatch;
mod time_limit;

use std::fmt::Write as _;

use burstnet_report::shell;
use burstnet_sweep::results::journal;

pub(crate) use directive::{Directive, check_text, check_value};
pub(crate) use sbatch::SlurmJob;
pub(crate) use time_limit::TimeLimit;

/// The script of the array, and that of the merge, in the folder of the scripts.
pub(crate) const ARRAY: &str = "array.sh";
/// See [`ARRAY`].
pub(crate) const MERGE: &str = "merge.sh";
/// The folder of the jobs' logs, in that of the scripts. Slurm does not make it, and a job without it fails.
pub(crate) const LOGS: &str = "logs";
/// The longest that the merge asks for, in seconds.
const MERGE_SECONDS: u64 = 3600;

/// The contents of the scripts of a sweep. All texts are one line, all paths absolute.
#[derive(Clone, Debug)]
pub(crate) struct Scripts {
    /// The sweep's name.
    pub(crate) name: String,
    /// The command that they call.
    pub(crate) burstnet: String,
    /// The folder in which it runs, where the paths of `--set` start.
    pub(crate) folder: String,
    /// The sweep file.
    pub(crate) sweep: String,
    /// The results directory.
    pub(crate) results: String,
    /// The folder in which the scripts are.
    pub(crate) scripts: String,
    /// Further options of `burstnet sweep`.
    pub(crate) options: Vec<String>,
    /// True if trials run again that failed.
    pub(crate) retry_failed: bool,
    /// Number of shards, each a task of the array.
    pub(crate) shards: u32,
    /// The most rounds, if the search goes by rounds: an array for each.
    pub(crate) rounds: Option<u64>,
    /// Processors of each.
    pub(crate) cpus: u16,
    /// The time limit of each.
    pub(crate) time: Option<TimeLimit>,
    /// Seconds before the time limit from which no further trial starts.
    pub(crate) warning: u32,
    /// Further options of `sbatch`, for both jobs.
    pub(crate) sbatch: Vec<Directive>,
}

impl Scripts {
    /// Returns the script of the job array, a shard per task.
    pub(crate) fn array(&self) -> String {
        let mut lines = vec![Directive::new("job-name", &self.name)];
        lines.push(Directive::new("array", format!("0-{}", self.shards - 1)));
        lines.extend(self.common(self.cpus));
        lines.extend(self.time.iter().map(|time| Directive::new("time", time)));
        lines.push(Directive::new("signal", format!("B:USR1@{}", self.warning)));
        lines.push(Directive::switch("requeue"));
        lines.push(self.log(&format!("shard-%a-of-{}_%A.log", self.shards)));
        let mut arguments = vec![self.sweep.clone(), "--out".into(), self.results.clone()];
        arguments.extend(self.options.clone());
        let values = [
            ("burstnet", shell::quote(&self.burstnet)),
            ("folder", shell::quote(&self.folder)),
            ("results", shell::quote(&self.results)),
            ("scripts", shell::quote(&self.scripts)),
            ("shards", self.shards.to_string()),
            ("rounds", self.rounds.map_or("''".into(), |rounds| rounds.to_string())),
            ("arguments", format!("({})", shell::line(&arguments))),
            ("retry_failed", if self.retry_failed { "yes" } else { "no" }.into()),
            ("patience", format!("{} # seconds for the trials that are running, once warned", self.warning / 4 * 3)),
            ("empty_journal", format!("{} # bytes", journal::HEADER_BYTES)),
        ];
        let purpose = format!(
            "The sweep {} in shards: task I of the array runs shard I/{}{}. Made by burstnet slurm.\n\
             # The same shard again, after an error: sbatch --array=I {ARRAY}{}",
            self.name,
            self.shards,
            if self.rounds.is_some() { " of the round that is its argument" } else { "" },
            if self.rounds.is_some() { " ROUND" } else { "" }
        );
        script(&purpose, &lines, &values, include_str!("array.sh"))
    }

    /// Returns the script of the merge and the report, to be run after the array.
    pub(crate) fn merge(&self) -> String {
        let mut lines = vec![Directive::new("job-name", format!("{}-merge", self.name))];
        lines.extend(self.common(1));
        let time = self.time.as_ref().map(|time| match time.seconds() {
            ..=MERGE_SECONDS => time.to_string(),
            _longer => "1:00:00".into(),
        });
        lines.extend(time.map(|time| Directive::new("time", time)));
        lines.push(self.log("merge_%j.log"));
        let values = [
            ("burstnet", shell::quote(&self.burstnet)),
            ("results", shell::quote(&self.results)),
            ("scripts", shell::quote(&self.scripts)),
            ("shards", self.shards.to_string()),
            ("rounds", self.rounds.map_or("''".into(), |rounds| rounds.to_string())),
        ];
        let purpose =
            format!("The tables of the sweep {}, once all its shards are done. Made by burstnet slurm.", self.name);
        script(&purpose, &lines, &values, include_str!("merge.sh"))
    }

    fn common(&self, cpus: u16) -> Vec<Directive> {
        let mut lines =
            vec![Directive::new("nodes", 1), Directive::new("ntasks", 1), Directive::new("cpus-per-task", cpus)];
        lines.extend(self.sbatch.clone());
        lines
    }

    fn log(&self, name: &str) -> Directive {
        // A requeued job goes on in its log.
        Directive::new("output", format!("{}/{LOGS}/{name}", self.scripts))
    }
}

fn script(purpose: &str, lines: &[Directive], values: &[(&str, String)], body: &str) -> String {
    let mut text = format!("#!/bin/bash\n# {purpose}\n");
    for line in lines.iter().chain([&Directive::new("open-mode", "append")]) {
        let _ = writeln!(text, "{line}");
    }
    text.push('\n');
    for (name, value) in values {
        let _ = writeln!(text, "{name}={value}");
    }
    text.push('\n');
    text + body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts() -> Scripts {
        Scripts {
            name: "density".into(),
            burstnet: "/opt/burstnet".into(),
            folder: "/home/ann".into(),
            sweep: "/home/ann/density.yaml".into(),
            results: "/home/ann/results/density".into(),
            scripts: "/home/ann/results/density.slurm".into(),
            options: Vec::new(),
            retry_failed: false,
            shards: 4,
            rounds: None,
            cpus: 8,
            time: Some("2-12".parse().unwrap()),
            warning: 120,
            sbatch: vec![Directive::new("partition", "long,short"), Directive::new("account", "physics")],
        }
    }

    /// Returns the beginning of a script; the rest is the same for all sweeps.
    fn head(script: &str) -> &str {
        script.split_once("\nset -u\n").expect("a body").0
    }

    #[test]
    fn the_array() {
        insta::assert_snapshot!(head(&scripts().array()), @r#"
        #!/bin/bash
        # The sweep density in shards: task I of the array runs shard I/4. Made by burstnet slurm.
        # The same shard again, after an error: sbatch --array=I array.sh
        #SBATCH --job-name=density
        #SBATCH --array=0-3
        #SBATCH --nodes=1
        #SBATCH --ntasks=1
        #SBATCH --cpus-per-task=8
        #SBATCH --partition=long,short
        #SBATCH --account=physics
        #SBATCH --time=2-12
        #SBATCH --signal=B:USR1@120
        #SBATCH --requeue
        #SBATCH --output=/home/ann/results/density.slurm/logs/shard-%a-of-4_%A.log
        #SBATCH --open-mode=append

        burstnet=/opt/burstnet
        folder=/home/ann
        results=/home/ann/results/density
        scripts=/home/ann/results/density.slurm
        shards=4
        rounds=''
        arguments=(/home/ann/density.yaml --out /home/ann/results/density)
        retry_failed=no
        patience=90 # seconds for the trials that are running, once warned
        empty_journal=52 # bytes
        "#);
    }

    #[test]
    fn the_merge() {
        insta::assert_snapshot!(head(&scripts().merge()), @r#"
        #!/bin/bash
        # The tables of the sweep density, once all its shards are done. Made by burstnet slurm.
        #SBATCH --job-name=density-merge
        #SBATCH --nodes=1
        #SBATCH --ntasks=1
        #SBATCH --cpus-per-task=1
        #SBATCH --partition=long,short
        #SBATCH --account=physics
        #SBATCH --time=1:00:00
        #SBATCH --output=/home/ann/results/density.slurm/logs/merge_%j.log
        #SBATCH --open-mode=append

        burstnet=/opt/burstnet
        results=/home/ann/results/density
        scripts=/home/ann/results/density.slurm
        shards=4
        rounds=''
        "#);
        let longest = |time: &str| Scripts { time: Some(time.parse().unwrap()), ..scripts() }.merge();
        assert!(longest("30").contains("#SBATCH --time=30\n") && longest("61").contains("#SBATCH --time=1:00:00\n"));
        assert!(!Scripts { time: None, ..scripts() }.merge().contains("--time"));
    }

    #[test]
    fn names_that_a_shell_would_take_for_something_else() {
        let scripts = Scripts {
            sweep: "/home/ann/it's \"so\" $(touch x) `y`.yaml".into(),
            results: "/home/ann/a b".into(),
            scripts: "/home/ann/a \"b\" #1.slurm".into(),
            options: vec!["--set".into(), "teaching.mask=-rf *; !x".into()],
            retry_failed: true,
            ..scripts()
        };
        let script = scripts.array();
        let lines: Vec<&str> = head(&script).lines().filter(|line| line.contains("/home/ann")).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        #SBATCH --output="/home/ann/a \"b\" #1.slurm/logs/shard-%a-of-4_%A.log"
        folder=/home/ann
        results='/home/ann/a b'
        scripts='/home/ann/a "b" #1.slurm'
        arguments=('/home/ann/it'\''s "so" $(touch x) `y`.yaml' --out '/home/ann/a b' --set 'teaching.mask=-rf *; !x')
        "#);
    }
}
