//! The worst few of many.

use chrono::NaiveDate;
use naeil_domain::StockCode;

use crate::limits::EXAMPLES;

/// One case of a check, with two figures to tell it by.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) severity: f64,
    pub(crate) code: StockCode,
    pub(crate) day: NaiveDate,
    pub(crate) before: f64,
    pub(crate) after: f64,
}

/// Keeps the most severe cases: worst first, equal ones by code and day, so that the same data
/// give the same examples.
#[derive(Debug, Clone, Default)]
pub(crate) struct Worst {
    cases: Vec<Case>,
    pub(crate) n: u64,
}

impl Worst {
    /// Counts a case, and keeps it if it is one of the worst.
    pub(crate) fn offer(&mut self, case: Case) {
        self.n += 1;
        let place = self.cases.partition_point(|kept| comes_before(kept, &case));
        if place < EXAMPLES {
            self.cases.insert(place, case);
            self.cases.truncate(EXAMPLES);
        }
    }

    pub(crate) fn cases(&self) -> &[Case] {
        &self.cases
    }
}

fn comes_before(a: &Case, b: &Case) -> bool {
    b.severity
        .total_cmp(&a.severity)
        .then_with(|| a.code.cmp(&b.code))
        .then_with(|| a.day.cmp(&b.day))
        .is_lt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_offers_does_not_matter() {
        let case = |i: u32| Case {
            severity: f64::from(i % 7),
            code: StockCode::parse(&format!("{:06}", i % 5)).unwrap(),
            day: NaiveDate::from_ymd_opt(2020, 1, 1 + i % 28).unwrap(),
            before: 0.0,
            after: 0.0,
        };
        let places = |order: &mut dyn Iterator<Item = u32>| {
            let mut worst = Worst::default();
            order.for_each(|i| worst.offer(case(i)));
            assert_eq!(worst.n, 100);
            let place = |c: &Case| (c.severity as u32, c.code.clone(), c.day);
            worst.cases().iter().map(place).collect::<Vec<_>>()
        };
        let up = places(&mut (0..100));
        assert_eq!(up, places(&mut (0..100).rev()));
        assert_eq!(up.len(), EXAMPLES);
        assert_eq!(up[0].0, 6);
    }
}
