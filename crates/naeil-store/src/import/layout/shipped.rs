//! Layouts of other people's files that come with naeil.

/// A layout as TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShippedLayout {
    /// What it is called on the command line.
    pub name: &'static str,
    /// The TOML of a [`Layout`](super::Layout).
    pub toml: &'static str,
}

/// Every layout that ships, by name.
pub const SHIPPED: [ShippedLayout; 5] = [
    ShippedLayout {
        name: "financedatareader",
        toml: include_str!("../layouts/financedatareader.toml"),
    },
    ShippedLayout {
        name: "krx-market",
        toml: include_str!("../layouts/krx-market.toml"),
    },
    ShippedLayout {
        name: "marcap",
        toml: include_str!("../layouts/marcap.toml"),
    },
    ShippedLayout {
        name: "pykrx",
        toml: include_str!("../layouts/pykrx.toml"),
    },
    ShippedLayout {
        name: "pykrx-session",
        toml: include_str!("../layouts/pykrx-session.toml"),
    },
];
