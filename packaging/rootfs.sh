#!/bin/sh
# A Debian 12 for tests, whole, with the packages that are named. What was made once is kept as a tarball.
#
#	rootfs.sh CACHE DIR PACKAGE...      CACHE: directory of tarballs; DIR: where the system goes, not there yet
#
# MIRROR (http://deb.debian.org/debian) is where Debian comes from. Must be root.
set -eu
cache=$1
dir=$2
shift 2
mkdir -p "$cache"
key=$(printf '%s\n' "$@" | sort | sha256sum | cut -c1-12)
tarball=$cache/bookworm-$key.tar
base=$cache/bookworm.tar
if [ ! -e "$tarball" ]; then
	made=$(mktemp -d "$cache/making.XXXXXX")
	trap 'rm -rf "$made"' EXIT
	if [ ! -e "$base" ]; then
		debootstrap --variant=minbase bookworm "$made" "${MIRROR:-http://deb.debian.org/debian}" >"$cache/debootstrap.log" 2>&1 ||
			{ tail -n 20 "$cache/debootstrap.log" >&2; exit 1; }
		tar -C "$made" -cf "$base.new" . && mv "$base.new" "$base"
	else
		tar -C "$made" -xf "$base"
	fi
	cp /etc/resolv.conf "$made/etc/resolv.conf"
	# shellcheck disable=SC2016 # "$@" is for the shell there
	chroot "$made" env DEBIAN_FRONTEND=noninteractive sh -c '
		apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@" && apt-get clean' sh "$@" >"$cache/install.log" 2>&1 ||
		{ tail -n 20 "$cache/install.log" >&2; exit 1; }
	tar -C "$made" -cf "$tarball.new" . && mv "$tarball.new" "$tarball"
fi
mkdir "$dir"
tar -C "$dir" -xf "$tarball"
chmod 755 "$dir" # mktemp made it for root alone
