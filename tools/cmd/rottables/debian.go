package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// suites are the releases of Debian that the package client still finds, the oldest first. testing is the one without a
// number of its own.
var suites = []struct{ name, release string }{
	{"bullseye", "11"},
	{"bookworm", "12"},
	{"trixie", "13"},
	{"forky", "testing"},
	{"sid", "sid"},
}

// index is what a release has: packages with what they depend on and recommend, and the packages that provide a name.
type index struct {
	needs    map[string][]string
	provides map[string][]string
}

// readSuites reads the package indexes of Debian through apt, with state of its own below dir.
func readSuites(dir string) ([]index, error) {
	mirror, err := mirrorOfApt()
	if err != nil {
		return nil, err
	}
	all := make([]index, len(suites))
	for n, s := range suites {
		if all[n], err = readSuite(filepath.Join(dir, s.name), s.name, mirror); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// mirrorOfApt is the mirror of Debian that this machine's apt uses.
func mirrorOfApt() (string, error) {
	out, err := exec.Command("apt-get", "indextargets", "--format", "$(REPO_URI)").Output()
	if err != nil {
		return "", fmt.Errorf("no apt: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		if uri := strings.TrimSpace(line); strings.HasSuffix(strings.TrimSuffix(uri, "/"), "/debian") {
			return strings.TrimSuffix(uri, "/"), nil
		}
	}
	return "", errors.New("apt here has no mirror of Debian")
}

// Debian writes which of names a release does not have, and which of programs come with each of common.
func Debian(all []index, names, common []string, programs map[string][]string, absent *bytes.Buffer, brings io.Writer) error {
	day := time.Now().UTC().Format(time.DateOnly)
	head := fmt.Sprintf("# Main, contrib and non-free of bullseye, bookworm, trixie, forky and sid, through apt.\n= debian %s Debian package index\n", day)
	if err := writeAbsent(absent, head, names, all); err != nil {
		return err
	}
	return writeBrings(brings, head, common, all, programs)
}

// readSuite updates and reads the index of one suite.
func readSuite(dir, suite, mirror string) (index, error) {
	lists := filepath.Join(dir, "lists")
	for _, d := range []string{filepath.Join(lists, "partial"), filepath.Join(dir, "cache", "archives", "partial"), filepath.Join(dir, "parts")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return index{}, err
		}
	}
	list := filepath.Join(dir, "sources.list")
	line := "deb [trusted=yes] " + mirror + " " + suite + " main contrib non-free\n"
	if err := os.WriteFile(list, []byte(line), 0o644); err != nil {
		return index{}, err
	}
	files, err := filepath.Glob(filepath.Join(lists, "*_Packages*"))
	if err != nil {
		return index{}, err
	}
	if len(files) == 0 {
		cmd := exec.Command("apt-get", "-o", "Dir::State::lists="+lists, "-o", "Dir::Cache="+filepath.Join(dir, "cache"),
			"-o", "Dir::Etc::sourcelist="+list, "-o", "Dir::Etc::sourceparts="+filepath.Join(dir, "parts"), "-o", "Acquire::Languages=none", "update")
		if out, err := cmd.CombinedOutput(); err != nil {
			return index{}, fmt.Errorf("apt-get update for %s: %w\n%s", suite, err, out)
		}
		if files, err = filepath.Glob(filepath.Join(lists, "*_Packages*")); err != nil {
			return index{}, err
		}
	}
	if len(files) == 0 {
		return index{}, errors.New("no package index for " + suite)
	}
	x := index{needs: map[string][]string{}, provides: map[string][]string{}}
	for _, f := range files {
		cmd := exec.Command("/usr/lib/apt/apt-helper", "cat-file", f)
		out, err := cmd.StdoutPipe()
		if err != nil {
			return index{}, err
		}
		if err := cmd.Start(); err != nil {
			return index{}, err
		}
		if err := x.read(out); err != nil {
			return index{}, err
		}
		if err := cmd.Wait(); err != nil {
			return index{}, fmt.Errorf("%s: %w", f, err)
		}
	}
	return x, nil
}

func (x index) read(in io.Reader) error {
	s := bufio.NewScanner(in)
	s.Buffer(nil, 1<<22)
	name := ""
	for s.Scan() {
		key, value, _ := strings.Cut(s.Text(), ": ")
		switch key {
		case "Package":
			name = value
			x.needs[name] = nil
		case "Depends", "Pre-Depends", "Recommends":
			for part := range strings.SplitSeq(value, ", ") {
				x.needs[name] = append(x.needs[name], part)
			}
		case "Provides":
			for part := range strings.SplitSeq(value, ", ") {
				virtual := plainName(part)
				if virtual != name && !slices.Contains(x.provides[virtual], name) {
					x.provides[virtual] = append(x.provides[virtual], name)
				}
			}
		}
	}
	return s.Err()
}

// plainName is a name without its version and architecture.
func plainName(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), " ")
	s, _, _ = strings.Cut(s, ":")
	return s
}

