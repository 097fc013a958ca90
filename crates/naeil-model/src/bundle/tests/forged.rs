//! Files whose digests were restated: what is left when an attacker rewrites the manifest too.

use super::*;

/// Weights of the small model with one tensor's values changed.
fn weights_with(change: impl FnOnce(&mut crate::weights::Weights)) -> Vec<u8> {
    let mut weights = some_model().1.weights.clone();
    change(&mut weights);
    crate::weight_file::to_bytes(&weights).unwrap()
}

#[test]
fn forged_weights_are_refused() {
    check_refused(
        |bundle| bundle.forge(WEIGHTS, b"\xff\xff\xff\xff\xff\xff\xff\xff{}"),
        "weights.safetensors: the weights are refused: not a readable safetensors file",
    );
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &weights_with(|w| w.weight_hh[5] = f32::NAN)),
        "lstm.weight_hh holds a value that is not finite at position 5",
    );
    check_refused(
        |bundle| {
            bundle.forge(
                WEIGHTS,
                &weights_with(|w| {
                    w.n_outputs = 1;
                    w.dense_weight.truncate(6);
                    w.dense_bias.truncate(1);
                }),
            );
        },
        "(2, 6, 1) where (2, 6, 3) is meant",
    );
    // Digests agree and shapes fit, but the model is another: the golden vectors tell.
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &weights_with(|w| w.dense_bias[2] += 0.01)),
        "golden.safetensors: window 0 gives",
    );
}

#[test]
fn forged_weights_with_another_type_or_tensor_are_refused() {
    use safetensors::tensor::{Dtype, TensorView};
    let rewrite = |dtype: Dtype, extra: bool| {
        let weights = &some_model().1.weights;
        let tensors = weights.tensors();
        let data: Vec<Vec<u8>> = tensors
            .iter()
            .map(|t| vec![0; t.values.len() * dtype.bitsize() / 8])
            .collect();
        let mut views: Vec<(&str, TensorView<'_>)> = tensors
            .iter()
            .zip(&data)
            .map(|(t, data)| {
                (
                    t.name,
                    TensorView::new(dtype, t.shape.clone(), data).unwrap(),
                )
            })
            .collect();
        if extra {
            let view = TensorView::new(dtype, vec![3], &data[5]).unwrap();
            views.push(("lstm.secret", view));
        }
        safetensors::serialize(views, None).unwrap()
    };
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &rewrite(Dtype::F64, false)),
        "lstm.weight_ih has type F64, expected F32",
    );
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &rewrite(Dtype::F32, true)),
        "unexpected tensor 'lstm.secret'",
    );
}

#[test]
fn forged_golden_vectors_are_refused() {
    check_refused(
        |bundle| {
            let mut bytes = fs::read(bundle.dir.join(GOLDEN)).unwrap();
            // The last bytes are the last number of the tensor that comes last in the file.
            let at = bytes.len() - 4..;
            bytes[at].copy_from_slice(&f32::NAN.to_le_bytes());
            bundle.forge(GOLDEN, &bytes);
        },
        "golden.safetensors: ",
    );
    check_refused(
        |bundle| bundle.forge(GOLDEN, &fs::read(bundle.dir.join(WEIGHTS)).unwrap()),
        "golden.safetensors: 6 tensors, there must be 2",
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_flipped_bit_gets_through_or_panics(
        file_idx in 0_usize..4,
        place in 0.0_f64..1.0,
        bit in 0_u32..8,
    ) {
        let bundle = Bundle::new();
        let path = bundle.dir.join(FILES[file_idx].0);
        let mut bytes = fs::read(&path).unwrap();
        let at = (place * bytes.len() as f64) as usize;
        bytes[at] ^= 1 << bit;
        fs::write(&path, &bytes).unwrap();
        let refusal = bundle.refusal();
        prop_assert!(refusal.contains("has the digest"), "{}", refusal);
    }

    /// With the digest restated the flip may be harmless, but it must not bring the program down.
    #[test]
    fn no_forged_bit_in_the_tensors_or_the_manifest_panics(
        name in proptest::sample::select(vec![WEIGHTS, GOLDEN, MANIFEST]),
        place in 0.0_f64..1.0,
        bit in 0_u32..8,
    ) {
        let bundle = Bundle::new();
        let mut bytes = fs::read(bundle.dir.join(name)).unwrap();
        let at = (place * bytes.len() as f64) as usize;
        bytes[at] ^= 1 << bit;
        if name == MANIFEST {
            fs::write(bundle.dir.join(name), &bytes).unwrap();
        } else {
            bundle.forge(name, &bytes);
        }
        match BundleLoader.load(&bundle.dir) {
            Ok(loaded) => prop_assert_ne!(loaded.description.digest, bundle.digest),
            Err(LoadError::Refused(reason)) => prop_assert!(!reason.is_empty()),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
