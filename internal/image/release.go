package image

import (
	_ "embed"
	"strconv"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/lazy"
)

//go:embed systems.txt
var systemsText string

// Release is a release of a distribution that an image is built on. The zero Release is unknown.
type Release struct {
	Distribution string // debian, ubuntu, alpine, centos, centos-stream, fedora, oracle
	Name         string // 12, 24.04, 3.20; sid, testing or edge for what moves; "" if only the distribution is known
	Code         string // bookworm, noble; "" for a distribution without code names
}

// Title is the release as people name it: Debian 12, Ubuntu 24.04, Alpine 3.20.
func (r Release) Title() string {
	title := map[string]string{
		"debian": "Debian", "ubuntu": "Ubuntu", "alpine": "Alpine", "centos": "CentOS", "centos-stream": "CentOS Stream",
		"fedora": "Fedora", "oracle": "Oracle Linux",
	}[r.Distribution]
	if r.Name == "" {
		return title
	}
	return title + " " + r.Name
}

// Node is the line of Node.js that the release itself packages as nodejs, 0 if that is not known. Sources: the package indexes of
// Debian and Ubuntu.
func (r Release) Node() int {
	return map[string]int{
		"debian 9": 4, "debian 10": 10, "debian 11": 12, "debian 12": 18, "debian 13": 20,
		"ubuntu 16.04": 4, "ubuntu 18.04": 8, "ubuntu 20.04": 10, "ubuntu 22.04": 12, "ubuntu 24.04": 18,
	}[r.Distribution+" "+r.Name]
}

// NodeEnded reports whether a line of Node.js had ended 100 days before the release of Ubuntu came out. The line 1 stands for those
// before 1. (NodeSource has packages of ended lines for Debian 10.)
func NodeEnded(line int, r Release) bool {
	c, node := exact("ubuntu", r.Name), exact("nodejs", strconv.Itoa(line))
	switch {
	case line == 1 && r.From("debian", "10"):
		return true
	case r.Distribution != "ubuntu" || c == nil:
		return false
	case line == 1:
		return !c.Released.Before(time.Date(2017, 6, 1, 0, 0, 0, 0, time.UTC)) // 0.12 ended on 2016-12-31
	}
	return node != nil && !node.Ends.IsZero() && node.Ends.AddDate(0, 0, 100).Before(c.Released)
}

// Ruby is the version of Ruby that the release itself packages as ruby, nil if that is not known. Sources: the package indexes of
// Debian and Ubuntu, pkgs.alpinelinux.org.
func (r Release) Ruby() []int {
	return map[string][]int{
		"debian 7": {1, 9}, "debian 8": {2, 1}, "debian 9": {2, 3}, "debian 10": {2, 5}, "debian 11": {2, 7}, "debian 12": {3, 1}, "debian 13": {3, 3},
		"ubuntu 14.04": {1, 9}, "ubuntu 16.04": {2, 3}, "ubuntu 18.04": {2, 5}, "ubuntu 20.04": {2, 7}, "ubuntu 22.04": {3, 0}, "ubuntu 24.04": {3, 2},
		"centos 6": {1, 8}, "centos 7": {2, 0}, "centos 8": {2, 5},
	}[r.Distribution+" "+r.Name]
}

// Before reports whether r is of distribution, and known to be older than the release called name.
func (r Release) Before(distribution, name string) bool {
	order, ok := compare(r.Name, name)
	return r.Distribution == distribution && ok && order < 0
}

// From reports whether r is of distribution, and known to be the release called name or a later one. What moves is later
// than every release.
func (r Release) From(distribution, name string) bool {
	if r.Distribution != distribution || r.Name == "" {
		return false
	}
	order, ok := compare(r.Name, name)
	return !ok || order >= 0
}

// Release is the release of a distribution that the image was built on as of the day now: what its tag says or, for an
// official image, what the tag stood for on that day. It is the zero Release if that is not known.
func (i Image) Release(now time.Time) Release {
	if i.tag().windows() || i.Tag == "" && i.Digest != "" && i.fact("system") != "name" {
		return Release{}
	}
	if value := i.fact("release"); value != "" {
		distribution, name, _ := strings.Cut(value, ":")
		return named(distribution, name)
	}
	words := i.versionWords()
	if i.System() {
		if r := i.own(words, now); r.Distribution != "" {
			return r
		}
	}
	if i.Official() == "" && i.fact("system") == "" {
		if i.Digest != "" {
			return Release{}
		}
		return i.implied(now)
	}
	for _, w := range words {
		if r := releaseOf(w); r.Distribution != "" {
			return r
		}
	}
	if i.Official() == "" || i.Digest != "" {
		return Release{}
	}
	return i.implied(now)
}

