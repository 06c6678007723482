#!/bin/sh
# make-venv.sh PYTHON FOLDER: create a virtual environment, or print what is missing.
set -eu
python=$1 folder=$2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "NorthStar needs Python 3.11 or newer; '$python' is older or missing." >&2
    echo "Name another one: make PYTHON=/path/to/python3.12 …" >&2
    exit 1
fi

# Debian and Ubuntu ship Python without what `venv` needs.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    else
        echo "This Python has no venv. Install it first: sudo apt-get install python3-venv" >&2
        exit 1
    fi
fi

"$python" -m venv "$folder"
