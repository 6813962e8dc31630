#!/bin/sh
# Makes headroom-VERSION-OS-ARCH.tar.gz: the program with the libraries that it was built with, which the machine need not have
# then, manual and completions. It runs from any directory. Called by `make tarball`.
#
#	tarball.sh SOURCE DIR
#
# The C library is the machine's: glibc as old as that of the build, or newer.
set -eu
source=$(realpath "$1")
mkdir -p "$2"
dir=$(realpath "$2")
version=$(cat "$source/VERSION")
name=headroom-$version-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
work=$dir/$name
rm -rf "$work" "$work.tar.gz"
mkdir -p "$work/bin" "$work/lib/headroom"

strip -o "$work/bin/headroom" "$source/build/release/headroom-relocatable"
# Of what the program needs, what is not of the C library.
ldd "$work/bin/headroom" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
	grep -vE '/(libc|libm|libdl|librt|libpthread|libresolv|ld-linux[^/]*)\.so' |
	while read -r lib; do cp -L "$lib" "$work/lib/headroom/"; done
share=$work/share
mkdir -p "$share/man/man1" "$share/man/man5" "$share/bash-completion/completions" "$share/zsh/site-functions" "$share/fish/vendor_completions.d"
cp "$source"/man/*.1 "$share/man/man1/"
cp "$source"/man/*.5 "$share/man/man5/"
cp "$source/completions/headroom.bash" "$share/bash-completion/completions/headroom"
cp "$source/completions/_headroom" "$share/zsh/site-functions/"
cp "$source/completions/headroom.fish" "$share/fish/vendor_completions.d/"
for f in LICENSE README.md CHANGELOG.md; do cp "$source/$f" "$work/"; done
mkdir -p "$share/doc/headroom/licenses"
# Who has the rights in what comes along.
for lib in "$work"/lib/headroom/*; do
	package=$(dpkg-query -S "*/${lib##*/}" 2>/dev/null | sed -n '1s/:.*//p')
	[ -z "$package" ] || cp -L "/usr/share/doc/$package/copyright" "$share/doc/headroom/licenses/$package"
done
cp "$source/packaging/debian/copyright" "$share/doc/headroom/copyright"

tar -C "$dir" --sort=name --owner=0 --group=0 --numeric-owner \
	--mtime="@${SOURCE_DATE_EPOCH:-$(git -C "$source" log -1 --format=%ct)}" -cf - "$name" | gzip -n -9 >"$work.tar.gz"
rm -rf "$work"
ls -l "$work.tar.gz"
