use super::*;

#[test]
fn a_missing_or_additional_file_is_refused() {
    for name in [MANIFEST, WEIGHTS, GOLDEN, CARD, MLMODEL] {
        check_refused(
            |bundle| fs::remove_file(bundle.dir.join(name)).unwrap(),
            &format!("{name} is missing"),
        );
    }
    check_refused(
        |bundle| fs::write(bundle.dir.join("run.sh"), "").unwrap(),
        "the bundle was altered: it holds a file \"run.sh\" that no bundle has",
    );
    // A name that a bundle may have, but this manifest does not name.
    check_refused(
        |bundle| fs::write(bundle.dir.join(REFERENCE), "{}").unwrap(),
        "it holds reference.json, which its manifest does not name",
    );
}

#[cfg(unix)]
#[test]
fn links_and_directories_are_refused() {
    check_refused(
        |bundle| {
            let path = bundle.dir.join(WEIGHTS);
            let outside = bundle.dir.with_extension("elsewhere");
            fs::rename(&path, &outside).unwrap();
            std::os::unix::fs::symlink(&outside, &path).unwrap();
        },
        "\"weights.safetensors\" is not a plain file",
    );
    check_refused(
        |bundle| {
            fs::remove_file(bundle.dir.join(CARD)).unwrap();
            fs::create_dir(bundle.dir.join(CARD)).unwrap();
        },
        "\"MODEL_CARD.md\" is not a plain file",
    );
}

#[test]
fn a_changed_byte_in_any_file_is_refused() {
    for name in [WEIGHTS, GOLDEN, CARD, MLMODEL] {
        check_refused(
            |bundle| {
                let path = bundle.dir.join(name);
                let mut bytes = fs::read(&path).unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                fs::write(&path, bytes).unwrap();
            },
            &format!("{name} has the digest"),
        );
    }
}

#[test]
fn a_truncated_or_oversized_file_is_refused() {
    check_refused(
        |bundle| {
            let path = bundle.dir.join(WEIGHTS);
            let bytes = fs::read(&path).unwrap();
            fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        },
        "weights.safetensors has",
    );
    check_refused(
        |bundle| {
            let path = bundle.dir.join(CARD);
            let mut bytes = fs::read(&path).unwrap();
            bytes.push(b'x');
            fs::write(&path, bytes).unwrap();
        },
        "MODEL_CARD.md is larger than",
    );
    check_refused(
        |bundle| {
            // A sparse file: large to read, nothing on disk.
            let file = fs::File::create(bundle.dir.join(MANIFEST)).unwrap();
            file.set_len(MANIFEST_LIMIT + 1).unwrap();
        },
        "manifest.json is larger than 4194304 bytes",
    );
}

#[test]
fn a_directory_that_is_not_there_is_an_io_error() {
    let error = BundleLoader::default().load(Path::new("no/such/bundle")).unwrap_err();
    assert!(matches!(error, LoadError::Io { .. }), "{error}");
}

#[test]
fn swapped_files_are_refused() {
    check_refused(
        |bundle| {
            let [a, b] = [WEIGHTS, GOLDEN].map(|name| bundle.dir.join(name));
            let bytes = fs::read(&a).unwrap();
            fs::copy(&b, &a).unwrap();
            fs::write(&b, bytes).unwrap();
        },
        "the bundle was altered: ",
    );
}
