#!/bin/sh
# install-postgres.sh: install PostgreSQL's server programs for the history tests, which start servers
# of their own, if they are missing. No system-wide server is created or started.
set -eu

present() { command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }

present && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing PostgreSQL for the tests of history …"
    apt-get update -qq || true
    # Keep Debian from creating a cluster and starting it on port 5432.
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
