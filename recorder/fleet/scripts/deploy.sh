command -v python3 >/dev/null || fail "there is no python3"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 9, 2))' || fail "$(python3 --version) is too old: 3.9.2 it takes"
if [ -n "$unit" ]; then
    command -v systemctl >/dev/null || fail "there is no systemd: set sudo: false"
else
    command -v flock >/dev/null || fail "there is no flock: install util-linux"
fi

if [ "$(sha256sum "$bundle" 2>/dev/null | cut -c 1-64)" = "$sha256" ]; then
    echo ":: copied no"
elif [ -n "$payload" ]; then
    mkdir -p "$base"
    part=$(mktemp "$bundle.XXXXXX")
    printf %s "$payload" | base64 -d >"$part"
    chmod 755 "$part"
    mv "$part" "$bundle"
    echo ":: copied yes"
else
    echo ":: copied missing"
    exit 0
fi

run="$unit"
[ -n "$unit" ] || run="exec python3 '$bundle' --history.dir='$state/$node' $flags"
if [ "$run" != "$(cat "$what" 2>/dev/null)" ]; then
    printf '%s\n' "$run" >"$what.new"
    mv "$what.new" "$what"
fi
if [ -n "$unit" ]; then
    systemctl daemon-reload
    systemctl --quiet enable $service
fi
echo ":: python $(python3 --version | cut -d ' ' -f 2)"
