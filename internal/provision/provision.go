// Package provision follows what the steps of a stage do to what the stage has: the release of its distribution, its
// package sources and lists, the packages that were installed and the programs that they bring.
package provision

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/distro"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// State is what a stage has at one point. It does not change.
type State struct {
	Root    *plan.Image   // the image that the stage starts from, nil if that is not known
	Base    image.Image   // what is known of it
	Release image.Release // that of Base
	// Stock says that the package sources of the base image are still there, as they were. Steps may have added others.
	Stock bool
	// Suite says that the sources have at least the packages of Release, if from other servers.
	Suite bool
	extra *extra // what these may bring
	// Lists says that the package lists may be there.
	Lists bool
	// Touched says that a step has changed what pip may install into: a virtual environment, or a mark of the distribution.
	Touched bool
	// Opaque says that a step may have added any program.
	Opaque  bool
	added   *added // what the steps have installed
	many    bool   // and more than that: see maxAdded
	Written *Line  // the last line of a package source that a step has written, nil without one
	saved   *saved // the last well-known script that a step has saved in a file
}

// saved is a well-known script from the web in a file.
type saved struct {
	file  string // its base name
	fetch *shell.Command
	next  *saved
}

// added is a list of package and program names.
type added struct {
	name    string
	manager *ecosystem.Manager // nil for a program
	next    *added
	length  int // of the list
}

// maxAdded bounds how many packages a stage remembers, since many rules look through the list at each command. Real
// stages install fewer.
const maxAdded = 500

// Line is a line of a package source that names a suite, such as `deb http://ftp.debian.org/debian jessie main`.
type Line struct {
	Host, Suite string
	Span        parser.Span
	Next        *Line // the one before
}

// Moment is a command with the state before it.
type Moment struct {
	*State
	Command *shell.Command
	Call    *shell.Call // nil for a command that is not a package manager's
	// Fetch is the command that fetched the script which Command, a shell, runs, nil for another command.
	Fetch *shell.Command
}

// Moments are the commands of RUN instructions that install something, those that call a program which images are
// known to lack, and shells that run a well-known script from the web, in the order of the file.
func Moments(p *lint.Pass) []Moment { return moments.Of(p) }

var moments = lint.NewFact(func(p *lint.Pass) []Moment {
	w := walker{pass: p, ends: map[*plan.Stage]*State{}}
	for _, s := range p.Plan.Stages {
		w.stage(s)
	}
	return w.out
})

type walker struct {
	pass *lint.Pass
	ends map[*plan.Stage]*State
	out  []Moment
}

// stage follows the steps of a stage. A stage that it is built from comes earlier in the file.
func (w *walker) stage(s *plan.Stage) {
	var at State
	switch {
	case s.Base != nil && s.Base.Stage != nil && w.ends[s.Base.Stage] != nil:
		at = *w.ends[s.Base.Stage]
	case s.Base != nil && s.Base.External() && !s.Windows():
		at = State{Root: s.Base, Base: image.Of(*s.Base.Ref), Stock: true, Suite: true}
		at.Release = at.Base.Release(w.pass.Now)
		if !s.Reached && strings.Contains(s.Base.Word.String, "$") {
			at = State{Lists: true, Opaque: true} // a stage for another value of the variable
			break
		}
		at.Lists = !at.Base.FreshLists(at.Release)
		at.Opaque = strings.Contains(s.Base.Ref.Tag, "onbuild")
		if at.Opaque {
			at.Stock, at.Suite, at.Lists = false, false, true
		}
	default:
		at = State{Lists: true, Opaque: true}
	}
	now := &at
	if now.Root == nil || now.Release.Distribution == "" && !now.Base.Listed() && !names(s, "deb http") {
		w.ends[s] = &State{Lists: true, Opaque: true} // no rule has anything to say about it
		return
	}
	for _, step := range s.Steps {
		now = w.step(step, now)
	}
	w.ends[s] = now
}

