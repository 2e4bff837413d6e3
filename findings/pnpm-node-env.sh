#!/usr/bin/env bash
# pnpm 10 and Bun install devDependencies although NODE_ENV is "production"; npm and pnpm 9 leave them out.
#
# npm documents that `omit` is "dev" if NODE_ENV is "production", pnpm 9 does the same, and a Dockerfile with `ENV NODE_ENV=production`
# above the install relies on it. With pnpm 10 and with Bun the same line installs everything.
#
# dockvet relies on it in internal/ecosystem (Production.ModeOmits): only for npm and Yarn 1 does `omitted-dependency` take the variable as a
# reason why a build tool is missing.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
status=0
# check PACKAGE EXPECTED installs the manager, lets it install a project with NODE_ENV=production and prints what it did.
check() {
	name=${1%@*}
	mkdir -p "$dir/tools/$1" "$dir/project"
	npm install --silent --no-save --no-audit --prefix "$dir/tools/$1" "$1" >log 2>&1 || { cat log; exit 2; }
	program=$dir/tools/$1/node_modules/.bin/$name
	rm -rf project/*
	cat >project/package.json <<-JSON
		{"name": "example", "private": true, "dependencies": {"ms": "2.1.3"}, "devDependencies": {"is-ci": "3.0.1"}}
	JSON
	(cd project && NODE_ENV=production "$program" install >../log 2>&1) || { cat log; exit 2; }
	got=omitted
	if [ -e project/node_modules/is-ci ]; then got=installed; fi
	echo "$name $("$program" --version), NODE_ENV=production $name install: dev dependencies are $got"
	[ "$got" = "$2" ] || status=1
}
check npm@10.9.2 omitted
check pnpm@9.15.0 omitted
check pnpm@10.12.1 installed
check bun@1.2.17 installed
exit $status
