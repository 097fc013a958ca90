//! The seven stages, one file each. Each reads files of earlier stages from the run directory and
//! writes its own.

pub mod compare;
pub mod evaluate;
pub mod extract;
pub mod features;
pub mod promote;
pub mod register;
pub mod train;
