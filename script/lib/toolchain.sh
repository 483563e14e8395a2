# shellcheck shell=bash
# Chooses one Rust compiler for all scripts and puts it, and the tools of script/bootstrap, first on PATH.
# Sourced after common.sh. Asks no network.

# The newest of what is needed: cargo-leptos' dependencies ask for it; Leptos itself is content with 1.88.
RUST_MIN=1.96
WASM_TARGET=wasm32-unknown-unknown

export PATH=$TOOLS/bin:$CARGO_BIN:$PATH

# rust_version_of RUSTC -> 1.96.0
rust_version_of() { "$1" --version 2>/dev/null | awk '{ print $2 }' | sed 's/-.*//'; }

# The compiler behind rustup's shim, nothing without rustup.
rustup_rustc() { has rustup && rustup which rustc 2>/dev/null; }

has_wasm_std() {
    local dir
    dir=$("$1" --print target-libdir --target "$WASM_TARGET" 2>/dev/null) && compgen -G "$dir/libstd-*.rlib" >/dev/null
}

# Links to the chosen compiler's programs, rather than its folder on PATH: /usr/bin put first would hide
# a newer Node that somebody installed elsewhere. /usr/bin has to come before a rustup shim, though,
# when rustup's toolchain is too old or cannot have the wasm32 target.
use_rust() {
    local dir name
    dir=$(dirname "$1")
    mkdir -p "$TOOLS/bin"
    for name in cargo rustc rustdoc cargo-clippy clippy-driver cargo-fmt rustfmt; do
        if [[ -x $dir/$name ]]; then
            [[ $(readlink "$TOOLS/bin/$name" 2>/dev/null) == "$dir/$name" ]] || ln -sfn "$dir/$name" "$TOOLS/bin/$name"
        else
            rm -f "$TOOLS/bin/$name"
        fi
    done
    hash -r
}

# rustup's compiler when it is good enough, else another one on PATH, else the distribution's.
choose_rust() {
    local rustc
    for rustc in "$(rustup_rustc || true)" "$(command -v rustc || true)" /usr/bin/rustc; do
        # Our own links are an earlier choice, not a reason for this one.
        [[ $rustc != "$TOOLS/bin/rustc" ]] || rustc=$(readlink "$rustc")
        [[ -x $rustc && -x $(dirname "$rustc")/cargo ]] || continue
        if version_at_least "$(rust_version_of "$rustc")" "$RUST_MIN" && has_wasm_std "$rustc"; then
            use_rust "$rustc"
            return 0
        fi
    done
    return 1
}

# The only check that finds a library of another compiler, one without the bitcode that optimizing across crates needs,
# or a missing linker: compile and link something, as the release does.
wasm_links() {
    local dir code=0
    dir=$(mktemp -d)
    printf '#[unsafe(no_mangle)] pub extern "C" fn probe() -> usize { std::env::args().count() }\n' |
        rustc --edition 2024 --crate-name probe --crate-type cdylib -C lto -C panic=abort --target "$WASM_TARGET" -o "$dir/probe.wasm" - >"$dir/log" 2>&1 || code=$?
    rm -rf "$dir"
    return "$code"
}

# What was compiled against another standard library is of no use, and cargo does not see that it is another: one that
# script/bootstrap built anew has the version of the one before.
forget_other_wasm_std() {
    local stamp=$CARGO_TARGET_DIR/.wasm-std std
    std=$(cksum "$(rustc --print target-libdir --target "$WASM_TARGET")"/libstd-*.rlib)
    if [[ $(cat "$stamp" 2>/dev/null) != "$std" ]]; then
        rm -rf "${CARGO_TARGET_DIR:?}/front" "$CARGO_TARGET_DIR/$WASM_TARGET"
        mkdir -p "$CARGO_TARGET_DIR"
        printf '%s\n' "$std" >"$stamp"
    fi
}
