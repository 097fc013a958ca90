//! What the fuzzer began with, and files near it, through the parsers.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

fn corpus() -> Vec<(String, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/bundle");
    let entries = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|path| (path.display().to_string(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn the_corpus_passes_through_the_parsers() {
    let files = corpus();
    assert!(files.len() >= 13, "{} files", files.len());
    for (_, bytes) in &files {
        fuzzing::parse(bytes);
    }
    let named = |name: &str| {
        let found = files.iter().find(|(path, _)| path.ends_with(name));
        found.unwrap().1[1..].to_vec()
    };
    // The good ones are good, so that what is near them gets far.
    let network = fuzzing::network();
    assert!(crate::weight_file::from_bytes(&named("/weights"), &network).is_ok());
    assert!(golden::Golden::from_bytes(&named("/golden"), 1, &network).is_ok());
    assert!(Reference::parse(&named("/reference")).is_ok());
}

#[test]
fn changed_files_of_the_corpus_pass_through_the_parsers() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for (_, file) in corpus() {
        for _ in 0..2_000 {
            let mut bytes = file.clone();
            for _ in 0..rng.random_range(1..4) {
                let at = rng.random_range(1..bytes.len());
                bytes[at] = rng.random_range(0..=255);
            }
            if rng.random_range(0..4) == 0 {
                bytes.truncate(rng.random_range(1..=bytes.len()));
            }
            fuzzing::parse(&bytes);
        }
    }
}
