//! The bytes of headers and frames.

use serde::Serialize;

/// What a journal starts with.
pub(super) const MAGIC: &[u8; 8] = b"BURSTJNL";
/// The layout of header and frames.
pub(super) const VERSION: u32 = 2;
/// Magic, version, fingerprint, checksum.
pub(super) const HEADER_LEN: usize = 8 + 4 + 32 + 8;
/// What a frame starts with. No text in UTF-8 contains it.
pub(super) const MARK: &[u8; 8] = b"\xf1TRIAL\r\n";
/// Mark, length, checksum of the payload, checksum of what stands before.
pub(super) const FRAME_HEADER_LEN: usize = 8 + 4 + 8 + 4;
/// The longest payload: a damaged length must not claim memory.
const LONGEST_PAYLOAD: u32 = 1 << 30;

/// The header of a journal of the plan with this fingerprint (hex).
pub(super) fn header(fingerprint: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_LEN);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(blake3::hash(fingerprint.as_bytes()).as_bytes());
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

/// Puts a frame around `payload` into `bytes`, in place of what is there.
pub(super) fn write(payload: &impl Serialize, bytes: &mut Vec<u8>) -> postcard::Result<()> {
    bytes.clear();
    bytes.resize(FRAME_HEADER_LEN, 0);
    *bytes = postcard::to_extend(payload, std::mem::take(bytes))?;
    complete(bytes)
}

/// The frame around a payload that need not be a record.
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
    /// Length of the payload.
    pub(super) length: u32,
    /// Its checksum.
    pub(super) sum: [u8; 8],
}

impl FrameHeader {
    /// Reads a header that is as it was written. Its own checksum tells a mark that stands in a payload by chance from
    /// one at which a frame starts, without reading what would be the frame.
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

/// The first 8 bytes of BLAKE3.
pub(super) fn checksum(bytes: &[u8]) -> [u8; 8] {
    shortened(blake3::hash(bytes))
}

/// The checksum whose whole hash this is.
pub(super) fn shortened(hash: blake3::Hash) -> [u8; 8] {
    let mut sum = [0; 8];
    sum.copy_from_slice(&hash.as_bytes()[..8]);
    sum
}
