//! The whole market's answers, and each stock's place among them.

use std::collections::BTreeMap;

use naeil_domain::{Horizon, HorizonForecast, Market, RelativePlace};

use crate::error::InferenceError;
use crate::market::MarketSnapshot;
use crate::model_thread::ModelThread;

/// Every stock's place in its market at every horizon, by row of the market's windows.
#[derive(Debug)]
pub(crate) struct MarketScores {
    places: Vec<[RelativePlace; Horizon::COUNT]>,
}

impl MarketScores {
    /// Asks the model about the whole market.
    ///
    /// It goes in passes of `max_batch` windows, so that requests get their turn in between.
    pub(crate) async fn compute(
        market: &MarketSnapshot,
        model: &ModelThread,
        max_batch: usize,
    ) -> Result<Self, InferenceError> {
        let n_windows = market.row_markets().len();
        let mut forecasts = Vec::with_capacity(n_windows);
        for first in (0..n_windows).step_by(max_batch) {
            let rows = first..n_windows.min(first + max_batch);
            let windows = market.windows_of(model.shape(), rows);
            forecasts.extend(model.forecast_when_free(windows).await?.rows);
        }
        Ok(Self::rank(&forecasts, market.row_markets()))
    }

    /// Ranks every row within its market by the relative output.
    pub(crate) fn rank(
        forecasts: &[[HorizonForecast; Horizon::COUNT]],
        markets: &[Market],
    ) -> Self {
        let mut sorted: BTreeMap<Market, [Vec<f64>; Horizon::COUNT]> = BTreeMap::new();
        for (row, market) in forecasts.iter().zip(markets) {
            let columns = sorted.entry(*market).or_default();
            for (column, forecast) in columns.iter_mut().zip(row) {
                column.push(forecast.relative);
            }
        }
        for column in sorted.values_mut().flatten() {
            column.sort_unstable_by(f64::total_cmp);
        }
        let places = forecasts
            .iter()
            .zip(markets)
            .map(|(row, market)| {
                let columns = &sorted[market];
                Horizon::ALL.map(|h| place(&columns[h.index()], row[h.index()].relative))
            })
            .collect();
        Self { places }
    }

    /// The place of a row's stock.
    pub(crate) fn place(&self, row: usize, horizon: Horizon) -> RelativePlace {
        self.places[row][horizon.index()]
    }
}

/// The place of `own` among `sorted`, which holds it too.
fn place(sorted: &[f64], own: f64) -> RelativePlace {
    let of = sorted.len();
    let below = sorted.partition_point(|&other| other < own);
    let tied_others = sorted.partition_point(|&other| other <= own) - below - 1;
    let percentile = if of == 1 {
        // Alone it stands neither above nor below anyone.
        0.5
    } else {
        (below as f64 + tied_others as f64 / 2.0) / (of - 1) as f64
    };
    RelativePlace { percentile, of }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_worked_by_hand_with_ties_and_two_markets() {
        let (kospi, kosdaq) = (Market::Kospi, Market::Kosdaq);
        // KOSPI at 1d: 0.2, 0.5, 0.5, 0.9, 0.5. Of four others each:
        // 0.2 stands above none; a 0.5 above one, level with two: (1 + 2/2) / 4 = 0.5;
        // 0.9 above all four.
        // KOSDAQ at 1d: 0.3, 0.3: level with the one other: 0.5.
        let markets = [kospi, kospi, kosdaq, kospi, kospi, kosdaq, kospi];
        let one_day = [0.2, 0.5, 0.3, 0.5, 0.9, 0.3, 0.5];
        // At 5d the KOSPI order is reversed: 0.8, 0.5, 0.5, 0.1, 0.5.
        let five_days = [0.8, 0.5, 0.3, 0.5, 0.1, 0.4, 0.5];
        let rows: Vec<_> = (0..7)
            .map(|i| [one_day[i], five_days[i], 0.5].map(HorizonForecast::of_direction))
            .collect();
        let scores = MarketScores::rank(&rows, &markets);

        let check = |horizon: Horizon, expected: [(f64, usize); 7]| {
            for (row, (percentile, of)) in expected.into_iter().enumerate() {
                let place = scores.place(row, horizon);
                assert_eq!(place, RelativePlace { percentile, of }, "row {row}");
            }
        };
        check(
            Horizon::OneDay,
            [
                (0.0, 5),
                (0.5, 5),
                (0.5, 2),
                (0.5, 5),
                (1.0, 5),
                (0.5, 2),
                (0.5, 5),
            ],
        );
        check(
            Horizon::FiveDays,
            [
                (1.0, 5),
                (0.5, 5),
                (0.0, 2),
                (0.5, 5),
                (0.0, 5),
                (1.0, 2),
                (0.5, 5),
            ],
        );
    }

    #[test]
    fn a_stock_alone_in_its_market_stands_in_the_middle() {
        let scores =
            MarketScores::rank(&[[HorizonForecast::of_direction(0.9); 3]], &[Market::Konex]);
        let place = scores.place(0, Horizon::TwentyDays);
        assert_eq!(place.percentile, 0.5);
        assert_eq!(place.of, 1);
    }
}
