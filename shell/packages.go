package shell

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Action is what a call of a package manager does.
type Action int

// The actions. Install also stands for what installs as a first step, such as `go build` or `mvn package`.
const (
	Unknown Action = iota
	Install
	Refresh // fetches package lists
	Upgrade
	Remove
	Clean
)

// Call is one call of a package manager.
type Call struct {
	Command  *Command
	Manager  string // apt-get, apt, apk, pip, npm, …; pip3 and `python -m pip` are pip
	Verb     Word   // the sub-command as written; empty where there is none (`yarn`)
	Action   Action
	Packages []Package // of Install: what is named on the command line
	// Manifest says that Install takes its packages from files of the application (`pip install -r`, `npm ci`, `go mod download`).
	Manifest bool
	Files    []Word // the files that the call names as manifests, such as those behind -r
}

// Package is one package named on a command line.
type Package struct {
	Word    Word
	Name    string
	Version string // as written behind the manager's separator, "" if none
	Local   bool   // a file, folder or URL
}

// manager is a row of the table of package managers.
type manager struct {
	name    string
	verbs   string   // verb=action pairs; an action is i, r, u, d (remove) or c; M after i: always from manifests
	valued  []string // flags whose next word is their value
	version string   // the characters that begin a version, "" if there is no such notation
	files   []string // flags that name a manifest
	bare    Action   // the action without verb
	dirs    []string // flags that name the application's folder, or its manifest
}

