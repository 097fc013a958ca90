use super::*;

const NO_PRIOR: PlattPrior = PlattPrior {
    centre: Platt::IDENTITY,
    intercept_precision: 0.0,
    slope_precision: 0.0,
};

fn bins(rows: &[(f64, f64, f64)]) -> Vec<Bin> {
    rows.iter().map(|&(z, n, ups)| Bin { z, n, ups }).collect()
}

fn check(found: Platt, intercept: f64, slope: f64, tolerance: f64) {
    let near = |a: f64, b: f64| (a - b).abs() < tolerance;
    assert!(
        near(found.intercept, intercept) && near(found.slope, slope),
        "{found:?}"
    );
}

#[test]
fn two_bins_are_met_exactly() {
    // Two logits, two numbers: at -1 one of four rises (odds 1/3), at 1 three of four (odds 3).
    let bins = bins(&[(-1.0, 4.0, 1.0), (1.0, 4.0, 3.0)]);
    let found = Platt::fit(bins.iter(), &NO_PRIOR, Platt::IDENTITY);
    check(found, 0.0, 3.0_f64.ln(), 1e-9);
    // The loss at the optimum: 8 rows of entropy at one quarter.
    let entropy = -(0.25_f64.ln() * 0.25 + 0.75_f64.ln() * 0.75);
    let loss: f64 = bins.iter().map(|bin| found.loss(bin)).sum();
    assert!((loss - 8.0 * entropy).abs() < 1e-9);
}

/// Expected values of scikit-learn 1.9.1 (`LogisticRegression(C=inf)`, sample weights) and, with
/// the prior, of SciPy 1.17.1 (Nelder-Mead on the penalised loss).
#[test]
fn agrees_with_scikit_learn_and_scipy() {
    let bins = bins(&[
        (-1.0, 10.0, 2.0),
        (-0.5, 8.0, 3.0),
        (0.0, 6.0, 2.0),
        (0.5, 9.0, 5.0),
        (1.0, 7.0, 4.0),
        (2.0, 5.0, 4.0),
    ]);
    for start in [
        Platt::IDENTITY,
        Platt {
            intercept: 3.0,
            slope: 9.0,
        },
    ] {
        let found = Platt::fit(bins.iter(), &NO_PRIOR, start);
        check(found, -0.382_659_26, 0.850_314_10, 1e-7);
    }
    let prior = PlattPrior {
        centre: Platt {
            intercept: 0.0,
            slope: 0.7,
        },
        intercept_precision: 3.0,
        slope_precision: 2.0,
    };
    let found = Platt::fit(bins.iter(), &prior, Platt::IDENTITY);
    check(found, -0.286_019_403, 0.802_363_319, 1e-7);
}

#[test]
fn a_score_that_points_the_wrong_way_is_not_turned_round() {
    let bins = bins(&[(-1.0, 4.0, 3.0), (1.0, 4.0, 2.0)]);
    let found = Platt::fit(bins.iter(), &NO_PRIOR, Platt::IDENTITY);
    // What is left is the base rate, 5 of 8.
    check(found, (5.0_f64 / 3.0).ln(), 0.0, 1e-9);
}

#[test]
fn degenerate_rows_give_finite_answers() {
    let prior = PlattPrior {
        intercept_precision: 1.0,
        slope_precision: 1.0,
        ..NO_PRIOR
    };
    assert_eq!(
        Platt::fit([].iter(), &prior, Platt::IDENTITY),
        Platt::IDENTITY
    );
    assert_eq!(
        Platt::fit([].iter(), &NO_PRIOR, Platt::IDENTITY),
        Platt::IDENTITY
    );
    let all_up = bins(&[(0.3, 1000.0, 1000.0), (900.0, 10.0, 0.0)]);
    let found = Platt::fit(all_up.iter(), &prior, Platt::IDENTITY);
    assert!(
        found.intercept.is_finite() && found.slope >= 0.0,
        "{found:?}"
    );
}
