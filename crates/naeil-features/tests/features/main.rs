//! What the feature pipeline promises to training and serving, on synthetic and reference bars.

mod invariance;
mod labels;
mod no_look_ahead;
mod oracle;
mod reference;
mod scaling;
mod synthetic;
mod windows;
