#!/usr/bin/env bash
# `bun install --frozen-lockfile` installs an application that has no lock file, and exits 0. The same option of pnpm, `deno install --frozen`
# and `yarn install --immutable` of Yarn 4 fail; `--frozen-lockfile` of Yarn 1 installs, as Bun's does.
#
# Who knows the option from pnpm expects Bun's to guarantee that what is installed was locked.
#
# dockvet relies on it in missing-lock-file, which says for pnpm and Deno that the step fails, and for Bun that each build installs other
# versions.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
status=0
# check PACKAGE COMMAND EXPECTED lets the program of PACKAGE install a project without a lock file; COMMAND is a path and its arguments.
check() {
	mkdir -p "tools/$1"
	[ -e "tools/$1/node_modules" ] || npm install --silent --no-save --no-audit --prefix "tools/$1" "$1" >log 2>&1 || { cat log; exit 2; }
	rm -rf project
	mkdir project
	echo '{"name": "example", "version": "1.0.0", "private": true, "dependencies": {"ms": "2.1.3"}}' >project/package.json
	got=fails
	# shellcheck disable=SC2086 # the command is several words
	if (cd project && HOME=$dir "$dir/tools/$1/node_modules/"$2 >../log 2>&1); then got=installs; fi
	echo "$1, ${2##*/}: $got; $(grep -m1 -iE 'lock ?file' log || true)"
	[ "$got" = "$3" ] || status=1
}
check bun@1.4.5 ".bin/bun install --frozen-lockfile" installs
check yarn@1.22.22 ".bin/yarn install --frozen-lockfile" installs
check pnpm@10.34.9 ".bin/pnpm install --frozen-lockfile" fails
check deno@2.9.6 ".bin/deno install --frozen" fails
check @yarnpkg/cli-dist@4.9.2 "@yarnpkg/cli-dist/bin/yarn.js install --immutable" fails
exit $status
