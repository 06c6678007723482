#!/bin/sh
# install-package.sh PROGRAM PACKAGE NEED: install Debian's PACKAGE if PROGRAM is missing. NEED describes what
# needs it: "the tests behind a proxy". No system-wide server is started.
set -eu
program=$1 package=$2 need=$3

# Debian installs some in a folder that is on root's PATH only.
present() { command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ]; }

present && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing $package for $need …"
    # Keep Debian from starting it, now and at boot.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        trap 'rm -f $policy' EXIT
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
    fi
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null || true
    systemctl disable --quiet "$package" 2>/dev/null || true
fi

if ! present; then
    echo "$program is not installed; it is needed for $need:" >&2
    echo "    Debian and Ubuntu:  sudo apt-get install $package" >&2
    [ -z "${CI:-}" ] || exit 1
    echo "They will be skipped." >&2
fi
