use naeil_domain::{Direction, Horizon, QUANTILE_LEVELS};
use proptest::prelude::*;

use super::*;

const SESSIONS: u64 = 8;
const STOCKS: u64 = 24;

/// Numbers in 0..1 that Python makes with the same line.
fn u(c: u64, s: u64, i: u64) -> f64 {
    let product = 7919 * c + 104_729 * s + 1_299_709 * i * i + 15_485_863 * i * c;
    (product % 10_007) as f64 / 10_007.0
}

/// The outcomes and forecasts of the reference: the same formulas stand in the Python below.
struct Reference {
    outcomes: Outcomes,
    relative: Vec<f64>,
    probability: Vec<f64>,
    direction: Vec<Direction>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    quantiles: Vec<[f64; QUANTILE_LEVELS.len()]>,
    factors: [Vec<f64>; 2],
    quarters: Vec<String>,
}

/// ```python
/// rel = u(1, s, i);  p = 0.3 + 0.4 * int(u(3, s, i) * 20) / 20
/// ret = 0.0 if (s + i) % 7 == 0 else (u(2, s, i) - 0.55) * 0.1 + 0.03 * (u(1, s, i) - 0.5)
/// f1 = nan if i % 11 == 3 else u(4, s, i);  f2 = 0.5 * u(1, s, i) + u(5, s, i)
/// lo = -0.03 - 0.01 * u(6, s, i);  hi = lo + 0.06;  q = [-0.05, -0.02, 0.0, 0.01, 0.04]
/// direction = up if p >= 0.6, down if p <= 0.4
/// ```
fn reference() -> Reference {
    let mut outcomes = Outcomes::default();
    let mut rows = Vec::new();
    for s in 0..SESSIONS {
        for i in 0..STOCKS {
            let moved = (u(2, s, i) - 0.55) * 0.1 + 0.03 * (u(1, s, i) - 0.5);
            let forward_return = if (s + i) % 7 == 0 { 0.0 } else { moved };
            outcomes.push(s as u32, i as u32, forward_return);
            rows.push((s, i));
        }
    }
    let column = |of: &dyn Fn(u64, u64) -> f64| rows.iter().map(|&(s, i)| of(s, i)).collect();
    let probability: Vec<f64> = column(&|s, i| 0.3 + 0.4 * (u(3, s, i) * 20.0).floor() / 20.0);
    let say = |&p: &f64| match p {
        p if p >= 0.6 => Direction::Up,
        p if p <= 0.4 => Direction::Down,
        _ => Direction::Neutral,
    };
    let missing = |i: u64| i % 11 == 3;
    Reference {
        outcomes,
        relative: column(&|s, i| u(1, s, i)),
        direction: probability.iter().map(say).collect(),
        probability,
        lower: column(&|s, i| -0.03 - 0.01 * u(6, s, i)),
        upper: column(&|s, i| -0.03 - 0.01 * u(6, s, i) + 0.06),
        quantiles: vec![[-0.05, -0.02, 0.0, 0.01, 0.04]; rows.len()],
        factors: [
            column(&|s, i| if missing(i) { f64::NAN } else { u(4, s, i) }),
            column(&|s, i| 0.5 * u(1, s, i) + u(5, s, i)),
        ],
        quarters: (0..SESSIONS)
            .map(|s| if s < 3 { "2024Q1" } else { "2024Q2" }.to_owned())
            .collect(),
    }
}

impl Reference {
    fn figures(&self) -> HorizonFigures {
        let factors: Vec<&[f64]> = self.factors.iter().map(Vec::as_slice).collect();
        let forecast = ForecastColumns {
            relative: &self.relative,
            probability_up: Some(&self.probability),
            direction: Some(&self.direction),
            interval: Some(IntervalColumns {
                lower: &self.lower,
                upper: &self.upper,
            }),
            quantiles: Some(&self.quantiles),
            factors: &factors,
        };
        let settings = settings(&self.quarters);
        HorizonFigures::of(&self.outcomes, &forecast, &settings, &quick()).unwrap()
    }
}

fn settings(quarters: &[String]) -> ScoringSettings<'_> {
    ScoringSettings {
        horizon: Horizon::FiveDays,
        one_way_cost_bps: 30.0,
        quarters,
    }
}

