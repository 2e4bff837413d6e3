#!/bin/sh
# bake.sh DIR: fetches the repositories of bake.tsv into DIR, one directory each, for
# BAKE_PROJECTS=DIR go -C tools test ./bake -run TestBakeOfProjects -v
set -eu
list=$(cd "$(dirname "$0")" && pwd)/bake.tsv
mkdir -p "$1"
cd "$1"
grep -v '^#' "$list" | cut -f 1,2 | sort -u | while read -r repository commit; do
	name=$(echo "$repository" | tr / +)
	[ -d "$name" ] && continue
	git init -q "$name"
	git -C "$name" fetch -q --depth 1 "https://github.com/$repository" "$commit"
	git -C "$name" checkout -q FETCH_HEAD
done
