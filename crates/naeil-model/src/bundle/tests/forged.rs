//! Files whose digests were restated: what is left when an attacker rewrites the manifest too.

use super::*;
use crate::weights::Weights;

/// The small model's weights file with one tensor of the first member changed.
fn weights_with(name: &str, change: impl Fn(&mut Vec<f32>)) -> Vec<u8> {
    let bytes = crate::weight_file::to_bytes(&some_model().1.members).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = file
        .tensors()
        .into_iter()
        .map(|(tensor, view)| {
            let (chunks, _) = view.data().as_chunks::<4>();
            let mut values: Vec<f32> = chunks.iter().map(|&b| f32::from_le_bytes(b)).collect();
            if tensor == format!("members.0.{name}") {
                change(&mut values);
            }
            let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
            (tensor, view.shape().to_vec(), bytes)
        })
        .collect();
    let view = |(name, shape, bytes): &'_ (String, Vec<usize>, Vec<u8>)| {
        let dtype = safetensors::Dtype::F32;
        let bytes: &'static [u8] = bytes.clone().leak();
        let view = safetensors::tensor::TensorView::new(dtype, shape.clone(), bytes).unwrap();
        (name.clone(), view)
    };
    safetensors::serialize(tensors.iter().map(view), None).unwrap()
}

/// A safetensors file with this header and so many bytes of zeros.
fn raw(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

/// As many bytes as the good file's, so that only what is in them can be wrong.
fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    let good = crate::weight_file::to_bytes(&some_model().1.members).unwrap();
    bytes.resize(good.len(), b' ');
    bytes
}

#[test]
fn forged_weights_are_refused() {
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &weights_with("lstm.weight_hh_l0", |w| w[5] = f32::NAN)),
        "lstm.weight_hh_l0 holds a value that is not finite at position 5",
    );
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &weights_with("norm.bias", |w| w[0] = f32::INFINITY)),
        "norm.bias holds a value that is not finite at position 0",
    );
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &weights_with("return_scale", |w| w[1] = -1.0)),
        "return_scale is not above 0",
    );
    // Digests agree and shapes fit, but the model is another: the golden vectors tell.
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &weights_with("direction.bias", |w| w[2] += 0.01)),
        "golden.safetensors: window 0 gives direction",
    );
    // Finite weights whose products are not.
    check_refused(
        |bundle| {
            bundle.forge(WEIGHTS, &weights_with("quantile.weight", |w| w.fill(f32::MAX)));
        },
        "golden.safetensors: ",
    );
}

#[test]
fn forged_headers_are_refused() {
    let file = |header: &str| padded(raw(header, 0));
    let table: [(Vec<u8>, &str); 8] = [
        (padded(vec![0xff; 8]), "its header states 18446744073709551615 bytes"),
        (padded((1_u64 << 40).to_le_bytes().to_vec()), "its header states 1099511627776 bytes"),
        (file("{"), "not a readable safetensors file"),
        (file("[]"), "not a readable safetensors file"),
        (
            file(r#"{"a":{"dtype":"F32","shape":[18446744073709551615,2],"data_offsets":[0,8]}}"#),
            "not a readable safetensors file",
        ),
        (
            file(r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#),
            "not a readable safetensors file",
        ),
        (
            file(r#"{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}"#),
            "not a readable safetensors file",
        ),
        (
            file(r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#),
            "not a readable safetensors file",
        ),
    ];
    for (bytes, message) in table {
        check_refused(|bundle| bundle.forge(WEIGHTS, &bytes), message);
    }
}

#[test]
fn a_million_tensors_are_refused_by_their_size_or_their_header() {
    let tensors: Vec<String> = (0..1_000_000)
        .map(|i| format!(r#""t{i}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#))
        .collect();
    let bytes = raw(&format!("{{{}}}", tensors.join(",")), 0);
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &bytes),
        "bytes cannot be a file for this network",
    );
    // Cut to a size that fits: the header's length is a lie then, and found before it is parsed.
    let good = crate::weight_file::to_bytes(&some_model().1.members).unwrap();
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &bytes[..good.len()]),
        "weights.safetensors: its header states",
    );
}

#[test]
fn other_tensors_types_and_shapes_are_refused() {
    use safetensors::tensor::{Dtype, TensorView};
    let model = &some_model().1;
    let rewrite = |dtype: Dtype, change: &dyn Fn(&mut String, &mut Vec<usize>)| {
        let tensors = model.members.iter().enumerate().flat_map(|(idx, member)| {
            let tensors = member.tensors().iter();
            tensors.map(move |t| (format!("members.{idx}.{}", t.name), t.shape.clone()))
        });
        let views: Vec<(String, TensorView<'_>)> = tensors
            .map(|(mut name, mut shape)| {
                change(&mut name, &mut shape);
                let n = shape.iter().product::<usize>() * dtype.bitsize() / 8;
                let data: &'static [u8] = vec![0; n].leak();
                (name, TensorView::new(dtype, shape, data).unwrap())
            })
            .collect();
        safetensors::serialize(views, None).unwrap()
    };
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &rewrite(Dtype::I32, &|_, _| {})),
        "has type I32, expected F32",
    );
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &rewrite(Dtype::F64, &|_, _| {})),
        "bytes cannot be a file for this network",
    );
    let renamed = rewrite(Dtype::F32, &|name, _| {
        if name == "members.1.norm.bias" {
            *name = "members.1.secret".to_owned();
        }
    });
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &renamed),
        "tensor 'members.1.norm.bias' is missing",
    );
    let turned = rewrite(Dtype::F32, &|name, shape| {
        if name == "members.0.lstm.weight_hh_l0" {
            shape.reverse();
        }
    });
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &turned),
        "lstm.weight_hh_l0 has shape [6, 24], expected [24, 6]",
    );
    let fewer: Vec<Weights> = model.members[..1].to_vec();
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &crate::weight_file::to_bytes(&fewer).unwrap()),
        "bytes cannot be a file for this network",
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
        "golden.safetensors: ",
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

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
        match BundleLoader::default().load(&bundle.dir) {
            Ok(loaded) => prop_assert_ne!(loaded.description.digest, bundle.digest),
            Err(LoadError::Io { path, source }) => prop_assert!(false, "{path}: {source}"),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
