//! Waits of a process outside its trials. They are reported to the attendant of the process, which may display them or
//! end the process.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The interval between two reports to the attendant.
const PAUSE: Duration = Duration::from_millis(100);
/// The number of bytes of a file that are read at once.
const CHUNK: usize = 1 << 20;

/// The reason for a wait.
#[derive(Clone, Copy, Debug)]
pub enum Wait<'a> {
    /// Another process is changing the shared files of a results directory.
    Lock {
        /// The results directory.
        results: &'a Path,
        /// The other process, if it runs on this machine.
        holder: Option<u32>,
    },
    /// A file is being read to identify it by its content.
    Read {
        /// The file.
        file: &'a Path,
        /// The number of bytes that have been read.
        done: u64,
        /// The length of the file in bytes.
        of: u64,
    },
}

/// A function that receives the reason for a wait and its start.
pub type Attendant = fn(Wait<'_>, Instant);

static ATTENDANT: OnceLock<Attendant> = OnceLock::new();

/// Makes `attendant` the attendant of this process, unless there is one already.
pub fn attend(attendant: Attendant) {
    let _: Result<(), Attendant> = ATTENDANT.set(attendant);
}

fn tell(wait: Wait<'_>, since: Instant) {
    if let Some(attendant) = ATTENDANT.get() {
        attendant(wait, since);
    }
}

/// Locks the results directory that is open as `folder` for this process alone. The process that has waited longest
/// gets the lock first.
pub(crate) fn lock(folder: &File, results: &Path) -> io::Result<()> {
    match folder.try_lock() {
        Ok(()) => return Ok(()),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let since = Instant::now();
    let (locked, waiting) = channel::<()>();
    let told = move || {
        while let Err(RecvTimeoutError::Timeout) = waiting.recv_timeout(PAUSE) {
            tell(Wait::Lock { results, holder: holder(folder) }, since);
        }
    };
    std::thread::scope(|scope| {
        // Without a thread for it nobody is told; the lock comes all the same.
        let _attended = std::thread::Builder::new().spawn_scoped(scope, told);
        let outcome = loop {
            match folder.lock() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome,
            }
        };
        drop(locked);
        outcome
    })
}

/// Returns the process that holds the lock of a file, according to the system's list.
fn holder(file: &File) -> Option<u32> {
    let node = file.metadata().ok()?.ino().to_string();
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    // 1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF; those that wait have an arrow behind the number.
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_number, "FLOCK", _advisory, _write, process, place, ..] = words[..] else { return None };
        let here = place.rsplit(':').next().is_some_and(|held| held == node);
        process.parse().ok().filter(|process| here && *process > 0) // one of another container has no number here
    })
}

/// Reads a whole file and passes it to `take`, piece by piece. Returns its length.
pub(crate) fn read_all(path: &Path, mut take: impl FnMut(&[u8])) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let of = file.metadata()?.len();
    let (since, mut told) = (Instant::now(), Instant::now());
    let mut buffer = vec![0; CHUNK.min(of as usize + 1)];
    let mut done = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(done),
            Ok(n) => {
                take(&buffer[..n]);
                done += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if told.elapsed() >= PAUSE {
            tell(Wait::Read { file: path, done, of }, since);
            told = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    static HOLDER: AtomicU32 = AtomicU32::new(0);

    #[test]
    fn a_lock_that_somebody_holds_is_told_with_its_holder_and_comes_at_last() {
        attend(|wait, _since| {
            if let Wait::Lock { holder: Some(process), .. } = wait {
                HOLDER.store(process, Ordering::Relaxed);
            }
        });
        let place = tempfile::tempdir().unwrap();
        let open = || File::open(place.path()).unwrap();
        let (first, second) = (open(), open());
        lock(&first, place.path()).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| lock(&second, place.path()));
            let start = Instant::now();
            while HOLDER.load(Ordering::Relaxed) == 0 && start.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_millis(5));
            }
            assert!(!waiting.is_finished());
            drop(first);
            waiting.join().unwrap().unwrap();
        });
        assert_eq!(HOLDER.load(Ordering::Relaxed), std::process::id());
    }

    #[test]
    fn a_file_is_read_to_its_end() {
        let place = tempfile::tempdir().unwrap();
        for length in [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK + 3] {
            let path = place.path().join("file");
            let bytes: Vec<u8> = (0..length).map(|at| at as u8).collect();
            std::fs::write(&path, &bytes).unwrap();
            let mut read = Vec::new();
            assert_eq!(read_all(&path, |piece| read.extend_from_slice(piece)).unwrap(), length as u64);
            assert!(read == bytes, "{length}");
        }
    }
}
