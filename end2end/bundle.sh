#!/usr/bin/env bash
# Builds the browser bundle: end2end/bundle.sh OUTPUT_FOLDER CARGO_PROFILE
# The profile `wasm` is optimized for size and compressed; any other is left as it comes out, for the edit loop.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$1 profile=$2
version=$(sed -n 's/^wasm-bindgen = .*"=\([0-9.]*\)".*/\1/p' Cargo.toml)

cargo build -p browser --target wasm32-unknown-unknown --profile "$profile"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"target/tools/wasm-bindgen-$version" --target web --no-typescript --out-name keyslot --out-dir "$work" \
    "target/wasm32-unknown-unknown/$profile/browser.wasm"
if [ "$profile" = wasm ]; then
    # What rustc emits by default and every current browser reads; "all features" would use proposals that none does.
    features=(bulk-memory bulk-memory-opt multivalue mutable-globals nontrapping-float-to-int reference-types sign-ext)
    end2end/node_modules/.bin/wasm-opt -Oz --strip-debug --strip-producers "${features[@]/#/--enable-}" \
        "$work/keyslot_bg.wasm" -o "$work/small.wasm"
    mv "$work/small.wasm" "$work/keyslot_bg.wasm"
fi
node end2end/compress.mjs "$work"
mkdir -p "$out"
cp -R "$work"/. "$out"/
