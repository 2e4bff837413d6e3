package image

import (
	_ "embed"
	"strings"
	"sync"
)

// Lacks reports whether the image is known not to have the program, one of those that health checks and commands call
// without having installed them. It is false for an image that may have it.
func (i Image) Lacks(program string) bool {
	if i.tag().windows() || i.bare() {
		return false
	}
	switch as := i.fact("as"); as {
	case "":
		return false
	case "scratch":
		return true
	default:
		return list(Image{facts: images().facts[as]}.fact("lacks"), program) && !list(i.fact("ships"), program)
	}
}

// Shellless reports whether the image is known to have no shell.
func (i Image) Shellless() bool { return i.fact("as") == "scratch" }

// LoadsDevelopmentNames reports whether programs in the image load libraries by the names that only packages of headers
// provide, such as libssl.so.
func (i Image) LoadsDevelopmentNames() bool { return i.fact("dlopen") != "" }

//go:embed lacks.txt
var lacksText string

// lack is a line of lacks.txt.
type lack struct{ condition, programs string }

var lacks = sync.OnceValue(func() map[string][]lack {
	out := map[string][]lack{}
	for line := range strings.Lines(lacksText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, programs, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		name, condition, _ := strings.Cut(name, "@")
		out[name] = append(out[name], lack{condition, programs})
	}
	return out
})

// Tracked reports whether the program is one that Without knows of.
func Tracked(program string) bool { return tracked()[program] }

var tracked = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, lines := range lacks() {
		for _, l := range lines {
			for word := range strings.FieldsSeq(l.programs) {
				if word[0] != '+' && word[0] != '-' {
					out[word] = true
				}
			}
		}
	}
	return out
})

// Without reports whether the image is known not to have the program, one that people call in RUN. r is its release.
func (i Image) Without(program string, r Release) bool {
	if i.tag().windows() || i.bare() || !Tracked(program) {
		return false
	}
	if r.Distribution == "oracle" || i.System() && i.Official() != "" {
		return without(r.Distribution, program, r)
	}
	name := i.Official()
	if name == "" {
		name = i.Name()
	}
	for _, l := range lacks()[name] {
		if !i.tag().has(l.condition) && (l.condition != "latest" || i.Tag != "") {
			continue
		}
		if i.tag().family() == "alpine" != (l.condition == "alpine") {
			continue
		}
		return listed(l.programs, program, r)
	}
	return r.Distribution != "" && i.Official() != "" && without(r.Distribution, program, r) && listed("+.managers", program, r)
}

// without reports whether the lines of a distribution list the program.
func without(distribution, program string, r Release) bool {
	found := false
	for _, l := range lacks()[distribution] {
		limit, _ := strings.CutSuffix(l.condition, "+")
		if (limit == "" || r.From(distribution, limit)) && listed(l.programs, program, r) {
			found = true
		}
	}
	return found
}

// listed reports whether a list of programs, with other lists in it, has the program.
func listed(list, program string, r Release) bool {
	found := false
	for word := range strings.FieldsSeq(list) {
		switch {
		case word == "-"+program:
			return false
		case word == program:
			found = true
		case word[0] == '+' && word[1] == '.':
			for _, l := range lacks()[word[1:]] {
				found = found || listed(l.programs, program, r)
			}
		case word[0] == '+':
			found = found || r.Distribution == word[1:] && without(word[1:], program, r)
		}
	}
	return found
}

// FreshLists reports whether the image is known to come without apt's package lists: it is official, or one of NVIDIA's,
// and built on Debian or Ubuntu. r is its release; Ubuntu before 16.04 has lists.
func (i Image) FreshLists(r Release) bool {
	return !r.Before("ubuntu", "16.04") && !i.bare() && i.Family() == "debian" && (i.Official() != "" && i.known || i.Name() == "nvidia/cuda")
}

// Suites are those that the image's package sources name besides the ones of its release.
func (i Image) Suites() []string {
	if value := i.fact("suites"); value != "" {
		return strings.Split(value, ",")
	}
	return nil
}

// Listed reports whether it is known of the image itself which programs it lacks.
func (i Image) Listed() bool {
	name := i.Official()
	if name == "" {
		name = i.Name()
	}
	return lacks()[name] != nil
}
