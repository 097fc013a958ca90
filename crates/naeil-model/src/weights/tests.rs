use super::*;
use crate::weight_file;

fn network() -> NetworkConfig {
    NetworkConfig {
        n_columns: 7,
        sequence_columns: vec![1, 4, 6],
        seq_length: 4,
        hidden_size: 5,
        n_layers: 2,
        wide_size: 3,
        quantile_size: 2,
        dropout: 0.0,
    }
}

#[test]
fn tensors_have_pytorchs_names_and_shapes() {
    // nn.LSTM(3, 5, num_layers=2), nn.LayerNorm(5), nn.Linear(7, 3), nn.Linear(8, 3) twice,
    // nn.Linear(7, 2), nn.Linear(2, 15).
    let expected: [(&str, &[usize]); 21] = [
        ("lstm.weight_ih_l0", &[20, 3]),
        ("lstm.weight_hh_l0", &[20, 5]),
        ("lstm.bias_ih_l0", &[20]),
        ("lstm.bias_hh_l0", &[20]),
        ("lstm.weight_ih_l1", &[20, 5]),
        ("lstm.weight_hh_l1", &[20, 5]),
        ("lstm.bias_ih_l1", &[20]),
        ("lstm.bias_hh_l1", &[20]),
        ("norm.weight", &[5]),
        ("norm.bias", &[5]),
        ("wide.weight", &[3, 7]),
        ("wide.bias", &[3]),
        ("relative.weight", &[3, 8]),
        ("relative.bias", &[3]),
        ("direction.weight", &[3, 8]),
        ("direction.bias", &[3]),
        ("quantile_wide.weight", &[2, 7]),
        ("quantile_wide.bias", &[2]),
        ("quantile.weight", &[15, 2]),
        ("quantile.bias", &[15]),
        ("return_scale", &[3]),
    ];
    let weights = Weights::initial(&network(), [0.1, 0.2, 0.3], 7);
    let found = weights
        .tensors()
        .iter()
        .map(|tensor| (tensor.name.as_str(), &*tensor.shape));
    assert!(found.eq(expected));
    assert_eq!(weights.return_scale(), [0.1, 0.2, 0.3]);
    assert_eq!(weights.parameters().count(), 20);
}

#[test]
fn the_usual_network_has_as_many_parameters_as_counted_by_hand() {
    let spec = naeil_features::FeatureSpec::v2();
    let weights = Weights::initial(&NetworkConfig::for_spec(&spec), [1.0; 3], 7);
    let ranking = (weights.parameters()).filter(|tensor| !tensor.name.starts_with("quantile"));
    let n: usize = ranking.map(|tensor| tensor.values.len()).sum();
    // LSTM 256 (18 + 64 + 2), norm 2 * 64, wide 64 (76 + 1), heads 2 * 3 (64 + 64 + 1).
    assert_eq!(n, 21_504 + 128 + 4_928 + 774);
}

#[test]
fn a_fresh_network_remembers_and_depends_on_its_seed() {
    let draw = |seed| Weights::initial(&network(), [1.0; 3], seed);
    let weights = draw(7);
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    let bias = weights.values("lstm.bias_ih_l1");
    assert!(mean(&bias[5..10]) > 0.6, "{bias:?}");
    assert!(mean(&bias[..5]).abs() < 0.4, "{bias:?}");
    assert_eq!(weights.values("relative.bias"), [0.0; 3]);
    assert!(
        weights
            .values("quantile.weight")
            .iter()
            .all(|w| w.abs() < 0.011)
    );
    assert_eq!(weights, draw(7));
    assert_ne!(weights, draw(8));
}

#[test]
fn members_survive_their_file() {
    let members: Vec<Weights> = (0..12)
        .map(|seed| Weights::initial(&network(), [0.1, 0.2, 0.3], seed))
        .collect();
    let bytes = weight_file::to_bytes(&members).unwrap();
    assert_eq!(
        weight_file::from_bytes(&bytes, &network()).unwrap(),
        members
    );
}

#[test]
fn a_file_that_is_not_the_networks_is_refused() {
    let weights = Weights::initial(&network(), [1.0; 3], 7);
    let refused = |weights: &Weights, network: &NetworkConfig| {
        let bytes = weight_file::to_bytes(std::slice::from_ref(weights)).unwrap();
        weight_file::from_bytes(&bytes, network)
            .unwrap_err()
            .to_string()
    };
    let change = |name: &str, change: fn(&mut NamedTensor)| {
        let mut weights = weights.clone();
        let tensors = &mut weights.tensors;
        change(
            tensors
                .iter_mut()
                .find(|tensor| tensor.name == name)
                .unwrap(),
        );
        refused(&weights, &network())
    };
    let wider = NetworkConfig {
        hidden_size: 6,
        ..network()
    };
    assert!(refused(&weights, &wider).contains("shape"));
    let deeper = NetworkConfig {
        n_layers: 3,
        ..network()
    };
    assert!(refused(&weights, &deeper).contains("21 tensors"));
    assert!(change("norm.bias", |t| t.name.push('x')).contains("'members.0.norm.bias' is missing"));
    assert!(change("wide.bias", |t| t.values[1] = f32::NAN).contains("not finite at position 1"));
    assert!(change("return_scale", |t| t.values[1] = 0.0).contains("return_scale is not above 0"));
    let garbage = weight_file::from_bytes(b"garbage", &network()).unwrap_err();
    assert!(garbage.to_string().contains("safetensors"));
}
