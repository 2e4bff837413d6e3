#!/usr/bin/env bash
# pnpm only warns if Node.js does not fit `engines.node` of the project's own package.json, and installs; it fails if pnpm itself does not fit
# `engines.pnpm`.
#
# The usual advice is that npm warns, and that Yarn and pnpm refuse to install. Of these three only Yarn 1 refuses.
#
# dockvet relies on it in mismatched-runtime, which says what an install does on a base image with another version of Node.js.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
status=0
# check PACKAGE ENGINE EXPECTED installs the manager, and lets it install a project that wants version 99 or later of ENGINE.
check() {
	name=${1%@*}
	mkdir -p "tools/$1" project
	[ -e "tools/$1/node_modules" ] || npm install --silent --no-save --no-audit --prefix "tools/$1" "$1" >log 2>&1 || { cat log; exit 2; }
	program=$dir/tools/$1/node_modules/.bin/$name
	rm -rf project/*
	echo "{\"name\": \"example\", \"version\": \"1.0.0\", \"private\": true, \"engines\": {\"$2\": \">=99\"}, \"dependencies\": {\"ms\": \"2.1.3\"}}" >project/package.json
	got=fails
	if (cd project && "$program" install >../log 2>&1); then got=installs; fi
	echo "$1 with engines.$2 >=99: $got; $(grep -m1 -iE 'engine|unsupported' log || true)"
	[ "$got" = "$3" ] || status=1
}
check npm@10.9.2 node installs
check yarn@1.22.22 node fails
check pnpm@9.15.9 node installs
check pnpm@10.34.9 node installs
check pnpm@10.34.9 pnpm fails
exit $status
