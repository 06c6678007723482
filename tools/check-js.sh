#!/bin/sh
# check-js.sh: check the formatting of the JavaScript and lint it with Biome; with --write, apply the
# formatting and the safe fixes. The rules are in biome.jsonc, the version in tools/biome/package.json.
set -eu
cd "$(dirname "$0")/.."

if [ -z "${CI:-}" ] && ! command -v npm >/dev/null; then
    echo "Node and npm are not installed: the JavaScript is not checked."
    exit 0
fi

sh tools/install-node.sh tools/biome # in CI, it fails without Node
if [ "${1:-}" = --write ]; then
    exec tools/biome/node_modules/.bin/biome check --write .
fi
exec tools/biome/node_modules/.bin/biome check --error-on-warnings .
