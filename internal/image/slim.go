package image

import "strings"

// Variant is a smaller image for the same programs, by the same publisher or its named successor.
type Variant struct {
	Name, Tag string
	Carries   string // what the larger image has and this one lacks
	Musl      bool   // it is built on Alpine: programs linked against glibc do not run there
	JRE       bool   // it runs Java, and the larger image also compiles it
}

func (v Variant) String() string { return v.Name + ":" + v.Tag }

// Slim is the smaller variant of the image; false if it already is one, is of a flavour that has none, or is not known.
// A digest without a tag is not known.
func (i Image) Slim() (Variant, bool) {
	form := i.fact("slim")
	if form == "" || i.bare() {
		return Variant{}, false
	}
	version, system, flavour, ok := i.tag().split()
	if !ok || flavour != "" && !list(i.fact("flavours"), flavour) {
		return Variant{}, false
	}
	v := Variant{
		Name: i.Official(), Musl: strings.Contains(form, "alpine"), JRE: i.fact("carries") == "jdk",
		Carries: carries(i.fact("carries")),
	}
	if name, rest, ok := strings.Cut(form, ":"); ok {
		v.Name, form = name, rest
	}
	var parts []string
	for part := range strings.SplitSeq(form, "-") {
		name := part
		switch strings.ToLower(name) {
		case "{version}":
			part = version
		case "{major}":
			part = digits(version) // the successor has the releases, but not all of their updates
		case "{system}":
			part = system
		case "{flavour}":
			part = flavour
		}
		if part != "" {
			parts = append(parts, part)
		} else if name == strings.ToUpper(name) {
			return Variant{}, false
		}
	}
	v.Tag = strings.Join(parts, "-")
	return v, true
}

// carries says what a full image has.
func carries(what string) string {
	switch what {
	case "jdk":
		return "the compiler and other tools of a JDK"
	case "phpize":
		return "a C toolchain for building extensions"
	}
	return "a C toolchain, Git and the headers of dozens of libraries"
}
