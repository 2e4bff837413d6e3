package provision

import (
	"strconv"
	"strings"
	"time"

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

// Added reports whether a source that a step has added may have the package.
func (s *State) Added(name string) bool {
	for x := s.extra; x != nil; x = x.next {
		for word := range strings.FieldsSeq(x.words) {
			if word == "*" || strings.Contains(name, word) {
				return true
			}
		}
	}
	return false
}

// others reports whether the package is known to come from a source that a step has added, where it may bring other programs: so
// NodeSource's nodejs brings npm.
func (s *State) others(name string) bool {
	if name == "nodejs" && (!s.Stock || s.extra.has("*")) {
		return true
	}
	for x := s.extra; x != nil; x = x.next {
		for word := range strings.FieldsSeq(x.words) {
			if word != "lib" && strings.Contains(name, word) {
				return true
			}
		}
	}
	return false
}

// repositories are package sources and what their packages are named, by a text in their addresses. They bring nothing else
// that a distribution has under the same name. Source: the publishers' own instructions, read 2026-11-27.
var repositories = [...][2]string{
	{"nodesource", " nodejs "},
	{"yarnpkg", " yarn "},
	{"download.docker.com", " docker containerd "},
	{"dockerproject", " docker "},
	{"dl.google.com/linux", " google "},
	{"packages.cloud.google.com", " google kube cri- "},
	{"apt.kubernetes.io", " kube cri- "},
	{"pkgs.k8s.io", " kube cri- "},
	{"mongodb", " mongo "},
	{"apt.postgresql.org", " postgres pgdg postgis libpq pg libgdal gdal libgeos geos proj "},
	{"ondrej/php", " php libapache2-mod apache lib "},
	{"deadsnakes", " python "},
	{"jonathonf/python", " python "},
	{"fkrull", " python "},
	{"brightbox", " ruby "},
	{"git-core", " git "},
	{"webupd8team/java", " oracle-java "},
	{"openjdk-r", " openjdk "},
	{"nginx.org", " nginx "},
	{"nginx/", " nginx lib "},
	{"ubuntu-toolchain-r", " gcc g++ lib gfortran cpp "},
	{"apt.llvm.org", " clang llvm lld lib python "},
	{"packages.microsoft.com", " dotnet powershell ms azure aspnet code procdump "},
	{"artifacts.elastic.co", " elasticsearch kibana logstash beat apm "},
	{"chris-lea/node", " node "},
	{"cran.", " r- "},
	{"cli.github.com", " gh "},
	{"apt.releases.hashicorp.com", " terraform vault consul packer nomad boundary waypoint "},
	{"download.mono-project.com", " mono lib gtk-sharp nuget referenceassemblies ca-certificates-mono "},
	{"rabbitmq", " rabbitmq erlang "},
	{"erlang-solutions", " esl erlang elixir "},
	{"sbt", " sbt "},
	{"openresty.org", " openresty "},
	{"ppa:ansible", " ansible "},
	{"bazel", " bazel "},
	{"newrelic", " newrelic "},
	{"adoptopenjdk", " adoptopenjdk "},
	{"adoptium", " temurin "},
	{"corretto", " corretto "},
	{"azul", " zulu "},
	{"dart", " dart "},
}

// bringsOf is what a source in the text may bring.
func bringsOf(text string) string {
	for _, r := range repositories {
		if strings.Contains(text, r[0]) {
			return r[1]
		}
	}
	return " * "
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
		return bringsOf(line), true
	case "add-apt-repository", "apt-add-repository":
		if strings.Contains(after, "-r ") || strings.Contains(after, "--remove") {
			return "", false
		}
		return bringsOf(line), true
	case "config-manager":
		return bringsOf(line), strings.Contains(after, "--add-repo")
	case "yum.repos.d":
		path := strings.TrimRight(strings.TrimSuffix(before, "/etc/"), " ")
		return bringsOf(line), strings.HasSuffix(path, ">") || strings.HasSuffix(path, "tee") || strings.HasSuffix(path, "-o") || strings.HasSuffix(path, "-O")
	case "/etc/apk/":
		return " * ", strings.HasSuffix(strings.TrimRight(before, " "), ">>") && strings.HasPrefix(after, "repositories")
	}
	return "", false
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

// pinned is the day from which NodeSource's scripts give its packages precedence over the distribution's.
// Source: nodesource/distributions#1594.
var pinned = time.Date(2023, 8, 1, 0, 0, 0, 0, time.UTC)

// NodeLine is the line of Node.js that a script of NodeSource installs, which c fetches: 8 of setup_8.x, 1 of setup_0.10; 0 if it
// fetches none.
func NodeLine(c *shell.Command) int {
	for _, w := range c.Args() {
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

// fromWeb reports whether c is a shell that reads a well-known installation script, as in `curl URL | bash -`, what packages the
// source that the script adds may bring, and a program that comes with them.
func fromWeb(before, c *shell.Command) (known bool, words, program string) {
	switch c.Name {
	case "bash", "sh":
	default:
		return false, "", ""
	}
	if before == nil || before.Name != "curl" && before.Name != "wget" {
		return false, "", ""
	}
	for _, w := range c.Args() {
		if !strings.HasPrefix(w.Text, "-") && w.Text != "stable" && !strings.Contains(w.Text, "nightly") {
			return false, "", ""
		}
	}
	for _, w := range before.Args() {
		switch {
		case strings.Contains(w.Text, "nodesource.com/setup"):
			return true, " nodejs ", "npm"
		case strings.Contains(w.Text, "sh.rustup.rs"):
			return true, "", "" // into ~/.cargo/bin, which is not in PATH
		}
	}
	return false, "", ""
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
		length := 1
		if next.added != nil {
			length += next.added.length
		}
		next.added = &added{name, nil, next.added, length}
	}
	return &next
}

// EPEL reports whether a step has added EPEL.
func (s *State) EPEL() bool { return s.extra.has("epel") }
