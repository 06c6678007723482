#!/bin/sh
# install-node.sh [FOLDER]: install Node, if it is missing, and the packages of FOLDER/package.json:
# tests/support/servers, for the tests that run the integration guide's servers, or tools/biome.
set -eu
folder=${1:-$(dirname "$0")/../tests/support/servers}

present() { command -v node >/dev/null && command -v npm >/dev/null; }

if ! present && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Node for the tests of the guide's servers and the checks of the JavaScript …"
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        nodejs npm >/dev/null || true
fi

if ! present; then
    echo "Node and npm are not installed; the tests of the guide's Node servers need them, and so do" >&2
    echo "the checks of the JavaScript:" >&2
    echo "    Debian and Ubuntu:  sudo apt-get install nodejs npm" >&2
    [ -z "${CI:-}" ] || exit 1
    echo "They will be skipped." >&2
    exit 0
fi

cd "$folder"
[ node_modules -nt package.json ] && exit 0
if ! npm install --silent --no-audit --no-fund; then
    rm -rf node_modules # otherwise the next run takes it for complete
    echo "npm cannot fetch the packages of $folder/package.json." >&2
    exit 1
fi
touch node_modules
