#!/bin/sh
# install-engines.sh: install Firefox ESR and WebKit, the latter with its driver and a virtual screen, for
# the tests of the pages in other engines than Chromium's, if they are missing.
set -eu

present() {
    command -v firefox-esr >/dev/null && command -v WebKitWebDriver >/dev/null && command -v Xvfb >/dev/null
}

present && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Firefox ESR (0.3 GB) and WebKitGTK with Xvfb (0.2 GB) for the tests in other engines …"
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        firefox-esr webkit2gtk-driver xvfb >/dev/null || true
fi

if ! present; then
    echo "The tests in other engines need Firefox ESR, WebKitGTK's MiniBrowser and Xvfb:" >&2
    echo "    Debian:  sudo apt-get install firefox-esr webkit2gtk-driver xvfb" >&2
    [ -z "${CI:-}" ] || exit 1
    echo "They will be skipped." >&2
fi
