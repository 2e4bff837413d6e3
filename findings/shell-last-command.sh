#!/usr/bin/env bash
# Debian's sh does not become the last command of `sh -c`, while bash and BusyBox's sh do, even after `&&`.
#
# `CMD a && b` in a Dockerfile is `/bin/sh -c "a && b"`. One would expect that either each shell runs the last command in place of itself, as an
# optimisation, or that none does for a list of commands. But dash, the sh of Debian and Ubuntu images, stays process 1 for one command too, so
# `docker stop` signals the shell and not the server. bash, and BusyBox's sh in Alpine images, replace themselves by `b`.
#
# dockvet relies on it in rules/runtime/script_without_exec.go and shell_form_command.go.
set -euo pipefail

# Debian 12.
dash=0.5.12-2 bash=5.2.15-2+b13 busybox=1:1.35.0-4+deb12u1+b1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
{
	apt-get -o APT::Sandbox::User=root download "dash=$dash" "bash=$bash" "busybox-static=$busybox"
	for package in *.deb; do dpkg -x "$package" root; done
} >log 2>&1 || { cat log; exit 2; }
shell() { find root -path "*bin/$1" -type f | head -n 1; }
ln -s "$PWD/$(shell busybox)" sh
echo "dash $dash, bash $bash, $("$(shell busybox)" 2>&1 | sed -n '1s/ (.*//p')"

# running SHELL CODE prints the program of the process that SHELL was started as.
running() {
	"$1" -c "$2" &
	sleep 1
	tr '\0' ' ' <"/proc/$!/cmdline" | cut -d ' ' -f 1 | sed 's#.*/##'
	pkill -P $! sleep 2>/dev/null || true
	kill $! 2>/dev/null || true
	wait 2>/dev/null || true
}
for shell in "$(shell dash)" "$(shell bash)" ./sh; do
	for code in 'sleep 9' 'true && sleep 9'; do
		echo "${shell##*/} -c '$code' is now: $(running "$shell" "$code")"
	done
done | tee out
diff out - <<'WANT'
dash -c 'sleep 9' is now: dash
dash -c 'true && sleep 9' is now: dash
bash -c 'sleep 9' is now: sleep
bash -c 'true && sleep 9' is now: sleep
sh -c 'sleep 9' is now: sleep
sh -c 'true && sleep 9' is now: sleep
WANT
