#!/bin/bash
# The exporter's own tests with Python 3.9.2 on a real Debian 11: oldest_python.sh [ARGUMENT OF PYTEST]...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
repository=$here/../..
root=$("$here/debian.sh" bullseye)
if ! is_made_of "$root/opt/tests" "$here/oldest_python.sh" "$here/debian.sh" "$repository/requirements/node.txt"; then
    rm -rf "$root/opt/tests"
    cp "$repository/requirements/node.txt" "$root/tmp/"
    in_root "$root" python3 -m venv /opt/tests
    in_root "$root" /opt/tests/bin/pip install --quiet --require-hashes --requirement /tmp/node.txt
    was_made "$root/opt/tests"
fi
rm -rf "$root/srv/driftscope"
mkdir "$root/srv/driftscope"
cp /etc/hosts "$root/etc/hosts"
tar -C "$repository" --exclude=__pycache__ --create exporter tests docs README.md pyproject.toml requirements |
    tar -C "$root/srv/driftscope" --extract --no-same-owner
in_root "$root" sh -c 'cd /srv/driftscope && exec /opt/tests/bin/python -m pytest -m "not lab" "$@"' sh tests/exporter "$@"
