package image

import (
	"strings"

	"golang.org/x/mod/semver"

	"github.com/dockvet/dockvet/plan"
)

// The C libraries that programs are linked against.
const (
	Glibc  = "glibc"
	Musl   = "musl"
	NoLibc = "no C library"
)

// Libc is the C library of r, "" where that is not known. minor is the least that is known of a glibc's version: 36 says that it is
// 2.36 or later; 0 that nothing is. exact says that it is that very version.
func Libc(r plan.Ref) (name string, minor int, exact bool) {
	for word := range strings.SplitSeq(strings.ToLower(r.Tag), "-") {
		if strings.HasPrefix(word, "alpine") {
			return Musl, 0, false
		}
	}
	if in, ok := strings.CutPrefix(r.Name(), "gcr.io/distroless/"); ok {
		if strings.HasPrefix(in, "static") {
			return NoLibc, 0, false
		}
		name = Glibc
	}
	switch r.Official() {
	case "alpine", "bash", "docker":
		return Musl, 0, false
	case "busybox":
		return "", 0, false
	}
	if shell := Shell(r); shell == "dash" || shell == "bash" {
		name = Glibc
	}
	product, system := Cycles(r)
	if product != nil && (product.product == "debian" || product.product == "ubuntu") {
		system = product
	}
	if system != nil {
		if minor = glibcOf(system); minor > 0 {
			return Glibc, minor, true
		}
	}
	if name == Glibc && modern(r) {
		minor = 36
	}
	return name, minor, false
}

// glibcOf is the minor version of the glibc 2 in a release, 0 if that is not known. Sources: https://packages.debian.org/libc6,
// https://packages.ubuntu.com/libc6.
func glibcOf(c *Cycle) int {
	versions := map[string]int{
		"debian 8": 19, "debian 9": 24, "debian 10": 28, "debian 11": 31, "debian 12": 36, "debian 13": 41,
		"ubuntu 14.04": 19, "ubuntu 16.04": 23, "ubuntu 18.04": 27, "ubuntu 20.04": 31, "ubuntu 22.04": 35, "ubuntu 24.04": 39,
	}
	return versions[c.product+" "+c.Name]
}

// modern reports whether a tag of Go or Rust without a release's name is built on Debian 12 or later, which these images are since
// it came out in June 2023. A tag that moves is what it is now.
func modern(r plan.Ref) bool {
	first := map[string]string{"golang": "v1.21", "rust": "v1.72"}[r.Official()]
	version, _, _ := strings.Cut(r.Tag, "-")
	return first != "" && (r.Tag != "" || r.Digest == "") && (version == "" || version == "latest" || version == "1" || semver.Compare("v"+version, first) >= 0)
}