// managers is the table by command name. Sources: each manager's own manual.
var managers = sync.OnceValue(func() map[string]*manager {
	apt := []string{"-t", "--target-release", "--default-release", "-o", "--option", "-c", "--config-file", "-a", "--host-architecture", "-S", "--snapshot"}
	dnf := []string{"-c", "-d", "-e", "-x", "--exclude", "--enablerepo", "--disablerepo", "--installroot", "--releasever", "--setopt", "--repo", "--repoid"}
	pip := []string{
		"-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-t", "--target", "-i", "--index-url", "--extra-index-url", "-f",
		"--find-links", "--prefix", "--root", "--src", "--trusted-host", "--platform", "--python-version", "--implementation", "--abi",
		"--no-binary", "--only-binary", "--progress-bar", "--timeout", "--retries", "--cache-dir", "--upgrade-strategy", "--proxy",
		"--config-settings", "-C", "--global-option", "--log", "--python", "-p", "--cert", "--default-timeout",
	}
	npm := []string{"--prefix", "--registry", "--loglevel", "-w", "--workspace", "-C", "--dir", "--filter", "-F", "--cwd", "--cache", "--network-timeout", "--mutex", "--modules-folder", "--cache-folder", "--omit", "--only", "--include", "--unsafe-perm"}
	rows := []*manager{
		{name: "apt-get", verbs: "install=i update=r upgrade=u dist-upgrade=u remove=d purge=d autoremove=d clean=c autoclean=c build-dep=i", valued: apt, version: "="},
		{name: "apt", verbs: "install=i update=r upgrade=u full-upgrade=u remove=d purge=d autoremove=d clean=c", valued: apt, version: "="},
		{name: "aptitude", verbs: "install=i update=r upgrade=u safe-upgrade=u remove=d purge=d clean=c", valued: apt, version: "="},
		{name: "apk", verbs: "add=i update=r upgrade=u del=d cache=c fetch=i", valued: []string{"-t", "--virtual", "-X", "--repository", "-p", "--root", "--repositories-file", "--keys-dir", "--arch", "--cache-dir"}, version: "=~<>"},
		{name: "yum", verbs: "install=i localinstall=i groupinstall=i reinstall=i update=u upgrade=u makecache=r remove=d erase=d autoremove=d clean=c", valued: dnf, version: "-"},
		{name: "dnf", verbs: "install=i in=i localinstall=i groupinstall=i reinstall=i rei=i update=u upgrade=u up=u upgrade-minimal=u up-min=u makecache=r remove=d autoremove=d clean=c", valued: dnf, version: "-"},
		{name: "microdnf", verbs: "install=i reinstall=i update=u upgrade=u makecache=r remove=d clean=c", valued: dnf, version: "-"},
		{name: "tdnf", verbs: "install=i update=u upgrade=u makecache=r remove=d erase=d clean=c", valued: dnf, version: "-"},
		{name: "zypper", verbs: "install=i in=i source-install=i si=i refresh=r ref=r update=u up=u patch=u dist-upgrade=u dup=u remove=d rm=d clean=c cc=c", valued: []string{"-r", "--repo", "--from", "-t", "--type", "--root", "-R"}, version: "=><"},
		{name: "pacman", verbs: "", version: "="},
		{name: "pip", verbs: "install=i uninstall=d download=i wheel=i", valued: pip, version: "=<>!~@", files: []string{"-r", "--requirement"}},
		{name: "pipx", verbs: "install=i uninstall=d", valued: pip, version: "=<>!~@"},
		{name: "uv", verbs: "sync=iM add=i lock=r", valued: pip, version: "=<>!~@", dirs: []string{"--project", "--directory"}},
		{name: "uv pip", verbs: "install=i sync=iM uninstall=d", valued: pip, version: "=<>!~@", files: []string{"-r", "--requirement"}},
		{name: "poetry", verbs: "install=iM sync=iM add=i update=u", valued: []string{"--only", "--with", "--without", "-E", "--extras", "-C", "--directory", "-P", "--project"}, version: "@=^~<>", dirs: []string{"-C", "--directory", "-P", "--project"}},
		{name: "pipenv", verbs: "install=i sync=iM update=u"},
		{name: "pdm", verbs: "install=iM sync=iM add=i", valued: []string{"-G", "--group", "-p", "--project"}, dirs: []string{"-p", "--project"}},
		{name: "conda", verbs: "install=i create=i clean=c update=u remove=d", valued: []string{"-n", "--name", "-p", "--prefix", "-c", "--channel", "-f", "--file", "--solver"}, version: "=<>", files: []string{"-f", "--file"}},
		{name: "npm", verbs: "install=i i=i add=i ci=iM clean-install=iM uninstall=d cache=c update=u", valued: npm, version: "@", dirs: []string{"--prefix", "-C"}},
		{name: "yarn", verbs: "install=iM add=i global=i cache=c upgrade=u", valued: npm, version: "@", bare: Install, dirs: []string{"--cwd"}},
		{name: "pnpm", verbs: "install=i i=i add=i fetch=iM update=u store=c", valued: npm, version: "@", dirs: []string{"-C", "--dir"}},
		{name: "bun", verbs: "install=i i=i add=i update=u", valued: npm, version: "@", dirs: []string{"--cwd"}},
		{name: "gem", verbs: "install=i i=i update=u uninstall=d cleanup=c", valued: []string{"-v", "--version", "-n", "--bindir", "-i", "--install-dir", "-P", "--trust-policy", "-s", "--source", "--platform"}, version: ":"},
		{name: "bundle", verbs: "install=iM update=u", bare: Install, valued: []string{"--jobs", "-j", "--retry", "--path", "--without", "--with", "--gemfile"}, dirs: []string{"--gemfile"}},
		{name: "go", verbs: "build=iM install=i get=i test=iM run=iM generate=iM vet=iM", valued: []string{"-o", "-ldflags", "-tags", "-gcflags", "-mod", "-C", "-p", "-asmflags", "-buildmode"}, version: "@", dirs: []string{"-C"}},
		{name: "go mod", verbs: "download=iM tidy=iM vendor=iM"},
		{name: "cargo", verbs: "build=iM b=iM fetch=iM install=i run=iM test=iM", valued: []string{"--version", "--vers", "--root", "--git", "--branch", "--tag", "--rev", "--features", "-F", "--target", "--bin", "-p", "--package", "--path", "--manifest-path", "--profile", "--target-dir"}, version: "@", dirs: []string{"--manifest-path"}},
		{name: "composer", valued: []string{"-d", "--working-dir"}, verbs: "install=iM i=iM require=i update=u global=i", dirs: []string{"-d", "--working-dir"}},
		{name: "mvn", verbs: "package=iM install=iM verify=iM compile=iM dependency:go-offline=iM dependency:resolve=iM clean=iM test=iM deploy=iM", valued: []string{"-f", "--file", "-s", "--settings", "-pl", "--projects", "-P", "-T"}, dirs: []string{"-f", "--file"}},
		{name: "gradle", verbs: "build=iM assemble=iM dependencies=iM bootJar=iM jar=iM installDist=iM shadowJar=iM clean=iM", valued: []string{"-p", "--project-dir", "-b", "--build-file", "-c", "-g", "-x"}, dirs: []string{"-p", "--project-dir"}},
		{name: "dotnet", verbs: "restore=iM build=iM publish=iM test=iM run=iM pack=iM add=i", valued: []string{"-c", "--configuration", "-o", "--output", "-r", "--runtime", "-f", "--framework", "-a", "--arch", "-v", "--verbosity", "--os", "-s", "--source", "--configfile"}},
		{name: "mix", verbs: "deps.get=iM deps.compile=iM compile=iM"},
		{name: "swift", verbs: "build=iM", dirs: []string{"--package-path"}},
		{name: "swift package", verbs: "resolve=iM"},
	}
	byName := make(map[string]*manager, len(rows)+12)
	for _, row := range rows {
		byName[row.name] = row
	}
	for alias, name := range map[string]string{
		"mamba": "conda", "micromamba": "conda", "mvnw": "mvn", "gradlew": "gradle", "bundler": "bundle", "composer.phar": "composer",
		"dnf5": "dnf", "dnf-3": "dnf",
	} {
		byName[alias] = byName[name]
	}
	return byName
})

