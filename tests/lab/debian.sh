#!/bin/bash
# A real Debian root with its own Python and what the exporter needs: debian.sh SUITE makes it once and prints its path.
# bullseye has Python 3.9.2, the oldest that nodes run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
suite=$1 root=$CACHE/$1
if ! is_made_of "$root" "$here/debian.sh" "$here/common.sh" "$here/../../requirements/exporter.txt"; then
    forget "$root"
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates,iproute2,kmod \
        "$suite" "$root" "$(mirror)" >"$CACHE/$suite.log" 2>&1
    cp "$here/../../requirements/exporter.txt" "$root/tmp/"
    in_root "$root" python3 -m venv /opt/driftscope
    in_root "$root" /opt/driftscope/bin/pip install --quiet --require-hashes --requirement /tmp/exporter.txt
    rm -rf "$root"/var/cache/apt/archives/*.deb
    was_made "$root"
fi
echo "$root"
