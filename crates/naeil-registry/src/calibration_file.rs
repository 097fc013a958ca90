//! A calibration as JSON, the form in which every registry keeps it.

use naeil_domain::{Calibration, Horizon, HorizonCalibration, IntervalCalibration, Session};
use serde::{Deserialize, Serialize};

/// The version of this form.
const SCHEMA_VERSION: u32 = 1;

/// A calibration as it is written down.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalibrationFile {
    schema_version: u32,
    /// The digest of what is said below; a file that was changed by hand is refused.
    digest: String,
    fitted_through: String,
    n_sessions: usize,
    horizons: Vec<HorizonEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HorizonEntry {
    horizon: String,
    intercept: f64,
    slope: f64,
    interval: Option<IntervalEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IntervalEntry {
    level: f64,
    lower_scale: f64,
    upper_scale: f64,
}

/// The file's bytes.
///
/// # Errors
/// Text for people, if a number cannot be written.
pub(crate) fn to_bytes(calibration: &Calibration) -> Result<Vec<u8>, String> {
    let entry = |horizon: Horizon| {
        let part = calibration.horizon(horizon);
        HorizonEntry {
            horizon: horizon.as_str().to_owned(),
            intercept: part.intercept,
            slope: part.slope,
            interval: part.interval.map(|interval| IntervalEntry {
                level: interval.level,
                lower_scale: interval.lower_scale,
                upper_scale: interval.upper_scale,
            }),
        }
    };
    let file = CalibrationFile {
        schema_version: SCHEMA_VERSION,
        digest: calibration.digest().to_string(),
        fitted_through: calibration.fitted_through.to_string(),
        n_sessions: calibration.n_sessions,
        horizons: Horizon::ALL.into_iter().map(entry).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&file).map_err(|error| error.to_string())?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads a file.
///
/// # Errors
/// Text for people: the first thing that is wrong.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Calibration, String> {
    let file: CalibrationFile =
        serde_json::from_slice(bytes).map_err(|error| format!("no calibration: {error}"))?;
    if file.schema_version != SCHEMA_VERSION {
        return Err(format!(
            "its schema version is {}, this program reads {SCHEMA_VERSION}",
            file.schema_version
        ));
    }
    let named: Vec<&str> = file.horizons.iter().map(|e| e.horizon.as_str()).collect();
    let expected = Horizon::ALL.map(Horizon::as_str);
    if named != expected {
        return Err(format!("its horizons are {named:?}, not {expected:?}"));
    }
    let part = |horizon: Horizon| {
        let entry = &file.horizons[horizon.index()];
        HorizonCalibration {
            intercept: entry.intercept,
            slope: entry.slope,
            interval: entry.interval.as_ref().map(|interval| IntervalCalibration {
                level: interval.level,
                lower_scale: interval.lower_scale,
                upper_scale: interval.upper_scale,
            }),
        }
    };
    let fitted_through = Session::parse(&file.fitted_through).map_err(|e| e.to_string())?;
    let calibration = Calibration::new(fitted_through, file.n_sessions, Horizon::ALL.map(part))
        .map_err(|error| error.to_string())?;
    let found = calibration.digest().to_string();
    if found != file.digest {
        return Err(format!(
            "it says {} of itself, what it holds has the digest {found}",
            file.digest.chars().take(64).collect::<String>()
        ));
    }
    Ok(calibration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calibration() -> Calibration {
        let part = HorizonCalibration {
            intercept: -0.1 / 3.0,
            slope: 0.7,
            interval: Some(IntervalCalibration {
                level: 0.9,
                lower_scale: 1.1,
                upper_scale: 0.9,
            }),
        };
        let plain = HorizonCalibration {
            interval: None,
            ..part
        };
        Calibration::new(
            Session::parse("2024-12-30").unwrap(),
            250,
            [part, plain, part],
        )
        .unwrap()
    }

    #[test]
    fn what_is_written_is_read_to_the_bit() {
        let bytes = to_bytes(&calibration()).unwrap();
        assert_eq!(from_bytes(&bytes).unwrap(), calibration());
    }

    #[test]
    fn a_file_that_was_changed_is_refused() {
        let text = String::from_utf8(to_bytes(&calibration()).unwrap()).unwrap();
        let check = |from: &str, to: &str, why: &str| {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            let error = from_bytes(changed.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{error}");
        };
        check("\"slope\": 0.7", "\"slope\": 0.71", "digest");
        check("\"slope\": 0.7", "\"slope\": -0.7", "slope");
        check(
            "\"schema_version\": 1",
            "\"schema_version\": 2",
            "schema version",
        );
        check("\"5d\"", "\"4d\"", "horizons");
        check("2024-12-30", "2024-13-30", "2024-13-30");
        check("\"n_sessions\"", "\"n_session\"", "unknown field");
        check("}", "", "no calibration");
    }
}
