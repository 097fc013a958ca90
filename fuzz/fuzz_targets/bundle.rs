//! Bytes from anywhere through every parser that meets a bundle's files before they are trusted.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| naeil_model::fuzzing::parse(input));
