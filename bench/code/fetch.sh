#!/bin/sh
# Fetches sources of many languages into DIR, from Debian and npm, for bench/code.mjs; what is there already is not fetched again.
#
#	bench/code/fetch.sh DIR       some 100 MB
set -eu
mkdir -p "$1/deb" "$1/npm"
cd "$1"

for package in openjdk-17-source openjdk-21-source libruby libruby3.1 libruby3.3 ruby-activesupport ruby-activerecord ruby-sinatra php-twig php-symfony-console \
	php-symfony-http-kernel php-doctrine-dbal phpunit dracut-core bats debootstrap lxc-templates rust-src googletest libboost1.74-dev libboost1.83-dev; do
	[ -d "deb/$package" ] && continue
	apt-get download -qq "$package" 2>/dev/null || continue # of another release
	dpkg -x "$package"_*.deb "deb/$package"
	rm "$package"_*.deb
done
for zip in deb/openjdk-*-source/usr/lib/jvm/openjdk-*/lib/src.zip; do
	[ -f "$zip" ] && [ ! -d java ] && mkdir java && unzip -q "$zip" 'java.base/java/*' 'java.net.http/*' 'jdk.compiler/*' 'java.desktop/javax/swing/*' -d java
done
for package in react-native-windows@0.76.17 react-native@0.76.5 rxjs@7.8.1 ethers@6.13.4 @tanstack/react-query@5.59.0 @tanstack/query-core@5.59.0 \
	@chakra-ui/react@1.8.9 typeorm@0.3.20 express@4.21.1 lodash@4.17.21 webpack@5.96.1 three@0.170.0; do
	dir=npm/$(echo "$package" | tr / -)
	[ -d "$dir" ] && continue
	mkdir "$dir"
	tgz=$(npm pack --silent "$package" --pack-destination "$dir") && tar xzf "$dir/$tgz" -C "$dir" && rm "$dir/$tgz"
done