fn quick() -> Bootstrap {
    Bootstrap {
        n_draws: 200,
        ..Bootstrap::of_horizon(Horizon::FiveDays)
    }
}

#[test]
fn every_figure_agrees_with_python() {
    // SciPy 1.17.1 (spearmanr, pearsonr, brentq), scikit-learn (roc_auc_score, log_loss,
    // brier_score_loss, precision_score, mean_pinball_loss, ...), NumPy (lstsq on the ranks; deciles
    // by cutting each stock into ten pieces), each session by session and then averaged.
    use Metric::*;
    use Ties::*;
    let expected = [
        (RankIc, Counted, 0.159_698_537_031_737_03),
        (RankIc, LeftOut, 0.181_467_874_231_032_1),
        (Ic, Counted, 0.194_638_397_927_309_91),
        (Ic, LeftOut, 0.207_817_128_407_961_68),
        (RankIcBeyondFactors, Counted, 0.192_259_308_128_040_7),
        (AucWithinSessions, Counted, 0.550_548_746_596_540_7),
        (AucWithinSessions, LeftOut, 0.562_778_257_622_007_5),
        (DirectionAucWithinSessions, Counted, 0.383_964_175_462_337_2),
        (
            DirectionAucWithinSessions,
            LeftOut,
            0.349_845_441_843_209_65,
        ),
        (Auc, Counted, 0.389_676_113_360_323_93),
        (Auc, LeftOut, 0.355_992_844_364_937_4),
        (Accuracy, Counted, 0.421_875),
        (Accuracy, LeftOut, 0.402_439_024_390_243_9),
        (Precision, Counted, 0.314_606_741_573_033_7),
        (Precision, LeftOut, 0.368_421_052_631_578_9),
        (Recall, Counted, 0.358_974_358_974_359),
        (Recall, LeftOut, 0.358_974_358_974_359),
        (F1, Counted, 0.335_329_341_317_365_25),
        (F1, LeftOut, 0.363_636_363_636_363_65),
        (Brier, Counted, 0.283_643_75),
        (Brier, LeftOut, 0.291_882_926_829_268_36),
        (LogLoss, Counted, 0.763_297_119_367_404_9),
        (LogLoss, LeftOut, 0.780_409_195_880_330_9),
        (LogLossGivenBaseRate, Counted, 0.733_694_960_006_830_7),
        (LogLossGivenBaseRate, LeftOut, 0.760_046_309_006_844_2),
        (CalibrationError, Counted, 0.195_937_5),
        (CalibrationError, LeftOut, 0.212_926_829_268_292_7),
        (
            CalibrationErrorGivenBaseRate,
            Counted,
            0.154_092_461_526_814_13,
        ),
        (
            CalibrationErrorGivenBaseRate,
            LeftOut,
            0.164_086_177_147_547_7,
        ),
        (Coverage, Counted, 0.546_875),
        (SelectiveAccuracy, Counted, 0.390_476_190_476_190_5),
        (SelectiveAccuracy, LeftOut, 0.340_909_090_909_090_9),
        (IntervalCoverage, Counted, 0.666_666_666_666_666_6),
        (IntervalWidth, Counted, 0.06),
        (PinballLoss, Counted, 0.007_019_436_706_805_238),
        (DecileSpread, Counted, 0.014_971_488_707_904_466),
        // The spread less four times 30 basis points of everything: the same sessions as before costs.
        (DecileSpreadAfterCosts, Counted, 0.002_971_488_707_904_466),
        (Turnover, Counted, 1.0),
    ];
    let figures = reference().figures();
    for (metric, ties, expected) in expected {
        let figure = figures.get(metric, ties).unwrap();
        let value = figure.value;
        assert!(
            (value - expected).abs() < 1e-9,
            "{metric:?} {ties:?}: {value}"
        );
        assert!(figure.low <= value && value <= figure.high && figure.standard_error >= 0.0);
    }
    assert_eq!(figures.figures.len(), expected.len());
    assert_eq!((figures.n_rows, figures.n_sessions), (192, 8));
    assert!((figures.base_rate - 0.406_25).abs() < 1e-12);
    assert!((figures.share_unchanged - 28.0 / 192.0).abs() < 1e-12);
}

