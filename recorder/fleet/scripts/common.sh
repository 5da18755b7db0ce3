set -eu
umask 022

fail() { # fail WORDS...: end with one line that says why
    echo "$*" >&2
    exit 1
}

service=driftscope-exporter
if [ -n "$unit" ]; then # as root, a systemd service
    base=/opt/driftscope state=/run/driftscope what=/etc/systemd/system/$service.service
else # programs may be in a home that machines share; what says how they run is this machine's own
    base=$HOME/.local/share/driftscope state=/var/tmp/driftscope-$(id -un) what=$base/$node.sh
fi
bundle=$base/exporter-$version.pyz
mkdir -p "$state"
[ -O "$state" ] || fail "$state is somebody else's"

pid() { # the exporter's process, which holds the lock for as long as it lives; nothing if there is none
    if [ -n "$unit" ]; then
        systemctl show --property MainPID --value $service | grep -vx 0 || true
    elif [ -e "$state/$node.pid" ] && ls -l "/proc/$(cat "$state/$node.pid")/fd" 2>/dev/null | grep -q "$state/$node.lock"; then
        cat "$state/$node.pid"
    fi
}

log() { # log N: its last lines
    if [ -n "$unit" ]; then
        journalctl --unit $service --lines "$1" --no-pager --output cat
    else
        tail -n "$1" "$state/$node.log" 2>/dev/null || true
    fi
}
