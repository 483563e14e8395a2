//! For a program that carries its own front end (the feature `embed`): says where those files are, and has them looked
//! at again when they change. Only a release carries them: the tests need no front end, and whoever changes a style sheet
//! does not wait for them to be linked again. Without the feature it does nothing, above all not for the browser's half,
//! which is what makes those files.

use std::{env, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_EMBED").is_none() {
        return;
    }
    if env::var_os("PROFILE").is_none_or(|profile| profile != "release") {
        let none = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("no-site");
        println!("cargo::rustc-env=GRANTLINK_SITE={}", none.display());
        return;
    }
    println!("cargo::rerun-if-env-changed=LEPTOS_SITE_ROOT");
    // cargo-leptos says where it has just put the files; relative to this folder, where build scripts run.
    let named = env::var_os("LEPTOS_SITE_ROOT").unwrap_or_else(|| "target/site".into());
    let site = env::current_dir().unwrap_or_default().join(Path::new(&named));
    println!("cargo::rustc-env=GRANTLINK_SITE={}", site.display());
    if site.join("pkg").is_dir() {
        println!("cargo::rerun-if-changed={}", site.display());
    } else {
        println!("cargo::error=there is no front end in {} to carry; script/build makes it first", site.display());
    }
}
