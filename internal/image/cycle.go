package image

import (
	"cmp"
	_ "embed"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/order"
)

// Cycle is one line of releases that its publisher keeps up together, such as Python 3.9.
type Cycle struct {
	Product  string // as people name it: Python, Node.js
	Name     string // 3.9
	Released time.Time
	// Ends is the day after which fixes are no longer free for all; zero if the end is not set, or it is past on a day
	// that is not known.
	Ends time.Time
	// Extended is the day until which there are fixes from a long-term project or for those who pay; zero if there are
	// none.
	Extended time.Time
	codename string
	product  string
}

func (c *Cycle) String() string { return c.Product + " " + c.Name }

// Renamed is tag with the codename of to instead of that of c, and as it is without a codename in it.
func (c *Cycle) Renamed(tag string, to *Cycle) string {
	if c == nil || to == nil || c.codename == "" || to.codename == "" {
		return tag
	}
	return strings.Replace(tag, c.codename, to.codename, 1)
}

// Instead is what takes the place of product, a discontinued one; "" if nothing is known to.
func Instead(product string) string {
	if product == "CentOS" {
		return "AlmaLinux, Rocky Linux or CentOS Stream"
	}
	return ""
}

// Ended reports whether regular free support is over on the day now; false for nil.
func (c *Cycle) Ended(now time.Time) bool { return c != nil && !c.Ends.IsZero() && now.After(c.Ends) }

// Over reports whether nobody gets fixes for free any more on the day now, not even from a long-term project; false for
// nil.
func (c *Cycle) Over(now time.Time) bool {
	return c != nil && !c.Last().IsZero() && now.After(c.Last())
}

// lasts reports whether regular support goes on for at least a year after the day now.
func (c *Cycle) lasts(now time.Time) bool {
	return c.Ends.IsZero() || c.Ends.After(now.AddDate(1, 0, 0))
}

// Last is the day after which nobody gets fixes for free, like Ends. Only Debian's long-term support is open to
// everybody who uses the image, from the same archive (https://wiki.debian.org/LTS); that of others is for customers.
//
//go:noinline
func (c *Cycle) Last() time.Time {
	if c.product == "debian" && c.Extended.After(c.Ends) {
		return c.Extended
	}
	return c.Ends
}

// LongTerm reports whether a long-term project goes on fixing c for everybody after its regular support.
func (c *Cycle) LongTerm() bool { return c != nil && c.Last().After(c.Ends) }

//go:embed cycles.txt
var cyclesText string

//go:embed tags.txt
var tagsText string

// products are those of cycles.txt with their cycles, the newest first. A run over one file asks for few of them, so that each is read
// when somebody does.
var products = lazy.Value[map[string]*lazy.Value[[]*Cycle]]{Make: func() map[string]*lazy.Value[[]*Cycle] {
	const about = 64 // products
	out := make(map[string]*lazy.Value[[]*Cycle], about)
	_, rest, more := strings.Cut(cyclesText, "\n= ")
	for more {
		var section string
		section, rest, more = strings.Cut(rest, "\n= ")
		head, lines, _ := strings.Cut(section, "\n")
		id, title, _ := strings.Cut(head, " ")
		out[id] = &lazy.Value[[]*Cycle]{Make: func() []*Cycle { return readCycles(id, title, lines) }}
	}
	return out
}}

// cycles are those of a product, the newest first; nil for a product that is not known.
func cycles(product string) []*Cycle {
	if p := products.Get()[product]; p != nil {
		return p.Get()
	}
	return nil
}

// readCycles reads the lines of a product, whose columns are those of Cycle.
func readCycles(id, title, lines string) []*Cycle {
	out := make([]*Cycle, 0, strings.Count(lines, "\n")+1)
	for line := range strings.Lines(lines) {
		var f [5]string // name, days, code name
		rest := strings.TrimSuffix(line, "\n")
		for i := range f {
			if f[i], rest, _ = strings.Cut(rest, " "); f[i] == "" {
				f[i] = "-"
			}
		}
		c := &Cycle{Product: title, Name: f[0], Released: day(f[1]), Ends: day(f[2]), Extended: day(f[3]), codename: f[4], product: id}
		if title == ".NET" && strings.Contains(c.Name, ".") {
			c.Product = ".NET Core" // until 3.1; the name changed with .NET 5
		}
		out = append(out, c)
	}
	return out
}