#[test]
fn quarters_deciles_and_tables_agree_with_python() {
    let figures = reference().figures();
    let quarters: Vec<(&str, f64)> = (figures.quarters.iter())
        .map(|quarter| (quarter.quarter.as_str(), quarter.rank_ic.value))
        .collect();
    let expected = [
        ("2024Q1", 0.205_062_510_920_639_5),
        ("2024Q2", 0.132_480_152_698_395_53),
    ];
    for (quarter, expected) in quarters.iter().zip(expected) {
        assert_eq!(quarter.0, expected.0);
        assert!((quarter.1 - expected.1).abs() < 1e-9);
    }
    assert_eq!(figures.worst_quarter().unwrap().quarter, "2024Q2");
    let deciles = [
        -0.008_644_511_342_060_561,
        -0.007_982_891_142_866_662,
        -0.018_789_253_772_359_356,
        -0.012_377_179_724_193_067,
        -0.005_131_616_201_991_942,
        0.011_628_151_960_294_458,
        0.001_972_712_851_004_293_2,
        -0.002_927_648_562_672_799_6,
        -0.002_989_636_421_171_851_7,
        0.006_326_977_365_843_905,
    ];
    assert_eq!(figures.deciles.len(), deciles.len());
    for (figure, expected) in figures.deciles.iter().zip(deciles) {
        assert!((figure.value - expected).abs() < 1e-9);
    }
    for table in [&figures.reliability, &figures.reliability_given_base_rate] {
        assert_eq!(table.iter().map(|bin| bin.n_rows).sum::<usize>(), 192);
    }
}

#[test]
fn a_forecaster_of_scores_alone_has_the_figures_of_scores() {
    let reference = reference();
    let forecast = ForecastColumns {
        relative: &reference.relative,
        ..ForecastColumns::default()
    };
    let figures =
        HorizonFigures::of(&reference.outcomes, &forecast, &settings(&[]), &quick()).unwrap();
    let names: Vec<&str> = (figures.figures.iter())
        .filter(|entry| entry.ties == Ties::Counted)
        .map(|entry| entry.metric.as_str())
        .collect();
    let expected = [
        "rank_ic",
        "ic",
        "auc_within_sessions",
        "decile_spread",
        "decile_spread_after_costs",
        "turnover",
    ];
    assert_eq!(names, expected);
    assert!(figures.quarters.is_empty() && figures.reliability.is_empty());
}

#[test]
fn what_cannot_be_scored_is_named() {
    let Reference {
        outcomes,
        mut relative,
        ..
    } = reference();
    let score = |relative: &[f64], probability_up: Option<&[f64]>, quarters: &[String]| {
        let forecast = ForecastColumns {
            relative,
            probability_up,
            ..ForecastColumns::default()
        };
        let scored = ForecastScores::of(&outcomes, &forecast, &settings(quarters));
        scored.unwrap_err().to_string()
    };
    let short = score(&relative[1..], None, &[]);
    assert!(short.contains("191 values for 192"), "{short}");
    let sure = score(&relative, Some(&[1.5; 192]), &[]);
    assert!(sure.contains("probability_up holds 1.5 in row 0"), "{sure}");
    let quarters = score(&relative, None, &["2024Q1".to_owned()]);
    assert!(
        quarters.contains("1 quarter labels for 8 sessions"),
        "{quarters}"
    );
    relative[7] = f64::NAN;
    let diverged = score(&relative, None, &[]);
    assert!(
        diverged.contains("relative holds NaN in row 7"),
        "{diverged}"
    );
}

#[test]
fn no_outcomes_have_no_figures() {
    let figures = HorizonFigures::of(
        &Outcomes::default(),
        &ForecastColumns::default(),
        &settings(&[]),
        &quick(),
    );
    let figures = figures.unwrap();
    assert!(figures.figures.is_empty() && figures.deciles.is_empty());
}

#[test]
fn seeds_are_averaged_and_compared_on_the_same_draws() {
    let reference = reference();
    let of = |relative: &[f64]| {
        let forecast = ForecastColumns {
            relative,
            ..ForecastColumns::default()
        };
        ForecastScores::of(&reference.outcomes, &forecast, &settings(&[])).unwrap()
    };
    let (a, b) = (of(&reference.relative), of(&reference.probability));
    let value = |figures: &[MetricFigure]| figures[0].figure.value;
    let (alone_a, alone_b) = (
        value(&differences(&[&a], &[], &quick())),
        value(&differences(&[&b], &[], &quick())),
    );
    let both = HorizonFigures::over_seeds(&[&a, &b], &quick());
    assert_eq!(both.n_seeds, 2);
    assert!((value(&both.figures) - (alone_a + alone_b) / 2.0).abs() < 1e-12);
    let difference = value(&differences(&[&a], &[&b], &quick()));
    assert!((difference - (alone_a - alone_b)).abs() < 1e-12);
}

