package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// bases resolves what official images are built from, where library/* does not say: by the FROM of their Dockerfiles, and by what the
// tag that it names stood for on that day.
type bases struct {
	dir     string // of git directories OWNER+NAME/repo
	known   map[string]map[string]string
	history map[string][]edition
}

// edition is what the tags of an image stood for from a day on.
type edition struct {
	day     string
	systems map[string]string
}

var (
	fromLine   = regexp.MustCompile(`(?mi)^FROM\s+(?:--\S+\s+)?(\S+)`)
	repository = regexp.MustCompile(`github\.com/([^/]+)/([^/.\s]+)`)
	ofAlpine   = regexp.MustCompile(`^(?:\w+/)?alpine:3\.(\d+)`)
)

// from is the image in the last FROM of the Dockerfile in dir at a commit of a repository, "" if that is not to be had.
func (b *bases) from(url, commit, dir string) string {
	m := repository.FindStringSubmatch(url)
	if m == nil || b.dir == "" || commit == "" {
		return ""
	}
	repo := filepath.Join(b.dir, m[1]+"+"+m[2], "repo")
	if b.known[repo] == nil {
		b.known[repo] = map[string]string{}
	}
	key := commit + ":" + strings.TrimPrefix(strings.Trim(dir, "/")+"/Dockerfile", "/")
	image, ok := b.known[repo][key]
	if !ok {
		if text, err := git(repo, nil, "show", key); err == nil {
			if all := fromLine.FindAllStringSubmatch(text, -1); all != nil {
				image = all[len(all)-1][1]
			}
		}
		b.known[repo][key] = image
	}
	return image
}

// system is the release that an image stood for on a day, "?" if that is not known.
func (b *bases) system(image, day string) string {
	if m := ofAlpine.FindStringSubmatch(image); m != nil {
		return m[1]
	}
	name, tag, _ := strings.Cut(image, ":")
	if m := systemWord.FindStringSubmatch(tag); m != nil && !strings.Contains(tag, "alpine") {
		return m[1]
	}
	if m := alpineWord.FindStringSubmatch(tag); m != nil {
		return strings.TrimPrefix(m[1], "3.")
	}
	system := "?"
	for _, e := range b.history[name] {
		if e.day > day {
			break
		}
		if s := e.systems[tag]; s != "" {
			system = s
		}
	}
	return system
}

// moved are the days on which tags of the images so far moved to another release.
func (b *bases) moved() []string {
	days := map[string]bool{}
	for _, list := range b.history {
		last := map[string]string{}
		for _, e := range list {
			for tag, system := range e.systems {
				if last[tag] != "" && last[tag] != system {
					days[e.day] = true
				}
				last[tag] = system
			}
		}
	}
	return slices.Sorted(maps.Keys(days))
}

var (
	dated  = regexp.MustCompile(` (\d{6}) ([a-z\d]+)`)
	number = regexp.MustCompile(`/\d+`)
)

// shared takes the usual day of each release's arrival out of lines, and gives names without digits the line of a version that moved
// on the same days.
func shared(moves map[string]string) (days string, out map[string]string) {
	counts := map[[2]string]int{}
	for _, line := range moves {
		for _, m := range dated.FindAllStringSubmatch(line, -1) {
			counts[[2]string{m[2], m[1]}]++
		}
	}
	usual := map[string]string{}
	for _, c := range slices.SortedFunc(maps.Keys(counts), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) }) {
		if n := counts[c]; n > 1 && (usual[c[0]] == "" || n > counts[[2]string{c[0], usual[c[0]]}]) {
			usual[c[0]] = c[1]
		}
	}
	for _, system := range slices.SortedFunc(maps.Keys(usual), func(a, b string) int { return strings.Compare(usual[a]+a, usual[b]+b) }) {
		days += fmt.Sprintf(" %s %s", system, usual[system])
	}
	out = map[string]string{}
	versions := map[string]string{}
	for _, tag := range slices.Sorted(maps.Keys(moves)) {
		line := dated.ReplaceAllStringFunc(moves[tag], func(s string) string {
			m := dated.FindStringSubmatch(s)
			if usual[m[2]] == m[1] {
				return " " + m[2]
			}
			return s
		})
		out[tag] = line
		if strings.ContainsAny(tag, "0123456789") && number.MatchString(line) {
			versions[number.ReplaceAllString(line, "")] = line
		}
	}
	for tag, line := range out {
		if v := versions[line]; v != "" && !strings.ContainsAny(tag, "0123456789") {
			out[tag] = v
		}
	}
	return days, out
}