var pipName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^pip[0-9.]*$`) })

// Calls are the calls of package managers in the script, in order.
func (s *Script) Calls() []*Call {
	if !s.called {
		s.called = true
		for _, c := range s.Commands {
			if call := readCall(c); call != nil {
				s.calls = append(s.calls, call)
			}
		}
	}
	return s.calls
}

// readCall recognises a package manager's call.
func readCall(c *Command) *Call {
	name, args := c.Name, c.Args()
	switch {
	case name == "":
		return nil
	case strings.HasPrefix(name, "python") || strings.HasPrefix(name, "pypy"):
		i := slices.IndexFunc(args, func(w Word) bool { return w.Text == "-m" })
		if i < 0 || i+1 >= len(args) {
			return nil
		}
		name, args = args[i+1].Text, args[i+2:]
	case name[0] == 'p' && pipName().MatchString(name):
		name = "pip"
	}
	m := managers()[name]
	if m == nil {
		return nil
	}
	if len(args) > 0 {
		if sub := managers()[m.name+" "+args[0].Text]; sub != nil {
			m, args = sub, args[1:]
		}
	}
	return m.call(c, args)
}

func (m *manager) call(c *Command, args []Word) *Call {
	call := &Call{Command: c, Manager: m.name, Action: m.bare, Manifest: m.bare == Install}
	var rest []Word
	operands := false // what follows `--`
	for i := 0; i < len(args); i++ {
		w := args[i]
		if w.Text == "--" && !operands {
			operands = true
			continue
		}
		flag, value, inline := strings.Cut(w.Text, "=")
		if strings.HasPrefix(w.Text, "-") && len(w.Text) > 1 && !operands {
			named := slices.Contains(m.files, flag)
			switch {
			case named && inline:
				w.Text = value
				call.Files = append(call.Files, w)
			case named && i+1 < len(args):
				call.Files = append(call.Files, args[i+1])
				i++
			case slices.Contains(m.files, w.Text[:min(2, len(w.Text))]) && len(w.Text) > 2 && w.Text[1] != '-':
				w.Text = w.Text[2:] // -rrequirements.txt
				call.Files = append(call.Files, w)
			case !inline && slices.Contains(m.valued, flag):
				i++
			}
			continue
		}
		if call.Verb.Text == "" {
			call.Verb = w
			continue
		}
		rest = append(rest, w)
	}
	switch {
	case call.Verb.Text != "":
		call.Action, call.Manifest = m.action(call.Verb.Text)
	case c.Has("--version", "-v", "--help", "-h"):
		call.Action, call.Manifest = Unknown, false
	}
	m.finish(call, rest)
	return call
}

// action looks verb up; always is true for one that installs what the application's manifests list.
func (m *manager) action(verb string) (a Action, always bool) {
	for pair := range strings.FieldsSeq(m.verbs) {
		name, code, _ := strings.Cut(pair, "=")
		if name != verb {
			continue
		}
		switch code[0] {
		case 'i':
			return Install, len(code) > 1
		case 'r':
			return Refresh, false
		case 'u':
			return Upgrade, false
		case 'd':
			return Remove, false
		case 'c':
			return Clean, false
		}
	}
	return Unknown, false
}

// finish names the packages of an installation and settles where they come from.
func (m *manager) finish(call *Call, rest []Word) {
	switch {
	case m.name == "yarn" && call.Verb.Text == "global", m.name == "composer" && call.Verb.Text == "global":
		if len(rest) == 0 {
			return
		}
		call.Verb, rest = rest[0], rest[1:]
		if v := call.Verb.Text; v != "add" && v != "require" {
			call.Action = Unknown
		}
	case m.version == "-" && (call.Verb.Text == "module" || call.Verb.Text == "group") && len(rest) > 0:
		call.Verb, rest = rest[0], rest[1:]
		call.Action, _ = m.action(call.Verb.Text)
	case m.name == "conda" && len(rest) > 0 && call.Verb.Text == "env":
		call.Verb, rest = rest[0], rest[1:]
		if v := call.Verb.Text; v == "create" || v == "update" {
			call.Action, call.Manifest = Install, true
		}
	}
	if call.Action != Install || call.Manifest {
		return
	}
	for _, w := range rest {
		call.Packages = append(call.Packages, m.pkg(w))
	}
	switch m.name {
	case "npm", "pnpm", "bun", "pipenv":
		call.Manifest = len(rest) == 0 && !call.Command.Has("-g", "--global")
	case "pip", "uv pip", "conda":
		call.Manifest = len(call.Files) > 0
		for _, p := range call.Packages {
			call.Manifest = call.Manifest || p.Word.Text == "." || strings.HasPrefix(p.Word.Text, ".[")
		}
		if e, ok := call.Command.FlagValue("-e", "--editable"); ok && strings.HasPrefix(e.Text, ".") {
			call.Manifest = true
		}
	case "go":
		call.Manifest = len(call.Packages) == 0
		for _, p := range call.Packages {
			call.Manifest = call.Manifest || strings.HasPrefix(p.Word.Text, ".")
		}
	case "cargo":
		path, ok := call.Command.FlagValue("--path")
		call.Manifest = ok && path.Text != ""
	}
}

func (m *manager) pkg(w Word) Package {
	p := Package{Word: w, Name: w.Text}
	t := w.Text
	p.Local = strings.HasPrefix(t, ".") || strings.HasPrefix(t, "/") || strings.HasPrefix(t, "~") || strings.Contains(t, "://")
	if m.version == "" || p.Local {
		return p
	}
	if m.version == "-" {
		if i := rpmVersion().FindStringIndex(t); i != nil {
			p.Name, p.Version = t[:i[0]], t[i[0]+1:]
		}
		return p
	}
	if i := strings.IndexAny(t[min(1, len(t)):], m.version); i >= 0 {
		p.Name, p.Version = t[:i+1], strings.TrimLeft(t[i+1:], m.version)
	}
	return p
}

// rpmVersion finds where the version begins in name-1.2-3.el9; java-17-openjdk is all name.
var rpmVersion = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`-[0-9][^-]*(-[0-9][^-]*)?$`) })
