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

// absence is a row of packages.txt.
type absence struct {
	releases string // names of releases between spaces
	instead  string
	section  *section
}

// section says where the rows below a line `=` come from.
type section struct {
	read   time.Time
	source string
}

// table is packages.txt, by distribution and name. `= distribution day source` begins a section: when and where its rows were read.
// `@` lists the releases that were looked at and lack the packages below it, and `>` names what to install instead: `python-x>3` is
// python3-x, `php5-x>-` php-x. `name*` stands for every package whose name begins so: each release has one PHP, Python, PostgreSQL
// and Ruby, or those that are not listed. What moves and has a `+` lacks them from that day on. A release that is not listed was not
// looked at. prefixes are the names that end in *, without it.
type table struct {
	names    map[[2]string][]absence
	prefixes map[string][]prefix
}

type prefix struct {
	text string
	absence
}

var packages = lazy.Value[table]{Make: func() table {
	t := table{names: map[[2]string][]absence{}, prefixes: map[string][]prefix{}}
	distribution, releases := "", ""
	var at *section
	for line := range strings.Lines(packagesText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '=': // = debian 2026-11-27 source
			f := strings.SplitN(line, " ", 4)
			if len(f) < 4 {
				continue
			}
			day, err := time.Parse(time.DateOnly, f[2])
			if err != nil {
				continue
			}
			distribution, at = f[1], &section{day, f[3]}
		case line[0] == '@': // @ 11 12 13
			releases = line[1:] + " "
		default:
			for word := range strings.FieldsSeq(line) {
				name, instead, _ := strings.Cut(word, ">")
				switch instead {
				case "3":
					instead = "python3" + strings.TrimPrefix(name, "python")
				case "-":
					instead = "php" + strings.TrimPrefix(name, "php5")
				}
				a := absence{releases, strings.ReplaceAll(instead, "+", " "), at}
				if p, ok := strings.CutSuffix(name, "*"); ok {
					t.prefixes[distribution] = append(t.prefixes[distribution], prefix{p, a})
					continue
				}
				key := [2]string{distribution, name}
				t.names[key] = append(t.names[key], a)
			}
		}
	}
	return t
}}

// Absent reports whether the repositories of the release do not have the package, under its name or one that a single
// other package provides. Of releases that still change, only what was read by the day now is known.
func Absent(r image.Release, name string, now time.Time) (Package, bool) {
	t := packages.Get()
	for _, a := range t.names[[2]string{r.Distribution, name}] {
		if a.holds(r, now) {
			return Package{a.instead, a.section.read, a.section.source}, true
		}
	}
	for _, p := range t.prefixes[r.Distribution] {
		if strings.HasPrefix(name, p.text) && p.holds(r, now) && !present(r, name) {
			return Package{p.instead, p.section.read, p.section.source}, true
		}
	}
	return Package{}, false
}

// present reports whether a line `!` says that the release has the package although its prefix is gone.
func present(r image.Release, name string) bool {
	for _, a := range packages.Get().names[[2]string{r.Distribution, "!" + name}] {
		if strings.Contains(a.releases, " "+r.Name+" ") {
			return true
		}
	}
	return false
}

func (a absence) holds(r image.Release, now time.Time) bool {
	if r.Name != "" && strings.Contains(a.releases, " "+r.Name+"+ ") {
		return !a.section.read.After(now)
	}
	if r.Name == "" || !strings.Contains(a.releases, " "+r.Name+" ") {
		return false
	}
	moves := r.Name == "sid" || r.Name == "testing" || r.Name == "edge"
	return !moves || !a.section.read.After(now) && now.Sub(a.section.read) < 90*24*time.Hour
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
