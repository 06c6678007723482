#!/bin/sh
# fetch-plotly.sh: fetch a plotly.js from npm that has only the chart types of the page. Without it, the
# page loads that of the Python package, which is four times as large.
set -eu
vendor=$(cd "$(dirname "$0")/../northstar/web/files/vendor" && pwd)
pin=$vendor/plotly.sha512
bundle=$(sed 's/.*  //' "$pin")
version=$(echo "$bundle" | sed 's/^plotly-basic-\(.*\)\.min\.js$/\1/')

fits() { # verify the checksum; systems have different tools
    if command -v sha512sum >/dev/null; then
        sha512sum -c "$pin" >/dev/null 2>&1
    else
        shasum -a 512 -c "$pin" >/dev/null 2>&1
    fi
}

cd "$vendor"
fits && exit 0

if ! command -v npm >/dev/null; then
    echo "npm is not installed, so the small plotly.js cannot be fetched. It is optional:" >&2
    echo "without it the first visit loads about 0.9 MB more. Install npm and run: make plotly" >&2
    exit 0
fi

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
if ! npm pack --silent --pack-destination "$temporary" \
    "plotly.js-basic-dist-min@$version" >/dev/null; then
    echo "npm cannot fetch plotly.js-basic-dist-min@$version. The dashboard runs without it." >&2
    exit 1
fi
tar -xzf "$temporary"/*.tgz -C "$temporary"
mkdir "$temporary/checked"
cp "$temporary/package/plotly-basic.min.js" "$temporary/checked/$bundle"
cd "$temporary/checked"
if ! fits; then
    echo "What npm fetched is not what $pin says; nothing was installed." >&2
    exit 1
fi
mv "$temporary/checked/$bundle" "$vendor/$bundle"
chmod 644 "$vendor/$bundle"
