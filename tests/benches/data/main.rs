//! The data layer: import and reading on both databases, features raced against their peers.
//!
//! `cargo xtask bench data [store] [features]` runs what is named, or both.

mod features;
mod peers;
mod store;

fn main() -> anyhow::Result<()> {
    // Cargo adds `--bench` of its own.
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let wanted = |part: &str| asked.is_empty() || asked.iter().any(|name| name == part);
    if wanted("features") {
        features::bench()?;
    }
    if wanted("store") {
        store::bench()?;
    }
    Ok(())
}
