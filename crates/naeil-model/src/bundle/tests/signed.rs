//! Signatures, downgrades, and every byte of a signed bundle.

use super::*;
use crate::bundle::files::verify;
use crate::bundle::manifest::Manifest;

fn key() -> SigningKey {
    SigningKey::from_seed(&[3; 32])
}

fn signed() -> Bundle {
    Bundle::with(|contents| contents.signing_key = Some(Box::leak(Box::new(key()))))
}

fn trusting(keys: &[SigningKey]) -> BundleLoader {
    BundleLoader {
        trusted_keys: keys.iter().map(SigningKey::trusted_key).collect(),
        minimum: None,
    }
}

fn check_untrusted(bundle: &Bundle, loader: &BundleLoader, message: &str) {
    let error = bundle.error(loader);
    assert!(matches!(error, LoadError::Untrusted(_)), "{error}");
    assert!(
        error.to_string().contains(message),
        "'{error}' lacks '{message}'"
    );
}

#[test]
fn only_bundles_of_trusted_keys_are_admitted() {
    let (bundle, other) = (signed(), SigningKey::from_seed(&[4; 32]));
    assert!(trusting(&[key()]).load(&bundle.dir).is_ok());
    assert!(trusting(&[other.clone(), key()]).load(&bundle.dir).is_ok());
    // Without trusted keys a signature is nobody's business.
    assert!(BundleLoader::default().load(&bundle.dir).is_ok());
    check_untrusted(&bundle, &trusting(&[other]), "none of the 1 trusted keys");
    check_untrusted(
        &Bundle::new(),
        &trusting(&[key()]),
        "it has no manifest.sig",
    );
}

#[test]
fn a_signed_manifest_that_was_changed_is_refused() {
    let bundle = signed();
    bundle.edit_manifest(|m| m["code_version"] = json!("0.1.1"));
    check_untrusted(&bundle, &trusting(&[key()]), "its manifest was changed");
    fs::write(bundle.dir.join(SIGNATURE), "not a signature").unwrap();
    check_untrusted(&bundle, &trusting(&[key()]), "128 lower-case");
    check_untrusted(&bundle, &BundleLoader::default(), "no signature");
    fs::write(bundle.dir.join(SIGNATURE), "0".repeat(1 << 16)).unwrap();
    let error = bundle.error(&trusting(&[key()]));
    assert!(
        error.to_string().contains("larger than 129 bytes"),
        "{error}"
    );
}

#[test]
fn an_older_bundle_is_a_downgrade() {
    let bundle = signed();
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
    let admitting = |seconds| BundleLoader {
        minimum: Some(at(seconds)),
        ..trusting(&[key()])
    };
    assert!(admitting(1_600_000_000).load(&bundle.dir).is_ok());
    let error = bundle.error(&admitting(1_600_000_001));
    assert!(matches!(error, LoadError::Older { .. }), "{error}");
    assert!(
        error.to_string().contains("2020-09-13 12:26:40 UTC"),
        "{error}"
    );
}

/// A signed bundle with one golden window.
fn small_and_signed() -> Bundle {
    Bundle::with(|contents| {
        contents.signing_key = Some(Box::leak(Box::new(key())));
        let (windows, _) = some_model().0.test_windows(1);
        contents.golden_windows = Box::leak(Box::new(windows));
    })
}

/// Up to so many positions of every file, evenly spread, where signature and digests are checked:
/// nothing of a file is used before. Whole loads follow below.
#[test]
fn flipped_bytes_of_a_signed_bundle_are_noticed() {
    const POSITIONS: usize = 1_000;
    let bundle = small_and_signed();
    let keys = [key().trusted_key()];
    let read = |name: &str| fs::read(bundle.dir.join(name)).unwrap();
    let flipped = |bytes: &[u8], accepted: &dyn Fn(&[u8]) -> bool| {
        assert!(accepted(bytes));
        let mut changed = bytes.to_vec();
        for at in (0..bytes.len()).step_by(1 + bytes.len() / POSITIONS) {
            changed[at] ^= 1 << (at % 8);
            assert!(!accepted(&changed), "byte {at}");
            changed[at] = bytes[at];
        }
    };
    let (text, signature) = (read(MANIFEST), read(SIGNATURE));
    flipped(&text, &|text| {
        signing::verify(&keys, text, &signature).is_ok()
    });
    flipped(&signature, &|signature| {
        signing::verify(&keys, &text, signature).is_ok()
    });
    let manifest = Manifest::parse(&text).unwrap();
    assert_eq!(manifest.files.len(), 4);
    for (name, file) in &manifest.files {
        flipped(&read(name), &|bytes| verify(name, bytes, file).is_ok());
    }
}

#[test]
fn swapped_files_are_refused() {
    let bundle = small_and_signed();
    let (one, other) = (bundle.dir.join(CARD), bundle.dir.join(MLMODEL));
    let (card, mlmodel) = (fs::read(&one).unwrap(), fs::read(&other).unwrap());
    fs::write(one, mlmodel).unwrap();
    fs::write(other, card).unwrap();
    let error = bundle.error(&trusting(&[key()]));
    assert!(matches!(error, LoadError::Altered(_)), "{error}");
}

/// The signature of another bundle of the same key does not fit.
#[test]
fn a_signature_of_another_bundle_is_refused() {
    let (bundle, other) = (
        small_and_signed(),
        Bundle::with(|contents| {
            contents.signing_key = Some(Box::leak(Box::new(key())));
            contents.code_version = "0.0.9";
        }),
    );
    fs::copy(other.dir.join(SIGNATURE), bundle.dir.join(SIGNATURE)).unwrap();
    check_untrusted(&bundle, &trusting(&[key()]), "its manifest was changed");
}

/// Whole loads: of every file the last byte and a few of those before.
#[test]
fn no_flipped_byte_of_a_signed_bundle_gets_through() {
    const STEP: usize = 499;
    let bundle = small_and_signed();
    let loader = trusting(&[key()]);
    let mut n_flipped = 0;
    for name in [MANIFEST, SIGNATURE, WEIGHTS, GOLDEN, CARD, MLMODEL] {
        let path = bundle.dir.join(name);
        let good = fs::read(&path).unwrap();
        let mut bytes = good.clone();
        for at in (0..good.len()).step_by(STEP).chain([good.len() - 1]) {
            bytes[at] ^= 1 << (at % 8);
            fs::write(&path, &bytes).unwrap();
            bytes[at] = good[at];
            match loader.load(&bundle.dir) {
                Err(LoadError::Altered(_)) => assert!(![MANIFEST, SIGNATURE].contains(&name)),
                Err(LoadError::Untrusted(_)) => assert!([MANIFEST, SIGNATURE].contains(&name)),
                Err(error) => panic!("byte {at} of {name}: {error}"),
                Ok(_) => panic!("byte {at} of {name} was flipped, and the bundle was admitted"),
            }
            n_flipped += 1;
        }
        fs::write(&path, &good).unwrap();
    }
    assert!(n_flipped > 25, "{n_flipped} bytes");
    assert!(loader.load(&bundle.dir).is_ok());
}
