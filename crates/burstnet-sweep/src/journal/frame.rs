//! The bytes of headers and frames.

/// What a journal starts with.
pub(super) const MAGIC: &[u8; 8] = b"BURSTJNL";
/// The layout of header and frames.
pub(super) const VERSION: u32 = 1;
/// Magic, version, fingerprint, checksum.
pub(super) const HEADER_LEN: usize = 8 + 4 + 32 + 8;
/// What a frame starts with.
pub(super) const MARK: &[u8; 8] = b"\xf1TRIAL\r\n";
/// Mark, length, checksum.
pub(super) const FRAME_HEADER_LEN: usize = 8 + 4 + 8;
/// The longest payload: a damaged length must not claim memory.
pub(super) const LONGEST_PAYLOAD: u32 = 1 << 30;

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

/// A frame around `payload`.
pub(super) fn frame(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FRAME_HEADER_LEN + payload.len());
    bytes.extend_from_slice(MARK);
    bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&checksum(payload));
    bytes.extend_from_slice(payload);
    bytes
}

/// The first 8 bytes of BLAKE3.
pub(super) fn checksum(bytes: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    sum.copy_from_slice(&blake3::hash(bytes).as_bytes()[..8]);
    sum
}
