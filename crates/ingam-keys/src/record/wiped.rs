use std::io;

use zeroize::{Zeroize, Zeroizing};

/// A buffer to print secrets into: growing wipes the old copy, which a plain `Vec` leaves in freed memory.
pub(super) struct WipedBuffer {
    bytes: Zeroizing<Vec<u8>>,
}

impl WipedBuffer {
    /// Room for a usual record and its tag, so that growing is the exception.
    const START: usize = 1024;

    pub(super) fn new() -> Self {
        Self { bytes: Zeroizing::new(Vec::with_capacity(Self::START)) }
    }

    /// Makes room for `more` bytes without leaving a copy behind.
    pub(super) fn reserve(&mut self, more: usize) {
        let needed = self.bytes.len().saturating_add(more);
        if needed <= self.bytes.capacity() {
            return;
        }
        let mut grown = Vec::with_capacity(needed.saturating_mul(2));
        grown.extend_from_slice(&self.bytes);
        self.bytes.zeroize();
        self.bytes = Zeroizing::new(grown);
    }

    pub(super) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl io::Write for WipedBuffer {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.reserve(data.len());
        self.bytes.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn growing_keeps_what_was_written() {
        let mut buffer = WipedBuffer::new();
        for n in 0..5_000_u32 {
            buffer.write_all(&n.to_be_bytes()).unwrap();
        }
        let expected: Vec<u8> = (0..5_000_u32).flat_map(u32::to_be_bytes).collect();
        assert_eq!(*buffer.bytes_mut(), expected);
    }
}