// suites are the releases of Debian and Ubuntu by code name.
var suites = lazy.Value[map[string]*Cycle]{Make: func() map[string]*Cycle {
	const about = 64 // releases
	out := make(map[string]*Cycle, about)
	for _, product := range [...]string{"debian", "ubuntu"} {
		for _, c := range cycles(product) {
			if c.codename != "-" {
				out[c.codename] = c
			}
		}
	}
	return out
}}

// day is the date that s is, zero for any other text: time.Parse with time.DateOnly for two thousand dates of a table, which would take a
// seventh of a run over one file.
func day(s string) time.Time {
	if len(s) != len(time.DateOnly) {
		return time.Time{}
	}
	var n [3]int
	part := 0
	for i := range len(s) {
		c, dash := s[i], i == len("2006") || i == len("2006-01")
		switch {
		case dash && c == '-':
			part++
		case !dash && c >= '0' && c <= '9':
			n[part] = 10*n[part] + int(c-'0')
		default:
			return time.Time{}
		}
	}
	d := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if int(d.Month()) != n[1] { // there is no such month, or no such day in it
		return time.Time{}
	}
	return d
}

// Snapshot is the day of the data on release cycles.
func Snapshot() time.Time {
	source, _, _ := strings.Cut(cyclesText, "\n")
	at := source[strings.LastIndexByte(source, ' ')+1:]
	return day(at[:len(time.DateOnly)])
}

// Cycles are the release cycles of what the image is named for and of the operating system that it is built on; nil
// where the reference does not tell, or the data is older than the cycle. A digest without a tag tells nothing.
func (i Image) Cycles() (product, system *Cycle) {
	id, tells := i.fact("cycle"), i.fact("system")
	switch {
	case i.Tag == "" && tells != "name":
		return nil, nil
	case id == "" && tells == "" && i.Official() == "":
		return nil, nil // a tag of somebody's own need not mean what it says
	}
	words := i.versionWords()
	for _, w := range words[1:] {
		if system == nil {
			system = systemOf(w)
		}
	}
	if id == "centos-stream" {
		words[0] = strings.TrimPrefix(words[0], "stream")
	}
	if id != "" {
		if product = find(id, words[0]); product == nil {
			product = coded(id, words)
		}
	}
	if product == nil && i.fact("version") == "jdk" {
		product = jdkOf(words)
	}
	if system == nil {
		system = systemOf(words[0])
	}
	if product == system || product != nil && id == "windows-server" {
		return product, nil
	}
	return product, system
}

// Retired is the release of the operating system that the image is or is built on, if nobody gets fixes for it for free on the day now;
// else nil.
func (i Image) Retired(now time.Time) *Cycle {
	product, system := i.Cycles()
	switch {
	case (i.System() || i.fact("cycle") == "opensuse") && product.Over(now):
		return product
	case system.Over(now):
		return system
	}
	return nil
}

// jdkOf is the cycle of the JDK that the tag of a build tool names. Gradle's are of Eclipse Temurin. Those of openjdk
// had no end of their own, and there are no new ones.
func jdkOf(words []string) *Cycle {
	for _, w := range words {
		switch {
		case w == "temurin", strings.HasPrefix(w, "jdk") && w != "jdk":
			return find("eclipse-temurin", jdkVersion(words))
		case w == "amazoncorretto":
			return find("amazon-corretto", jdkVersion(words))
		case w == "semeru":
			return find("ibm-semeru", jdkVersion(words))
		}
	}
	return nil
}

