#!/usr/bin/env bash
# buildah refuses zero as a duration or a count in HEALTHCHECK.
#
# Docker's documentation gives each option a default, and in an image zero stands for "inherit". BuildKit therefore accepts `--interval=0s` and
# `--retries=0`. buildah fails at the step, even where it would drop the health check anyway because of the image format. Versions 1.39.3 and
# 1.43.2 do the same.
#
# dockvet relies on it in internal/dialect/buildah.go, row zero-healthcheck.
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
for flag in --interval=5s:builds --interval=0s:fails --start-period=0s:fails --retries=0:fails; do
	printf 'FROM scratch\nHEALTHCHECK %s CMD true\n' "${flag%:*}" >context/Containerfile
	if output=$(build docker); then result=builds; else result=fails; fi
	echo "HEALTHCHECK ${flag%:*} CMD true: $result, expected that it ${flag#*:}"
	[ "$result" = builds ] || echo "$output" | grep Error
	[ "$result" = "${flag#*:}" ] || status=1
done
exit $status
