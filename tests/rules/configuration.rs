//! What stands in two files stays equal.

use std::{collections::BTreeMap, fs, path::Path};

/// `key = value` lines below a header, up to the next one.
fn keys(file: &str, header: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    text.lines()
        .skip_while(|line| line.trim() != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

#[test]
fn leptos_toml_and_cargo_toml_agree() {
    let run_time = keys("Leptos.toml", "[package.metadata.leptos]");
    let build_time = keys("Cargo.toml", "[[workspace.metadata.leptos]]");
    assert!(run_time.len() >= 5, "{run_time:?}");
    for (key, value) in run_time {
        assert_eq!(build_time.get(&key), Some(&value), "{key}");
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let steps = |kind: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(kind);
        let mut steps: Vec<_> =
            fs::read_dir(folder).unwrap().map(|step| step.unwrap().file_name().into_string().unwrap()).collect();
        steps.sort();
        steps
    };
    assert!(!steps("sqlite").is_empty());
    assert_eq!(steps("sqlite"), steps("postgres"));
}

#[test]
fn s30_a02_secrets_are_drawn_from_the_operating_system_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut drawing = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::read_to_string(&path).is_ok_and(|text| text.contains("getrandom")) {
                drawing.push(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    assert_eq!(drawing, [Path::new("src/clock.rs")]);
    // Another generator would be a dependency, and the lint keeps this one where it is.
    let dependencies = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    for generator in ["rand", "fastrand", "oorandom", "nanorand", "rand_chacha", "rand_core"] {
        let asked_for = dependencies.lines().any(|line| line.split(['=', ' ', '.']).next() == Some(generator));
        assert!(!asked_for, "{generator} is a direct dependency");
    }
    assert!(fs::read_to_string(root.join("clippy.toml")).unwrap().contains("getrandom::fill"));
}

#[test]
fn the_wasm_bindgen_crate_is_pinned_to_the_locked_version() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    assert!(text.contains("wasm-bindgen = \"=0.2."), "cargo-leptos needs the tool of the very same version");
}