// names reports whether the text of a RUN of the stage has the text.
func names(s *plan.Stage, text string) bool {
	return slices.ContainsFunc(s.Steps, func(step *plan.Step) bool {
		return step.Instruction.Name == "RUN" && strings.Contains(step.Instruction.Text.String, text)
	})
}

func (w *walker) step(step *plan.Step, at *State) *State {
	switch {
	case step.Copy != nil:
		return copied(step, at)
	case step.Instruction.Name == "ENV":
		for _, pair := range step.Instruction.Pairs {
			if pair.Key.Value == "PATH" && !at.Opaque {
				next := *at
				next.Opaque = true
				return &next
			}
		}
	case step.Instruction.Name == "RUN":
		sc := w.pass.Script(step)
		if sc == nil || sc.Err != nil || sc.File == nil && !sc.Exec || sc.ForWindows() {
			next := *at
			next.Stock, next.Suite, next.Lists, next.Opaque = false, false, true, true
			return &next
		}
		return w.script(sc, at)
	}
	return at
}

// copied is the state after a COPY or ADD.
func copied(step *plan.Step, at *State) *State {
	next := *at
	t := step.Copy
	if !t.To.Known && strings.Contains(step.Instruction.Text.String, "$GOPATH/src/") {
		return at // sources of Go, as the images of it have told people to
	}
	if !t.To.Known {
		next.Stock, next.Suite, next.Opaque = false, false, true
		return &next
	}
	to := step.Destination()
	switch {
	case plan.Within(to, "/etc/apt/sources.list.d"):
		next.extra = &extra{distro.AnyPackage, next.extra}
	case to == "/" && files(t), to == "/etc" && files(t):
	case to == "/", to == "/etc", plan.Within(to, "/etc/apt") && !strings.Contains(to, "apt.conf"), plan.Within(to, "/etc/apk"),
		plan.Within(to, "/etc/yum.repos.d"), plan.Within(to, "/etc/pki"), plan.Within(to, "/etc/dnf"), plan.Within(to, "/etc/yum"), to == "/etc/yum.conf":
		next.Stock, next.Suite = false, false
	}
	if to == "/" && !files(t) || to == "/usr" || to == "/usr/local" || to == "/opt" {
		next.Opaque = true
	}
	if files(t) && (binDirectory(to) || binDirectory(path.Dir(to))) && (next.added == nil || next.added.length < maxAdded) {
		next.added = next.added.plus(path.Base(to), nil)
		for _, src := range t.Sources {
			next.added = next.added.plus(path.Base(src.Path.Text), nil)
		}
		return &next
	}
	for part := range strings.SplitSeq(to, "/") {
		if part == "bin" || part == "sbin" || part == "nix" {
			next.Opaque = true
		}
	}
	return &next
}

// files reports whether a COPY or ADD only puts single files that have an extension somewhere, and unpacks none.
func files(t *plan.Transfer) bool {
	for _, src := range t.Sources {
		if !src.Path.Known || src.Remote {
			return false
		}
		switch path.Ext(src.Path.Text) {
		case ".sh", ".py", ".txt", ".json", ".yml", ".yaml", ".toml", ".js", ".conf", ".cfg", ".ini", ".sql", ".pem", ".crt", ".jar", ".md", ".xml":
		default:
			return false
		}
	}
	return len(t.Sources) > 0
}

