//! The whole HTTP side on a real socket, over the real prediction service with fake ports.

mod bad_bodies;
mod bad_requests;
mod bad_tokens;
mod client;
mod contract;
mod docs_page;
mod http_habits;
mod log_events;
mod openapi_document;
mod resilience;
mod server;
mod world;