// coded finds a cycle by a name for it: `bookworm`, `noble`, `lts-iron`.
func coded(product string, words []string) *Cycle {
	switch product {
	case "debian", "ubuntu":
		if c := suites.Get()[words[0]]; c != nil && c.product == product {
			return c
		}
	case "nodejs":
		for _, w := range words[:min(2, len(words))] {
			if v := nodeVersion(w); v != "" {
				return find(product, v)
			}
		}
	}
	return nil
}

// nodeVersion is the version of a long-term release of Node.js. Source: https://github.com/nodejs/Release
func nodeVersion(word string) string {
	names := [...]string{
		"argon", "boron", "carbon", "dubnium", "erbium", "fermium", "gallium", "hydrogen", "iron", "jod",
		"krypton",
	}
	versions := [...]string{"4", "6", "8", "10", "12", "14", "16", "18", "20", "22", "24"}
	if i := slices.Index(names[:], word); i >= 0 {
		return versions[i]
	}
	return ""
}

// IsSuite reports whether a word names a suite of Debian or Ubuntu, such as bookworm or testing.
func IsSuite(word string) bool {
	switch word {
	case "stable", "oldstable", "oldoldstable", "testing", "unstable", "sid", "experimental", "devel":
		return true
	}
	return suite(word)
}

// suite reports whether word is the code name of a release of Debian or Ubuntu.
func suite(word string) bool { return suites.Get()[word] != nil }

// systemOf is the release of an operating system that a part of a tag names.
func systemOf(word string) *Cycle {
	if c := suites.Get()[word]; c != nil {
		return c
	}
	for _, p := range [...][2]string{
		{"alpine", "alpine-linux"},
		{"debian", "debian"},
		{"ubuntu", "ubuntu"},
		{"ubi", "rhel"},
		{"rockylinux", "rocky-linux"},
		{"almalinux", "almalinux"},
		{"oraclelinux", "oracle-linux"},
		{"amazonlinux", "amazon-linux"},
		{"centos", "centos"},
		{"al2023", "amazon-linux"},
	} {
		v, ok := strings.CutPrefix(word, p[0])
		switch {
		case !ok:
		case p[0] == "al2023" && v == "":
			return find(p[1], "2023")
		case v != "" && numeric(v[:1]):
			return exact(p[1], v)
		}
	}
	return nil
}

