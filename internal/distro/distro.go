// Package distro knows what the releases of distributions no longer have: packages that vanished and package repositories
// that moved. It also knows which programs packages bring. Its tables say for each row when and where it was read, and
// tools/cmd/rottables makes those that come from indexes. What is not in them is not known.
package distro

import (
	_ "embed"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
)

//go:embed archives.txt
var archivesText string

//go:embed packages.txt
var packagesText string

//go:embed brings.txt
var bringsText string

// Move says that a package repository is no longer where images look for it.
type Move struct {
	Since  time.Time // the first day on which it is known to be gone
	To     string    // the server that has it now, "" if none has
	Source string
}

var archives = lazy.Value[map[[2]string]Move]{Make: func() map[[2]string]Move {
	out := map[[2]string]Move{}
	for line := range strings.Lines(archivesText) {
		f := strings.SplitN(strings.TrimSpace(line), " ", 5)
		if strings.HasPrefix(line, "#") || len(f) < 5 {
			continue
		}
		since, err := time.Parse(time.DateOnly, f[2])
		if err != nil {
			continue
		}
		out[[2]string{f[0], f[1]}] = Move{since, strings.TrimPrefix(f[3], "-"), f[4]}
	}
	return out
}}

// Moved reports whether the repository of the release had moved by the day now.
func Moved(r image.Release, now time.Time) (Move, bool) {
	name := r.Code
	if name == "" {
		name = r.Name
	}
	return MovedSuite(r.Distribution, name, now)
}

// MovedSuite reports whether a suite such as jessie-backports had moved by the day now. Those for updates and security
// moved with their release, if they do not have a row of their own.
func MovedSuite(distribution, suite string, now time.Time) (Move, bool) {
	m, ok := archives.Get()[[2]string{distribution, suite}]
	if !ok && !strings.HasSuffix(suite, "-backports") {
		base, _, _ := strings.Cut(suite, "-")
		base, _, _ = strings.Cut(base, "/")
		m, ok = archives.Get()[[2]string{distribution, base}]
	}
	return m, ok && !m.Since.After(now)
}

// Package is what is known of a package that a release does not have.
type Package struct {
	Instead string // what to install instead, "" if nothing takes its place
	Read    time.Time
	Source  string
}

// packages.txt has, by distribution and name, what its releases lack. `= distribution day source` begins a section: when and where its
// rows were read. `@` lists the releases that were looked at and lack the packages below it, and `>` names what to install instead:
// `python-x>3` is python3-x, `php5-x>-` php-x. `name*` stands for every package whose name begins so: each release has one PHP, Python,
// PostgreSQL and Ruby, or those that are not listed. What moves and has a `+` lacks them from that day on. A release that is not listed
// was not looked at. `!name` is one that a release has although its beginning is listed.

// absence is a word of packages.txt: a package or, if it ends in *, the beginning of its name.
type absence struct {
	name, instead string // instead as it is written
	in            *absences
}

// absences are those below a line `@`.
type absences struct {
	releases string // names of releases between spaces
	read     time.Time
	source   string
}

// table is the part of packages.txt that is about one distribution.
type table struct {
	names    []absence
	prefixes []absence // without the *
	bits     [64]uint64
}

// bit is where a table notes that it has a name like this one.
func bit(name string) (word int, mask uint64) {
	n := uint(len(name))
	h := uint(name[0])*61 + uint(name[n/2])*31 + uint(name[n-1])*7 + n
	return int(h / 64 % 64), 1 << (h % 64)
}

// packages are the tables by distribution. A run over one file needs one of them.
var packages = lazy.Value[map[string]*lazy.Value[*table]]{Make: func() map[string]*lazy.Value[*table] {
	out := map[string]*lazy.Value[*table]{}
	for section := range strings.SplitSeq(packagesText, "\n= ") {
		name, _, _ := strings.Cut(section, " ")
		if out[name] == nil {
			out[name] = &lazy.Value[*table]{Make: func() *table { return readTable(name) }}
		}
	}
	return out
}}

// readTable reads the sections of a distribution.
func readTable(distribution string) *table {
	const about = 400 // names
	t := &table{names: make([]absence, 0, about)}
	_, rest, more := strings.Cut(packagesText, "\n= ")
	for more {
		var section string
		section, rest, more = strings.Cut(rest, "\n= ")
		head, lines, _ := strings.Cut(section, "\n")
		name, head, _ := strings.Cut(head, " ")
		day, source, _ := strings.Cut(head, " ")
		read, err := time.Parse(time.DateOnly, day)
		if name != distribution || err != nil {
			continue // a test reads each line
		}
		at := &absences{}
		for line := range strings.Lines(lines) {
			line = strings.TrimSuffix(line, "\n")
			switch {
			case line == "" || line[0] == '#':
			case line[0] == '@': // @ 11 12 13
				at = &absences{line[1:] + " ", read, source}
			default:
				t.add(line, at)
			}
		}
	}
	return t
}

// add adds the packages of a line.
func (t *table) add(line string, at *absences) {
	for word := range strings.SplitSeq(line, " ") {
		name, instead, _ := strings.Cut(word, ">")
		if prefix, ok := strings.CutSuffix(name, "*"); ok {
			t.prefixes = append(t.prefixes, absence{prefix, instead, at})
		} else if name != "" {
			t.names = append(t.names, absence{name, instead, at})
			i, mask := bit(name)
			t.bits[i] |= mask
		}
	}
}

// pkg is what is known of the package that a names.
func (a *absence) pkg() Package {
	instead := a.instead
	switch instead {
	case "3":
		instead = "python3" + strings.TrimPrefix(a.name, "python")
	case "-":
		instead = "php" + strings.TrimPrefix(a.name, "php5")
	}
	return Package{strings.ReplaceAll(instead, "+", " "), a.in.read, a.in.source}
}