// script follows the commands of a RUN.
func (w *walker) script(sc *shell.Script, at *State) *State {
	if text := sc.Text.String; !at.Touched && (strings.Contains(text, "EXTERNALLY-MANAGED") || strings.Contains(text, "venv") ||
		strings.Contains(text, "virtualenv") || strings.Contains(text, "pip.conf") || strings.Contains(text, "pip config")) {
		next := *at
		next.Touched = true
		at = &next
	}
	calls := sc.Calls()
	marks := sourceMarks(sc, at)
	for _, m := range sc.Step.Mounts {
		if m.Type == "cache" && m.Target.Known && plan.Within("/var/lib/apt/lists", m.Target.Text) {
			next := *at
			next.Lists = true
			at = &next
		}
		if m.Type == "bind" && !at.Opaque {
			next := *at
			next.Opaque = true
			at = &next
		}
	}
	marked, next := 0, 0 // of marks and calls, which are in the order of the commands
	var before *shell.Command
	for _, c := range sc.Commands {
		for marked < len(marks) && marks[marked].at < c.Span.Start {
			at = at.marked(marks[marked])
			marked++
		}
		var call *shell.Call
		if next < len(calls) && calls[next].Command == c {
			call = calls[next]
			next++
		}
		if call != nil || image.Tracked(c.Name) {
			w.out = append(w.out, Moment{at, c, call, nil})
		}
		switch fetch, words, program := at.fromWeb(before, c); {
		case fetch != nil:
			w.out = append(w.out, Moment{at, c, nil, fetch})
			if line := NodeLine(fetch); line > 0 && line < at.Release.Node() && w.pass.Now.Before(NodeScripts) {
				words, program = " none ", ""
			}
			at = at.with(words, program)
		case call != nil && !Fatal(c) && w.inVain(at, call):
		default:
			at = at.after(c, call).saving(c)
		}
		if !c.Wraps() {
			before = c
		}
	}
	for ; marked < len(marks); marked++ {
		at = at.marked(marks[marked])
	}
	return at
}

// inVain reports whether an install of apt certainly installs nothing, since the sources of the release are gone or lack a
// package.
func (w *walker) inVain(at *State, call *shell.Call) bool {
	m := ecosystem.Of(call.Command.Name)
	if m == nil || m.Family != ecosystem.Apt || call.Action != shell.Install || !at.Stock || at.extra != nil || at.Release.Name == "" {
		return false
	}
	if _, moved := distro.Moved(at.Release, w.pass.Now); moved {
		return true
	}
	for _, pkg := range call.Packages {
		if pkg.Word.Literal && !pkg.Local {
			if _, absent := distro.Absent(at.Release, PackageName(pkg.Name), w.pass.Now); absent {
				return true
			}
		}
	}
	return false
}

// saving is the state after c, which may save a well-known script in a file.
func (s *State) saving(c *shell.Command) *State {
	if c.Name != "curl" && c.Name != "wget" || c.PipeTo != nil {
		return s
	}
	for _, w := range c.Args() {
		if _, _, ok := distro.Script(w.Text); !ok {
			continue
		}
		file := w.Text
		if v, ok := c.FlagValue("-o", "--output", "-O", "--output-document"); ok && (c.Name == "wget" || v.Text != w.Text) {
			file = v.Text
		}
		if c.Stmt != nil {
			for _, r := range c.Stmt.Redirs {
				if r.Word != nil && r.Word.Lit() != "" {
					file = r.Word.Lit()
				}
			}
		}
		next := *s
		next.saved = &saved{path.Base(file), c, s.saved}
		return &next
	}
	return s
}

// mark is a place in a script that changes package sources.
type mark struct {
	at    int
	line  *Line  // that it writes, or nil
	adds  bool   // it only adds a source
	edits bool   // it only edits the sources of the release
	moves bool   // and may name another server
	words string // see extra
}

func (s *State) marked(m mark) *State {
	next := *s
	switch {
	case m.adds || m.line != nil:
	case m.edits:
		next.Stock = next.Stock && !m.moves
	default:
		next.Stock, next.Suite = false, false
	}
	if m.words != "" {
		next.extra = &extra{m.words, s.extra}
	}
	if m.line != nil {
		l := *m.line
		l.Next = s.Written
		next.Written = &l
	}
	return &next
}

// sourceWords are the texts that say that a script changes package sources.
var sourceWords = [...]string{
	"sources.list", "apt-add-repository", "add-apt-repository", "/etc/apk/", "yum.repos.d", "config-manager", "APT_CONFIG",
	"/etc/yum.conf", "/etc/dnf", "debian.sources", "ubuntu.sources", "copr", "archive.debian.org", "old-releases", "vault.centos",
}

var anySource = lazy.Words{List: func() []string { return sourceWords[:] }}

