package image

import (
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// Variant is a smaller image for the same programs, by the same publisher or its named successor.
type Variant struct {
	Name, Tag string
	// Carries is what the larger image has and this one lacks.
	Carries string
	// Musl says that it is built on Alpine: programs linked against glibc do not run there.
	Musl bool
}

func (v Variant) String() string { return v.Name + ":" + v.Tag }

// What full images carry.
const (
	toolchain = "a C tool-chain, Git and the headers of dozens of libraries"
	jdk       = "the compiler and the tools of a JDK"
	phpize    = "a C tool-chain for building extensions"
)

// Slim is the smaller variant of an official image; false if r already is one, is of a flavour that has none, or is not known.
// A reference by digest alone is not known. `gcc` is a compiler and has none.
func Slim(r plan.Ref) (Variant, bool) {
	if r.Tag == "" && r.Digest != "" {
		return Variant{}, false
	}
	name := r.Official()
	version, system, flavour, ok := split(r.Tag)
	if !ok {
		return Variant{}, false
	}
	switch name {
	case "python", "ruby", "rust", "perl":
		return Variant{Name: name, Tag: join(version, "slim", system), Carries: toolchain}, flavour == ""
	case "node":
		return Variant{Name: name, Tag: join(version, system, "slim"), Carries: toolchain}, flavour == ""
	case "golang":
		return Variant{Name: name, Tag: join(version, "alpine"), Carries: toolchain, Musl: true}, flavour == ""
	case "php":
		return Variant{Name: name, Tag: join(version, flavour, "alpine"), Carries: phpize, Musl: true}, flavour != "apache" && flavour != "jdk"
	case "openjdk", "eclipse-temurin":
		ok := version != "" && (flavour == "" || flavour == "jdk")
		if name == "openjdk" {
			// The successor has the releases of Java, but not of all of its updates, and none of Debian's.
			version, system = version[:len(version)-len(strings.TrimLeft(version, "0123456789"))], ""
		}
		return Variant{Name: "eclipse-temurin", Tag: join(version, "jre", system), Carries: jdk}, ok
	case "buildpack-deps":
		return Variant{Name: name, Tag: join(version, system, "curl"), Carries: toolchain}, flavour == "" && system != ""
	}
	return Variant{}, false
}

// split takes a tag apart: version or channel, release of Debian or Ubuntu, and flavour; false for any other form, such as
// one with `slim` or `alpine` in it.
func split(tag string) (version, system, flavour string, ok bool) {
	if tag == "" || tag == "latest" {
		return "", "", "", true
	}
	for i, part := range strings.Split(tag, "-") {
		switch {
		case suite(part) && system == "":
			system = part
		case i == 0 && (numeric(part[:min(1, len(part))]) || channel(part)):
			version = part
		case (part == "jdk" || part == "cli" || part == "fpm" || part == "apache" || part == "zts") && flavour == "":
			flavour = part
		default:
			return "", "", "", false
		}
	}
	return version, system, flavour, true
}

func numeric(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func channel(s string) bool { return s == "lts" || s == "current" || s == "stable" }

// join is a tag of those parts that are not empty.
func join(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteString(p)
	}
	return b.String()
}
