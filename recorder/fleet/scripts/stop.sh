running=$(pid)
if [ -z "$running" ]; then
    echo ":: stopped no"
    exit 0
fi
if [ -n "$unit" ]; then
    systemctl stop $service
else
    kill "$running"
    flock --timeout 10 "$state/$node.lock" true || fail "it does not end"
fi
echo ":: stopped yes"
