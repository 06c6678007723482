#!/bin/sh
# fetch-font.sh: fetch Inter from npm and reduce it to what the page uses: ASCII, some signs, the weights
# 400 to 700 and tabular digits. Without it, the page uses the system's font.
set -eu
project=$(cd "$(dirname "$0")/.." && pwd)
vendor=$project/northstar/web/files/vendor
pins=$project/requirements-font.txt
pin=$vendor/inter.sha512
source=$(sed 's/.*  //' "$pin")
package=@fontsource-variable/inter@5.3.0
signs=U+20-7E,U+A0,U+A3,U+A5,U+B1,U+B7,U+D7,U+2013,U+2014,U+2018,U+2019,U+201C,U+201D,U+2022,U+2026
signs=$signs,U+20AC,U+2190-2193,U+2212,U+2264,U+2265,U+25B2,U+25BC,U+2713
# Only digits are tabular: Inter would widen the hyphen of “30-day” too.
digits=zero.tf,one.tf,two.tf,three.tf,four.tf,five.tf,six.tf,seven.tf,eight.tf,nine.tf

[ -f "$vendor/inter.woff2" ] && [ "$vendor/inter.woff2" -nt "$pin" ] && exit 0

if ! command -v npm >/dev/null; then
    echo "npm is not installed, so the font cannot be fetched. It is optional: make font" >&2
    exit 0
fi

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
npm pack --silent --pack-destination "$temporary" "$package" >/dev/null
tar -xzf "$temporary"/*.tgz -C "$temporary"
cd "$temporary/package/files"
if ! { sha512sum -c "$pin" || shasum -a 512 -c "$pin"; } >/dev/null 2>&1; then
    echo "What npm fetched is not what $pin says; nothing was installed." >&2
    exit 1
fi

# fonttools writes the file. It is not a dependency, so it runs in a temporary environment.
python3 -m venv "$temporary/venv"
PATH=$temporary/venv/bin:$PATH
pip install --quiet --disable-pip-version-check --require-hashes -r "$pins"
fonttools subset "$source" --unicodes="$signs" --glyphs="$digits" --layout-features=tnum --no-layout-closure \
    --no-hinting --output-file=few.ttf
fonttools varLib.instancer --quiet few.ttf wght=400:700 --output weights.ttf
fonttools ttLib.woff2 compress -o "$vendor/inter.woff2" weights.ttf
cp ../LICENSE "$vendor/inter-LICENSE.txt"
chmod 644 "$vendor/inter.woff2" "$vendor/inter-LICENSE.txt"
