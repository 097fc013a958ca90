use super::*;

#[test]
fn dropout_draws_zeros_at_its_rate_and_keeps_the_mean() {
    let factors = dropout_factors(24_000, 0.25, &mut generator(1, Draw::Dropout(0)));
    let zeros = factors.iter().filter(|&&factor| factor == 0.0).count();
    let share = zeros as f64 / factors.len() as f64;
    // Standard error of 24,000 draws: sqrt(0.25 * 0.75 / 24,000) = 0.0028.
    assert!((share - 0.25).abs() < 0.012, "{share}");
    assert!(factors.iter().all(|&f| f == 0.0 || f == 4.0 / 3.0));
}

#[test]
fn a_share_is_drawn_without_repetition_and_every_number_as_often() {
    let mut counts = [0; 30];
    for step in 0..3_000 {
        let drawn = drawn(30, 1.0 / 3.0, &mut generator(9, Draw::Stocks(step)));
        assert_eq!(drawn.len(), 10);
        assert!(drawn.is_sorted_by(|a, b| a < b));
        drawn.iter().for_each(|&idx| counts[idx] += 1);
    }
    // 1,000 expected, standard error sqrt(3,000 * 1/3 * 2/3) = 26.
    assert!(
        counts.iter().all(|count| (880..1120).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn a_few_are_drawn_from_few() {
    let count = |n, share| drawn(n, share, &mut generator(9, Draw::Stocks(0))).len();
    assert_eq!(count(2, 0.1), 2);
    assert_eq!(count(9, 0.1), 2);
    assert_eq!(count(40, 0.1), 4);
    assert_eq!(count(40, 1.0), 40);
}

#[test]
fn every_purpose_and_place_draws_otherwise_and_always_the_same() {
    let order = |draw| shuffled(50, &mut generator(4, draw));
    let draws = [
        Draw::Sessions(0),
        Draw::Sessions(1),
        Draw::Stocks(0),
        Draw::Dropout(0),
        Draw::Validation(0),
    ];
    let orders: std::collections::BTreeSet<_> = draws.map(order).into_iter().collect();
    assert_eq!(orders.len(), draws.len());
    assert_eq!(order(Draw::Sessions(0)), order(Draw::Sessions(0)));
    let other_seed = shuffled(50, &mut generator(5, Draw::Sessions(0)));
    assert_ne!(order(Draw::Sessions(0)), other_seed);
}
