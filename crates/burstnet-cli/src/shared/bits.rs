//! Results of another version of the bits: they can be read, but not made again.

use burstnet_sweep::objective::Objective;
use burstnet_sweep::results::provenance;
use burstnet_sweep::results::study::Study;

use crate::failure::Failure;

/// Refuses to make results of `study` again with another version of the bits, and names the release that can.
///
/// # Errors
/// Returns an error if the study has another version of the bits.
pub(crate) fn require_same(study: &Study, objective: &dyn Objective) -> Result<(), Failure> {
    let (theirs, ours) = (study.plan.bits, objective.bits_version());
    if theirs == ours {
        return Ok(());
    }
    let made = provenance::read(&study.results.join(provenance::FILE)).ok().and_then(|mut all| all.pop());
    let release = match made {
        Some(made) => {
            let commit = made.git_commit.map(|commit| format!(" of commit {}", commit.escape_debug()));
            format!("burstnet {}{}", made.version.escape_debug(), commit.unwrap_or_default())
        }
        None => format!("a release of burstnet with version {theirs}"),
    };
    Err(Failure::Input(format!(
        "{}: made with version {theirs} of the bits, this program has version {ours}; install {release} to make its \
         results again",
        study.results.display()
    )))
}
