//! Who is listed: codes, names, markets and sectors.

use std::collections::BTreeMap;

use naeil_domain::{Market, StockCode};
use rand::{Rng, RngExt};

/// Stocks that every market lists from its first session to its last, without interruption, so
/// that examples and tests may count on them.
const ANCHORS: [(&str, &str); 3] = [
    ("000660", "SK하이닉스"),
    ("005930", "삼성전자"),
    ("035420", "NAVER"),
];

/// How many sectors share returns beyond the market's.
pub(crate) const N_SECTORS: usize = 10;

/// Share of stocks other than the anchors on the main board.
const KOSPI_SHARE: f64 = 0.4;
/// Share of codes that end like a preferred share's.
const PREFERRED_SHARE: f64 = 0.04;

/// One stock, before anything happens to it.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub(crate) code: StockCode,
    /// Says that the stock is simulated, whatever its code.
    pub(crate) name: String,
    pub(crate) market: Market,
    /// Below [`N_SECTORS`].
    pub(crate) sector: usize,
    /// Listed throughout and never halted.
    pub(crate) is_anchor: bool,
}

/// Draws `n` listings, ascending by code.
pub(crate) fn draw_listings(n: usize, rng: &mut impl Rng) -> Vec<Listing> {
    let mut companies: BTreeMap<String, Option<&str>> = ANCHORS
        .into_iter()
        .map(|(code, name)| (code.to_owned(), Some(name)))
        .collect();
    while companies.len() < n {
        companies.entry(draw_code(rng)).or_default();
    }
    (1..)
        .zip(companies)
        .map(|(number, (code, known_name))| Listing {
            code: StockCode::parse(&code).expect("six digits or letters are a code"),
            name: match known_name {
                Some(name) => format!("{name} (simulated)"),
                None => format!("모의기업 {number:04} (simulated)"),
            },
            market: if known_name.is_some() || rng.random_bool(KOSPI_SHARE) {
                Market::Kospi
            } else {
                Market::Kosdaq
            },
            sector: rng.random_range(0..N_SECTORS),
            is_anchor: known_name.is_some(),
        })
        .collect()
}

/// Common shares end in 0, preferred ones in 5 or in K.
fn draw_code(rng: &mut impl Rng) -> String {
    let company: u32 = rng.random_range(1..48_000);
    let class = if rng.random_bool(PREFERRED_SHARE) {
        if rng.random_bool(0.5) { '5' } else { 'K' }
    } else {
        '0'
    };
    format!("{company:05}{class}")
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn codes_are_unique_ascending_and_shaped_like_krx_codes() {
        let listings = draw_listings(2_000, &mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!(listings.len(), 2_000);
        assert!(listings.is_sorted_by(|a, b| a.code < b.code));
        assert!(listings.iter().all(|l| l.code.has_krx_shape()));
        assert!(listings.iter().any(|l| l.code.as_str().ends_with('K')));
        assert!(listings.iter().all(|l| l.name.ends_with("(simulated)")));
        for market in [Market::Kospi, Market::Kosdaq] {
            assert!(listings.iter().any(|l| l.market == market));
        }
    }

    #[test]
    fn the_anchors_are_always_there() {
        let listings = draw_listings(10, &mut ChaCha8Rng::seed_from_u64(2));
        let anchors: Vec<&str> = listings
            .iter()
            .filter(|l| l.is_anchor)
            .map(|l| l.code.as_str())
            .collect();
        assert_eq!(anchors, ["000660", "005930", "035420"]);
        assert!(listings.iter().any(|l| l.name == "삼성전자 (simulated)"));
    }
}