// Absent reports whether the repositories of the release do not have the package, under its name or one that a single
// other package provides. Of releases that still change, only what was read by the day now is known.
func Absent(r image.Release, name string, now time.Time) (Package, bool) {
	of := packages.Get()[r.Distribution]
	if of == nil || name == "" {
		return Package{}, false
	}
	t := of.Get()
	if i, mask := bit(name); t.bits[i]&mask != 0 {
		for k := range t.names {
			if a := &t.names[k]; a.name == name && a.holds(r, now) {
				return a.pkg(), true
			}
		}
	}
	for k := range t.prefixes {
		if a := &t.prefixes[k]; strings.HasPrefix(name, a.name) && a.holds(r, now) && !t.present(r, name) {
			return a.pkg(), true
		}
	}
	return Package{}, false
}

// present reports whether a line `!` says that the release has the package although its prefix is gone.
func (t *table) present(r image.Release, name string) bool {
	for k := range t.names {
		if has, ok := strings.CutPrefix(t.names[k].name, "!"); ok && has == name && strings.Contains(t.names[k].in.releases, " "+r.Name+" ") {
			return true
		}
	}
	return false
}

func (a *absence) holds(r image.Release, now time.Time) bool {
	if r.Name != "" && strings.Contains(a.in.releases, " "+r.Name+"+ ") {
		return !a.in.read.After(now)
	}
	if r.Name == "" || !strings.Contains(a.in.releases, " "+r.Name+" ") {
		return false
	}
	moves := r.Name == "sid" || r.Name == "testing" || r.Name == "edge"
	return !moves || !a.in.read.After(now) && now.Sub(a.in.read) < 90*24*time.Hour
}

// Brings are the programs, of those that Tracked lists, that come with a package and what it depends on or recommends.
// known is false for a package that is not in the table: it may bring any.
func Brings(distribution string, r image.Release, name string) (programs string, known bool) {
	switch {
	case distribution == "ubuntu":
		distribution = "debian"
	case r.Before("alpine", "3.12"):
		if programs, known = brings.Get().programs[[2]string{"alpine-3.11", name}]; known {
			return programs, known
		}
	case r.Before("alpine", "3.17"):
		if programs, known = brings.Get().programs[[2]string{"alpine-3.16", name}]; known {
			return programs, known
		}
	}
	programs, known = brings.Get().programs[[2]string{distribution, name}]
	return programs, known
}

// MayBring reports whether a package may bring a program. What is not known of a package does not matter for programs that
// only packages with certain words in their names bring.
func MayBring(distribution string, r image.Release, name, program string) bool {
	if name == program {
		return true
	}
	// Source: the changelog of python-setuptools 39.0.1-2 in Debian; easybuilders/easybuild#45.
	if program == "easy_install" && (r.From("debian", "10") || r.From("ubuntu", "18.04")) {
		return false
	}
	if programs, known := Brings(distribution, r, name); known {
		return strings.Contains(programs, " "+program+" ")
	}
	if distribution == "ubuntu" {
		distribution = "debian"
	}
	words, rare := brings.Get().rare[[2]string{distribution, program}]
	if !rare {
		return true
	}
	for w := range strings.FieldsSeq(words) {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// carried is brings.txt: which programs, of those that images may lack, come with a package and what it depends on. `@` lists programs,
// the lines below it packages; `%` lists programs for which a letter stands; `~` lists programs, and what is in the name of each
// package that brings them. Alpine 3.12 took pip out of python3, so releases before it have a section of their own, and so have those
// before 3.17, whose python3 has no python. So these are programs by distribution and package, and what is in the names of the packages that bring a rare program.
type carried struct{ programs, rare map[[2]string]string }

var brings = lazy.Value[carried]{Make: func() carried {
	out, rare := map[[2]string]string{}, map[[2]string]string{}
	distribution, programs := "", ""
	together := map[string]string{}
	for line := range strings.Lines(bringsText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '=':
			distribution = strings.Fields(line)[1]
		case line[0] == '%':
			letter, list, _ := strings.Cut(line[2:], " ")
			together[letter] = list
		case line[0] == '@':
			programs = " "
			for word := range strings.FieldsSeq(line[1:]) {
				if list := together[word]; list != "" {
					word = list
				}
				programs += word + " "
			}
		case line[0] == '~':
			names, words, _ := strings.Cut(line[1:], " : ")
			for name := range strings.FieldsSeq(names) {
				rare[[2]string{distribution, name}] = words
			}
		default:
			for name := range strings.FieldsSeq(line) {
				out[[2]string{distribution, name}] = programs
			}
		}
	}
	return carried{out, rare}
}}

// Minimal reports whether a minimal image of Debian or Ubuntu may have the package.
func Minimal(name string) bool { return strings.Contains(minimal, " "+name+" ") }

// minimal are the packages of the required and important priorities that one of these images has had.
const minimal = " adduser apt base-files base-passwd bash bsdutils bzip2 ca-certificates coreutils cron dash debconf debianutils diffutils dpkg " +
	"e2fsprogs file findutils gcc-8-base gnupg gpgv grep gzip hostname ifupdown init initscripts iproute2 iputils-ping kmod less libc-bin libc6 " +
	"libgcc-s1 libgcc1 libssl1.1 libssl3 libstdc++6 locales login lsb-base lsb-release mawk mount ncurses-base ncurses-bin net-tools netbase " +
	"openssl passwd patch perl perl-base procps psmisc python python3 resolvconf rsyslog sed sudo systemd sysvinit-utils tar tzdata ubuntu-minimal " +
	"udev upstart util-linux vim-tiny xz-utils zlib1g "
