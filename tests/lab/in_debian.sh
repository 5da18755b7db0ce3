#!/bin/bash
# Runs a command on a real Debian: in_debian.sh SUITE COMMAND...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
in_root "$("$here/debian.sh" "$1")" "${@:2}"
