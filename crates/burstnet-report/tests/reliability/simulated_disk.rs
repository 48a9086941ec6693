//! A disk that can lose power: it remembers what was synced, and shows what could be left of the rest.
//!
//! All operations are done on real files, and noted. [`Simulated::after_power_cut`] makes a folder as it may be found if
//! the power went after some of them: data that was not synced is there, in part or not at all, in any combination, and
//! so are names in folders that were not synced. A rename is never half done.

use std::collections::{BTreeMap, HashMap};
use std::fs::TryLockError;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use burstnet_sweep::files::disk::{Disk, DiskFile, SystemDisk};

use crate::sweeping::Dice;

type FileId = usize;

#[derive(Clone, Debug)]
enum Operation {
    Name {
        path: PathBuf,
        file: FileId,
    },
    Write {
        file: FileId,
        at: u64,
        bytes: Vec<u8>,
    },
    Cut {
        file: FileId,
        length: u64,
    },
    SyncFile {
        file: FileId,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    MakeFolder {
        path: PathBuf,
    },
    SyncFolder {
        path: PathBuf,
    },
    /// No operation: the program said that something is durable.
    Said {
        what: String,
    },
}

#[derive(Debug, Default)]
struct Log {
    operations: Vec<Operation>,
    names: HashMap<PathBuf, FileId>,
    files: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Simulated(Arc<Mutex<Log>>);

impl Simulated {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    fn note(&self, operation: Operation) {
        self.0.lock().unwrap().operations.push(operation);
    }

    /// Notes that the program said something is durable.
    pub(crate) fn said(&self, what: impl Into<String>) {
        self.note(Operation::Said { what: what.into() });
    }

    pub(crate) fn operations(&self) -> usize {
        self.0.lock().unwrap().operations.len()
    }

    /// Makes `folder` what may be left of `root` when the power goes after the first `after` operations, and returns
    /// what the program had said by then.
    pub(crate) fn after_power_cut(&self, root: &Path, after: usize, dice: &mut Dice, folder: &Path) -> Vec<String> {
        let log = self.0.lock().unwrap();
        let mut platter = Platter { dice, files: BTreeMap::new(), folders: BTreeMap::new(), said: Vec::new() };
        platter.folders.insert(root.to_owned(), Folder::default());
        log.operations[..after].iter().for_each(|operation| platter.take(operation));
        platter.show(root, folder);
        platter.said
    }