#[test]
fn names_are_distinct_and_ties_are_where_they_are_said_to_be() {
    let names: std::collections::BTreeSet<&str> =
        Metric::ALL.iter().map(|metric| metric.as_str()).collect();
    assert_eq!(names.len(), Metric::ALL.len());
    let figures = reference().figures();
    for metric in Metric::ALL {
        let left_out = figures.get(metric, Ties::LeftOut).is_some();
        assert_eq!(left_out, metric.has_ties(), "{metric:?}");
    }
}

/// Outcomes of some sessions, the stocks of each in the order that `key` sorts them by.
fn shuffled(rows: &[(f64, f64)], key: impl Fn(usize) -> u64) -> (Outcomes, Vec<f64>, Vec<f64>) {
    let mut outcomes = Outcomes::default();
    let (mut relative, mut probability) = (Vec::new(), Vec::new());
    for (session, rows) in rows.chunks(20).enumerate() {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|&stock| key(stock));
        for stock in order {
            outcomes.push(session as u32, stock as u32, rows[stock].1);
            relative.push(rows[stock].0);
            probability.push(1.0 / (1.0 + (-rows[stock].0).exp()));
        }
    }
    (outcomes, relative, probability)
}

fn all(outcomes: &Outcomes, relative: &[f64], probability: &[f64]) -> HorizonFigures {
    let forecast = ForecastColumns {
        relative,
        probability_up: Some(probability),
        ..ForecastColumns::default()
    };
    HorizonFigures::of(outcomes, &forecast, &settings(&[]), &quick()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_stocks_does_not_matter(
        rows in prop::collection::vec((-2.0..2.0_f64, -0.1..0.1_f64), 60..200),
        factor in 1_u64..1000,
    ) {
        let (outcomes, relative, probability) = shuffled(&rows, |stock| stock as u64);
        let plain = all(&outcomes, &relative, &probability);
        let (outcomes, relative, probability) =
            shuffled(&rows, |stock| (stock as u64 * factor * 2_654_435_761) % 1_000_003);
        let other = all(&outcomes, &relative, &probability);
        prop_assert_eq!(plain.figures.len(), other.figures.len());
        for (a, b) in plain.figures.iter().zip(&other.figures) {
            prop_assert_eq!(a.metric, b.metric);
            for (a, b) in [
                (a.figure.value, b.figure.value),
                (a.figure.low, b.figure.low),
                (a.figure.high, b.figure.high),
            ] {
                prop_assert!((a - b).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_monotone_transform_leaves_what_is_made_of_ranks(
        rows in prop::collection::vec((-2.0..2.0_f64, -0.1..0.1_f64), 60..200),
    ) {
        let (outcomes, relative, probability) = shuffled(&rows, |stock| stock as u64);
        let stretched: Vec<f64> = relative.iter().map(|x| (3.0 * x).exp() - 7.0).collect();
        let (plain, other) = (
            all(&outcomes, &relative, &probability),
            all(&outcomes, &stretched, &probability),
        );
        for metric in Metric::ALL.into_iter().filter(|metric| *metric != Metric::Ic) {
            let of = |figures: &HorizonFigures| figures.get(metric, Ties::Counted).copied();
            prop_assert_eq!(of(&plain), of(&other), "{:?}", metric);
        }
    }

    #[test]
    fn a_score_that_knows_nothing_has_no_rank_ic(seed in any::<u64>()) {
        let mut state = seed;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let rows: Vec<(f64, f64)> = (0..4000).map(|_| (random(), random() - 0.5)).collect();
        let (outcomes, relative, probability) = shuffled(&rows, |stock| stock as u64);
        let figures = all(&outcomes, &relative, &probability);
        // 200 sessions of 20: standard error 1 / sqrt(19 * 200) = .016.
        let rank_ic = figures.get(Metric::RankIc, Ties::Counted).unwrap().value;
        prop_assert!(rank_ic.abs() < 5.0 * 0.0163, "{rank_ic}");
    }
}
