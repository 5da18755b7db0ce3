[ -e "$what" ] && [ -e "$bundle" ] || fail "not deployed yet: fleet deploy"
running=$(pid)
if [ -n "$running" ] && cmp -s "$what" "$state/$node.started"; then
    echo ":: started no"
    exit 0
fi
if [ -n "$unit" ]; then
    systemctl restart $service
else
    [ -z "$running" ] || kill "$running"
    flock --timeout 10 "$state/$node.lock" true || fail "the one that runs does not end"
    [ ! -e "$state/$node.log" ] || mv "$state/$node.log" "$state/$node.log.1"
    # flock becomes the exporter, which inherits the lock: so the kernel lets go of it however that ends.
    SHIV_ROOT=$state/unpacked setsid flock --nonblock --no-fork "$state/$node.lock" \
        sh "$what" </dev/null >"$state/$node.log" 2>&1 &
    echo $! >"$state/$node.pid"
fi
sleep 1
[ -n "$(pid)" ] || fail "it ended at once: $(log 1)"
cp "$what" "$state/$node.started"
echo ":: started yes"
