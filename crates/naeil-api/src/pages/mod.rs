//! Pages and their assets, all inside the binary: nothing is fetched from anywhere else.

mod errors;

use std::sync::LazyLock;

/// A file that a page needs.
pub(crate) struct Asset {
    /// Its path on the server.
    pub(crate) path: &'static str,
    /// Its media type.
    pub(crate) media_type: &'static str,
    /// Its bytes.
    pub(crate) bytes: &'static [u8],
    /// Whether the bytes are packed with gzip.
    pub(crate) gzipped: bool,
}

/// Every asset; `assets/README.md` says where the packed ones come from.
pub(crate) static ASSETS: [Asset; 4] = [
    Asset {
        path: "/docs/swagger-ui-bundle.js",
        media_type: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../../assets/swagger-ui-bundle.js.gz"),
        gzipped: true,
    },
    Asset {
        path: "/docs/swagger-ui.css",
        media_type: "text/css; charset=utf-8",
        bytes: include_bytes!("../../assets/swagger-ui.css.gz"),
        gzipped: true,
    },
    Asset {
        path: "/docs/docs.js",
        media_type: "text/javascript; charset=utf-8",
        bytes: include_bytes!("docs.js"),
        gzipped: false,
    },
    Asset {
        path: "/docs/docs.css",
        media_type: "text/css; charset=utf-8",
        bytes: include_bytes!("docs.css"),
        gzipped: false,
    },
];

/// What the documentation page may load: its own files and nothing inline.
pub(crate) const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The documentation page.
pub(crate) static DOCS_PAGE: LazyLock<String> = LazyLock::new(|| {
    include_str!("docs.html")
        .replace("{{version}}", env!("CARGO_PKG_VERSION"))
        .replace("{{errors}}", &errors::section())
});