// own is the release of an image that is an operating system.
func (i Image) own(words []string, now time.Time) Release {
	id := i.fact("cycle")
	word := words[0]
	switch id {
	case "debian", "ubuntu":
		if c := suites.Get()[word]; c != nil && c.product == id {
			return release(c)
		}
	}
	switch id + ":" + word {
	case "debian:", "debian:latest", "debian:stable":
		return release(newest("debian", 0, "", now))
	case "debian:oldstable":
		return release(newest("debian", 1, "", now))
	case "debian:oldoldstable":
		return release(newest("debian", 2, "", now))
	case "debian:testing", "debian:sid":
		return Release{Distribution: "debian", Name: word, Code: word}
	case "debian:unstable":
		return Release{Distribution: "debian", Name: "sid", Code: "sid"}
	case "ubuntu:", "ubuntu:latest":
		return release(newest("ubuntu", 0, ".04", now))
	case "ubuntu:rolling":
		return release(newest("ubuntu", 0, "", now))
	case "alpine-linux:", "alpine-linux:latest", "alpine-linux:3":
		return release(newest("alpine-linux", 0, "", now))
	case "alpine-linux:edge":
		return Release{Distribution: "alpine", Name: "edge"}
	case "fedora:", "fedora:latest":
		return release(newest("fedora", 0, "", now))
	case "centos:", "centos:latest":
		return release(newest("centos", 0, "", now))
	}
	if id == "centos" {
		word = strings.TrimPrefix(word, "centos")
		if v, ok := strings.CutPrefix(word, "stream"); ok {
			return Release{Distribution: "centos-stream", Name: v}
		}
	}
	if c := find(id, word); c != nil {
		return release(c)
	}
	switch i.Official() {
	case "centos", "fedora":
		return Release{Distribution: i.Official()}
	}
	return Release{}
}

// newest is the newest cycle that was released on the day now, after skipping some; of Ubuntu with a suffix only those
// of even years, which get long support.
func newest(product string, skip int, suffix string, now time.Time) *Cycle {
	for _, c := range cycles(product) {
		year, _, _ := strings.Cut(c.Name, ".")
		if c.Released.After(now) || !strings.HasSuffix(c.Name, suffix) || suffix != "" && atoi(year)%2 == 1 {
			continue
		}
		if skip == 0 {
			return c
		}
		skip--
	}
	return nil
}

// release is the release that a cycle of a distribution is.
func release(c *Cycle) Release {
	if c == nil {
		return Release{}
	}
	switch c.product {
	case "debian", "ubuntu":
		return Release{Distribution: c.product, Name: c.Name, Code: c.codename}
	case "alpine-linux":
		return Release{Distribution: "alpine", Name: c.Name}
	case "centos", "centos-stream", "fedora":
		return Release{Distribution: c.product, Name: c.Name}
	}
	return Release{}
}

// named is the release of a distribution by its name or code name.
func named(distribution, name string) Release {
	if c := suites.Get()[name]; c != nil {
		return release(c)
	}
	product := distribution
	if distribution == "alpine" {
		product = "alpine-linux"
	}
	if c := exact(product, name); c != nil {
		return release(c)
	}
	return Release{Distribution: distribution, Name: name}
}

// ReleaseOf is the release of Debian or Ubuntu with a code name, the zero Release for another word.
func ReleaseOf(suite string) Release {
	if !IsSuite(suite) {
		return Release{}
	}
	return releaseOf(suite)
}

// releaseOf is the release that a word of a tag names.
func releaseOf(word string) Release {
	if word == "sid" {
		return Release{Distribution: "debian", Name: "sid", Code: "sid"}
	}
	if v, ok := strings.CutPrefix(word, "alpine"); ok && exact("alpine-linux", v) == nil && v != "" && numeric(v[:1]) {
		return Release{Distribution: "alpine", Name: v}
	}
	if strings.HasPrefix(word, "oracle") {
		return Release{Distribution: "oracle"}
	}
	return release(systemOf(word))
}

// move is a day on which a tag moved to another release.
type move struct {
	day    time.Time
	system string
	from   int // the first number of its series that was last built there; 0 if unknown
}

