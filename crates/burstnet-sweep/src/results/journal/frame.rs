//! The bytes of headers and frames.

use crate::limits::LONGEST_PAYLOAD;
use crate::results::record::TrialRecord;

/// The first bytes of a journal.
pub(super) const MAGIC: &[u8; 8] = b"BURSTJNL";
/// The version of the layout of new journals.
pub(super) const VERSION: u32 = 3;
/// The versions of layouts that are read. Version 2 has no proposals in its records.
pub(super) const READ: [u32; 2] = [VERSION, 2];
/// The length of the header: magic, version, fingerprint, checksum.
pub(super) const HEADER_LEN: usize = 8 + 4 + 32 + 8;
/// The first bytes of a frame. No text in UTF-8 contains them.
pub(super) const MARK: &[u8; 8] = b"\xf1TRIAL\r\n";
/// The length of a frame header: mark, length, checksum of the payload, checksum of these fields.
pub(super) const FRAME_HEADER_LEN: usize = 8 + 4 + 8 + 4;

/// Returns the header of a journal of this layout, of the plan with this fingerprint (hex).
pub(super) fn header(fingerprint: &str, version: u32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_LEN);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes.extend_from_slice(blake3::hash(fingerprint.as_bytes()).as_bytes());
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

/// Writes a frame of a journal of this layout around a record into `bytes`, replacing their content.
pub(super) fn write(record: &TrialRecord, version: u32, bytes: &mut Vec<u8>) -> postcard::Result<()> {
    bytes.clear();
    bytes.resize(FRAME_HEADER_LEN, 0);
    *bytes = postcard::to_extend(record, std::mem::take(bytes))?;
    if version >= 3 && !record.proposals.is_empty() {
        *bytes = postcard::to_extend(&record.proposals, std::mem::take(bytes))?;
    }
    complete(bytes)
}

/// Returns the frame around a payload, which need not be a record.
#[cfg(test)]
pub(super) fn around(payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; FRAME_HEADER_LEN];
    bytes.extend_from_slice(payload);
    complete(&mut bytes).unwrap();
    bytes
}

/// Fills in the header in front of a payload.
fn complete(bytes: &mut [u8]) -> postcard::Result<()> {
    let length = bytes.len() - FRAME_HEADER_LEN;
    if length > LONGEST_PAYLOAD as usize {
        return Err(postcard::Error::SerializeBufferFull);
    }
    let sum = checksum(&bytes[FRAME_HEADER_LEN..]);
    bytes[..8].copy_from_slice(MARK);
    bytes[8..12].copy_from_slice(&(length as u32).to_le_bytes());
    bytes[12..20].copy_from_slice(&sum);
    let sum = checksum(&bytes[..20]);
    bytes[20..24].copy_from_slice(&sum[..4]);
    Ok(())
}

/// The header of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameHeader {
    /// The length of the payload.
    pub(super) length: u32,
    /// The checksum of the payload.
    pub(super) sum: [u8; 8],
}

impl FrameHeader {
    /// Reads a header, if it is intact. Its own checksum distinguishes the start of a frame from a mark that a payload
    /// contains by chance, without reading the supposed frame.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < FRAME_HEADER_LEN || &bytes[..8] != MARK || bytes[20..24] != checksum(&bytes[..20])[..4] {
            return None;
        }
        let length = u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
        let mut sum = [0; 8];
        sum.copy_from_slice(&bytes[12..20]);
        (length <= LONGEST_PAYLOAD).then_some(Self { length, sum })
    }
}

/// Returns the first 8 bytes of the BLAKE3 hash.
pub(super) fn checksum(bytes: &[u8]) -> [u8; 8] {
    shortened(blake3::hash(bytes))
}

/// Returns the checksum that belongs to a whole hash.
pub(super) fn shortened(hash: blake3::Hash) -> [u8; 8] {
    let mut sum = [0; 8];
    sum.copy_from_slice(&hash.as_bytes()[..8]);
    sum
}