    fn file(&self, path: &Path, inner: Box<dyn DiskFile>, new: bool) -> Box<dyn DiskFile> {
        let mut log = self.0.lock().unwrap();
        let known = log.names.get(path).copied().filter(|_| !new);
        let file = known.unwrap_or_else(|| {
            let file = log.files;
            log.files += 1;
            log.names.insert(path.to_owned(), file);
            log.operations.push(Operation::Name { path: path.to_owned(), file });
            file
        });
        drop(log);
        Box::new(SimulatedFile { disk: self.clone(), inner, file, at: 0 })
    }
}

impl Disk for Simulated {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(path, SystemDisk.create(path)?, true))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(path, SystemDisk.open(path)?, false))
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        if !path.is_dir() {
            SystemDisk.make_folder(path)?;
            self.note(Operation::MakeFolder { path: path.to_owned() });
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        SystemDisk.rename(from, to)?;
        let mut log = self.0.lock().unwrap();
        let file = log.names.remove(from).expect("a known file");
        log.names.insert(to.to_owned(), file);
        log.operations.push(Operation::Rename { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove(path)?;
        self.0.lock().unwrap().names.remove(path);
        self.note(Operation::Remove { path: path.to_owned() });
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        SystemDisk.sync_folder(path)?;
        self.note(Operation::SyncFolder { path: path.to_owned() });
        Ok(())
    }
}

struct SimulatedFile {
    disk: Simulated,
    inner: Box<dyn DiskFile>,
    file: FileId,
    at: u64,
}

impl Write for SimulatedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.disk.note(Operation::Write { file: self.file, at: self.at, bytes: bytes[..n].to_vec() });
        self.at += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl DiskFile for SimulatedFile {
    fn sync(&mut self) -> io::Result<()> {
        self.inner.sync()?;
        self.disk.note(Operation::SyncFile { file: self.file });
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.inner.cut(length)?;
        self.at = length;
        self.disk.note(Operation::Cut { file: self.file, length });
        Ok(())
    }

    fn try_lock(&self) -> Result<(), TryLockError> {
        self.inner.try_lock()
    }

    fn is_at(&self, path: &Path) -> bool {
        self.inner.is_at(path)
    }
}

/// The data on the disk, and those that are still on their way.
struct Platter<'a> {
    dice: &'a mut Dice,
    files: BTreeMap<FileId, Content>,
    folders: BTreeMap<PathBuf, Folder>,
    said: Vec<String>,
}

#[derive(Default)]
struct Content {
    durable: Vec<u8>,
    waiting: Vec<Operation>,
}

#[derive(Default)]
struct Folder {
    /// Files by name; none for a folder.
    durable: BTreeMap<PathBuf, Option<FileId>>,
    /// All names at this moment, as the running system sees them.
    current: BTreeMap<PathBuf, Option<FileId>>,
    waiting: Vec<Operation>,
}

fn apply_to_bytes(operation: &Operation, bytes: &mut Vec<u8>) {
    match operation {
        Operation::Write { at, bytes: new, .. } => {
            let end = *at as usize + new.len();
            bytes.resize(bytes.len().max(end), 0);
            bytes[*at as usize..end].copy_from_slice(new);
        }
        Operation::Cut { length, .. } => bytes.resize(*length as usize, 0),
        other => panic!("{other:?} changes no bytes"),
    }
}

fn apply_to_names(operation: &Operation, file: Option<FileId>, names: &mut BTreeMap<PathBuf, Option<FileId>>) {
    match operation {
        Operation::Name { path, file } => drop(names.insert(path.clone(), Some(*file))),
        Operation::MakeFolder { path } => drop(names.insert(path.clone(), None)),
        Operation::Remove { path } => drop(names.remove(path)),
        Operation::Rename { from, to } => {
            names.remove(from);
            names.insert(to.clone(), file);
        }
        other => panic!("{other:?} changes no names"),
    }
}

impl Platter<'_> {
    fn take(&mut self, operation: &Operation) {
        match operation {
            Operation::Write { file, .. } | Operation::Cut { file, .. } => {
                self.files.entry(*file).or_default().waiting.push(operation.clone());
            }
            Operation::SyncFile { file } => {
                let content = self.files.entry(*file).or_default();
                let waiting = std::mem::take(&mut content.waiting);
                waiting.iter().for_each(|one| apply_to_bytes(one, &mut content.durable));
            }
            Operation::Name { path, .. } | Operation::Remove { path } => self.change_names(path, operation),
            Operation::Rename { to, .. } => self.change_names(to, operation),
            Operation::MakeFolder { path } => {
                self.folders.entry(path.clone()).or_default();
                self.change_names(path, operation);
            }
            Operation::SyncFolder { path } => {
                if let Some(folder) = self.folders.get_mut(path) {
                    folder.durable.clone_from(&folder.current);
                    folder.waiting.clear();
                }
            }
            Operation::Said { what } => self.said.push(what.clone()),
        }
    }

    fn change_names(&mut self, path: &Path, operation: &Operation) {
        if let Some(folder) = path.parent().and_then(|parent| self.folders.get_mut(parent)) {
            let file = match operation {
                Operation::Rename { from, .. } => folder.current.get(from).copied().flatten(),
                _ => None,
            };
            apply_to_names(operation, file, &mut folder.current);
            // With the file that a rename moves, since the name that it had may never arrive.
            let noted = match (operation, file) {
                (Operation::Rename { from, to }, Some(file)) => {
                    vec![Operation::Remove { path: from.clone() }, Operation::Name { path: to.clone(), file }]
                }
                _ => vec![operation.clone()],
            };
            folder.waiting.extend(noted);
        }
    }

    /// Writes to `shown` what is found in `path` after the cut.
    fn show(&mut self, path: &Path, shown: &Path) {
        let Some(folder) = self.folders.remove(path) else { return };
        let mut names = folder.durable;
        for operation in folder.waiting {
            if self.dice.below(2) == 0 {
                apply_to_names(&operation, None, &mut names);
            }
        }
        std::fs::create_dir_all(shown).unwrap();
        for (name, file) in names {
            let target = shown.join(name.file_name().unwrap());
            match file {
                None => self.show(&name, &target),
                Some(file) => std::fs::write(target, self.content(file)).unwrap(),
            }
        }
    }

    fn content(&mut self, file: FileId) -> Vec<u8> {
        let Some(content) = self.files.get(&file) else { return Vec::new() };
        let mut bytes = content.durable.clone();
        for operation in &content.waiting {
            match (self.dice.below(3), operation) {
                (0, _) => {}
                (1, Operation::Write { file, at, bytes: new }) => {
                    let part = self.dice.below(new.len() as u64 + 1) as usize;
                    apply_to_bytes(&Operation::Write { file: *file, at: *at, bytes: new[..part].to_vec() }, &mut bytes);
                }
                _ => apply_to_bytes(operation, &mut bytes),
            }
        }
        bytes
    }
}
