//! Admitting a bundle: every file is treated as hostile until its digest and contents are checked.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};

use naeil_domain::Digest;
use naeil_domain::ports::{ForecasterLoader, LoadError, LoadedForecaster};

use super::files::{check_names, entries, read_bounded, read_verified};
use super::golden::Golden;
use super::manifest::Manifest;
use super::reference::Reference;
use super::signing::{self, SIGNATURE_BYTES, TrustedKey};
use super::tensors::Expected;
use super::{
    GOLDEN, MANIFEST, MANIFEST_LIMIT, REFERENCE, SIGNATURE, TENSORS_LIMIT, TEXT_LIMIT, WEIGHTS,
};
use crate::inference::LstmForecaster;
use crate::weight_file;

/// Loads bundles written by [`write_bundle`](super::write_bundle).
///
/// The directory must hold exactly the files that the manifest names; sizes are held against what
/// the network's sizes ask for before anything is read; every digest and shape is checked, and the
/// golden vectors are replayed. What is allocated on the way is at most about twice what the
/// network needs.
#[derive(Debug, Clone, Default)]
pub struct BundleLoader {
    /// Where there are any, a bundle has to be signed by one of them.
    pub trusted_keys: Vec<TrustedKey>,
    /// A bundle trained before it is refused: an attacker may offer an old one that was once signed.
    pub minimum: Option<DateTime<Utc>>,
}

impl BundleLoader {
    /// Reads the distributions that a bundle carries, if it does; digests are verified as in a load,
    /// weights are not read.
    ///
    /// # Errors
    /// [`LoadError`], as a load has it.
    pub fn reference(&self, bundle_dir: &Path) -> Result<Option<Reference>, LoadError> {
        let (manifest, _, _) = self.admit_manifest(bundle_dir)?;
        let Some(file) = manifest.files.get(REFERENCE) else {
            return Ok(None);
        };
        check_size(REFERENCE, file.bytes, TEXT_LIMIT)?;
        let bytes = read_verified(bundle_dir, REFERENCE, file)?;
        let reference = Reference::parse(&bytes)
            .and_then(|reference| {
                reference.check_names(manifest.feature_spec.names())?;
                Ok(reference)
            })
            .map_err(|error| refused(REFERENCE, &error))?;
        Ok(Some(reference))
    }

    /// Reads the manifest once its signature is verified; gives its digest and the directory's
    /// files with it.
    fn admit_manifest(
        &self,
        dir: &Path,
    ) -> Result<(Manifest, Digest, BTreeSet<String>), LoadError> {
        let found = entries(dir)?;
        let bytes = read_bounded(dir, MANIFEST, MANIFEST_LIMIT)?;
        self.check_signature(dir, &bytes, found.contains(SIGNATURE))?;
        let manifest = Manifest::parse(&bytes)?;
        check_names(&manifest.files, &found)?;
        Ok((manifest, Digest::of(&bytes), found))
    }

    fn check_signature(
        &self,
        dir: &Path,
        manifest: &[u8],
        is_signed: bool,
    ) -> Result<(), LoadError> {
        if !is_signed {
            return match self.trusted_keys.len() {
                0 => Ok(()),
                n => Err(LoadError::Untrusted(format!(
                    "it has no {SIGNATURE}, and one by any of {n} trusted keys is needed"
                ))),
            };
        }
        let text = read_bounded(dir, SIGNATURE, SIGNATURE_BYTES as u64)?;
        if self.trusted_keys.is_empty() {
            // Nothing says whose signature it should be; a broken one is refused all the same.
            return match signing::parse_signature(&text) {
                Some(_) => Ok(()),
                None => Err(LoadError::Untrusted(format!("{SIGNATURE} is no signature"))),
            };
        }
        signing::verify(&self.trusted_keys, manifest, &text).map_err(LoadError::Untrusted)
    }

    fn check_age(&self, trained_at: DateTime<Utc>) -> Result<(), LoadError> {
        match self.minimum {
            Some(minimum) if trained_at < minimum => Err(LoadError::Older {
                trained_at,
                minimum,
            }),
            _ => Ok(()),
        }
    }
}

impl ForecasterLoader for BundleLoader {
    fn load(&self, bundle_dir: &Path) -> Result<LoadedForecaster, LoadError> {
        let (manifest, digest, _) = self.admit_manifest(bundle_dir)?;
        let description = manifest.validate(digest).map_err(LoadError::Refused)?;
        self.check_age(description.trained_at)?;
        check_sizes(&manifest)?;
        let network = &manifest.network;

        let read = |name: &str| read_verified(bundle_dir, name, &manifest.files[name]);
        for name in manifest.files.keys() {
            match name.as_str() {
                WEIGHTS | GOLDEN => {}
                REFERENCE => {
                    let reference = Reference::parse(&read(name)?);
                    reference
                        .and_then(|reference| reference.check_names(manifest.feature_spec.names()))
                        .map_err(|error| refused(name, &error))?;
                }
                _ => drop(read(name)?),
            }
        }
        let weights = {
            let bytes = read(WEIGHTS)?;
            (manifest.expected_weights().check_header(&bytes))
                .map_err(|error| refused(WEIGHTS, &error))?;
            let members = weight_file::from_bytes(&bytes, network)
                .map_err(|error| refused(WEIGHTS, &error))?;
            if members.len() != manifest.members {
                let n = members.len();
                return Err(refused(WEIGHTS, &format!("it has {n} members")));
            }
            members
        };
        let mut forecaster = LstmForecaster::new(&weights, &manifest.scaler, network)
            .map_err(|error| refused(WEIGHTS, &error))?;
        drop(weights);
        Golden::from_bytes(&read(GOLDEN)?, manifest.golden_windows, network)
            .and_then(|golden| golden.replay(&mut forecaster))
            .map_err(|error| refused(GOLDEN, &error))?;
        Ok(LoadedForecaster {
            forecaster: Box::new(forecaster),
            description,
        })
    }
}

/// Holds the sizes that the manifest states against what the network's sizes ask for.
fn check_sizes(manifest: &Manifest) -> Result<(), LoadError> {
    for (name, file) in &manifest.files {
        let tensors: Option<Expected> = match name.as_str() {
            WEIGHTS => Some(manifest.expected_weights()),
            GOLDEN => Some(manifest.expected_golden()),
            _ => None,
        };
        check_size(
            name,
            file.bytes,
            tensors.map_or(TEXT_LIMIT, |_| TENSORS_LIMIT),
        )?;
        let Some(expected) = tensors else { continue };
        let range = expected
            .file_bytes()
            .ok_or_else(|| refused(name, &"its size cannot be counted"))?;
        if !range.contains(&file.bytes) {
            return Err(refused(
                name,
                &format!(
                    "{} bytes cannot be a file for this network, which has {} to {}",
                    file.bytes,
                    range.start(),
                    range.end()
                ),
            ));
        }
    }
    Ok(())
}

fn check_size(name: &str, bytes: u64, limit: u64) -> Result<(), LoadError> {
    if bytes <= limit {
        return Ok(());
    }
    Err(refused(
        name,
        &format!("{bytes} bytes are more than {limit}"),
    ))
}

fn refused(name: &str, reason: &impl std::fmt::Display) -> LoadError {
    LoadError::Refused(format!("{name}: {reason}"))
}
