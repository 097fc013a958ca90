use proptest::prelude::*;

use super::draws::SplitMix64;
use super::*;

/// Normal draws by Box and Muller.
struct Normal(SplitMix64);

impl Normal {
    fn uniform(&mut self) -> f64 {
        ((self.0.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn draw(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Means of `overlap` neighbouring draws: what labels of overlapping windows look like.
    fn overlapping(&mut self, n: usize, overlap: usize) -> Vec<f64> {
        let noise: Vec<f64> = (0..n + overlap - 1).map(|_| self.draw()).collect();
        noise
            .windows(overlap)
            .map(|window| window.iter().sum::<f64>() / overlap as f64)
            .collect()
    }
}

fn mean(values: &[f64]) -> Statistic {
    Statistic::mean(values.iter().copied().map(Some))
}

/// Fewer draws than the default: enough where their number is not the subject.
fn quick(horizon: Horizon) -> Bootstrap {
    Bootstrap {
        n_draws: 400,
        ..Bootstrap::of_horizon(horizon)
    }
}

#[test]
fn the_generator_is_splitmix64() {
    // The published reference outputs for the seed 1234567.
    let mut random = SplitMix64(1_234_567);
    let expected = [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
    ];
    assert_eq!(std::array::from_fn(|_| random.next()), expected);
}

#[test]
fn quantiles_agree_with_numpy() {
    // np.quantile([1, 2, 4, 8, 16], [0.025, 0.5, 0.9]) = 1.1, 4, 12.8
    let sorted = [1.0, 2.0, 4.0, 8.0, 16.0];
    for (level, expected) in [(0.025, 1.1), (0.5, 4.0), (0.9, 12.8)] {
        assert!((quantile(&sorted, level) - expected).abs() < 1e-12);
    }
}

#[test]
fn a_draw_is_the_sum_over_its_blocks_sessions() {
    // Ten sessions in blocks of four: two whole blocks and one of two, around the end.
    let values: Vec<f64> = (0..10).map(|i| f64::from(i * i)).collect();
    let weights: Vec<f64> = (0..10).map(|i| f64::from(1 + i % 3)).collect();
    let statistic = Statistic::ratio(values.iter().copied().zip(weights.iter().copied()));
    let draws = Draws::new(50, 10, 4, 3);
    let sums = BlockSums::new(&statistic, &draws);
    for draw in 0..50 {
        let starts = draws.of(draw);
        assert_eq!(starts.len(), 3);
        let sessions: Vec<usize> = starts
            .iter()
            .zip([4, 4, 2])
            .flat_map(|(&start, length)| (0..length).map(move |i| (start as usize + i) % 10))
            .collect();
        let sum = |column: &[f64]| sessions.iter().map(|&s| column[s]).sum::<f64>();
        let expected = sum(&values) / sum(&weights);
        assert!((sums.value(starts).unwrap() - expected).abs() < 1e-12);
    }
}

#[test]
fn independent_sessions_have_the_textbook_error() {
    let mut normal = Normal(SplitMix64(5));
    let values = normal.overlapping(2_000, 1);
    let bootstrap = Bootstrap {
        block_length: 1,
        ..Bootstrap::of_horizon(Horizon::OneDay)
    };
    let figure = bootstrap.figure(&mean(&values)).unwrap();
    let textbook = standard_deviation(&values) / 2_000_f64.sqrt();
    assert!((figure.standard_error / textbook - 1.0).abs() < 0.06);
    let half = (figure.high - figure.low) / 2.0;
    assert!((half / (1.96 * textbook) - 1.0).abs() < 0.08);
    assert_eq!(figure.n_sessions, 2_000);
}

/// Share of simulated series whose interval holds the true mean, 0.
fn coverage(horizon: Horizon, n_sessions: usize, n_series: usize) -> f64 {
    let mut normal = Normal(SplitMix64(11));
    let bootstrap = quick(horizon);
    let hits = (0..n_series).filter(|_| {
        let values = normal.overlapping(n_sessions, horizon.steps());
        let figure = bootstrap.figure(&mean(&values)).unwrap();
        !figure.is_above(0.0) && !figure.is_below(0.0)
    });
    hits.count() as f64 / n_series as f64
}

#[test]
fn intervals_hold_the_truth_of_overlapping_labels_at_240_sessions() {
    for horizon in Horizon::ALL {
        let coverage = coverage(horizon, 240, 600);
        assert!((0.90..=0.98).contains(&coverage), "{horizon}: {coverage}");
    }
}

#[test]
fn a_forecaster_against_itself_differs_by_nothing() {
    let values = Normal(SplitMix64(1)).overlapping(100, 5);
    let bootstrap = quick(Horizon::FiveDays);
    let figure = bootstrap.paired_difference(&mean(&values), &mean(&values));
    let figure = figure.unwrap();
    assert_eq!((figure.value, figure.low, figure.high), (0.0, 0.0, 0.0));
}

#[test]
fn what_two_forecasters_share_cancels_in_their_difference() {
    let mut normal = Normal(SplitMix64(8));
    let shared = normal.overlapping(240, 5);
    let better: Vec<f64> = shared
        .iter()
        .map(|x| x + 0.05 + 0.02 * normal.draw())
        .collect();
    let bootstrap = quick(Horizon::FiveDays);
    let alone = bootstrap.figure(&mean(&better)).unwrap();
    assert!(!alone.is_above(0.0));
    let paired = bootstrap.paired_difference(&mean(&better), &mean(&shared));
    let paired = paired.unwrap();
    assert!(paired.is_above(0.03) && paired.is_below(0.07), "{paired:?}");
}

#[test]
fn the_mean_over_seeds_is_that_of_the_averaged_sessions() {
    let mut normal = Normal(SplitMix64(4));
    let (a, b) = (normal.overlapping(90, 1), normal.overlapping(90, 1));
    let average: Vec<f64> = a.iter().zip(&b).map(|(a, b)| (a + b) / 2.0).collect();
    let bootstrap = quick(Horizon::OneDay);
    let seeds = bootstrap.mean_over_seeds(&[&mean(&a), &mean(&b)]).unwrap();
    let averaged = bootstrap.figure(&mean(&average)).unwrap();
    for (seeds, averaged) in [
        (seeds.value, averaged.value),
        (seeds.low, averaged.low),
        (seeds.high, averaged.high),
    ] {
        assert!((seeds - averaged).abs() < 1e-12);
    }
}

#[test]
fn too_little_is_no_figure() {
    let bootstrap = quick(Horizon::OneDay);
    assert_eq!(bootstrap.figure(&mean(&[])), None);
    assert_eq!(bootstrap.figure(&mean(&[0.1])), None);
    assert_eq!(bootstrap.figure(&Statistic::mean([None, None, None])), None);
    assert_eq!(bootstrap.mean_over_seeds(&[]), None);
    let few = bootstrap.figure(&mean(&[0.1, 0.3])).unwrap();
    assert!((few.value - 0.2).abs() < 1e-12 && few.low < 0.2 && few.high > 0.2);
}

#[test]
fn missing_sessions_are_left_out_and_counted() {
    let sessions = [Some(0.1), None, Some(0.3), None, Some(0.2), Some(0.4)];
    let statistic = Statistic::mean(sessions);
    let figure = quick(Horizon::OneDay).figure(&statistic).unwrap();
    assert!((figure.value - 0.25).abs() < 1e-12);
    assert_eq!(figure.n_sessions, 4);
    assert_eq!(
        (statistic.value_in(1), statistic.value_in(2)),
        (None, Some(0.3))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn intervals_shrink_with_sessions_and_repeat_themselves(seed in any::<u64>()) {
        let values = Normal(SplitMix64(seed)).overlapping(2_000, 5);
        let bootstrap = quick(Horizon::FiveDays);
        let width = |n: usize| {
            let figure = bootstrap.figure(&mean(&values[..n])).unwrap();
            assert_eq!(bootstrap.figure(&mean(&values[..n])), Some(figure));
            figure.high - figure.low
        };
        prop_assert!(width(2_000) < 0.6 * width(200));
    }
}
