#!/usr/bin/env bash
# The edit loop: rebuilds what changed and restarts the server. Plain polling, so that it needs no extra program.
set -uo pipefail
cd "$(dirname "$0")/.."
stamp=$(mktemp) server=
trap 'rm -f "$stamp"; [ -n "$server" ] && kill "$server" 2>/dev/null' EXIT

build() {
    mkdir -p target/site && rm -rf target/site/style && cp -R style target/site/style &&
        end2end/bundle.sh target/site/pkg wasm-dev && cargo build -p server -p sandbox --bins
}

while true; do
    touch "$stamp"
    if build; then
        [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server"
        ./target/debug/keyslot-server &
        server=$!
    fi
    until [ -n "$(find app server style migrations Cargo.toml -newer "$stamp" -type f -print -quit)" ]; do sleep 1; done
done
