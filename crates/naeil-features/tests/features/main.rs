//! What the feature pipeline promises to training and serving, on synthetic and reference bars.

mod invariance;
mod labels;
mod market_state;
mod no_look_ahead;
mod oracle;
mod ranks;
mod reference;
mod scaling;
mod streaming;
mod synthetic;
mod windows;
