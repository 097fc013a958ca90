//! A figure as a function of sums over sessions.

/// What a figure is computed from: a few numbers a session, whose sums over sessions decide it.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistic {
    /// One column a sum, one value a session.
    columns: Vec<Vec<f64>>,
    form: Form,
}

/// How the sums make the figure.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    /// Column 0 over column 1.
    Ratio,
    /// The sum of the absolute values of all columns but the last, over the last.
    AbsoluteShare,
    /// `whole` + column 0 over column 1 + column 2 over column 3.
    Linearised { whole: f64 },
}

impl Statistic {
    /// Most columns that a statistic has.
    pub(crate) const MAX_WIDTH: usize = 24;

    /// The mean of one value a session; a session without one does not count.
    pub fn mean(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        Self::ratio(
            values
                .into_iter()
                .map(|value| value.map_or((0.0, 0.0), |value| (value, 1.0))),
        )
    }

    /// The sum of the numerators over the sum of the denominators, one pair a session; (0, 0) from
    /// a session that does not count.
    pub fn ratio(sums: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let (numerator, denominator) = sums.into_iter().unzip();
        Self {
            columns: vec![numerator, denominator],
            form: Form::Ratio,
        }
    }

    /// A calibration error: `deviations` has one column a bin (the sum of probability minus outcome
    /// over each session's rows in the bin), `rows` the rows of each session.
    ///
    /// # Panics
    /// If there are more than 23 bins.
    pub(crate) fn absolute_share(mut deviations: Vec<Vec<f64>>, rows: Vec<f64>) -> Self {
        deviations.push(rows);
        assert!(deviations.len() <= Self::MAX_WIDTH, "at most 23 bins");
        Self {
            columns: deviations,
            form: Form::AbsoluteShare,
        }
    }

    /// `whole` plus two ratios of sums, each 0 over all sessions: the first-order expansion of a
    /// figure that is no function of sums.
    pub(crate) fn linearised(whole: f64, [a, b]: [Vec<(f64, f64)>; 2]) -> Self {
        let (numerator, denominator): (Vec<f64>, Vec<f64>) = a.into_iter().unzip();
        let mut columns = vec![numerator, denominator];
        let (numerator, denominator): (Vec<f64>, Vec<f64>) = b.into_iter().unzip();
        columns.extend([numerator, denominator]);
        Self {
            columns,
            form: Form::Linearised { whole },
        }
    }

    /// The figure over all sessions; `None` where it is undefined.
    pub fn value(&self) -> Option<f64> {
        let sums: Vec<f64> = self.columns.iter().map(|c| c.iter().sum()).collect();
        self.value_of(&sums)
    }

    /// The figure of one session, where it is a mean or a ratio.
    pub fn value_in(&self, session: usize) -> Option<f64> {
        let sums: Vec<f64> = self.columns.iter().map(|c| c[session]).collect();
        (self.form == Form::Ratio).then(|| self.value_of(&sums))?
    }

    /// Sessions, whether they count or not.
    pub fn n_sessions(&self) -> usize {
        self.columns[0].len()
    }

    /// Sessions that count: those with a denominator.
    pub fn n_counted(&self) -> usize {
        (0..self.n_sessions())
            .filter(|&session| match self.form {
                Form::Linearised { .. } => {
                    self.columns[1][session] + self.columns[3][session] > 0.0
                }
                _ => self.columns[self.width() - 1][session] > 0.0,
            })
            .count()
    }

    /// The same figure over some of the sessions.
    pub fn over(&self, sessions: &[usize]) -> Self {
        let pick = |column: &Vec<f64>| sessions.iter().map(|&session| column[session]).collect();
        Self {
            columns: self.columns.iter().map(pick).collect(),
            form: self.form,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    pub(super) fn value_of(&self, sums: &[f64]) -> Option<f64> {
        let ratio = |a: f64, b: f64| (b > 0.0).then(|| a / b);
        match self.form {
            Form::Ratio => ratio(sums[0], sums[1]),
            Form::AbsoluteShare => {
                let (&rows, deviations) = sums.split_last()?;
                ratio(deviations.iter().map(|d| d.abs()).sum(), rows)
            }
            Form::Linearised { whole } => {
                Some(whole + ratio(sums[0], sums[1])? + ratio(sums[2], sums[3])?)
            }
        }
    }
}
