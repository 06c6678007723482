#!/bin/sh
# install-browser.sh: install Chromium and ChromeDriver for the browser tests, if they are missing.
set -eu

present() {
    command -v chromedriver >/dev/null &&
        { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null
}

present && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium and ChromeDriver for the browser tests (about 0.5 GB) …"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium chromium-driver >/dev/null || true
    present && exit 0
fi

echo "The browser tests need Chromium (or Google Chrome) and a ChromeDriver of the same version:" >&2
echo "    Debian:  sudo apt-get install chromium chromium-driver" >&2
echo "    Ubuntu:  sudo snap install chromium    (brings the driver as chromium.chromedriver;" >&2
echo "             put a link named chromedriver to it on the PATH)" >&2
exit 1
