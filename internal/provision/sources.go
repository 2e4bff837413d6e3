package provision

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/distro"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/shell"
)

// extra is what the sources that steps have added may bring: packages whose names contain one of the words.
type extra struct {
	words string // between spaces; "*" may be any package
	next  *extra
}

func (x *extra) has(word string) bool {
	for ; x != nil; x = x.next {
		if strings.Contains(x.words, " "+word+" ") {
			return true
		}
	}
	return false
}

// Added reports whether a source that a step has added may have the package on the day now.
func (s *State) Added(name string, now time.Time) bool {
	for x := s.extra; x != nil; x = x.next {
		if distro.Dropped(x.words, s.Release, now) {
			continue
		}
		for word := range strings.FieldsSeq(x.words) {
			if suite, ok := strings.CutPrefix(word, "@suite:"); ok {
				if _, absent := distro.Absent(image.ReleaseOf(suite), name, now); !absent {
					return true
				}
			} else if word == "*" || strings.Contains(name, word) {
				return true
			}
		}
	}
	return false
}

// repository is what the package source that a text names brings, as distro.Repository has it. Of the archives of Debian and Ubuntu
// themselves it is "@suite:" and a release.
func repository(text string) string {
	_, address, ok := strings.Cut(text, "://")
	if !ok || strings.Contains(address, "://") {
		return distro.Repository(text)
	}
	f := strings.Fields(strings.NewReplacer(`"`, " ", "'", " ").Replace(address))
	if len(f) < 3 {
		return distro.Repository(text)
	}
	host, dir, _ := strings.Cut(strings.TrimRight(f[0], "/"), "/")
	if dir == "ubuntu" && (host == "security.ubuntu.com" || strings.HasSuffix(host, "archive.ubuntu.com")) ||
		dir == "debian" && (strings.HasSuffix(host, ".debian.org") || host == "http.debian.net") && !strings.HasPrefix(host, "archive.") {
		suite, _, _ := strings.Cut(f[1], "-")
		if image.ReleaseOf(suite).Name != "" && !strings.HasSuffix(f[1], "-backports") {
			return " @suite:" + suite + " "
		}
	}
	return distro.Repository(text)
}

// others reports whether the package is known to come from a source that a step has added, where it may bring other programs: so
// NodeSource's nodejs brings npm.
func (s *State) others(name string) bool {
	if name == "nodejs" && (!s.Stock || s.extra.has("*")) {
		return true
	}
	for x := s.extra; x != nil; x = x.next {
		for word := range strings.FieldsSeq(x.words) {
			if word != "lib" && word[0] != '@' && strings.Contains(name, word) {
				return true
			}
		}
	}
	return false
}

// adds reports whether the text around a word that names package sources only adds one, and what that brings. before is what the
// command has before the word, after what follows it.
func adds(word, before, after string) (words string, ok bool) {
	line := before + word + after
	switch word {
	case "sources.list":
		path := strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(before, "/etc/apt/"), `"`), " ")
		switch {
		case strings.HasSuffix(path, ">>"), strings.HasSuffix(path, "tee -a"), strings.HasSuffix(path, "tee --append"):
		case strings.HasPrefix(after, ".d") && (strings.HasSuffix(path, ">") || strings.HasSuffix(path, "tee") || strings.HasSuffix(path, "-o") ||
			strings.HasSuffix(path, "-O") || strings.HasSuffix(path, "--output") || strings.HasSuffix(path, "mkdir -p")):
			if strings.HasSuffix(path, "mkdir -p") {
				return "", true
			}
		default:
			return "", false
		}
		return repository(line), true
	case "add-apt-repository", "apt-add-repository":
		if strings.Contains(after, "-r ") || strings.Contains(after, "--remove") {
			return "", false
		}
		return repository(line), true
	case "config-manager":
		return repository(line), strings.Contains(after, "--add-repo")
	case "yum.repos.d":
		path := strings.TrimRight(strings.TrimSuffix(before, "/etc/"), " ")
		return repository(line), strings.HasSuffix(path, ">") || strings.HasSuffix(path, "tee") || strings.HasSuffix(path, "-o") || strings.HasSuffix(path, "-O")
	case "/etc/apk/":
		if IsEdge(line) {
			words = edge
		} else {
			words = distro.AnyPackage
		}
		return words, strings.HasSuffix(strings.TrimRight(before, " "), ">>") && strings.HasPrefix(after, "repositories")
	}
	return "", false
}

