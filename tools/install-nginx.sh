#!/bin/sh
# install-nginx.sh: see that nginx is there, for the tests of deploy/nginx.conf. No server is set up
# or started for the whole machine.
set -eu

# Debian has it where only root's path leads.
present() { command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]; }

present && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing nginx for the tests behind a proxy …"
    # The one that Debian would start on port 80, now and with the machine, is none of our business.
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
