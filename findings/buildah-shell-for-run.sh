#!/usr/bin/env bash
# buildah does not use SHELL for RUN when it writes an OCI image, which is its default.
#
# It warns that the OCI format has no SHELL and ignores the instruction. One would expect that only the image lacks it, since RUN in the same file
# needs no image format. But RUN keeps `/bin/sh -c`, so `SHELL ["/bin/bash", "-o", "pipefail", "-c"]` has no effect and failures stay
# unseen. With `--format docker`, RUN uses it. Versions 1.39.3 and 1.43.2 do the same; according to its changelog, 1.44.0 changed that.
#
# dockvet relies on it in internal/dialect/buildah.go, row shell.
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

cat >context/Containerfile <<'FILE'
FROM scratch
COPY sh /bin/sh
SHELL ["/bin/sh", "-ec"]
RUN false; echo "the step went on"
FILE
cat context/Containerfile
status=0
for format in oci:builds docker:fails; do
	if output=$(build "${format%:*}"); then result=builds; else result=fails; fi
	echo "--format ${format%:*}: $result, expected that it ${format#*:}"
	echo "$output" | grep -E 'SHELL is not supported|the step went on|Error' || true
	[ "$result" = "${format#*:}" ] || status=1
done
exit $status
