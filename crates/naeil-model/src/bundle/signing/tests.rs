use super::*;

/// RFC 8032, section 7.1, test 2: the message is the byte 0x72.
const SEED: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
const PUBLIC: &str = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const SIGNATURE: &str = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

#[test]
fn signatures_are_those_of_the_standard() {
    let key = SigningKey::parse(&format!(" {SEED}\n")).unwrap();
    assert_eq!(key.to_text(), SEED);
    assert_eq!(key.trusted_key().to_string(), PUBLIC);
    let signature = key.sign(b"\x72");
    assert_eq!(signature, format!("{SIGNATURE}\n"));
    assert_eq!(signature.len(), SIGNATURE_BYTES);

    let trusted = TrustedKey::parse(PUBLIC).unwrap();
    let other = SigningKey::generate().unwrap().trusted_key();
    assert!(verify(&[other, trusted], b"\x72", signature.as_bytes()).is_ok());
    let refusal = verify(&[other], b"\x72", signature.as_bytes()).unwrap_err();
    assert!(refusal.contains("none of the 1 trusted keys"), "{refusal}");
    assert!(verify(&[trusted], b"\x73", signature.as_bytes()).is_err());
}

#[test]
fn a_key_in_base64_is_the_same_key() {
    // The seed's bytes through `base64` of coreutils.
    let padded = "TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs=";
    assert_eq!(SigningKey::parse(padded).unwrap().to_text(), SEED);
    let bare = padded.trim_end_matches('=');
    assert_eq!(SigningKey::parse(bare).unwrap().to_text(), SEED);
}

#[test]
fn drawn_keys_differ_and_come_back_from_their_text() {
    let (a, b) = (
        SigningKey::generate().unwrap(),
        SigningKey::generate().unwrap(),
    );
    assert_ne!(a.to_text(), b.to_text());
    let again = SigningKey::parse(&a.to_text()).unwrap();
    assert_eq!(again.trusted_key(), a.trusted_key());
    assert!(!format!("{a:?}").contains(&a.to_text()));
}

#[test]
fn texts_that_are_no_keys_are_refused_without_being_repeated() {
    let secret = &SEED[..63];
    for text in ["", secret, "zz", &"=".repeat(44), &"A".repeat(42)] {
        let error = SigningKey::parse(text).unwrap_err().to_string();
        assert!(error.contains("32 bytes in hexadecimal"), "{error}");
        assert!(text.is_empty() || !error.contains(text), "{error}");
    }
    // The identity: every signature of it could be forged.
    let weak = format!("01{}", "0".repeat(62));
    assert!(matches!(
        TrustedKey::parse(&weak),
        Err(InvalidKey::NotAPublicKey)
    ));
}

#[test]
fn a_signature_has_one_form_only() {
    let key = SigningKey::parse(SEED).unwrap();
    let good = key.sign(b"text");
    let keys = [key.trusted_key()];
    let wrong = [
        good.to_uppercase(),
        good.trim_end().to_owned(),
        format!("{good}\n"),
        good.replace('\n', " "),
        String::new(),
    ];
    for text in wrong {
        assert!(verify(&keys, b"text", text.as_bytes()).is_err(), "{text:?}");
    }
}
