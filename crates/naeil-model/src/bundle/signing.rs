//! Signatures: who wrote a bundle.
//!
//! Keys are text files. A signing key is the 32 bytes of an Ed25519 seed, a trusted key the 32 bytes
//! of a public key, each in hexadecimal or base64. `manifest.sig` is the signature over the bytes of
//! `manifest.json` in 128 lower-case hexadecimal digits and a line feed.
//!
//! # Source
//! RFC 8032.

#[cfg(test)]
mod tests;

use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::Read;

use ed25519_dalek::{Signature, Signer, VerifyingKey};

/// Bytes of a seed and of a public key.
const KEY_BYTES: usize = 32;

/// Bytes of `manifest.sig`: 64 as hexadecimal digits, and a line feed.
pub(super) const SIGNATURE_BYTES: usize = 129;

/// The private key that signs bundles. It shows itself nowhere but in [`Self::to_text`].
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// A public key whose bundles are admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedKey(VerifyingKey);

/// Why a text is no key. It never repeats the text.
#[derive(Debug, thiserror::Error)]
pub enum InvalidKey {
    /// It is neither 64 hexadecimal digits nor 32 bytes of base64.
    #[error("a key is 32 bytes in hexadecimal or base64, this text of {0} characters is neither")]
    Format(usize),
    /// The bytes are not a point of the curve, or a weak one.
    #[error("the bytes are not an Ed25519 public key")]
    NotAPublicKey,
    /// The system gives no random bytes.
    #[error("cannot draw a key: the system gives no random bytes")]
    NoRandomness(#[source] std::io::Error),
}

impl SigningKey {
    /// Draws a new key from the system's generator.
    ///
    /// # Errors
    /// [`InvalidKey::NoRandomness`] if there is none.
    pub fn generate() -> Result<Self, InvalidKey> {
        let mut seed = [0; KEY_BYTES];
        File::open("/dev/urandom")
            .and_then(|mut file| file.read_exact(&mut seed))
            .map_err(InvalidKey::NoRandomness)?;
        Ok(Self::from_seed(&seed))
    }

    /// The key of a seed.
    pub fn from_seed(seed: &[u8; KEY_BYTES]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// Parses the text of a key file; white space around it does not count.
    ///
    /// # Errors
    /// [`InvalidKey::Format`].
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        key_bytes(text).map(|seed| Self::from_seed(&seed))
    }

    /// The text of its key file: keep it secret.
    pub fn to_text(&self) -> String {
        hex(self.0.as_bytes())
    }

    /// The key that others need to admit what this one signs.
    pub fn trusted_key(&self) -> TrustedKey {
        TrustedKey(self.0.verifying_key())
    }

    /// The contents of `manifest.sig`.
    pub(super) fn sign(&self, manifest: &[u8]) -> String {
        let mut text = hex(&self.0.sign(manifest).to_bytes());
        text.push('\n');
        text
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey of {}", self.trusted_key())
    }
}

impl TrustedKey {
    /// Parses the text of a public key; white space around it does not count.
    ///
    /// # Errors
    /// [`InvalidKey::Format`] or [`InvalidKey::NotAPublicKey`].
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let key =
            VerifyingKey::from_bytes(&key_bytes(text)?).map_err(|_| InvalidKey::NotAPublicKey)?;
        if key.is_weak() {
            return Err(InvalidKey::NotAPublicKey);
        }
        Ok(Self(key))
    }

    fn verifies(&self, manifest: &[u8], signature: &Signature) -> bool {
        self.0.verify_strict(manifest, signature).is_ok()
    }
}

impl fmt::Display for TrustedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.0.as_bytes()))
    }
}

/// Checks that one of the keys signed the manifest.
///
/// # Errors
/// Text for people: the signature is no signature, or of none of the keys.
pub(super) fn verify(keys: &[TrustedKey], manifest: &[u8], text: &[u8]) -> Result<(), String> {
    let signature = parse_signature(text)
        .ok_or("manifest.sig is not 128 lower-case hexadecimal digits and a line feed")?;
    if keys.iter().any(|key| key.verifies(manifest, &signature)) {
        return Ok(());
    }
    Err(format!(
        "its signature is of none of the {} trusted keys, or its manifest was changed",
        keys.len()
    ))
}

/// Reads a signature in exactly the form in which it is written.
pub(super) fn parse_signature(text: &[u8]) -> Option<Signature> {
    let digits = text.strip_suffix(b"\n")?;
    let lower = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    if !digits.iter().all(lower) {
        return None;
    }
    let bytes: [u8; 64] = from_hex(digits)?;
    Some(Signature::from_bytes(&bytes))
}

fn key_bytes(text: &str) -> Result<[u8; KEY_BYTES], InvalidKey> {
    let text = text.trim();
    from_hex(text.as_bytes())
        .or_else(|| from_base64(text.as_bytes()))
        .ok_or(InvalidKey::Format(text.chars().count()))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing into a string cannot fail");
    }
    text
}

fn from_hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    if digits.len() != 2 * N {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(bytes)
}

/// Reads 32 bytes of base64 (RFC 4648), with its one sign of padding or without.
fn from_base64(text: &[u8]) -> Option<[u8; KEY_BYTES]> {
    let digits = text.strip_suffix(b"=").unwrap_or(text);
    if digits.len() != 43 {
        return None;
    }
    let mut bytes = [0; KEY_BYTES];
    let (mut bits, mut n_bits, mut at) = (0_u32, 0, 0);
    for &digit in digits {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            *bytes.get_mut(at)? = (bits >> n_bits & 0xff) as u8;
            at += 1;
        }
    }
    // The last sign carries two bits more than there are: they must be 0.
    (at == KEY_BYTES && bits & ((1 << n_bits) - 1) == 0).then_some(bytes)
}
