#!/bin/sh
# with-postgres.sh CMD…: runs CMD with a throwaway PostgreSQL in KEYSLOT_TEST_POSTGRES_URL, and returns its exit code.
#
# If the variable is set already, that server is used. Otherwise a new cluster (PostgreSQL 15 or newer, from PATH or
# from Debian's directory) is made in a temporary directory, listens on a free port of 127.0.0.1 alone, trusts whom it
# hears, does not sync, and is stopped and removed whatever happens to CMD.
set -eu

fail() {
    echo "with-postgres.sh: $*" >&2
    exit 2
}

[ $# -gt 0 ] || fail "usage: with-postgres.sh CMD…"
[ -z "${KEYSLOT_TEST_POSTGRES_URL:-}" ] || exec "$@"

# The directory that holds both programs; the newest version wins.
find_bin() {
    for initdb in "$(command -v initdb || true)" $(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -rV); do
        [ -n "$initdb" ] && [ -x "$initdb" ] || continue
        directory=$(dirname "$(readlink -f "$initdb")")
        version=$("$initdb" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
        if [ -x "$directory/postgres" ] && [ "${version:-0}" -ge 15 ]; then
            echo "$directory"
            return
        fi
    done
}
bin=$(find_bin)
[ -n "$bin" ] || fail "PostgreSQL 15 or newer is missing: install it (Debian: apt-get install postgresql), or set \
KEYSLOT_TEST_POSTGRES_URL to a superuser's URL of a server that may be used for tests"

directory=$(mktemp -d "${TMPDIR:-/tmp}/keyslot-postgres.XXXXXX")
server=
clean_up() {
    trap - EXIT HUP INT TERM
    if [ -n "$server" ]; then
        # Immediate shutdown: what it holds is thrown away.
        kill -QUIT "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$directory"
}
trap clean_up EXIT
trap 'clean_up; exit 129' HUP
trap 'clean_up; exit 130' INT
trap 'clean_up; exit 143' TERM

# PostgreSQL refuses to run as root, so root lends it another user.
as_user=
if [ "$(id -u)" = 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    command -v setpriv >/dev/null || fail "run as root this needs setpriv (util-linux), for PostgreSQL refuses root"
    as_user="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups --"
    chown "$user" "$directory"
fi

cd "$directory"
$as_user "$bin/initdb" --pgdata="$directory/data" --username=keyslot --auth=trust --encoding=UTF8 --locale=C \
    --no-sync >initdb.log 2>&1 || { cat initdb.log >&2; fail "initdb failed"; }

# A port that seems free may be taken before the server binds it, so a few are tried.
attempt=0
while :; do
    attempt=$((attempt + 1))
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
    $as_user "$bin/postgres" -D "$directory/data" -h 127.0.0.1 -p "$port" -k '' -c fsync=off -c full_page_writes=off \
        -c synchronous_commit=off -c max_connections=500 >server.log 2>&1 &
    server=$!
    ready=
    waited=0
    while kill -0 "$server" 2>/dev/null && [ "$waited" -lt 300 ]; do
        if "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -U keyslot -d postgres; then
            ready=yes
            break
        fi
        waited=$((waited + 1))
        sleep 0.1
    done
    # Another program's PostgreSQL may answer on the port while ours failed to bind it.
    if [ -n "$ready" ] && kill -0 "$server" 2>/dev/null && grep -q "ready to accept connections" server.log; then
        break
    fi
    kill -QUIT "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
    [ "$attempt" -lt 5 ] || { cat server.log >&2; fail "PostgreSQL did not start"; }
done
cd "$OLDPWD"

export KEYSLOT_TEST_POSTGRES_URL="postgres://keyslot@127.0.0.1:$port/postgres"
code=0
"$@" || code=$?
exit "$code"
