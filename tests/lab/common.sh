# Sourced by the scripts that make the machines of the lab. They are made once, and kept in CACHE.
CACHE=${DRIFTSCOPE_LAB_CACHE:-/var/tmp/driftscope-lab}
mkdir -p "$CACHE"

mirror() { # the Debian mirror that this machine's apt is set up with
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
        awk '$2 ~ /^(bookworm|trixie|sid)$/ {print $1; exit}'
}

is_made_of() { # is_made_of DIR FILE...: whether DIR was made whole, and from files as they are now
    made_of=$(cat "${@:2}" | sha256sum)
    [ "$(cat "$1/.made-of" 2>/dev/null)" = "$made_of" ]
}

was_made() { echo "$made_of" >"$1/.made-of"; }

forget() { # forget DIR: delete what was made before, and never what is mounted in it
    ! mountpoint -q "$1/proc" || umount "$1/proc"
    rm -rf --one-file-system "$1"
}

in_root() ( # in_root DIR COMMAND...: in a chroot, with this machine's name servers, certificates and package index
    root=$1
    shift
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    install -D -m 644 "${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt}" "$root/usr/local/share/lab/ca.crt"
    mount -t proc proc "$root/proc"
    trap 'umount "$root/proc"' EXIT
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        PIP_CERT=/usr/local/share/lab/ca.crt ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} \
        PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 chroot "$root" "$@"
)
