//! Damage in journals.

use burstnet_sweep::results::journal::Damage;

use super::say::complain;

/// Advice on damage, where tables are shown.
pub(crate) const SEE_MISSING: &str = "see the missing trials";

/// Tells which bytes of journals are damaged, and what that means if trials are missing.
pub(crate) fn report_damage(damage: &[Damage], missing: u64, if_missing: &str) {
    let so = if missing == 0 { "no trial is missing" } else { if_missing };
    for damage in damage {
        let (path, bytes) = (damage.journal.display(), &damage.bytes);
        complain(&format!("{path}: damaged from byte {} to {}; {so}", bytes.start, bytes.end));
    }
}
