use super::*;
use crate::test_rows::simulated;

/// 120 rows of three columns in six sessions, every eleventh outcome unknown; all values are exact.
fn formula_rows() -> TabularData {
    let rows = 0..120_usize;
    let x = |i: usize, j: usize| (((i * (7 + 4 * j) + 3 * j + i * i) % 23) as f32 - 11.0) / 8.0;
    let forward_return = |i: usize| {
        if i % 11 == 4 {
            return f32::NAN;
        }
        let noise = ((i * 37 + i * i * 5) % 61) as f32 - 30.0;
        let drift = 6.0 * ((i / 20) as f32 - 2.0);
        (noise + 8.0 * x(i, 0) - 5.0 * x(i, 1) * x(i, 2) + drift) / 1_024.0
    };
    let returns: Vec<f32> = rows.clone().map(forward_return).collect();
    TabularData::from_columns(
        ["a", "b", "c"].map(str::to_owned).to_vec(),
        (0..3)
            .map(|j| rows.clone().map(|i| x(i, j)).collect())
            .collect(),
        rows.clone().map(|i| (i / 20) as u32).collect(),
        rows.map(|i| (i % 20) as u32).collect(),
        [returns.clone(), returns.clone(), returns],
    )
}

fn close_to(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() < tolerance,
            "{found} != {expected}"
        );
    }
}

#[test]
fn ridge_agrees_with_scikit_learn() {
    // sklearn.linear_model.Ridge(alpha=penalty * n), scikit-learn 1.9.1.
    let fits = ridge::fit(&formula_rows(), Horizon::OneDay, &[0.1, 0.001]).unwrap();
    let strong = [
        0.501_613_116_117_180_3,
        0.092_837_492_156_780_68,
        0.016_075_328_696_743_72,
        -0.015_983_734_731_963_92,
    ];
    let weak = [
        0.501_624_583_641_439_8,
        0.111_294_664_109_871_92,
        0.021_026_326_903_215_205,
        -0.019_833_730_037_883_91,
    ];
    close_to(&fits[0].coefficients, &strong, 1e-12);
    close_to(&fits[1].coefficients, &weak, 1e-12);
}

#[test]
fn logistic_regression_agrees_with_scipy() {
    // scipy.optimize.minimize(method="BFGS", gtol=1e-11) of the penalised log loss with offset.
    let fits = logistic::fit(&formula_rows(), Horizon::FiveDays, &[0.1, 0.001]).unwrap();
    let strong = [
        0.020_731_607_452_180_393,
        0.142_827_479_140_343_58,
        -0.025_035_527_522_969_39,
        -0.082_166_136_816_854_07,
    ];
    let weak = [
        0.038_239_204_468_601_52,
        0.284_406_029_305_112,
        -0.021_313_363_546_053_29,
        -0.150_819_737_437_968_17,
    ];
    close_to(&fits[0].coefficients, &strong, 1e-8);
    close_to(&fits[1].coefficients, &weak, 1e-8);
}

#[test]
fn solves_as_numpy_does() {
    // numpy.linalg.solve; what lies above the diagonal is not read.
    let nan = f64::NAN;
    let a = vec![4.0, nan, nan, 2.0, 5.0, nan, 0.5, 1.0, 3.0];
    let x = cholesky::solve(a, vec![1.0, 2.0, 3.0]).unwrap();
    close_to(
        &x,
        &[
            0.033_519_553_072_625_69,
            0.201_117_318_435_754_2,
            0.927_374_301_675_977_7,
        ],
        1e-14,
    );
    let singular = cholesky::solve(vec![1.0, 0.0, 2.0, 4.0], vec![1.0, 1.0]);
    assert_eq!(singular, Err(BaselineError::Singular { pivot: 1 }));
}

#[test]
fn learns_a_planted_slope_and_not_the_market() {
    let rows = |seed| simulated(60, 60, 4, 1.0, seed, |x| 0.5 * f64::from(x[2]));
    let (train, validation, test) = (rows(1), rows(2), rows(3));
    let fitted = LinearBaseline.fit(&train, &validation).unwrap();
    let scores = fitted.score(&test).unwrap();
    let oracle: Vec<f64> = test.columns()[2].iter().map(|&x| f64::from(x)).collect();
    for horizon in Horizon::ALL {
        let best = rank_ic(&test, horizon, &oracle);
        assert!(best > 0.2);
        assert!(rank_ic(&test, horizon, &scores.relative[horizon.index()]) > 0.95 * best);
        let direction = scores.direction[horizon.index()].as_ref().unwrap();
        let without = log_loss_given_base(&test, horizon, &vec![0.0; test.len()]);
        assert!(log_loss_given_base(&test, horizon, direction) < without - 0.01);
        // The drift is the base rate's business.
        let mean = direction.iter().sum::<f64>() / direction.len() as f64;
        assert!(mean.abs() < 0.05, "{mean}");
    }
}

#[test]
fn validation_chooses_a_penalty_and_nothing_else() {
    let train = formula_rows();
    let ridges = ridge::fit(&train, Horizon::OneDay, &PENALTIES).unwrap();
    for seed in 0..4 {
        let validation = simulated(5, 30, 3, 1.0, seed, |x| f64::from(-x[0]));
        let fitted = LinearBaseline.fit(&train, &validation).unwrap();
        let scores = fitted.score(&train).unwrap();
        assert!(
            ridges
                .iter()
                .any(|fit| fit.score(&train) == scores.relative[0])
        );
    }
}

#[test]
fn does_not_depend_on_the_number_of_threads() {
    let rows = simulated(40, 300, 5, 1.0, 9, |x| f64::from(x[0]));
    let scores = [1, 3].map(|n_threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap();
        pool.install(|| {
            LinearBaseline
                .fit(&rows, &rows)
                .unwrap()
                .score(&rows)
                .unwrap()
        })
    });
    assert_eq!(scores[0], scores[1]);
}
