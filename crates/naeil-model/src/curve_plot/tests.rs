use super::*;
use crate::test_market::some_model;

#[test]
fn a_training_is_drawn_with_every_member_epoch_and_horizon() {
    let (_, model) = some_model();
    let svg = training_curves(model.summary()).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    for text in ["Loss", "Rank IC", "epoch", "validation", "1d", "5d", "20d"] {
        assert!(svg.contains(text), "{text}");
    }
    // Two members: two lines of training and validation loss, three of rank IC, and the legends'.
    assert!(svg.matches("<polyline").count() >= 2 * 5, "{svg}");
    assert_eq!(svg.matches("<circle").count(), 2 * 2 * 5);
}

#[test]
fn a_training_without_validation_is_drawn_too() {
    let (_, model) = some_model();
    let mut summary = model.summary().clone();
    for report in summary
        .members
        .iter_mut()
        .flat_map(|member| &mut member.curve)
    {
        report.validation = None;
    }
    let svg = training_curves(&summary).unwrap();
    assert!(svg.contains("none"));
    summary.members.clear();
    assert!(training_curves(&summary).is_ok());
}
