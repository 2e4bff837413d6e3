#!/bin/sh
# Shows that each part of the TestFault tests in cmd/dockvet fails on a program that had the faults, and passes on this one.
# It builds the program of a revision in a temporary directory: sh tools/faults.sh [REVISION]
set -eu
revision=${1:-6d2ed18}
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'git worktree remove --force "$dir/src" 2>/dev/null; rm -rf "$dir"' EXIT
git worktree add --quiet --detach "$dir/src" "$revision"
(cd "$dir/src" && go build -o "$dir/dockvet" ./cmd/dockvet)
go test -c -o "$dir/test" ./cmd/dockvet
cd cmd/dockvet
parts() { grep -E '^ +--- ' "$1" | sed -E 's/ \([0-9.]+s\)$//; s/^ +--- //' | sort; }
DOCKVET_BINARY=$dir/dockvet "$dir/test" -test.run '^TestFault' -test.v >"$dir/before" 2>&1 || true
"$dir/test" -test.run '^TestFault' -test.v >"$dir/after" 2>&1 || { cat "$dir/after"; exit 1; }
parts "$dir/before" >"$dir/failed"
cat "$dir/failed"
printf '%s\n' "$(grep -c '^FAIL' "$dir/failed") parts fail on $revision and pass now, $(grep -c '^SKIP' "$dir/failed") cannot be tried here"
! grep '^PASS' "$dir/failed" || { echo "these pass on $revision too" >&2; exit 1; }
