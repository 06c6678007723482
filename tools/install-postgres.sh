#!/bin/sh
# install-postgres.sh: see that PostgreSQL's server programs are there, for the tests that keep
# history in a server of their own. No server is set up or started for the whole machine.
set -eu

present() { command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }

present && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing PostgreSQL for the tests of history …"
    apt-get update -qq || true
    # The cluster that Debian would create, and start on port 5432, is none of our business.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Options::=--force-confold postgresql >/dev/null || true
fi

if ! present; then
    echo "PostgreSQL's server is not installed; the tests of history in it need its programs:" >&2
    echo "    Debian and Ubuntu:  sudo apt-get install postgresql" >&2
    [ -z "${CI:-}" ] || exit 1
    echo "They will be skipped." >&2
fi
