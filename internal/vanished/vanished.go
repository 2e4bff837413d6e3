// Package vanished knows servers, images and parts of toolchains that are gone, and since when. Its tables say where each row
// was read. What is not in them is not known.
package vanished

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/lazy"
)

//go:embed endpoints.txt
var endpointsText string

//go:embed gems.txt
var gemsText string

//go:embed images.txt
var imagesText string

// Endpoint is a server or address that is gone.
type Endpoint struct {
	Pattern string // as messages name it
	Since   time.Time
	Instead string
	Source  string
	Answers bool // the server is there and answers with an error
	Partly  bool // some files are still there
}

// rows are the rows of a table of four columns or five, the second a day.
func rows(text string) []Endpoint {
	var out []Endpoint
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) < 4 {
			continue
		}
		since, err := time.Parse(time.DateOnly, f[1])
		if err == nil {
			out = append(out, Endpoint{f[0], since, f[2], f[3], len(f) > 4, len(f) > 4 && f[4] == "partly"})
		}
	}
	return out
}

var endpoints = lazy.Value[[]Endpoint]{Make: func() []Endpoint { return rows(endpointsText) }}

// addresses are the texts of endpoints.
var addresses = lazy.Words{List: func() []string {
	out := make([]string, 0, strings.Count(endpointsText, "\n"))
	for line := range strings.Lines(endpointsText) {
		if pattern, _, ok := strings.Cut(line, "\t"); ok && pattern[0] != '#' {
			out = append(out, strings.TrimPrefix(pattern, "*."))
		}
	}
	return out
}}

// EndpointIn is the first endpoint in a word of a command line, of those that were gone on the day now; nil if there is
// none.
func EndpointIn(word string, now time.Time) *Endpoint {
	if !addresses.In(word) {
		return nil
	}
	for i := range endpoints.Get() {
		e := &endpoints.Get()[i]
		if !e.Since.After(now) && e.in(word) {
			return e
		}
	}
	return nil
}

func (e *Endpoint) in(word string) bool {
	text, below := strings.CutPrefix(e.Pattern, "*.")
	for from := 0; ; {
		i := strings.Index(word[from:], text)
		if i < 0 {
			return false
		}
		i += from
		from = i + 1
		switch {
		case i == 0, below && word[i-1] == '.', strings.ContainsRune(`/@"'= `, rune(word[i-1])):
			end := i + len(text)
			if strings.HasSuffix(text, "/") || end == len(word) || strings.ContainsRune(`/:"' ?`, rune(word[end])) {
				return true
			}
		}
	}
}

// images are the rows of images.txt about an image, whatever its tag.
var images = lazy.Memo[[]Endpoint]{Find: func(name string) []Endpoint {
	var out []Endpoint
	for line := range strings.Lines(imagesText) {
		if rest, ok := strings.CutPrefix(line, name); ok && (strings.HasPrefix(rest, "\t") || strings.HasPrefix(rest, ":")) {
			out = append(out, rows(line)...)
		}
	}
	return out
}}

// Image reports whether an image was gone on the day now. name is its reference without a tag; an empty tag is `latest`.
func Image(name, tag string, now time.Time) *Endpoint {
	if tag == "" {
		tag = "latest"
	}
	known := images.Get(name)
	for i := range known {
		e := &known[i]
		_, only, tagged := strings.Cut(e.Pattern, ":")
		if strings.Contains(only, "|") {
			continue // see Never
		}
		if (!tagged || only == tag) && !e.Since.After(now) {
			return e
		}
	}
	return nil
}

// Never is the source that says that the image has never had the tag, "" if that is not known. It is known of images whose tags
// have few words, and of tags that begin with a letter.
func Never(name, tag string) string {
	if strings.ToLower(tag) != tag || tag == "" || tag[0] < 'a' || tag[0] > 'z' {
		return ""
	}
	known := images.Get(name)
	for i := range known {
		_, words, _ := strings.Cut(known[i].Pattern, ":")
		if strings.Contains(words, "|") && !slices.Contains(strings.Split(words, "|"), strings.TrimRight(tag, "0123456789._-")) {
			return known[i].Source
		}
	}
	return ""
}

//go:embed apache.txt
var apacheText string

