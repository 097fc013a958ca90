//! What surrounds every route, from the outside in: [`observe`] names, times, logs and counts the
//! request and gives every error its one shape; [`panics`] turns a panic into an error.

pub(crate) mod limits;
pub(crate) mod observe;
pub(crate) mod panics;
pub(crate) mod security;
