//! What is known of a safetensors file before it is parsed.

use std::ops::RangeInclusive;

/// Bytes of the header's length, with which a file begins.
const LENGTH: usize = 8;

/// The most bytes that the header may spend on a tensor: its name, type, shape and place.
const PER_TENSOR: u64 = 256;

/// What a safetensors file is allowed to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    /// How many tensors.
    pub(super) n_tensors: usize,
    /// Bytes of their numbers.
    pub(super) data_bytes: u64,
}

impl Expected {
    /// The sizes that the file can have; `None` if they cannot be counted.
    pub(super) fn file_bytes(self) -> Option<RangeInclusive<u64>> {
        let least = self.data_bytes.checked_add(LENGTH as u64)?;
        Some(least..=least.checked_add(self.header_limit())?)
    }

    /// Refuses a header that is longer than these tensors need, before anyone parses it: a header
    /// of a million names costs far more memory than its file.
    pub(super) fn check_header(self, bytes: &[u8]) -> Result<(), String> {
        let (length, _) = bytes
            .split_first_chunk::<LENGTH>()
            .ok_or("it is too short for a safetensors file")?;
        let length = u64::from_le_bytes(*length);
        if length > self.header_limit() {
            return Err(format!(
                "its header states {length} bytes, {} tensors need at most {}",
                self.n_tensors,
                self.header_limit()
            ));
        }
        Ok(())
    }

    fn header_limit(self) -> u64 {
        PER_TENSOR * (self.n_tensors as u64 + 1)
    }
}
