package image

import (
	_ "embed"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
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
		f, _ := lineOf(as)
		return list(Image{facts: f}.fact("lacks"), program) && !list(i.fact("ships"), program)
	}
}

// Shellless reports whether the image is known to have no shell.
func (i Image) Shellless() bool { return i.fact("as") == "scratch" }

// Web reports whether the image is made for programs that listen on a port, even if it exposes none.
func (i Image) Web() bool { return i.fact("web") != "" }

// LoadsDevelopmentNames reports whether programs in the image load libraries by the names that only packages of headers
// provide, such as libssl.so.
func (i Image) LoadsDevelopmentNames() bool { return i.fact("dlopen") != "" }

//go:embed lacks.txt
var lacksText string

// lack is a line of lacks.txt.
type lack struct {
	condition string
	programs  string   // with a space before each
	others    []string // the lines that it includes
}

// lists of words are read when they are searched, since there are a thousand words.
var lacks = lazy.Value[map[string][]lack]{Make: func() map[string][]lack {
	const about = 64 // names
	out := make(map[string][]lack, about)
	for line := range strings.Lines(lacksText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		line = strings.TrimSuffix(line, "\n")
		name, _, _ := strings.Cut(line, " ")
		l := lack{programs: line[len(name):]}
		name, l.condition, _ = strings.Cut(name, "@")
		for rest := l.programs; ; {
			_, after, more := strings.Cut(rest, " +")
			if !more {
				break
			}
			rest = after
			other, _, _ := strings.Cut(rest, " ")
			l.others = append(l.others, other)
		}
		out[name] = append(out[name], l)
	}
	return out
}}

// mark is what is before a program in words with a space before each: `-` if it is there both with and without, a space for nothing, and 0
// if it is not there.
func mark(words, program string) byte {
	if program == "" || program[0] == '+' || program[0] == '-' || strings.Contains(program, " ") {
		return 0
	}
	var found byte
	for from := 1; from < len(words); {
		at := strings.Index(words[from:], program)
		if at < 0 {
			break
		}
		at += from
		from = at + 1
		switch end := at + len(program); {
		case end < len(words) && words[end] != ' ':
		case words[at-1] == ' ':
			found = ' '
		case words[at-1] == '-' && words[at-2] == ' ':
			return '-'
		}
	}
	return found
}

// Tracked reports whether the program is one that Without knows of.
func Tracked(program string) bool { return tracked.Get(program) }

var tracked = lazy.Memo[bool]{Find: func(program string) bool {
	for _, lines := range lacks.Get() {
		for i := range lines {
			if mark(lines[i].programs, program) == ' ' {
				return true
			}
		}
	}
	return false
}}

// Without reports whether the image is known not to have the program, one that people call in RUN. r is its release.
func (i Image) Without(program string, r Release) bool {
	if i.tag().windows() || i.bare() || !Tracked(program) {
		return false
	}
	if r.Distribution == "oracle" && i.Official() != "maven" || i.System() && i.Official() != "" && r.Distribution != "" {
		return without(r.Distribution, program, r)
	}
	name := i.Official()
	if name == "" {
		name = i.Name()
	}
	lines := lacks.Get()[name]
	for n := range lines {
		l := &lines[n]
		if !i.tag().has(l.condition) && (l.condition != "latest" || i.Tag != "") && (l.condition != "stripped" || !i.stripped()) {
			continue
		}
		if i.tag().family() == "alpine" != (l.condition == "alpine") {
			continue
		}
		return l.lists(program, r)
	}
	return r.Distribution != "" && i.Official() != "" && without(r.Distribution, program, r) && listed(".managers", program, r)
}

// stripped reports whether the image is a slim one of Node.js that was built after 2020-01-08.
func (i Image) stripped() bool {
	if !i.tag().has("slim") {
		return false
	}
	version, _, _ := strings.Cut(i.Tag, "-")
	major, minor, _ := strings.Cut(version, ".")
	minor, _, _ = strings.Cut(minor, ".")
	switch {
	case !numeric(major):
		return true
	case minor == "":
		return atoi(major) >= 10
	}
	first, ok := map[string]int{"10": 19, "12": 15, "13": 7}[major]
	return ok && atoi(minor) >= first || atoi(major) >= 14
}

// without reports whether the lines of a distribution list the program.
func without(distribution, program string, r Release) bool {
	found := false
	for _, l := range lacks.Get()[distribution] {
		limit, _ := strings.CutSuffix(l.condition, "+")
		if (limit == "" || r.From(distribution, limit)) && l.lists(program, r) {
			found = true
		}
	}
	return found
}

// listed reports whether one of the lines called name has the program.
func listed(name, program string, r Release) bool {
	for _, l := range lacks.Get()[name] {
		if l.lists(program, r) {
			return true
		}
	}
	return false
}

// lists reports whether a line, with others in it, has the program.
func (l *lack) lists(program string, r Release) bool {
	if m := mark(l.programs, program); m != 0 {
		return m == ' '
	}
	for _, name := range l.others {
		if name[0] == '.' && listed(name, program, r) || r.Distribution == name && without(name, program, r) {
			return true
		}
	}
	return false
}

// FreshLists reports whether the image is known to come without apt's package lists: it is official, or one of NVIDIA's,
// and built on Debian or Ubuntu. r is its release; the images of Ubuntu before 16.04 have lists, except for the last ones of 12.04.
func (i Image) FreshLists(r Release) bool {
	return (!r.Before("ubuntu", "16.04") || r.Name == "12.04") && !i.bare() && i.Family() == "debian" && (i.Official() != "" && i.known || i.Name() == "nvidia/cuda")
}

// Suites are those that the image's package sources name besides the ones of its release, which is r. The images of OpenJDK 8 on
// Debian 8 took it from the backports. Source: docker-library/openjdk, 8-jdk/Dockerfile up to 2017-07.
func (i Image) Suites(r Release) []string {
	if r.Code == "jessie" && (i.Official() == "openjdk" && strings.HasPrefix(i.Tag, "8") || i.Official() == "maven" && strings.Contains(i.Tag, "jdk-8") ||
		i.Official() == "jenkins") {
		return []string{"jessie-backports"}
	}
	if value := i.fact("suites"); value != "" {
		return strings.Split(value, ",")
	}
	if i.Official() == "debian" && strings.HasSuffix(i.Tag, "-backports") {
		return []string{i.Tag}
	}
	return nil
}

// Listed reports whether it is known of the image itself which programs it lacks.
func (i Image) Listed() bool {
	name := i.Official()
	if name == "" {
		name = i.Name()
	}
	return lacks.Get()[name] != nil
}
