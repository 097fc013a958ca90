//! `MLmodel`: what MLflow's pages and client read of a model.

use naeil_domain::forecast::QUANTILE_LEVELS;
use naeil_domain::{Digest, Horizon};

use super::{BundleContents, WEIGHTS};

/// Renders the file. Signatures are JSON inside YAML strings, as MLflow writes them.
pub(crate) fn render(contents: &BundleContents<'_>, weights_digest: Digest) -> String {
    let network = &contents.model.network;
    let tensor = |name: &str, dtype: &str, shape: &[i64]| {
        serde_json::json!({
            "name": name,
            "type": "tensor",
            "tensor-spec": {"dtype": dtype, "shape": shape},
        })
    };
    let size = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let columns = size(network.sequence_columns.len());
    let inputs = serde_json::json!([
        tensor(
            "sequence",
            "float32",
            &[-1, size(network.seq_length), columns]
        ),
        tensor("wide", "float32", &[-1, size(network.n_columns)]),
    ]);
    let horizons = size(Horizon::COUNT);
    let outputs = serde_json::json!([
        tensor("relative", "float64", &[-1, horizons]),
        tensor("direction", "float64", &[-1, horizons]),
        tensor(
            "quantiles",
            "float64",
            &[-1, horizons, size(QUANTILE_LEVELS.len())]
        ),
    ]);
    // MLflow wants any 32 hexadecimal digits; these are the same for the same weights.
    let model_uuid = &weights_digest.to_string()[..32];
    format!(
        "\
artifact_path: model
flavors:
  naeil: {{code: null, data: {WEIGHTS}, manifest: manifest.json}}
model_uuid: {model_uuid}
utc_time_created: '{created}'
signature:
  inputs: '{inputs}'
  outputs: '{outputs}'
  params: null
metadata:
  data_digest: {data_digest}
  data_origin: {data_origin}
  feature_spec_hash: {spec_hash}
",
        created = contents.trained_at.format("%Y-%m-%d %H:%M:%S%.6f"),
        data_digest = contents.data_digest,
        data_origin = contents.data_origin.as_str(),
        spec_hash = contents.spec.hash(),
    )
}
