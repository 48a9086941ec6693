//! A journal cut or flipped at every byte: no intact record is lost, and the sweep ends with the same tables.

use burstnet_sweep::plan::shard::Shard;
use burstnet_sweep::results::journal;

use crate::sweeping::{SWEEP, Sweeping, open, tables_of, undisturbed};

/// Where a journal's first record starts.
const HEADER: usize = 52;

#[test]
fn flipped_or_cut_at_every_byte_it_ends_with_the_same_tables() {
    let whole = undisturbed(SWEEP);
    let place = tempfile::tempdir().unwrap();
    let results = place.path();
    Sweeping::default().run(results, SWEEP).unwrap();
    let path = results.join(journal::name(Shard::WHOLE));
    let bytes = std::fs::read(&path).unwrap();
    // Every byte of the header, of the first, and of the last records.
    let interesting = (0..HEADER + 200).chain(bytes.len() - 400..bytes.len());
    for at in interesting {
        for cut in [true, false] {
            let mut changed = bytes.clone();
            if cut {
                changed.truncate(at);
            } else {
                changed[at] ^= 0x40;
            }
            std::fs::write(&path, &changed).unwrap();
            let context = format!("{} at {at}", if cut { "cut" } else { "flipped" });
            if !cut && at < HEADER {
                let error = Sweeping::default().run(results, SWEEP).unwrap_err().to_string();
                assert!(error.contains("header"), "{context}: {error}");
                assert!(std::fs::read(&path).unwrap() == changed, "{context}: changed what it refused");
                continue;
            }
            let ledger = open(results).ledger(&|_| true).unwrap();
            assert_eq!(ledger.damage.is_empty(), cut, "{context}");
            let tally = Sweeping::default().run_to_tables(results, SWEEP).unwrap();
            assert_eq!(tally.new as usize, 12 - ledger.entries.len(), "{context}");
            assert!(cut || tally.new == 1, "{context}: {} records lost", tally.new);
            assert!(tables_of(results) == whole, "{context}");
        }
    }
}

#[test]
fn links_lead_nowhere() {
    let place = tempfile::tempdir().unwrap();
    let (results, elsewhere) = (place.path().join("r"), place.path().join("elsewhere"));
    Sweeping::default().run(&results, SWEEP).unwrap();
    for inside in ["plan.json".into(), journal::name(Shard::WHOLE), "journal".into()] {
        let path = results.join(&inside);
        std::fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        let error = Sweeping::default().run(&results, SWEEP).unwrap_err().to_string();
        assert!(error.contains("symbolic link"), "{}: {error}", inside.display());
        std::fs::remove_file(&path).unwrap();
        std::fs::rename(&elsewhere, &path).unwrap();
    }
    assert_eq!(Sweeping::default().run(&results, SWEEP).unwrap().new, 0);
    // A pipe would be waited for.
    let journal = results.join(journal::name(Shard::WHOLE));
    std::fs::remove_file(&journal).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&journal).status().unwrap().success());
    let error = Sweeping::default().run(&results, SWEEP).unwrap_err().to_string();
    assert!(error.contains("is not a file"), "{error}");
}
