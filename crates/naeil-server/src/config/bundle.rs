//! From the settings of an area to the keys they name.

use std::path::Path;

use chrono::{DateTime, Utc};
use naeil_model::{BundleLoader, SigningKey, TrustedKey};

use super::areas::BundleConfig;
use super::error::ConfigError;

impl BundleConfig {
    /// What admits bundles.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] if a key is no public key or the moment none. The key's text is not
    /// repeated: somebody may have pasted the private one.
    pub(crate) fn loader(&self) -> Result<BundleLoader, ConfigError> {
        let keys = self.trusted_keys.iter().enumerate();
        let trusted_keys = keys
            .map(|(idx, text)| {
                TrustedKey::parse(text).map_err(|_| ConfigError::Invalid {
                    key: "bundle.trusted_keys",
                    value: format!("no key at place {}", idx + 1),
                    expected: "it must list public keys as 'naeil key' prints them",
                })
            })
            .collect::<Result<_, _>>()?;
        let minimum = self.not_before.as_deref().map(parse_moment).transpose()?;
        Ok(BundleLoader {
            trusted_keys,
            minimum,
        })
    }

    /// The key that signs what is trained, if one is set.
    ///
    /// # Errors
    /// [`ConfigError`] if the file cannot be read or holds no key; or if what is trained could not be
    /// loaded afterwards, because trusted keys are set and this is none of them.
    pub(crate) fn signing_key(&self) -> Result<Option<SigningKey>, ConfigError> {
        let trusted = self.loader()?.trusted_keys;
        let Some(path) = &self.signing_key_file else {
            if trusted.is_empty() {
                return Ok(None);
            }
            return Err(ConfigError::Invalid {
                key: "bundle.signing_key_file",
                value: "not set".to_owned(),
                expected: "it is needed for training, as bundle.trusted_keys admits signed models only",
            });
        };
        let key = read_key(path)?;
        if !trusted.is_empty() && !trusted.contains(&key.trusted_key()) {
            return Err(ConfigError::Invalid {
                key: "bundle.signing_key_file",
                value: format!("the key of {}", key.trusted_key()),
                expected: "it must be one of bundle.trusted_keys, or its models are never loaded",
            });
        }
        Ok(Some(key))
    }
}

fn read_key(path: &Path) -> Result<SigningKey, ConfigError> {
    let wrong = |problem: String| ConfigError::SigningKey {
        path: path.to_owned(),
        problem,
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    SigningKey::parse(&text).map_err(|error| wrong(error.to_string()))
}

fn parse_moment(text: &str) -> Result<DateTime<Utc>, ConfigError> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(moment) => Ok(moment.to_utc()),
        Err(_) => Err(ConfigError::Invalid {
            key: "bundle.not_before",
            value: format!("'{text}'"),
            expected: "it must be a moment such as 2026-01-31T00:00:00Z",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "key";

    fn key() -> SigningKey {
        SigningKey::from_seed(&[9; 32])
    }

    fn config(trusted: &[&str], file: Option<&Path>) -> BundleConfig {
        BundleConfig {
            signing_key_file: file.map(Path::to_owned),
            trusted_keys: trusted.iter().map(|&text| text.to_owned()).collect(),
            not_before: None,
        }
    }

    #[test]
    fn keys_and_moments_are_parsed() {
        let public = key().trusted_key().to_string();
        let mut config = config(&[&public], None);
        config.not_before = Some("2026-01-31T09:00:00+09:00".to_owned());
        let loader = config.loader().unwrap();
        assert_eq!(loader.trusted_keys, [key().trusted_key()]);
        assert_eq!(
            loader.minimum.unwrap().to_rfc3339(),
            "2026-01-31T00:00:00+00:00"
        );
        config.not_before = Some("yesterday".to_owned());
        let error = config.loader().unwrap_err().to_string();
        assert!(error.contains("bundle.not_before"), "{error}");
    }

    #[test]
    fn what_is_no_public_key_is_refused_and_not_repeated() {
        let error = config(&["hunter2"], None).loader().unwrap_err().to_string();
        assert!(error.contains("no key at place 1"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_key_that_the_loader_would_not_trust_is_refused_before_training() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(PLACE);
        std::fs::write(&path, key().to_text()).unwrap();
        let (own, other) = (
            key().trusted_key().to_string(),
            SigningKey::from_seed(&[8; 32]).trusted_key().to_string(),
        );
        let found = |trusted: &[&str], file: Option<&Path>| {
            let key = config(trusted, file).signing_key();
            key.map(|key| key.map(|key| key.trusted_key().to_string()))
                .map_err(|error| error.to_string())
        };
        assert_eq!(found(&[], None), Ok(None));
        assert_eq!(found(&[], Some(&path)), Ok(Some(own.clone())));
        assert_eq!(found(&[&other, &own], Some(&path)), Ok(Some(own)));
        let refused = |trusted: &[&str], file: Option<&Path>, message: &str| {
            let error = found(trusted, file).unwrap_err();
            assert!(error.contains(message), "{error}");
        };
        refused(&[&other], Some(&path), "never loaded");
        refused(&[&other], None, "needed for training");
        std::fs::write(&path, "hunter2").unwrap();
        refused(&[], Some(&path), "neither");
        assert!(!found(&[], Some(&path)).unwrap_err().contains("hunter2"));
    }
}
