# shellcheck shell=bash
# What every script here shares: words on the screen, time limits, root, and the places that are used.
# Sourced, never run.
# shellcheck disable=SC2034 # much of this is for those who source it

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# Tools that only this project needs live here, so that they can be removed in one go and never
# replace something that another project on this machine relies on.
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/grantlink
TOOLS=$CACHE/tools
CARGO_BIN=${CARGO_HOME:-$HOME/.cargo}/bin
# Read by cargo and by cargo-leptos alike. Always absolute: the parts of a build run in other folders.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
[[ $CARGO_TARGET_DIR == /* ]] || CARGO_TARGET_DIR=$PWD/$CARGO_TARGET_DIR
# cargo-leptos takes `site-root` relative to the project, whatever CARGO_TARGET_DIR says.
SITE_ROOT=$ROOT/target/site
RELEASE_BIN=$CARGO_TARGET_DIR/release/grantlink

# Progress goes to standard error: the result of a script stays alone on standard output.
say() { printf '==> %s\n' "$*" >&2; }
warn() { printf 'WARNING: %s\n' "$*" >&2; }

# die "what is missing" "what to do about it"
die() {
    printf 'ERROR: %s\n' "$1" >&2
    [[ $# -lt 2 ]] || printf 'REMEDY: %s\n' "$2" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# bounded SECONDS COMMAND… : a network that swallows packets must not hang a set-up for ever.
# macOS has no `timeout`; there the command runs without a limit.
bounded() {
    local limit=$1
    shift
    if has timeout; then timeout --kill-after=10 "$limit" "$@"; else "$@"; fi
}

# version_at_least HAVE WANT
version_at_least() {
    [[ -n $1 && $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

# duration SECONDS -> "2 min 5 s"
duration() {
    if (($1 >= 60)); then printf '%d min %d s' $(($1 / 60)) $(($1 % 60)); else printf '%d s' "$1"; fi
}

# Descriptor 9 holds the bootstrap's lock; a service that a package starts would keep it for ever.
as_root() {
    if ((EUID == 0)); then
        "$@" 9>&-
    elif has sudo; then
        sudo "$@" 9>&-
    else
        die "This step needs root, and there is no sudo: $*" "Run it as root once, then start this script again."
    fi
}

# lock_version CRATE : the version that Cargo.lock has, nothing if there is none.
lock_version() {
    [[ -f $ROOT/Cargo.lock ]] || return 0
    awk -v name="\"$1\"" '$1 == "name" { hit = ($3 == name) } hit && $1 == "version" { gsub(/"/, "", $3); print $3; exit }' "$ROOT/Cargo.lock"
}

# Cargo tells a clone's sources from another clone's by their times alone when both share one
# target folder: an older checkout would be taken for already built. So whoever uses the folder after another
# clone marks the package's own sources as changed; its dependencies stay built.
claim_target_dir() {
    local owner=$CARGO_TARGET_DIR/.used-by dir
    mkdir -p "$CARGO_TARGET_DIR"
    if [[ $(cat "$owner" 2>/dev/null) != "$ROOT" ]]; then
        for dir in build.rs front src tests benches; do
            [[ ! -e $ROOT/$dir ]] || find "$ROOT/$dir" -name '*.rs' -exec touch {} +
        done
        printf '%s\n' "$ROOT" >"$owner"
        # The first build has nothing to go on from; keeping what the second could go on from takes a quarter of its time.
        export CARGO_INCREMENTAL=0
    fi
}

# The browser of the tests; nothing and a failure if there is none.
chromium_path() {
    local name
    for name in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome-stable google-chrome; do
        if [[ -n $name ]] && command -v "$name"; then return; fi
    done
    return 1
}
