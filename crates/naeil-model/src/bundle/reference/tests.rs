use super::*;

#[test]
fn bins_hold_about_equal_shares() {
    let binned = Binned::of((0..100).map(f64::from), 4);
    assert_eq!(binned.edges, [25.0, 50.0, 75.0]);
    assert_eq!(binned.shares, [0.25; 4]);
    assert_eq!(binned.missing, 0.0);
    // Worked by hand: 3 values below 25, none up to 50, 1 in the third bin, none above; 1 missing.
    let (shares, missing) = binned.shares_of([1.0, 2.0, 24.9, 50.0, f64::NAN]);
    assert_eq!(shares, [0.75, 0.0, 0.25, 0.0]);
    assert_eq!(missing, 0.2);
}

#[test]
fn a_frequent_value_does_not_make_empty_bins() {
    let mut values = vec![0.0; 90];
    values.extend((1..=10).map(f64::from));
    let binned = Binned::of(values, 10);
    assert!(binned.shares.iter().all(|&share| share > 0.0), "{binned:?}");
    assert_eq!(binned.problem(), None);
    let constant = Binned::of([7.0; 5], 10);
    assert_eq!((constant.edges.len(), constant.shares), (0, vec![1.0]));
    let nothing = Binned::of([f64::NAN; 3], 10);
    assert_eq!((nothing.missing, nothing.problem()), (1.0, None));
}

#[test]
fn a_reference_comes_back_and_its_size_is_bounded() {
    let names: Vec<String> = (0..76).map(|i| format!("column_{i}")).collect();
    let rows: Vec<f32> = (0..76 * 500).map(|i| (i as f32 * 0.37).sin()).collect();
    let forecasts: Vec<_> = (0..500)
        .map(|i| [HorizonForecast::of_direction(f64::from(i) / 500.0); Horizon::COUNT])
        .collect();
    let reference = Reference::measure(&names, &rows, &forecasts);
    assert_eq!((reference.n_rows, reference.scores.len()), (500, 9));
    let bytes = reference.to_bytes().unwrap();
    assert!(bytes.len() < 64 * 1024, "{} bytes", bytes.len());
    assert_eq!(Reference::parse(&bytes).unwrap(), reference);
    assert!(reference.check_names(&names).is_ok());
    assert!(reference.check_names(&names[1..]).is_err());
}

#[test]
fn a_reference_that_cannot_be_is_refused() {
    let check = |edges: &str, shares: &str, message: &str| {
        let text = format!(
            r#"{{"n_rows":1,"scores":[],"features":[{{"name":"a","values":
                {{"edges":{edges},"shares":{shares},"missing":0.0}}}}]}}"#
        );
        let error = Reference::parse(text.as_bytes()).unwrap_err();
        assert!(error.contains(message), "{error}");
    };
    check("[1.0]", "[1.0]", "one share more than edges");
    check("[2.0,1.0]", "[0.2,0.3,0.5]", "do not ascend");
    check("[1.0]", "[-0.5,1.5]", "not between 0 and 1");
    check("[1.0]", "[0.5,0.1]", "do not add up");
    check("[null]", "[0.5,0.5]", "not a reference");
}