// sourceMarks are the places in sc that change package sources, in order.
func sourceMarks(sc *shell.Script, at *State) []mark {
	var out []mark
	text := sc.Text.String
	if !anySource.In(text) { // as most scripts
		return nil
	}
	for _, word := range sourceWords {
		for from := 0; ; {
			i := strings.Index(text[from:], word)
			if i < 0 {
				break
			}
			from += i + len(word)
			m := mark{at: sc.Text.Span(from-1, from).Start}
			before, after := segment(text, from-len(word), from)
			m.words, m.adds = adds(word, before, after)
			if !m.adds && (word == "sources.list" || word == "debian.sources" || word == "ubuntu.sources") {
				m.edits, m.moves = edits(before+word+after, at.Release.Code)
			}
			out = append(out, m)
		}
	}
	if len(out) > 0 {
		out = append(out, lines(sc)...)
		order.By(out, func(a, b mark) int { return a.at - b.at })
	}
	return out
}

// lines are the lines of package sources in the words of sc.
func lines(sc *shell.Script) []mark {
	var out []mark
	for _, c := range sc.Commands {
		if c.Name == "echo" { // echo deb http://host suite main
			if args := c.Args(); len(args) > 2 && args[0].Text == "deb" {
				var text strings.Builder
				for _, w := range args {
					text.WriteString(w.Text + " ")
				}
				out = append(out, readLines(shell.Word{Text: text.String(), Span: parser.Span{Start: args[0].Span.Start, End: args[len(args)-1].Span.End}})...)
			}
		}
		for _, w := range c.Args() {
			if strings.HasPrefix(w.Text, "ppa:") && strings.HasSuffix(c.Name, "-apt-repository") {
				out = append(out, mark{at: w.Span.Start, line: &Line{Host: w.Text, Span: w.Span}})
			}
			out = append(out, readLines(w)...)
		}
	}
	return out
}

