package image

import (
	"slices"
	"strings"
)

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
	if i.bare() {
		return Variant{}, false
	}
	version, system, flavour, ok := i.tag().split()
	if form == "" || !ok {
		return i.jre()
	}
	if flavour != "" && !list(i.fact("flavours"), flavour) {
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

// jre is the image that only runs Java where a word of the name or of the tag says which one has a JDK.
func (i Image) jre() (Variant, bool) {
	name := i.Official()
	if name == "" {
		name = i.Name()
	}
	v := Variant{Name: name, Tag: i.Tag, Carries: carries("jdk"), JRE: true}
	switch i.fact("jre") {
	case "tag":
		words := strings.Split(i.Tag, "-")
		at := slices.Index(words, "jdk")
		if at < 0 {
			return Variant{}, false
		}
		words[at] = "jre"
		v.Tag = strings.Join(words, "-")
	case "name":
		v.Name = strings.Replace(name, "openjdk", "openjre", 1)
	}
	return v, v.Tag != "" && (v.Name != name || v.Tag != i.Tag)
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
