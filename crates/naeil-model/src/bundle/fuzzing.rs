//! What a fuzzer may throw bytes at: every parser that meets a file before it is trusted.

use naeil_domain::Digest;

use super::golden::Golden;
use super::manifest::Manifest;
use super::reference::Reference;
use super::signing::{self, SigningKey, TrustedKey};
use super::tensors::Expected;
use crate::inference::LstmForecaster;
use crate::network_config::NetworkConfig;
use crate::weight_file;
use crate::weights::layout;

/// The parsers, by the first byte of an input.
pub const PARSERS: [&str; 6] = [
    "manifest",
    "weights",
    "golden",
    "reference",
    "signature",
    "key",
];

/// The network that weights and golden vectors are read for: the smallest with every part.
pub fn network() -> NetworkConfig {
    NetworkConfig {
        n_columns: 2,
        sequence_columns: vec![1],
        seq_length: 2,
        hidden_size: 2,
        n_layers: 1,
        wide_size: 1,
        quantile_size: 1,
        dropout: 0.0,
    }
}

/// Parses an input: the first byte chooses the parser, the rest is the file. Whatever it holds, the
/// parsers give a value or an error, and what they give can be used.
pub fn parse(input: &[u8]) {
    let Some((&parser, file)) = input.split_first() else {
        return;
    };
    match PARSERS[usize::from(parser) % PARSERS.len()] {
        "manifest" => {
            if let Ok(manifest) = Manifest::parse(file)
                && manifest.validate(Digest::of(file)).is_ok()
            {
                let sizes = [manifest.expected_weights(), manifest.expected_golden()];
                assert!(sizes.iter().all(|size| size.file_bytes().is_some()));
            }
        }
        "weights" => parse_weights(file),
        "golden" => {
            if let Ok(golden) = Golden::from_bytes(file, 1, &network()) {
                assert!(golden.to_bytes(&network()).is_ok());
            }
        }
        "reference" => {
            if let Ok(reference) = Reference::parse(file) {
                for feature in &reference.features {
                    let (shares, _) = feature.values.shares_of([0.0, f64::NAN]);
                    assert_eq!(shares.len(), feature.values.shares.len());
                }
            }
        }
        "signature" => {
            let key = SigningKey::from_seed(&[7; 32]).trusted_key();
            assert!(signing::verify(&[key], b"not what was signed", file).is_err());
        }
        _ => {
            let text = String::from_utf8_lossy(file);
            let _ = TrustedKey::parse(&text);
            if let Ok(key) = SigningKey::parse(&text) {
                assert!(TrustedKey::parse(&key.trusted_key().to_string()).is_ok());
            }
        }
    }
}

fn parse_weights(file: &[u8]) {
    let network = network();
    let tensors = layout(&network);
    let numbers: usize = tensors
        .iter()
        .map(|t| t.shape.iter().product::<usize>())
        .sum();
    let expected = Expected {
        n_tensors: tensors.len(),
        data_bytes: 4 * numbers as u64,
    };
    if expected.check_header(file).is_err() {
        return;
    }
    if let Ok(members) = weight_file::from_bytes(file, &network) {
        let scaler =
            naeil_features::Scaler::from_parts(&[0.0; 2], &[1.0; 2], &[-1.0; 2], &[1.0; 2]);
        let scaler = scaler.expect("a scaler of two columns");
        assert!(LstmForecaster::new(&members, &scaler, &network).is_ok());
    }
}
