#!/bin/sh
# Makes Debian packages of what the release build has made, and looks at them with lintian. Called by `make deb`.
#
#	deb.sh SOURCE DIR       the tree; where the packages go, *.deb
#
# The maintainer is who DEBFULLNAME and DEBEMAIL say, else the author of the last commit.
set -eu
source=$(realpath "$1")
mkdir -p "$2"
dir=$(realpath "$2")
version=$(cat "$source/VERSION")
work=$dir/headroom-$version
rm -rf "$work" "$dir"/*.deb
mkdir "$work"

commit() {
	git -C "$source" log -1 --format="$1" 2>/dev/null
}
maintainer=${DEBEMAIL:+${DEBFULLNAME:-headroom} <$DEBEMAIL>}
maintainer=${maintainer:-$(commit '%an <%ae>')}
: "${maintainer:?DEBEMAIL is not set, and this is no clone}"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(commit %ct)}
export SOURCE_DATE_EPOCH HEADROOM_SOURCE="$source"

cp -R "$source/packaging/debian" "$work/debian"
cp "$source/packaging/headroom.service" "$work/debian/headroom.service"
sed -i "s|@MAINTAINER@|$maintainer|" "$work/debian/control"
cp -R "$source/docs" "$source/README.md" "$source/packaging" "$source/CHANGELOG.md" "$work/"
cat >"$work/debian/changelog" <<END
headroom ($version) unstable; urgency=medium

  * What is new stands in CHANGELOG.md, /usr/share/doc/headroom/changelog.gz.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
# Build dependencies are what deps/install.sh looks after: node may come from elsewhere than Debian.
(cd "$work" && dpkg-buildpackage -b -d -us -uc) >"$dir/build.log" 2>&1 || {
	tail -n 40 "$dir/build.log" >&2
	exit 1
}
# bogus-mail-host: whoever builds for others says who he is; a clone's author need not have a public address.
lintian --fail-on error,warning --suppress-tags "bogus-mail-host,mail-address-loops-or-bounces" \
	--no-cfg "$dir/headroom_${version}_$(dpkg --print-architecture).changes"
rm -rf "$work"
ls -l "$dir"/*.deb
