package image

import (
	"slices"

	"github.com/dockvet/dockvet/plan"
)

// Entry says how an image starts what CMD names.
type Entry int

// The entries. EntryNone is an image without an ENTRYPOINT: the kernel starts the CMD itself. EntryScript has a shell script that ends
// in `exec "$@"`.
const (
	EntryUnknown Entry = iota
	EntryNone
	EntryScript
)

// Entrypoint is how r starts what CMD names.
//
// Source: the publishers' Dockerfiles and scripts, of which those of eclipse-temurin, httpd and php were read for this list. The
// others are as they are commonly known: a row in doubt belongs out of it.
func Entrypoint(r plan.Ref) Entry {
	switch r.Official() {
	case "almalinux", "alpine", "amazonlinux", "archlinux", "buildpack-deps", "busybox", "centos", "debian", "fedora", "gcc", "golang", "httpd", "openjdk", "oraclelinux",
		"perl", "python", "rockylinux", "ruby", "rust", "swift", "ubuntu":
		return EntryNone
	case "eclipse-temurin", "nginx", "node", "php":
		return EntryScript
	}
	if r.Registry == "mcr.microsoft.com" && slices.Contains([]string{"dotnet/aspnet", "dotnet/runtime", "dotnet/runtime-deps", "dotnet/sdk"}, r.Repository) {
		return EntryNone
	}
	return EntryUnknown
}
