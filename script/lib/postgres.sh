# shellcheck shell=bash
# A PostgreSQL of its own for one test run: a new cluster in a temporary folder on a free loopback port.
# The machine's own cluster, running or not, is neither used nor touched. Sourced after common.sh.

PG_DIR=

# The folder of initdb and pg_ctl. Debian keeps them off PATH, one folder a version.
postgres_bin() {
    local dir
    dir=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1 || true)
    if [[ ! -x $dir/initdb ]] && has pg_config; then dir=$(pg_config --bindir); fi
    if [[ ! -x $dir/initdb ]] && has initdb; then dir=$(dirname "$(command -v initdb)"); fi
    [[ -x $dir/initdb && -x $dir/pg_ctl && -x $dir/postgres ]] && printf '%s\n' "$dir"
}

# The server refuses to run as root, so root hands over to the user that the package made.
as_postgres() {
    if ((EUID == 0)); then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

# Sets TEST_DATABASE_URL. The caller runs stop_postgres when it ends.
start_postgres() {
    local bin attempt port log
    bin=$(postgres_bin) || die "PostgreSQL's server programs are missing." "Run script/bootstrap, or install PostgreSQL 15 or newer."
    # Not TMPDIR: the user postgres has to reach the folder too, and socket paths are short.
    PG_DIR=$(mktemp -d /tmp/grantlink-pg.XXXXXX)
    log=$PG_DIR/log
    if ((EUID == 0)); then chown postgres "$PG_DIR"; fi
    as_postgres "$bin/initdb" -D "$PG_DIR/data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$PG_DIR.initdb" 2>&1 || {
        cat "$PG_DIR.initdb" >&2
        die "PostgreSQL could not make a cluster in $PG_DIR."
    }
    for attempt in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 12000))
        # Nothing here outlives the run: no waiting for the disk. Every test has a database and a pool of its own.
        if as_postgres "$bin/pg_ctl" -D "$PG_DIR/data" -l "$log" -w -t 60 -o "-p $port -k $PG_DIR -c listen_addresses=127.0.0.1 -c max_connections=300 -c fsync=off -c synchronous_commit=off -c full_page_writes=off" start >/dev/null 2>&1; then
            export TEST_DATABASE_URL=postgres://postgres@127.0.0.1:$port/postgres
            say "PostgreSQL $("$bin/postgres" --version | awk '{ print $3 }') listens on 127.0.0.1:$port for this run."
            return
        fi
        # A taken port is the one failure that another try mends.
        as_postgres grep -q 'Address already in use' "$log" || break
    done
    as_postgres tail -n 20 "$log" >&2 || true
    die "PostgreSQL did not start (attempt $attempt)."
}

stop_postgres() {
    [[ -n $PG_DIR ]] || return 0
    local bin
    bin=$(postgres_bin)
    as_postgres "$bin/pg_ctl" -D "$PG_DIR/data" -m immediate -w -t 20 stop >/dev/null 2>&1 || true
    rm -rf "$PG_DIR" "$PG_DIR.initdb"
    PG_DIR=
}