func readLines(w shell.Word) []mark {
	var out []mark
	rest := w.Text
	for {
		i := strings.Index(rest, "deb ")
		if i < 0 || i > 0 && rest[i-1] != '\n' && rest[i-1] != ' ' && rest[i-1] != 'n' && rest[i-1] != '\'' && rest[i-1] != '"' {
			return out
		}
		f := strings.Fields(rest[i:])
		rest = rest[i+4:]
		if len(f) > 1 && strings.HasPrefix(f[1], "[") {
			for len(f) > 2 && !strings.HasSuffix(f[1], "]") {
				f = append(f[:1], f[2:]...)
			}
			f = append(f[:1], f[2:]...)
		}
		if len(f) < 3 || !strings.HasPrefix(f[1], "http") {
			continue
		}
		_, host, _ := strings.Cut(f[1], "://")
		host, _, _ = strings.Cut(host, "/")
		out = append(out, mark{at: w.Span.Start, line: &Line{Host: host, Suite: strings.Trim(f[2], `"'\`), Span: w.Span}})
	}
}

// after is the state after a command.
func (s *State) after(c *shell.Command, call *shell.Call) *State {
	if call != nil {
		return s.called(call)
	}
	switch effectOf(c) {
	case nothing:
		if c.Name == "rm" && s.Lists && c.Deletes("/var/lib/apt/lists") && s.fresh() {
			next := *s
			next.Lists = false
			return &next
		}
		return s
	case anyProgram:
		if s.Opaque {
			return s
		}
		next := *s
		if names, ok := puts(c); ok && (s.added == nil || s.added.length < maxAdded) {
			for _, name := range names {
				next.added = next.added.plus(name, nil)
			}
			return &next
		}
		next.Opaque = true
		return &next
	case anything:
	}
	next := *s
	next.Stock, next.Suite, next.Lists, next.Opaque = false, false, true, true
	return &next
}

// plus is the list with a name more.
func (a *added) plus(name string, m *ecosystem.Manager) *added {
	length := 1
	if a != nil {
		length += a.length
	}
	return &added{name, m, a, length}
}

// puts are the programs that a command puts in place by their names. ok is false if they are not known.
func puts(c *shell.Command) (names []string, ok bool) {
	if c.Stmt != nil && len(c.Stmt.Redirs) > 0 || strings.HasSuffix(c.Name, ".sh") {
		return nil, false
	}
	switch c.Name {
	case "cp", "mv", "ln":
		operands := c.Operands("-S", "-t", "--suffix", "--target-directory")
		if len(operands) < 2 || c.Has("-t", "--target-directory", "-T") {
			return nil, false
		}
		to := operands[len(operands)-1]
		for _, w := range operands {
			if !w.Literal || strings.ContainsAny(w.Text, "*?[{~") {
				return nil, false
			}
		}
		switch {
		case binDirectory(to.Text):
			for _, w := range operands[:len(operands)-1] {
				name := path.Base(w.Text)
				if name == "." || name == "/" || name == ".." {
					return nil, false
				}
				names = append(names, name)
			}
		case len(operands) == 2 && binDirectory(path.Dir(to.Text)):
			names = append(names, path.Base(to.Text), path.Base(operands[0].Text))
		default:
			return nil, false
		}
		return names, true
	case "curl", "wget":
		flags := []string{"-o", "--output"}
		if c.Name == "wget" {
			flags = []string{"-O", "--output-document"}
		}
		v, ok := c.FlagValue(flags...)
		if !ok || !v.Literal || !binDirectory(path.Dir(v.Text)) {
			return nil, false
		}
		return []string{path.Base(v.Text)}, true
	}
	return nil, false
}

// binDirectory reports whether a directory is one from which the shell takes programs by default.
func binDirectory(dir string) bool {
	switch strings.TrimRight(dir, "/") {
	case "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin":
		return true
	}
	return false
}

// fresh reports whether the base image is known well enough to say what deleting its package lists means.
func (s *State) fresh() bool { return s.Base.FreshLists(s.Release) }

// called is the state after a call of a package manager.
func (s *State) called(call *shell.Call) *State {
	m := ecosystem.Of(call.Command.Name)
	if m == nil {
		m = ecosystem.Of(call.Manager)
	}
	next := *s
	switch {
	case Refreshes(call) && !s.Lists:
		next.Lists = true
		if call.Action == shell.Install {
			return next.called(call)
		}
	case call.Action == shell.Install:
		fields, open := call.Command.Fields()
		if open || m.Opaque {
			next.Opaque = true
		}
		for _, f := range fields {
			if strings.HasPrefix(f, "-") || f == "install" || f == "add" {
				continue
			}
			switch {
			case f == "epel-release":
				next.extra = &extra{" epel ", next.extra}
			case strings.Contains(f, "://"), strings.HasSuffix(f, ".deb"), strings.HasSuffix(f, ".rpm"), m.System && strings.Contains(f, "release"),
				strings.Contains(f, "archive-keyring"):
				next.Stock, next.Suite, next.Opaque = false, false, true
			}
			if next.added != nil && next.added.length >= maxAdded {
				next.Opaque, next.many = true, true
				break
			}
			if m.Family == ecosystem.Yum && s.Suite && s.extra == nil && s.Release.Before("centos", "8") && lacking(s.Release, f) {
				continue // yum goes on without it
			}
			next.added = next.added.plus(PackageName(f), m)
			if next.others(PackageName(f)) {
				next.Opaque = true
			}
		}
	case call.Action == shell.Unknown && !m.System && !tells(call):
		next.Opaque = true // npm run, cargo build: anything
	default:
		return s
	}
	return &next
}

// lacking reports whether the release has no such package, as far as was known when CentOS 7 ended.
func lacking(r image.Release, name string) bool {
	_, ok := distro.Absent(r, PackageName(name), centos7)
	return ok
}

var centos7 = time.Date(2024, 6, 30, 0, 0, 0, 0, time.UTC)

// tells reports whether a call only reads or writes settings, caches or lists.
func tells(call *shell.Call) bool {
	words := call.Command.Args()
	if len(words) == 0 {
		return true
	}
	switch words[0].Text {
	case "cache", "config", "set", "get", "--version", "-v", "-V", "version", "list", "ls", "freeze", "show", "view", "info", "search", "sources",
		"env", "check", "whoami", "ping", "audit":
		return true
	}
	return false
}

// Refreshes reports whether a call of apt fetches package lists: `update`, or an install that does so first.
func Refreshes(call *shell.Call) bool {
	m := ecosystem.Of(call.Command.Name)
	return m != nil && m.Family == ecosystem.Apt &&
		(call.Action == shell.Refresh || call.Action == shell.Install && call.Command.Has("--update", "-U"))
}

// PackageName is the name of a package in a word of a command line, without version, architecture or repository.
func PackageName(word string) string {
	if i := strings.IndexAny(word, "=<>~@"); i > 0 {
		word = word[:i]
	}
	name, _, _ := strings.Cut(word, ":")
	for _, arch := range [...]string{".x86_64", ".i686", ".noarch", ".aarch64"} { // as yum and dnf write it
		name = strings.TrimSuffix(name, arch)
	}
	return name
}

// MayHave reports whether the stage may have the program, beyond what its base image has: a step may have added it.
func (s *State) MayHave(program string) bool {
	if s.Opaque {
		return true
	}
	for a := s.added; a != nil; a = a.next {
		if a.manager == nil || !a.manager.System {
			if strings.Contains(a.name, program) {
				return true
			}
			continue
		}
		if distro.MayBring(s.distribution(), s.Release, a.name, program) {
			return true
		}
	}
	return false
}

// Installed reports whether a step has installed the package, or so many that it may be among them.
func (s *State) Installed(name string) bool {
	if s.many {
		return true
	}
	for a := s.added; a != nil; a = a.next {
		if a.name == name {
			return true
		}
	}
	return false
}

func (s *State) distribution() string {
	if s.Release.Distribution != "" {
		return s.Release.Distribution
	}
	return s.Base.Family()
}

// effect is what a command that is not a package manager may do to a stage.
type effect int

const (
	nothing    effect = iota
	anyProgram        // it may add any program
	anything          // it may do all that a script can
)

func effectOf(c *shell.Command) effect {
	if len(c.Words) == 0 {
		for _, a := range c.Assigns {
			if a.Name == "PATH" {
				return anyProgram
			}
		}
		return nothing
	}
	name := c.Name
	switch name {
	case "":
		return anything
	case "sh", "bash", "ash", "dash", "zsh", "su", ".", "source", "eval", "ansible-playbook", "puppet", "chef-solo", "chef-client", "salt-call",
		"python", "python2", "python3", "perl", "ruby", "node", "php", "pwsh", "dpkg", "rpm", "debootstrap", "chroot", "setuser", "runuser":
		if c.Has("--version", "-v", "-V") || name == "dpkg" && len(c.Words) > 1 && asks(c.Words[1].Text) {
			return nothing
		}
		return anything
	case "echo", "printf", "cat", "true", ":", "false", "set", "export", "mkdir", "rmdir", "rm", "chmod", "chown", "chgrp", "touch", "ls", "cd",
		"pwd", "test", "[", "[[", "sed", "awk", "grep", "egrep", "head", "tail", "sort", "uniq", "tr", "cut", "wc", "tee", "find", "xargs",
		"env", "sudo", "exec", "time", "nohup", "command", "type", "which", "hash", "date", "sleep", "id", "whoami", "uname", "useradd",
		"adduser", "groupadd", "addgroup", "usermod", "passwd", "chpasswd", "userdel", "sha256sum", "sha1sum", "md5sum", "sha512sum",
		"locale-gen", "update-locale", "localedef", "dpkg-reconfigure", "debconf-set-selections", "ldconfig", "apt-cache", "apt-mark",
		"update-ca-certificates", "gpg", "apt-key", "git", "hg", "svn", "unset", "exit", "return", "wait", "service", "systemctl", "ssh-keygen",
		"ssh-keyscan", "openssl", "stat", "du", "df", "sync", "basename", "dirname", "readlink", "realpath", "umask", "ulimit", "trap",
		"visudo", "crontab", "a2enmod", "a2dismod", "a2ensite", "a2dissite", "docker-php-ext-configure", "docker-php-ext-enable", "fc-cache",
		"getent", "hostname", "ps", "kill", "ln", "mknod", "expr", "seq", "yes", "nproc", "free", "dos2unix", "iconv", "base64", "local",
		"shopt", "read", "shift", "declare", "typeset", "readonly", "alias", "update-rc.d", "setcap", "npm-config", "diff", "patch", "jq",
		"curl", "wget", "cp", "mv", "tar", "rsync", "cmake", "gcc", "g++", "cc", "java", "javac", "tput", "clear", "gosu", "unzip", "gunzip", "xz", "bzip2", "gzip", "tini", "docker-php-source", "rename":
		for _, w := range c.Args() { // a program that is put in place, or a configuration that is switched on
			if inSystem(w.Text) && !only(name) {
				return anyProgram
			}
		}
		if c.Stmt != nil {
			for _, r := range c.Stmt.Redirs {
				if r.Word != nil && inSystem(r.Word.Lit()) {
					return anyProgram
				}
			}
		}
		return nothing
	case "make":
		for _, w := range c.Args() {
			if !strings.HasPrefix(w.Text, "-") && !strings.Contains(w.Text, "=") && w.Text != "all" {
				return anyProgram // a target may install something
			}
		}
		return nothing
	case "install", "update-alternatives", "ninja", "meson", "docker-php-ext-install", "pecl", "pear", "cpan", "cpanm", "rustup", "corepack", "nvm", "pyenv", "rbenv", "asdf", "sdk":
		return anyProgram
	}
	if strings.Contains(c.Words[0].Text, "/") && !bin(c.Words[0].Text) || strings.HasSuffix(name, ".sh") {
		return anything
	}
	return anyProgram
}

// asks reports whether an option of dpkg changes no files.
func asks(option string) bool {
	switch option {
	case "--add-architecture", "--print-architecture", "--print-foreign-architectures", "--configure", "--get-selections", "-l", "-L", "-s", "-S",
		"--list", "--status", "--listfiles", "--search", "--compare-versions":
		return true
	}
	return false
}

// inSystem reports whether a word names a place from which the shell takes programs, or one that contains it.
func inSystem(word string) bool {
	return strings.IndexByte(word, '/') >= 0 && (strings.Contains(word, "/bin") || strings.Contains(word, "/sbin") || word == "/usr" || word == "/usr/" || word == "/usr/local" ||
		word == "/usr/local/" || word == "/")
}

// only reports whether a command with that name never puts a file anywhere, whatever its arguments.
func only(name string) bool {
	switch name {
	case "rm", "chmod", "chown", "echo", "useradd", "adduser", "usermod", "test", "[", "[[", "ls", "cd", "find", "du", "grep", "exec", "env", "command":
		return true
	}
	return false
}

// bin reports whether a program is where packages put it.
func bin(name string) bool {
	switch path.Dir(name) {
	case "/bin", "/usr/bin", "/sbin", "/usr/sbin":
		return true
	}
	return false
}

// Manages reports whether the program is a distribution's package manager.
func Manages(program string) bool {
	m := ecosystem.Of(program)
	return m != nil && m.System
}

// Foreign reports whether the package manager is not that of the stage's release, and not one that its packages include.
func (s *State) Foreign(manager string) bool {
	m := ecosystem.Of(manager)
	if m == nil {
		return false
	}
	switch s.Release.Distribution {
	case "debian", "ubuntu":
		return m.Family == ecosystem.Apk || m.Family != ecosystem.Apt && s.added == nil && !s.Opaque
	case "alpine":
		return m.Family != ecosystem.Apk
	case "centos", "centos-stream", "fedora", "oracle":
		return m.Family == ecosystem.Apt || m.Family == ecosystem.Apk
	}
	return false
}