// apache is apache.txt: `tomcat 9.0` to its years.
var apache = lazy.Value[map[string]string]{Make: func() map[string]string {
	out := map[string]string{}
	project := ""
	for line := range strings.Lines(apacheText) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch name {
		case "#":
		case "=":
			project = rest
		default:
			out[project+" "+name] = rest
		}
	}
	return out
}}

// Release is a release of an Apache project.
type Release struct {
	Project, Version string
	Newer            string // one of the same line that had come out before
	By               string // the year or month by whose end it had: 2019, 2020-02
}

// Superseded reports whether an address is that of a release of an Apache project on a mirror, which only has the newest of each line, and a
// newer one had come out in a year or month before that of now; nil if not.
func Superseded(address string, now time.Time) *Release {
	_, rest, ok := strings.Cut(address, "://")
	host, path, _ := strings.Cut(rest, "/")
	if !ok || strings.HasPrefix(host, "archive.") || !mirrors(host, path, now) {
		return nil
	}
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '=' || r == '?' || r == '&' })
	for i, project := range parts[:max(0, len(parts)-1)] {
		for _, part := range parts[i+1:] {
			for _, version := range strings.FieldsFunc(part, func(r rune) bool { return r == '-' || r == '_' || r == 'v' }) {
				if r := superseded(project, version, now); r != nil {
					return r
				}
			}
		}
	}
	return nil
}

func superseded(project, version string, now time.Time) *Release {
	at := strings.LastIndexByte(version, '.')
	if at < 0 {
		return nil
	}
	line := version[:at]
	number, err := strconv.Atoi(version[at+1:])
	if err != nil {
		return nil
	}
	var found *Release
	for _, entry := range strings.Fields(apache.Get()[project+" "+line]) {
		short, newest, _ := strings.Cut(entry, ":")
		by := "20" + short
		if len(short) == 4 {
			by = "20" + short[:2] + "-" + short[2:]
		}
		if n, err := strconv.Atoi(newest); err == nil && n > number && by < now.Format("2006-01")[:len(by)] {
			found = &Release{project, version, line + "." + newest, by}
			break
		}
	}
	return found
}

// mirrors reports whether a server is one of Apache's mirrors, or chooses one for what an address names.
func mirrors(host, path string, now time.Time) bool {
	switch host {
	case "maven.apache.org", "repo.maven.apache.org", "repository.apache.org":
		return false
	case "downloads.apache.org", "dlcdn.apache.org":
		return true
	}
	for _, keeps := range [...]string{"huaweicloud.", "aliyun.", "tencent"} { // more than what Apache has
		if strings.Contains(host, keeps) {
			return false
		}
	}
	if strings.HasSuffix(host, "apache.org") {
		return strings.HasPrefix(path, "dist/") || strings.HasPrefix(path, "dyn/") && strings.Contains(path, "action=download") && now.Before(redirector)
	}
	return strings.HasPrefix(host, "apache.") || (strings.Contains(host, "mirror") || strings.HasPrefix(host, "ftp.")) && strings.Contains(path, "apache/")
}

// redirector is the day until which the server that chooses a mirror is known not to choose the archive.
var redirector = time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)

// Gem is what the current version of a gem requires.
type Gem struct {
	Name   string
	Since  time.Time
	Ruby   [2]int
	Source string
}

var gems = lazy.Value[[]Gem]{Make: func() []Gem {
	var out []Gem
	for line := range strings.Lines(gemsText) {
		f := strings.SplitN(strings.TrimSpace(line), " ", 4)
		if strings.HasPrefix(line, "#") || len(f) < 4 {
			continue
		}
		since, err := time.Parse(time.DateOnly, f[1])
		major, minor, _ := strings.Cut(f[2], ".")
		a, errMajor := strconv.Atoi(major)
		b, errMinor := strconv.Atoi(minor)
		if err == nil && errMajor == nil && errMinor == nil {
			out = append(out, Gem{f[0], since, [2]int{a, b}, f[3]})
		}
	}
	return out
}}

// NeedsRuby is what the version of a gem that is current on the day now requires, if that is newer than ruby; nil if nothing is known.
func NeedsRuby(name string, ruby [2]int, now time.Time) *Gem {
	for i := range gems.Get() {
		g := &gems.Get()[i]
		if g.Name == name && !g.Since.After(now) && (ruby[0] < g.Ruby[0] || ruby[0] == g.Ruby[0] && ruby[1] < g.Ruby[1]) {
			return g
		}
	}
	return nil
}