// moves are those of systems.txt, by image and tag.
var moves = lazy.Value[map[[2]string]string]{Make: func() map[[2]string]string {
	out := map[[2]string]string{}
	var images []string
	usual := ""
	for line := range strings.Lines(systemsText) {
		line = strings.TrimSpace(line)
		if names, ok := strings.CutPrefix(line, "= "); ok {
			images, usual = strings.Fields(names), ""
			continue
		}
		if days, ok := strings.CutPrefix(line, "&"); ok {
			usual = days + " "
			continue
		}
		tags, list, ok := strings.Cut(line, " : ")
		if strings.HasPrefix(line, "#") || !ok {
			continue
		}
		for t := range strings.FieldsSeq(tags) {
			for _, image := range images {
				out[[2]string{image, t}] = list + "&" + usual
			}
		}
	}
	return out
}}

// readMoves reads the first system of a tag, and the days on which it moved to others. A day that is not written before its system is
// the usual one, of the list after the `&`.
func readMoves(list string) []move {
	list, usual, _ := strings.Cut(list, "&")
	f := strings.Fields(list)
	if len(f) == 0 {
		return nil
	}
	out := []move{{system: f[0]}}
	for i := 1; i < len(f); i++ {
		system, from, _ := strings.Cut(f[i], "/")
		var day string
		switch {
		case len(system) == len("060102") && numeric(system[:1]) && i+1 < len(f):
			day = system
			i++
			system, from, _ = strings.Cut(f[i], "/")
		default:
			_, rest, _ := strings.Cut(usual, " "+system+" ")
			day, _, _ = strings.Cut(rest, " ")
		}
		if at, err := time.Parse("060102", day); err == nil {
			out = append(out, move{at, system, atoi(from)})
		}
	}
	return out
}

// implied is the release that the image was built on as of the day now, although its tag does not name one.
func (i Image) implied(now time.Time) Release {
	tag := strings.ToLower(i.Tag)
	if tag == "" {
		tag = "latest"
	}
	if i.Official() != "" && (tag == "alpine" || strings.HasPrefix(tag, "alpine-") || strings.Contains(tag, "-alpine")) {
		r := i.series(tag, now)
		if r.Distribution == "" {
			return Release{Distribution: "alpine"}
		}
		return r
	}
	return i.series(tag, now)
}

func (i Image) series(tag string, now time.Time) Release {
	image := i.Official()
	if image == "" {
		image = i.Name()
	}
	for try := tag; try != ""; try = plainer(try) {
		if list := moves.Get()[[2]string{image, try}]; list != "" {
			return onDay(readMoves(list), now, -1)
		}
		version, rest, _ := strings.Cut(try, "-")
		if rest != "" {
			rest = "-" + rest
		}
		for v := version; ; {
			at := strings.LastIndexAny(v, ".u")
			if at < 0 {
				break
			}
			number := atoi(digits(v[at+1:]))
			v = v[:at]
			if list := moves.Get()[[2]string{image, v + rest}]; list != "" {
				if i.Official() == "node" && strings.Contains(v, ".") {
					continue
				}
				return onDay(readMoves(list), now, number)
			}
		}
	}
	return Release{}
}

// onDay is the release that a tag stood for on the day now. number is the last number of a tag that does not move, or -1.
func onDay(list []move, now time.Time, number int) Release {
	at := -1
	for n, m := range list {
		if m.day.After(now) || number >= 0 && m.from > number {
			break
		}
		if number >= 0 && n > 0 && m.from == 0 {
			continue // it is not known which numbers were built there
		}
		at = n
	}
	if at < 0 {
		return Release{}
	}
	system := list[at].system
	switch {
	case system == "?":
		return Release{}
	case system == "oracle":
		return Release{Distribution: "oracle"}
	case numeric(system):
		return named("alpine", "3."+system)
	}
	return releaseOf(system)
}

// plainer is a tag without its last word that says nothing about the system; "" if there is none to take off.
func plainer(tag string) string {
	words := strings.Split(tag, "-")
	for n := len(words) - 1; n > 0; n-- {
		switch words[n] {
		case "slim", "cli", "fpm", "apache", "zts", "jdk", "jre", "perl", "otel", "management", "headless", "dind":
			return strings.Join(append(words[:n:n], words[n+1:]...), "-")
		}
	}
	return ""
}

// Newest is the newest version of the image's product on the day now, such as 1.14; "" if that is not known.
func (i Image) Newest(now time.Time) string {
	id := i.fact("cycle")
	if id == "" || i.Tag != "" && i.Tag != "latest" && !strings.HasPrefix(i.Tag, "alpine") && !strings.HasPrefix(i.Tag, "slim") {
		return ""
	}
	for _, c := range cycles(id) {
		if !c.Released.After(now) {
			return c.Name
		}
	}
	return ""
}
