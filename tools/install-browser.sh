#!/bin/sh
# install-browser.sh: install Chromium and ChromeDriver for the browser tests, if they are missing, and
# where Debian has it, Chromium's headless shell, which most tests use because it is faster.
set -eu

present() {
    command -v chromedriver >/dev/null &&
        { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null
}

shell_is_missing() {
    ! command -v chromium-headless-shell >/dev/null && apt-cache show chromium-headless-shell >/dev/null 2>&1
}

install() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    present && ! shell_is_missing && exit 0
    echo "Installing Chromium and ChromeDriver for the browser tests (about 0.7 GB) …"
    apt-get update -qq
    install chromium chromium-driver chromium-headless-shell || install chromium chromium-driver || true
fi
present && exit 0

echo "The browser tests need Chromium (or Google Chrome) and a ChromeDriver of the same version:" >&2
echo "    Debian:  sudo apt-get install chromium chromium-driver chromium-headless-shell" >&2
echo "    Ubuntu:  sudo snap install chromium    (brings the driver as chromium.chromedriver;" >&2
echo "             put a link named chromedriver to it on the PATH)" >&2
exit 1
