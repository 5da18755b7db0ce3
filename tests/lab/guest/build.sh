#!/bin/bash
# A virtual machine with a kernel, clocks and sensors of its own: build.sh SUITE makes its disk, kernel and ACPI table
# once, and prints the folder they are in. boot.py boots it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
suite=$1 guest=$CACHE/guest-$1
debian=$("$here/../debian.sh" "$suite")
if ! is_made_of "$guest" "$debian/.made-of" "$here/build.sh" "$here/init" "$here/lab.dsl"; then
    forget "$guest/root"
    forget "$guest"
    mkdir -p "$guest"
    root=$guest/root
    cp -a "$debian" "$root"
    in_root "$root" sh -ec 'apt-get update --quiet
        apt-get install --quiet --yes --no-install-recommends linux-image-amd64 initramfs-tools busybox \
            chrony ipmitool i2c-tools linux-cpupower
        printf "%s\n" MODULES=list COMPRESS=gzip BUSYBOX=y >/etc/initramfs-tools/initramfs.conf
        printf "%s\n" virtio_pci virtio_blk ext4 >/etc/initramfs-tools/modules
        mkinitramfs -o /boot/lab.img $(ls /lib/modules)' >"$guest/log" 2>&1
    mv "$root"/boot/lab.img "$guest/initrd"
    cp "$root"/boot/vmlinuz-* "$guest/vmlinuz"
    install -m 755 "$here/init" "$root/lab-init"
    rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,locale,man} "$root"/boot/*
    mke2fs -q -t ext4 -O ^has_journal -d "$root" "$guest/disk" 1400M >&2
    rm -rf --one-file-system "$root"
    iasl -p "$guest/lab" "$here/lab.dsl" >/dev/null 2>&1
    was_made "$guest"
fi
echo "$guest"