// has reports whether apt installs something by that name: the package, or the only one that provides it.
func (x index) has(name string) bool {
	_, ok := x.needs[name]
	return ok || len(x.provides[name]) == 1
}

// prefixes are those of which the rows that out already has say that Debian 11 to 13 lack all packages.
func prefixes(out *bytes.Buffer) []string {
	var all []string
	debian, here := false, false
	for line := range strings.Lines(out.String()) {
		switch {
		case strings.HasPrefix(line, "= "):
			debian, here = strings.HasPrefix(line, "= debian "), false
		case strings.HasPrefix(line, "@ "):
			here = debian && strings.Contains(line, " 11 12 13")
		case here:
			for name := range strings.FieldsSeq(line) {
				name, _, _ = strings.Cut(name, ">")
				if p, ok := strings.CutSuffix(name, "*"); ok {
					all = append(all, p)
				}
			}
		}
	}
	return all
}

func writeAbsent(out *bytes.Buffer, head string, names []string, all []index) error {
	groups := map[string][]string{}
	covered := prefixes(out)
	for _, name := range names {
		if successor(name, all) == "" && slices.ContainsFunc(covered, func(p string) bool { return strings.HasPrefix(name, p) }) {
			continue
		}
		var without []string
		for n, s := range suites {
			if !all[n].has(name) {
				without = append(without, s.release)
			}
		}
		if len(without) > 0 {
			key := strings.Join(without, " ")
			groups[key] = append(groups[key], name+successor(name, all))
		}
	}
	return writeGroups(out, head, groups)
}

// successor is what takes the place of a package, as far as its name tells and trixie has it.
func successor(name string, all []index) string {
	newest := all[2]
	for _, r := range [][2]string{{"python-", "python3-"}, {"php5-", "php-"}, {"libapache2-mod-php5", "libapache2-mod-php"}} {
		if rest, ok := strings.CutPrefix(name, r[0]); ok && newest.has(r[1]+rest) {
			return short(name, ">"+r[1]+rest)
		}
	}
	if s := successors[name]; s != "" && newest.has(s) {
		return short(name, ">"+s)
	}
	return ""
}

// short writes the successor of a module of Python 2 or PHP 5 as `>3` or `>-`, if it has the name that one expects.
func short(name, successor string) string {
	for short, prefixes := range map[string][2]string{">3": {"python-", ">python3-"}, ">-": {"php5-", ">php-"}} {
		if rest, ok := strings.CutPrefix(name, prefixes[0]); ok && successor == prefixes[1]+rest {
			return short
		}
	}
	return successor
}

// successors are those that no rule tells. Sources: the packages' own descriptions in Debian's index, and the release
// notes of Debian 9 to 13.
var successors = map[string]string{
	"python": "python3", "python-dev": "python3-dev", "python-pip": "python3-pip", "python-software-properties": "python3-launchpadlib",
	"mysql-client": "default-mysql-client", "mysql-server": "default-mysql-server", "libmysqlclient-dev": "default-libmysqlclient-dev",
	"openjdk-7-jdk": "default-jdk", "openjdk-8-jdk": "default-jdk", "openjdk-8-jre": "default-jre", "openjdk-8-jre-headless": "default-jre-headless",
	"openjdk-8-jdk-headless": "default-jdk-headless", "openjdk-11-jdk": "default-jdk", "openjdk-11-jre": "default-jre",
	"openjdk-11-jre-headless": "default-jre-headless", "openjdk-17-jdk": "default-jdk", "openjdk-17-jre-headless": "default-jre-headless",
	"netcat": "netcat-openbsd", "libav-tools": "ffmpeg", "nodejs-legacy": "nodejs", "git-core": "git", "libgl1-mesa-glx": "libgl1",
	"php5": "php", "libssl1.0-dev": "libssl-dev", "libpng12-dev": "libpng-dev", "libpng12-0": "libpng16-16t64", "libreadline6-dev": "libreadline-dev",
	"libreadline-gplv2-dev": "libreadline-dev", "btrfs-tools": "btrfs-progs", "chromium-browser": "chromium", "ttf-dejavu": "fonts-dejavu",
	"ttf-freefont": "fonts-freefont-ttf", "ttf-liberation": "fonts-liberation", "ttf-wqy-zenhei": "fonts-wqy-zenhei", "mongodb": "", "ntp": "ntpsec",
	"libgconf2-4": "", "libcurl3": "libcurl4t64", "libicu-dev": "", "ack-grep": "ack", "libjpeg8-dev": "libjpeg-dev", "virtualenv": "",
	"texlive-generic-recommended": "texlive-plain-generic", "libtinfo5": "libtinfo6", "libncurses5": "libncurses6", "libasound2": "libasound2t64",
	"libjson0-dev": "libjson-c-dev", "libjson0": "libjson-c5", "lynx-cur": "lynx", "python-minimal": "python3-minimal", "python2": "python3",
	"postgresql-client-9.6": "postgresql-client", "adduser": "", "libegl1-mesa": "libegl1", "python3-distutils": "python3-setuptools",
}

