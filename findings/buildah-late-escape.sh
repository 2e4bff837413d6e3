#!/usr/bin/env bash
# buildah reads the directive `# escape` in the first line only.
#
# Docker's documentation has parser directives in any order before the first comment, builder instruction or empty line, and most files begin
# with `# syntax=docker/dockerfile:1`. The parser of buildah gives up at the first line that is not `# escape`, so the directive below it is a
# comment: lines do not continue after a backtick, and the second line of a RUN is an unknown instruction. Versions 1.39.3 and 1.43.2
# do the same.
#
# dockvet relies on it in internal/dialect/buildah.go, row late-escape.
set -euo pipefail

# Debian 12, as root: buildah runs commands in a chroot here.
version=1.28.2+ds1-3+deb12u1+b3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
{
	apt-get -o APT::Sandbox::User=root download "buildah=$version" busybox-static golang-github-containers-common \
		libassuan0 libdevmapper1.02.1 libgpg-error0 libgpgme11 libseccomp2 libsubid4
	for package in *.deb; do dpkg -x "$package" root; done
} >log 2>&1 || { cat log; exit 2; }
libraries=$(find root -type d -path '*/lib/x86_64-linux-gnu' | paste -sd:)
echo '{"default":[{"type":"insecureAcceptAnything"}]}' >policy.json
mkdir context
cp root/bin/busybox context/sh

# build FORMAT builds context/Containerfile.
build() {
	LD_LIBRARY_PATH=$libraries CONTAINERS_CONF=/dev/null root/usr/bin/buildah --root "$dir/store" --runroot "$dir/run" --storage-driver vfs bud \
		--isolation chroot --network host --pull-never --signature-policy policy.json --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
		--format "$1" -f context/Containerfile context 2>&1
}
LD_LIBRARY_PATH=$libraries root/usr/bin/buildah --version

status=0
try() {
	printf '%b' "$1" >context/Containerfile
	if output=$(build oci); then result=builds; else result=fails; fi
	printf '%b' "$1" | sed 's/^/    /'
	echo "$result, expected that it $2"
	echo "$output" | tail -n 1
	[ "$result" = "$2" ] || status=1
}
rest='FROM scratch\nLABEL a=1 `\n  b=2\n'
try "# escape=\`\n$rest" builds
try "# syntax=docker/dockerfile:1\n# escape=\`\n$rest" fails
exit $status