func exact(product, name string) *Cycle {
	for _, c := range cycles(product) {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// find is the cycle of product that version belongs to: the one with the longest name that begins it, part by part. A
// version that several cycles share, such as `redis:7`, is that which ends last, if the product has gone on to a higher
// one since.
func find(product, version string) *Cycle {
	version = strings.TrimPrefix(version, "v")
	if version == "" || !numeric(version[:1]) {
		return nil
	}
	if product == "eclipse-temurin" || product == "amazon-corretto" || product == "azul-zulu" || product == "ibm-semeru" {
		version, _, _ = strings.Cut(version, "u")
		version, _, _ = strings.Cut(version, "_")
	}
	for v := version; v != ""; {
		if c := exact(product, v); c != nil {
			return c
		}
		i := strings.LastIndexByte(v, '.')
		if i < 0 {
			break
		}
		v = v[:i]
	}
	if strings.Contains(version, ".") {
		return nil
	}
	var last *Cycle
	higher := false
	for _, c := range cycles(product) {
		switch {
		case strings.HasPrefix(c.Name, version+"."):
			if c.Ends.IsZero() {
				return nil
			}
			if last == nil || c.Ends.After(last.Ends) {
				last = c
			}
		case semver.Compare("v"+c.Name, "v"+version) > 0:
			higher = true
		}
	}
	if !higher {
		return nil
	}
	return last
}

// tagTable is tags.txt: the tags that official images have, of those images whose tags are known, and the day on which
// those of a version lost a release of the system that they were built on, by image, version and release.
type tagTable struct {
	current map[string]map[string]bool
	dropped map[[3]string]time.Time
}

var tagsOf = lazy.Value[tagTable]{Make: func() tagTable {
	out := map[string]map[string]bool{}
	dropped := map[[3]string]time.Time{}
	for line := range strings.Lines(tagsText) {
		left, right, ok := strings.Cut(strings.TrimSpace(line), " : ")
		if strings.HasPrefix(line, "#") || !ok {
			continue
		}
		words := strings.Fields(left)
		if words[0] == "-" {
			for version := range strings.FieldsSeq(right) {
				dropped[[3]string{words[1], version, words[2]}] = day(words[3])
			}
			continue
		}
		tags := out[words[0]]
		if tags == nil {
			tags = map[string]bool{}
			out[words[0]] = tags
		}
		for _, version := range words[1:] {
			for flavour := range strings.FieldsSeq(right) {
				tags[strings.TrimSuffix(version+"-"+flavour, "--")] = true
			}
		}
	}
	return tagTable{out, dropped}
}}

// Frozen is the day since which the official image is no longer built on the release of Debian or Alpine that its tag
// names, while others of its version are. The tag stays what it was then.
func (i Image) Frozen() (since time.Time, ok bool) {
	words := strings.Split(i.Tag, "-")
	for _, w := range words[1:] {
		if since, ok = tagsOf.Get().dropped[[3]string{i.Official(), words[0], w}]; ok {
			return since, true
		}
	}
	return time.Time{}, false
}

// Tags are the tags that the official image has, as far as they are known: the newest version first, then those that do not name a
// version. Of the same version the shortest comes first.
func (i Image) Tags() []string {
	known := tagsOf.Get().current[i.Official()]
	out := make([]string, 0, len(known))
	for tag := range known {
		out = append(out, tag)
	}
	version := func(t string) string {
		if v := tag(t).version(); v != "" && numeric(v[:1]) {
			return "v" + v
		}
		return ""
	}
	order.By(out, func(a, b string) int {
		return cmp.Or(semver.Compare(version(b), version(a)), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	return out
}

// Siblings are the same image under tags that exist and differ from its own only in the version, which is as exact as
// its own, the oldest version first.
func (i Image) Siblings() []Image {
	version, flavour, _ := strings.Cut(i.Tag, "-")
	release := func(tag string) string {
		v, _, _ := strings.Cut(tag, "-")
		return "v" + v
	}
	var tags []string
	for tag := range tagsOf.Get().current[i.Official()] {
		v, other, _ := strings.Cut(tag, "-")
		if other == flavour && v != version && v != "" && numeric(v[:1]) &&
			strings.Count(v, ".") == strings.Count(version, ".") && semver.IsValid(release(tag)) {
			tags = append(tags, tag)
		}
	}
	order.By(tags, func(a, b string) int { return semver.Compare(release(a), release(b)) })
	var out []Image
	for _, tag := range tags {
		next := i
		next.Tag, next.Digest = tag, ""
		out = append(out, next)
	}
	return out
}

// Supported is the nearest later cycle of the product of c that has at least a year of support left on the day now,
// else the one that lasts longest; nil if none is left.
func (c *Cycle) Supported(now time.Time) *Cycle {
	var near, long *Cycle
	for _, n := range cycles(c.product) {
		if n.Ended(now) || n.Released.After(now) || n.Ends.IsZero() && n.Released.Before(c.Released) ||
			!n.Released.After(c.Released) {
			continue
		}
		if n.lasts(now) && (near == nil || n.Released.Before(near.Released)) {
			near = n
		}
		if long == nil || n.Ends.After(long.Ends) {
			long = n
		}
	}
	if near != nil {
		return near
	}
	return long
}

// Successor is the release to move to from the one that the image's product is of. Of a language it is the newest that
// has at least a year of support left on the day now, or else lasts longest, and that allows lets pass; of a server or
// a system, whose upgrades cost more, it is the nearest. nil if there is none.
func (i Image) Successor(now time.Time, allows func(*Cycle) bool) *Cycle {
	product, _ := i.Cycles()
	if product == nil {
		return nil
	}
	if _, version := i.Runtime(); version == "" || find(product.product, version) != product {
		return product.Supported(now)
	}
	var long *Cycle
	for _, n := range cycles(product.product) { // the newest first
		if n.Ended(now) || n.Released.After(now) || !n.Released.After(product.Released) || !allows(n) {
			continue
		}
		if n.lasts(now) {
			return n
		}
		if long == nil || n.Ends.After(long.Ends) {
			long = n
		}
	}
	return long
}

// Published reports whether the image is an official one whose tag is known to be rebuilt with each release.
func (i Image) Published() bool { return tagsOf.Get().current[i.Official()][i.Tag] }

// Replacement is the tag that the image would have in the Successor of its product and in a supported release of its
// system, as far as these have ended on the day now; "" if no such tag is known to exist.
func (i Image) Replacement(now time.Time, allows func(*Cycle) bool) string {
	tags := tagsOf.Get().current[i.Official()]
	if tags == nil || i.Tag == "" {
		return ""
	}
	product, system := i.Cycles()
	words := strings.Split(i.Tag, "-")
	if product.Ended(now) {
		next := i.Successor(now, allows)
		if next == nil {
			return ""
		}
		if suites.Get()[words[0]] != nil {
			words[0] = next.codename
		} else {
			words[0] = next.Name
		}
	}
	for k, w := range words[1:] {
		c := systemOf(w)
		if system == nil || c == nil || tags[strings.Join(words, "-")] && !c.Ended(now) {
			continue
		}
		for _, n := range cycles(c.product) { // the newest first
			was := words[k+1]
			if words[k+1] = n.codename; c.product == "alpine-linux" {
				words[k+1] = "alpine" + n.Name
			}
			if !n.Ended(now) && tags[strings.Join(words, "-")] {
				break
			}
			words[k+1] = was
		}
	}
	tag := strings.Join(words, "-")
	if tag == i.Tag || !tags[tag] {
		return ""
	}
	return tag
}

// NamedIn is the part of a path that says that what is there is made for c, as in `centos7/Dockerfile`, `xenial/Dockerfile` and
// `3.8/alpine/Dockerfile`; "" if none does, or c is nil. file has slashes.
func (c *Cycle) NamedIn(file string) string {
	if c == nil {
		return ""
	}
	for part := range strings.SplitSeq(strings.ToLower(file), "/") {
		if len(c.codename) > 3 && word(part, c.codename) {
			return part
		}
		if short := "v" + strings.ReplaceAll(c.Name, ".", ""); strings.Contains(c.Name, ".") && strings.HasSuffix(part, short) {
			return part
		}
		i := strings.Index(part, c.Name)
		if i < 0 {
			continue
		}
		before, after := part[:i], strings.TrimPrefix(part[i+len(c.Name):], ".")
		if after != "" && after[0] >= '0' && after[0] <= '9' {
			continue // another version
		}
		before = strings.TrimRight(before, "-_.:")
		product := strings.TrimSuffix(c.product, "-linux")
		switch {
		case before == "" && (after == "" || strings.Contains(c.Name, ".")),
			strings.HasSuffix(before, product), strings.HasSuffix(before, strings.TrimSuffix(product, "js")):
			return part
		}
	}
	return ""
}

// ReleaseIn is the directory in the path of a Dockerfile that is for one release of what the image contains, such as `3.5.0`;
// "" if there is none. file has slashes.
func ReleaseIn(file string) string {
	dir := path.Dir(file)
	if strings.IndexByte(dir, '.') < 0 {
		return ""
	}
	return strings.Trim(releaseDirectory.Get().FindString(dir), "/")
}

var releaseDirectory = lazy.Regexp{Expr: `(^|/)((nightly|release)-)?v?[0-9]+(\.[0-9]+)+[^/]*(/|$)`}

// word reports whether text has name as a word of letters.
func word(text, name string) bool {
	return slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return r < 'a' || r > 'z' }), name)
}
