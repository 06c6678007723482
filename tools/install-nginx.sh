#!/bin/sh
# install-nginx.sh: install nginx for the tests of deploy/nginx.conf, if it is missing. No system-wide
# server is started.
set -eu

# Debian installs it in a folder that is on root's PATH only.
present() { command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]; }

present && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing nginx for the tests behind a proxy …"
    # Keep Debian from starting it on port 80, now and at boot.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        trap 'rm -f $policy' EXIT
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
    fi
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        nginx >/dev/null || true
    systemctl disable --quiet nginx 2>/dev/null || true
fi

if ! present; then
    echo "nginx is not installed; the tests behind a proxy need it:" >&2
    echo "    Debian and Ubuntu:  sudo apt-get install nginx" >&2
    [ -z "${CI:-}" ] || exit 1
    echo "They will be skipped." >&2
fi
