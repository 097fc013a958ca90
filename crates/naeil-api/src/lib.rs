//! The HTTP side of naeil: routes, wire types, tokens, errors, limits and the documentation page.
//!
//! [`run`] starts the server from an [`ApiState`] and [`HttpSettings`]. A new endpoint goes to
//! `routes`, a status code to [`problem`], a wire type to [`dto`]. This crate knows predictions only
//! through `naeil-serving`: it must not know the model, the store, the registry or any
//! configuration source.

pub mod auth;
pub mod dto;
pub mod error_code;
mod event;
mod extract;
mod layers;
mod metrics;
mod openapi;
mod pages;
pub mod problem;
mod request_id;
mod routes;
mod server;
mod state;

pub use auth::{
    JwtSecret, JwtSettings, TokenError, TokenIssuer, TokenRequest, TokenVerifier, WeakSecret,
};
pub use error_code::ErrorCode;
pub use metrics::ApiMetrics;
pub use problem::ApiError;
pub use server::{HttpSettings, run};
pub use state::ApiState;

#[cfg(test)]
mod tests;