// edits reports whether a command only changes lines of sources.list with sed so that they still name the release called code: one
// that switches a component on, or a complete mirror. moves says that it may name another server.
func edits(line, code string) (ok, moves bool) {
	if !strings.Contains(line, "sed ") || strings.ContainsAny(line, "`>") || strings.Contains(line, " | ") || strings.Contains(line, "deb http") ||
		strings.Contains(line, "sources.list.d") && !strings.Contains(line, "debian.sources") && !strings.Contains(line, "ubuntu.sources") {
		return false, false
	}
	for i := range len(line) - 1 { // a variable
		if c := line[i+1]; line[i] == '$' && (c == '{' || c == '(' && strings.IndexByte(line[:i], '(') < 0 || c == '_' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z') {
			return false, false
		}
	}
	for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r < 'a' || r > 'z' }) {
		if word != code && image.IsSuite(word) {
			return false, false
		}
	}
	plain := strings.ReplaceAll(line, `\.`, ".")
	for _, text := range [...]string{"http", ".com", ".cn", ".org", ".net", ".edu", ".example", "mirror", "snapshot", "old-releases"} {
		moves = moves || strings.Contains(plain, text)
	}
	return !moves || slices.ContainsFunc(publicMirrors[:], func(m string) bool { return strings.Contains(plain, m) }), moves
}

// publicMirrors are complete mirrors of Debian and Ubuntu that people set with sed. Source: the lists of mirrors of both, read 2026-11-28.
var publicMirrors = [...]string{
	"mirrors.aliyun.com", "tuna.tsinghua.edu.cn", "mirrors.ustc.edu.cn", "mirrors.163.com", "mirrors.huaweicloud.com", "repo.huaweicloud.com",
	"mirrors.cloud.tencent.com", "mirrors.tencent.com", "mirrors.kernel.org", "archive.ubuntu.com/ubuntu", "ftp.daumkakao.com", "mirror.kakao.com",
	"ftp.jaist.ac.jp", "mirror://mirrors.ubuntu.com/mirrors.txt",
}

// edge are the words of Alpine's own edge repositories. No package is called so.
const edge = " @edge "

// Edge reports whether a step has added Alpine's edge repositories.
func (s *State) Edge() bool { return s.extra.has("@edge") }

// IsEdge reports whether all addresses in a text are those of Alpine's own edge repositories.
func IsEdge(text string) bool {
	count := strings.Count(text, "alpinelinux.org/alpine/edge/")
	return count > 0 && count == strings.Count(text, "://")
}

// segment is the text around a place in a script, up to the next command list: what comes before it, and what after.
func segment(text string, from, to int) (before, after string) {
	before, after = text[max(0, from-500):from], text[to:min(len(text), to+500)]
	for _, sep := range [...]string{"&&", ";", "\n"} {
		if i := strings.LastIndex(before, sep); i >= 0 {
			before = before[i+len(sep):]
		}
		if i := strings.Index(after, sep); i >= 0 {
			after = after[:i]
		}
	}
	return before, after
}

// NodeScripts is the day on which NodeSource replaced its scripts. Those before check the release, and do not give its packages
// precedence over the distribution's. Source: nodesource/distributions#1594, #1610.
var NodeScripts = time.Date(2023, 8, 1, 0, 0, 0, 0, time.UTC)

// NodeLine is the line of Node.js that a script of NodeSource installs, which c fetches: 8 of setup_8.x, 1 of setup_0.10; 0 if it
// fetches none.
func NodeLine(c *shell.Command) int {
	if c == nil {
		return 0
	}
	for _, w := range c.Args() {
		if strings.HasSuffix(w.Text, "nodesource.com/setup") {
			return 1 // 0.10
		}
		_, text, ok := strings.Cut(w.Text, "nodesource.com/setup_")
		if !ok {
			continue
		}
		text, _, _ = strings.Cut(text, ".")
		n, err := strconv.Atoi(text)
		if err == nil {
			return max(n, 1)
		}
	}
	return 0
}

// fromWeb is the command that fetched the well-known installation script which c runs, as in `curl URL | bash -` or from a file, nil
// if c runs none; what packages the source that the script adds may bring, and a program that comes with them.
func (s *State) fromWeb(before, c *shell.Command) (fetch *shell.Command, words, program string) {
	reads := c.Name == "bash" || c.Name == "sh"
	if s.saved != nil && (reads || len(c.Words) == 1) {
		for f := s.saved; f != nil; f = f.next {
			if c.Name == f.file || reads && len(c.Words) > 1 && path.Base(c.Words[len(c.Words)-1].Text) == f.file {
				fetch = f.fetch
				break
			}
		}
	}
	switch {
	case fetch != nil:
	case !reads || before == nil || before.Name != "curl" && before.Name != "wget":
		return nil, "", ""
	default:
		for _, w := range c.Args() {
			if !strings.HasPrefix(w.Text, "-") && w.Text != "stable" && !strings.Contains(w.Text, "nightly") {
				return nil, "", ""
			}
		}
		fetch = before
	}
	for _, w := range fetch.Args() {
		if words, program, ok := distro.Script(w.Text); ok {
			return fetch, words, program
		}
	}
	return nil, "", ""
}

// with is the state after a script that adds a source, and fetches the lists.
func (s *State) with(words, program string) *State {
	next := *s
	if words == "" {
		return &next
	}
	next.Lists = true
	next.extra = &extra{words, s.extra}
	for _, name := range [...]string{program, "curl", "gpg", "lsb_release"} { // the script installs these for itself
		next.added = next.added.plus(name, nil)
	}
	return &next
}

// EPEL reports whether a step has added EPEL.
func (s *State) EPEL() bool { return s.extra.has("epel") }