func writeGroups(out io.Writer, head string, groups map[string][]string) error {
	w := bufio.NewWriter(out)
	_, _ = w.WriteString(head)
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		list := groups[key]
		slices.Sort(list)
		_, _ = fmt.Fprintf(w, "@ %s\n", key)
		for len(list) > 0 {
			n, size := 0, 0
			for n < len(list) && size < 130 {
				size += len(list[n]) + 1
				n++
			}
			_, _ = fmt.Fprintln(w, strings.Join(list[:n], " "))
			list = list[n:]
		}
	}
	return w.Flush()
}

// writeBrings writes the programs that come with each package of names that some release has, over all of them.
func writeBrings(out io.Writer, head string, names []string, all []index, programs map[string][]string) error {
	owners := map[string][]string{} // programs by package
	for program, packages := range programs {
		for _, p := range packages {
			owners[p] = append(owners[p], program)
		}
	}
	groups := map[string][]string{}
	for _, name := range names {
		known := false
		found := map[string]bool{}
		for _, x := range all {
			if x.has(name) {
				known = true
				x.closure(name, map[string]bool{}, func(p string) {
					for _, program := range owners[p] {
						found[program] = true
					}
				})
			}
		}
		if known {
			key := strings.Join(slices.Sorted(maps.Keys(found)), " ")
			groups[key] = append(groups[key], name)
		}
	}
	macros, groups := inseparable(groups)
	return writeGroups(out, head+macros, groups)
}

// inseparable replaces programs that only come together by a letter each, and returns the lines that say which these are.
func inseparable(groups map[string][]string) (lines string, out map[string][]string) {
	in := map[string]string{} // the groups of a program
	for n, key := range slices.Sorted(maps.Keys(groups)) {
		for program := range strings.FieldsSeq(key) {
			in[program] += fmt.Sprintf(" %d", n)
		}
	}
	together := map[string][]string{}
	for _, program := range slices.Sorted(maps.Keys(in)) {
		together[in[program]] = append(together[in[program]], program)
	}
	letter := map[string]string{}
	next := 'A'
	for _, list := range slices.SortedFunc(maps.Values(together), func(a, b []string) int { return strings.Compare(a[0], b[0]) }) {
		used := strings.Count(in[list[0]], " ")
		if size := len(strings.Join(list, " ")); used*(size-1) < size+6 || next > 'Z' {
			continue
		}
		lines += fmt.Sprintf("%% %c %s\n", next, strings.Join(list, " "))
		for i, program := range list {
			letter[program] = ""
			if i == 0 {
				letter[program] = string(next)
			}
		}
		next++
	}
	out = map[string][]string{}
	for key, names := range groups {
		var words []string
		for program := range strings.FieldsSeq(key) {
			switch l, ok := letter[program]; {
			case !ok:
				words = append(words, program)
			case l != "":
				words = append(words, l)
			}
		}
		slices.Sort(words)
		out[strings.Join(words, " ")] = names
	}
	return lines, out
}

// closure calls f for the packages that apt installs with name: the first of several alternatives, and all that provide a
// name that is not a package.
func (x index) closure(name string, seen map[string]bool, f func(string)) {
	if seen[name] {
		return
	}
	seen[name] = true
	if _, ok := x.needs[name]; !ok {
		for _, p := range x.provides[name] {
			x.closure(p, seen, f)
		}
		return
	}
	f(name)
	for _, need := range x.needs[name] {
		for alternative := range strings.SplitSeq(need, "|") {
			if a := plainName(alternative); x.has(a) || len(x.provides[a]) > 0 {
				x.closure(a, seen, f)
				break
			}
		}
	}
}
