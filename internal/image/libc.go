package image

import "strings"

// The C libraries that programs are linked against.
const (
	Glibc  = "glibc"
	Musl   = "musl"
	NoLibc = "no C library"
)

// Libc is the C library of the image, "" where that is not known. minor is the least that is known of a glibc's
// version: 36 says that it is 2.36 or later, and 0 that nothing is known. exact says that it is that very version.
func (i Image) Libc() (name string, minor int, exact bool) {
	if i.tag().has("alpine") {
		return Musl, 0, false
	}
	switch name = i.built("libc"); name {
	case Musl:
		return name, 0, false
	case "none":
		return NoLibc, 0, false
	}
	product, system := i.Cycles()
	if product != nil && (product.product == "debian" || product.product == "ubuntu") {
		system = product
	}
	if system != nil {
		f, _ := lineOf(system.product)
		releases := Image{facts: f}.fact("glibc")
		for pair := range strings.SplitSeq(releases, ",") {
			if release, minor, ok := strings.Cut(pair, ":"); ok && release == system.Name {
				return Glibc, atoi(minor), true
			}
		}
	}
	if least := i.fact("glibc"); name == Glibc && numeric(least) {
		minor = atoi(least)
	}
	return name, minor, false
}
