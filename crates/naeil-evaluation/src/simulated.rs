//! Simulated forecasts for tests: a market that moves, and stocks that follow a known probability.

use naeil_domain::Horizon;

use crate::Outcomes;
use crate::calibration::Platt;

/// Outcomes with the direction outputs that were made for them.
pub(crate) struct Simulated {
    pub(crate) outcomes: Outcomes,
    pub(crate) direction: Vec<f64>,
    /// The true logit of a rise of each row.
    pub(crate) logit: Vec<f64>,
}

/// A small generator (SplitMix64), so that tests mean the same on every machine.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    /// Uniform on (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + 1e-17
    }

    /// Standard normal (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Sessions whose base rate wanders (and jumps with the market of each session), and rows whose
/// logit of a rise is the session's plus `slope` times their direction output.
pub(crate) fn market(
    n_sessions: u32,
    n_rows: u32,
    slope: f64,
    horizon: Horizon,
    seed: u64,
) -> Simulated {
    let mut noise = Noise(seed);
    let mut simulated = Simulated {
        outcomes: Outcomes::default(),
        direction: Vec::new(),
        logit: Vec::new(),
    };
    let mut level = -0.2;
    // Markets of overlapping periods share their steps.
    let steps = horizon.steps();
    let shocks: Vec<f64> = (0..n_sessions as usize + steps)
        .map(|_| noise.normal())
        .collect();
    for session in 0..n_sessions {
        level = 0.995 * level + 0.02 * noise.normal();
        let shared: f64 = shocks[session as usize..][..steps].iter().sum();
        let intercept = level + 0.5 * shared / (steps as f64).sqrt();
        for stock in 0..n_rows {
            let z = 0.3 * noise.normal();
            let platt = Platt { intercept, slope };
            let rises = noise.uniform() < platt.probability(z);
            simulated
                .outcomes
                .push(session, stock, if rises { 0.01 } else { -0.01 });
            simulated.direction.push(z);
            simulated.logit.push(platt.logit(z));
        }
    }
    simulated
}
