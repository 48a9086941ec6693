//! A file behind a moving window, so that bytes are read once and in large pieces.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// The number of bytes that are read at once, and the most that can be requested.
pub(super) const CHUNK: usize = 1 << 18;

/// A file and the part of it that is in memory.
pub(super) struct Window {
    file: File,
    /// The offset of the part.
    start: u64,
    part: Vec<u8>,
}

impl Window {
    pub(super) fn new(file: File) -> Self {
        Self { file, start: 0, part: Vec::new() }
    }

    /// Returns `length` bytes from `at` on, at most [`CHUNK`], and fewer at the end of the file.
    pub(super) fn get(&mut self, at: u64, length: usize) -> io::Result<&[u8]> {
        let held = at >= self.start && at + length as u64 <= self.start + self.part.len() as u64;
        if !held {
            self.load(at)?;
        }
        let from = (at - self.start) as usize;
        Ok(&self.part[from..self.part.len().min(from + length)])
    }

    fn load(&mut self, at: u64) -> io::Result<()> {
        self.part.resize(CHUNK, 0);
        self.start = at;
        let mut got = 0;
        while got < CHUNK {
            match self.file.read_at(&mut self.part[got..], at + got as u64) {
                Ok(0) => break,
                Ok(n) => got += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.part.truncate(got);
        Ok(())
    }
}
