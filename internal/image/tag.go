package image

import (
	"iter"
	"slices"
	"strconv"
	"strings"
)

// tag is a tag, read word by word: version, system, flavour.
type tag string

// between reports whether r separates the words of a tag.
func between(r rune) bool { return r == '-' || r == '_' }

// parts are the words between dashes.
func (t tag) parts() iter.Seq[string] { return strings.SplitSeq(string(t), "-") }

// version is the first word, which is the version if the tag has one.
func (t tag) version() string {
	version, _, _ := strings.Cut(string(t), "-")
	return version
}

// has reports whether a word begins with prefix: alpine, slim, fpm, chiseled.
func (t tag) has(prefix string) bool {
	for word := range t.parts() {
		if strings.HasPrefix(word, prefix) {
			return true
		}
	}
	return false
}

// windows reports whether it is a tag of a Windows image.
func (t tag) windows() bool {
	return len(t) >= len("ltsc20") && (strings.Contains(string(t), "nanoserver") || strings.Contains(string(t), "windows") ||
		strings.Contains(string(t), "ltsc20"))
}

// Windows reports whether the image is certainly one for Windows only. Source: microsoft/dotnet-framework-docker and
// the directories of microsoft/aspnet-docker.
func (i Image) Windows() bool {
	name := i.Name()
	for _, mark := range [...]string{"/windows/", "nanoserver", "windowsservercore", "/dotnet/framework/", "microsoft/dotnet-framework"} {
		if strings.HasPrefix(name, "mcr.microsoft.com/") && strings.Contains(name, mark) || strings.HasPrefix(name, "microsoft/") && strings.Contains(name, mark) {
			return true
		}
	}
	if i.Official() == "" && !strings.HasPrefix(name, "microsoft/") && !strings.HasPrefix(name, "mcr.microsoft.com/") {
		return false
	}
	return name == "microsoft/iis" || i.tag().windows() || name == "microsoft/aspnet" && (strings.HasPrefix(i.Tag, "4.") || strings.HasPrefix(i.Tag, "3.5"))
}

// family is the image of the distribution that a word names, for its relatives too: debian, fedora, alpine, busybox; or
// "".
func (t tag) family() string {
	for word := range strings.FieldsFuncSeq(strings.ToLower(string(t)), between) {
		if suite(word) {
			return "debian"
		}
		if word == "busybox" {
			return word
		}
		for _, f := range [...][2]string{
			{"debian", "debian"},
			{"ubuntu", "debian"},
			{"alpine", "alpine"},
			{"oracle", "fedora"},
			{"ubi", "fedora"},
			{"al2", "fedora"},
			{"amazonlinux", "fedora"},
			{"centos", "fedora"},
			{"fedora", "fedora"},
			{"rockylinux", "fedora"},
			{"almalinux", "fedora"},
			{"azurelinux", "fedora"},
			{"mariner", "fedora"},
			{"cbl", "fedora"},
		} {
			if strings.HasPrefix(word, f[0]) {
				return f[1]
			}
		}
	}
	return ""
}

// foreign reports whether a tag that does not name a distribution may be of another one than the image usually is built
// on.
func (t tag) foreign() bool {
	for _, mark := range [...]string{
		"corretto", "microsoft", "ibm", "sapmachine", "graal", "semeru", "openjdk",
		"distroless",
	} {
		if strings.Contains(string(t), mark) {
			return true
		}
	}
	return t.windows()
}

// split takes the tag apart: version or channel, release of Debian or Ubuntu, and flavour; false for any other form,
// such as one with `slim` or `alpine` in it.
func (t tag) split() (version, system, flavour string, ok bool) {
	if t == "" || t == "latest" {
		return "", "", "", true
	}
	first := true
	for part := range t.parts() {
		switch {
		case suite(part) && system == "":
			system = part
		case first && (numeric(part[:min(1, len(part))]) || channel(part)):
			version = part
		case slices.Contains([]string{"jdk", "cli", "fpm", "apache", "zts"}, part) && flavour == "":
			flavour = part
		default:
			return "", "", "", false
		}
		first = false
	}
	return version, system, flavour, true
}

func channel(s string) bool { return s == "lts" || s == "current" || s == "stable" }

//go:noinline
func numeric(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// digits are those that s begins with.
func digits(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))] }

//go:noinline
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// Older reports whether two versions are known, and a is the older one by their first two numbers.
func Older(a, b string) bool {
	order, ok := compare(a, b)
	return a != "" && b != "" && ok && order < 0
}

// compare is the order of two versions by their first two numbers; false if one of them is not a version.
func compare(a, b string) (order int, ok bool) {
	for n := range 2 {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if n > 0 && x == "" {
			x = "0"
		}
		if n > 0 && y == "" {
			y = "0"
		}
		if !numeric(x) || !numeric(y) {
			return 0, false
		}
		if order == 0 {
			order = atoi(x) - atoi(y)
		}
	}
	return order, true
}

// FlavourOnly reports whether the image has a system whose release its name can say but does not, and a tag that only chooses a user or
// adds a shell: `nonroot`, `debug`.
func (i Image) FlavourOnly() bool {
	if !i.Unreleased() || i.fact("system") != "name" {
		return false
	}
	if _, system := i.Cycles(); system != nil {
		return false
	}
	return i.Tag == "nonroot" || i.Tag == "debug" || i.Tag == "debug-nonroot"
}

// VariantOnly reports whether the tag of a Docker official image names a variant and no version, so that it follows every release:
// `golang:alpine`, `node:slim`, `php:fpm-alpine3.22`. For an operating system the name of a release is the version.
func (i Image) VariantOnly() bool {
	if i.Official() == "" || !i.known || i.System() || i.Foundation() || i.Tag == "" {
		return false
	}
	for word := range i.tag().parts() {
		base := strings.TrimRight(word, "0123456789.")
		switch {
		case suite(word):
		case base == "alpine", word == "slim", word == "apache", word == "fpm", word == "cli", word == "zts", word == "perl", word == "otel",
			word == "dind", word == "rootless", word == "nanoserver", word == "windowsservercore", word == "jdk", word == "jre",
			word == "builder", word == "management":
		default:
			return false
		}
	}
	return true
}
