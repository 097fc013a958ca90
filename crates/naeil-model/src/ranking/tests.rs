use super::*;

#[test]
fn equal_values_share_the_mean_of_their_ranks() {
    // Sorted: -1, 0, 0, 2, 2, 2 have ranks 1, (2 + 3) / 2 and (4 + 5 + 6) / 3.
    let values = [2.0, 0.0, 2.0, -1.0, -0.0, 2.0];
    assert_eq!(mean_ranks(&values), [5.0, 2.5, 5.0, 1.0, 2.5, 5.0]);
    assert!(mean_ranks(&[]).is_empty());
}

#[test]
fn rank_correlation_is_that_of_the_textbook() {
    // Without ties 1 - 6 sum d^2 / (n (n^2 - 1)): d = 1, 1, 1, 1, 0, so 1 - 24 / 120.
    let found = rank_correlation(&[1.0, 2.0, 3.0, 4.0, 5.0], &[20.0, 10.0, 40.0, 30.0, 50.0]);
    assert!((found.unwrap() - 0.8).abs() < 1e-12);
    // Ranks 1.5, 1.5, 3 against 1, 2, 3: 1.5 / sqrt(1.5 * 2) = 0.866025.
    let tied = rank_correlation(&[0.0, 0.0, 7.0], &[1.0, 2.0, 3.0]).unwrap();
    assert!((tied - 0.866_025_4).abs() < 1e-6);
    assert_eq!(rank_correlation(&[1.0, 1.0], &[1.0, 2.0]), None);
    assert_eq!(rank_correlation(&[], &[]), None);
}
