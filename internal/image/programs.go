package image

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// Lacks reports whether r is known not to hold the program, one of those that health checks and commands call without having
// installed them. It is false for an image that we do not know, and for one that may have it. Windows images are unknown.
//
// Sources, read in November 2026: the Dockerfiles of docker-library/python, docker-library/ruby, docker-library/golang,
// docker-library/openjdk, rust-lang/docker-rust, nodejs/docker-node, adoptium/containers, dotnet/dotnet-docker and oven-sh/bun. They
// are built on debian:slim or alpine, and purge the curl or wget that they fetch themselves with, and the compilers; those of Rust
// keep gcc, which links for them. Debian's and Ubuntu's own images have neither:
// https://github.com/docker-library/buildpack-deps exists to add them. BusyBox, of which Alpine consists, has wget and nc:
// https://busybox.net/downloads/BusyBox.html. gcr.io/distroless has no shell: https://github.com/GoogleContainerTools/distroless.
func Lacks(r plan.Ref, program string) bool {
	if windows(r.Tag) || r.Tag == "" && r.Digest != "" {
		return false
	}
	switch contents(r) {
	case nothing:
		return true
	case musl:
		// Temurin's entry point was a bash script at times.
		return program == "curl" || program == "bash" && r.Official() != "eclipse-temurin" || program == "gcc" && r.Official() != "rust"
	case glibc:
		return slices.Contains([]string{"curl", "wget", "nc", "ncat", "netcat"}, program) || program == "gcc" && r.Official() != "rust"
	case unknown:
	}
	return false
}

// Shellless reports whether r is known to have no shell.
func Shellless(r plan.Ref) bool { return contents(r) == nothing }

// userland says what an image has beside its publisher's own program.
type userland int

const (
	unknown userland = iota
	nothing          // not even a shell
	musl             // Alpine, with BusyBox
	glibc            // Debian or Ubuntu in their smallest form
)

func contents(r plan.Ref) userland {
	parts := strings.Split(r.Tag, "-")
	has := func(prefix string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.HasPrefix(p, prefix) })
	}
	atLeast := func(least float64) bool {
		if v, err := strconv.ParseFloat(majorMinor(parts[0]), 64); err == nil {
			return v >= least
		}
		return true // a channel, such as `lts`, or a release: today's
	}
	switch name := r.Official(); name {
	case "alpine":
		return musl
	case "debian":
		return glibc
	case "ubuntu":
		if has("trusty") || has("xenial") || !atLeast(18) {
			return unknown
		}
		return glibc
	case "python", "node", "ruby", "golang", "rust", "openjdk", "eclipse-temurin":
		oldest := map[string]float64{"node": 12, "ruby": 2.7} // before, some were built otherwise
		switch {
		case !atLeast(oldest[name]):
		case has("alpine"):
			return musl
		case has("slim"):
			return glibc
		}
		return unknown
	}
	switch {
	case r.Registry == "gcr.io" && strings.HasPrefix(r.Repository, "distroless/"):
		if !has("debug") {
			return nothing
		}
	case r.Registry == "docker.io" && r.Repository == "oven/bun":
		switch {
		case has("distroless"):
		case has("alpine"):
			return musl
		default:
			return glibc
		}
	case r.Registry == "mcr.microsoft.com" && slices.Contains([]string{"dotnet/aspnet", "dotnet/runtime", "dotnet/runtime-deps"}, r.Repository):
		switch {
		case !atLeast(5):
		case has("chiseled") || has("distroless"):
			return nothing
		case has("alpine"):
			return musl
		case !has("azurelinux") && !has("cbl"):
			return glibc
		}
	}
	return unknown
}

// majorMinor is the version at the start of a tag, up to its second number.
func majorMinor(tag string) string {
	parts := strings.SplitN(tag, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}
