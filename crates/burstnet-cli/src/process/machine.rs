//! This program, for the provenance of results.

use burstnet_sweep::results::provenance::Contribution;

/// Returns this run of the command, starting now.
pub(crate) fn contribution() -> Contribution {
    let mut contribution = Contribution::starting_now();
    contribution.git_commit = option_env!("BURSTNET_COMMIT").map(str::to_owned);
    contribution.toolchain = Some(env!("BURSTNET_TOOLCHAIN").to_owned());
    contribution
}
