//! Turning another encoding into UTF-8 while it is read.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding};

const BUFFER_BYTES: usize = 1 << 15;

/// Bytes of another encoding, read as UTF-8. A byte order mark wins over the encoding that was
/// expected: spreadsheets put one there when they save a Korean file again.
pub(super) struct Decoded<R> {
    bytes: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_from: usize,
    raw_until: usize,
    at_end: bool,
    text: Vec<u8>,
    text_from: usize,
    text_until: usize,
}

impl<R: Read> Decoded<R> {
    pub(super) fn new(bytes: R, encoding: &'static Encoding) -> Self {
        Self {
            bytes,
            decoder: encoding.new_decoder(),
            raw: vec![0; BUFFER_BYTES],
            raw_from: 0,
            raw_until: 0,
            at_end: false,
            // A byte of EUC-KR becomes at most three of UTF-8.
            text: vec![0; 3 * BUFFER_BYTES + 16],
            text_from: 0,
            text_until: 0,
        }
    }

    /// Decodes on; `false` once all is decoded.
    fn refill(&mut self) -> io::Result<bool> {
        if self.raw_from == self.raw_until {
            if self.at_end {
                return Ok(false);
            }
            self.raw_from = 0;
            self.raw_until = self.bytes.read(&mut self.raw)?;
            self.at_end = self.raw_until == 0;
        }
        let raw = &self.raw[self.raw_from..self.raw_until];
        let (result, read, written, _) =
            self.decoder
                .decode_to_utf8(raw, &mut self.text, self.at_end);
        self.raw_from += read;
        self.text_from = 0;
        self.text_until = written;
        debug_assert!(result == CoderResult::InputEmpty || written > 0);
        Ok(true)
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.text_from == self.text_until {
            if !self.refill()? {
                return Ok(0);
            }
        }
        let n = buffer.len().min(self.text_until - self.text_from);
        buffer[..n].copy_from_slice(&self.text[self.text_from..self.text_from + n]);
        self.text_from += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, so that every character is cut in two.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = self.0.len().min(1);
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn decoded(bytes: &[u8]) -> String {
        let mut text = String::new();
        let mut reader = Decoded::new(Slow(bytes), encoding_rs::EUC_KR);
        reader.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn korean_text_survives_being_cut_anywhere() {
        // "종가,똠방\n": the second word has a syllable that only CP949 knows.
        let bytes = [0xc1, 0xbe, 0xb0, 0xa1, b',', 0x8c, 0x63, 0xb9, 0xe6, b'\n'];
        assert_eq!(decoded(&bytes), "종가,똠방\n");
        assert_eq!(decoded("\u{feff}종가".as_bytes()), "종가");
        assert_eq!(decoded(&[b'a', 0xff, b'b', 0xc1]), "a\u{fffd}b\u{fffd}");
        assert_eq!(decoded(&[]), "");
    }
}
