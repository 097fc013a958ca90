use super::*;
use crate::testing::{krx_sessions, quick_config};

fn split_of(n_sessions: usize) -> Result<DateSplit, StageError> {
    plan_split(
        &krx_sessions(n_sessions),
        &FeatureSpec::v2(),
        &quick_config(),
    )
}

#[test]
fn the_newest_sessions_are_the_test_window() {
    // 25 of test, a purge of 20, 20 of validation, a purge of 20, and the rest.
    let split = split_of(250).unwrap();
    assert_eq!(split.test, 225..250);
    assert_eq!(split.validation, 185..205);
    assert_eq!(split.train, 0..165);
}

#[test]
fn one_session_too_few_is_told_with_the_number_needed() {
    // 60 of warm-up, 60 of lookback, 20 to train on, and 85 as above.
    assert!(split_of(225).is_ok());
    let error = split_of(224).unwrap_err();
    let StageError::TooFewSessions { found, needed, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!((*found, *needed), (224, 225));
    let text = error.to_string();
    assert!(
        text.contains("120 of history for the first window"),
        "{text}"
    );
    assert!(text.contains("import more history"), "{text}");
}

#[test]
fn dates_mean_the_same_beside_other_bars() {
    let sessions = krx_sessions(250);
    let split = split_of(250).unwrap();
    let file = SplitFile::new(&sessions, &split);
    let text = serde_json::to_string(&file).unwrap();
    let read: SplitFile = serde_json::from_str(&text).unwrap();
    assert_eq!(read.on(&sessions), Ok(split));

    let shifted = read.on(&krx_sessions(300)[..260]).unwrap();
    assert_eq!(shifted.test, 225..250);
    let error = read.on(&sessions[..240]).unwrap_err();
    assert!(error.ends_with("is not a session of the bars"), "{error}");
    let mut gappy = sessions.clone();
    gappy.remove(230);
    let error = read.on(&gappy).unwrap_err();
    assert!(error.contains("are 24 sessions, not 25"), "{error}");
}
