package container

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Needs is what an unprivileged user needs so that the container can run as it.
type Needs struct {
	// Own are the directories that it must own, absolute paths, each once.
	Own []string
	// Check is what somebody has to look at before the user is switched, because it cannot be known: a clause that
	// follows "check". It is "" if Own is all.
	Check string
}

// Needs is what an unprivileged user of the container needs.
func (c *Container) Needs() *Needs { return needs.Of(c.pass) }

func findNeeds(p *lint.Pass) *Needs {
	n := &need{Needs: &Needs{}, pass: p, c: Of(p)}
	for _, look := range []func() string{n.steps, n.ports, n.volumes, n.scripts, n.programs, n.sources} {
		if n.Check = look(); n.Check != "" {
			break
		}
	}
	return n.Needs
}

type need struct {
	*Needs
	pass     *lint.Pass
	c        *Container
	declared []string // volumes
	looked   int      // how often has was called
}

// steps looks for what steps leave in root's home directory, and for files that only root can read.
func (n *need) steps() string {
	for _, s := range n.c.Target.Lineage() {
		for _, step := range s.Steps {
			text := step.Instruction.Rest.String // what a flag mounts is not in the image
			if m := findInHome(text); m != "" {
				if strings.ContainsAny(m[:1], "/~$.") {
					return "whether another user can read the files in root's home directory"
				}
				return "whether another user can read the files that `" + m + "` leaves in root's home directory"
			}
			if n.installsPython(step, text) {
				return "whether another user can read the Python that `uv` may install in root's home directory"
			}
			if step.Copy != nil && step.Copy.Add && step.Instruction.Flag("chmod") == nil &&
				slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool { return src.Remote && !n.removed(step, src) }) {
				return "whether another user can read the file that `ADD` downloads with mode 600"
			}
		}
	}
	return ""
}

// installsPython reports whether uv, in a step with the code text, may install a Python of its own, since the base image may have none.
func (n *need) installsPython(step *plan.Step, text string) bool {
	if !strings.Contains(text, "uv sync") && !strings.Contains(text, "uv venv") && !strings.Contains(text, "uv python install") {
		return false
	}
	root := n.c.Target.Image()
	return step.Env.Lookup("UV_PYTHON_INSTALL_DIR") == nil && (strings.Contains(text, "uv python") || root == nil || root.Ref.Official() != "python")
}

// removed reports whether a later step removes what step, an ADD, downloads from src.
func (n *need) removed(step *plan.Step, src plan.Source) bool {
	names := []string{path.Base(src.Path.Text), path.Base(step.Copy.To.Text)}
	for _, s := range n.c.Target.Lineage() {
		for _, sc := range n.pass.Scripts(s) {
			for _, c := range sc.Commands {
				if c.Name == "rm" && slices.ContainsFunc(c.Operands(), func(w shell.Word) bool { return slices.Contains(names, path.Base(w.Text)) }) {
					return true
				}
			}
		}
	}
	return false
}

// findInHome returns what inHome matches first in text. Few texts have one of the words, and they are found sooner.
func findInHome(text string) string {
	for _, word := range [...]string{
		"/root", "~/", "$HOME", "${HOME", ".local/bin", " --user", "nvm", "pipx", "playwright install", "puppeteer browsers", "nltk.download",
		"snapshot_download", "corepack", "rustup", "dotnet tool install",
	} {
		if strings.Contains(text, word) && (word != " --user" || strings.Contains(text, "pip")) {
			return inHome.Get().FindString(text)
		}
	}
	return ""
}

// inHome matches what is, or installs something, in the home directory of the user who builds.
var inHome = lazy.Regexp{Expr: `/root\b|~/\S*|\$\{?HOME\b|\.local/bin|\bpip3? install (?:\S+ )*--user\b|\bnvm\b|\bpipx\b|` +
	`\bplaywright install\b|\bpuppeteer browsers\b|\bnltk\.download\b|\bsnapshot_download\b|\bcorepack\b|\brustup\b|\bdotnet tool install\b`}

const firstPlainPort = 1024

// ports looks for ports that only root can listen on in Kubernetes.
func (n *need) ports() string {
	low := func(port int) string { return "whether the user may listen on port " + strconv.Itoa(port) }
	for _, s := range n.c.Target.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name != "EXPOSE" {
				continue
			}
			for _, w := range step.Instruction.Args {
				text, _, _ := strings.Cut(step.Env.Expand(w.Value).Text, "/")
				port, err := strconv.Atoi(text)
				if err != nil {
					return "which port the application listens on"
				}
				if port < firstPlainPort && !n.elsewhere(port) {
					return low(port)
				}
			}
		}
	}
	for _, s := range n.c.Servers() {
		for _, l := range s.Listens {
			if l.Port > 0 && l.Port < firstPlainPort {
				return low(l.Port)
			}
		}
	}
	return ""
}

// elsewhere reports whether the container's only program certainly listens on another port than port, and on one that any user may use.
func (n *need) elsewhere(port int) bool {
	s := n.c.Only()
	if s == nil {
		return false
	}
	l, ok := s.Port()
	return ok && l.Port != port && l.Port >= firstPlainPort
}

// volumes looks at VOLUME and at the volumes of compose files.
func (n *need) volumes() string {
	for _, s := range n.c.Target.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name != "VOLUME" {
				continue
			}
			for _, w := range step.Instruction.Args {
				v := step.Env.Expand(w.Value)
				if !v.Known || !path.IsAbs(v.Text) {
					return "whether the user can write to the volumes"
				}
				n.declared = append(n.declared, path.Clean(v.Text))
			}
		}
	}
	ctx := n.pass.Context()
	for _, use := range n.c.Uses() {
		for _, v := range use.Volumes {
			source := strings.TrimSuffix(v.Source, "/")
			switch {
			case !path.IsAbs(v.Target):
				return "whether the user can write to the volumes"
			case !v.Bind:
				n.declared = append(n.declared, path.Clean(v.Target))
			case source == "", ctx == nil, source != "." && !ctx.Has(source) && len(ctx.Dir(source)) == 0:
				return "whether the user can write to `" + v.Target + "`, a directory on the host"
			}
		}
		for _, v := range use.Synced {
			return "whether the user can write to `" + v.Target + "`, where `docker compose watch` copies changed files"
		}
	}
	for _, dir := range n.declared {
		n.own(dir)
	}
	return ""
}

// scripts looks at what the container's scripts write.
func (n *need) scripts() string {
	scripts := n.c.EntryScripts()
	if len(scripts) == 0 && (n.c.startsScript() || n.c.Unread) {
		return "what the start script does as root"
	}
	for _, s := range scripts {
		if why := n.script(s); why != "" {
			return why
		}
	}
	return ""
}

func (n *need) script(s *EntryScript) (why string) {
	code := s.Code()
	name := "`" + path.Base(s.Path) + "`"
	if code.Err != nil || code.File == nil {
		return "what " + name + " does as root"
	}
	write := func(literal bool, to string, file bool) {
		switch {
		case why != "":
		case !literal:
			why = "whether the user can write the files that " + name + " writes"
		case !n.write(to, file):
			why = "whether the user can write to `" + to + "`, as " + name + " does"
		}
	}
	for _, c := range code.Commands {
		operands := c.Operands("-m", "--mode", "-o", "-g", "-t")
		switch c.Name {
		case "mkdir":
			for _, w := range operands {
				write(w.Literal, w.Text, false)
			}
		case "touch", "tee", "rm":
			for _, w := range operands {
				write(w.Literal, w.Text, true)
			}
		case "cp", "mv", "ln", "install", "rsync", "tar", "unzip":
			if len(operands) > 0 {
				last := operands[len(operands)-1]
				write(last.Literal, last.Text, true)
			}
		case "chmod", "sed", "openssl", "ssh-keygen", "git":
			return "whether the user may do what " + name + " does with `" + c.Name + "`"
		case ".", "source":
			return "what " + name + " does as root"
		}
		for _, w := range c.Args() {
			switch w.Text {
			case "install", "build", "collectstatic", "compilemessages", "assets:precompile":
				return "whether the user can write the output of `" + c.Name + " " + w.Text + "` in " + name
			}
		}
	}
	syntax.Walk(code.File, func(node syntax.Node) bool {
		if r, ok := node.(*syntax.Redirect); ok {
			if op := r.Op.String(); strings.Contains(op, ">") && !strings.Contains(op, "<") && op != ">&" {
				write(r.Word.Lit() != "", r.Word.Lit(), true)
			}
		}
		return why == ""
	})
	return why
}

// programs looks for programs that are not the application's, which may write anywhere.
func (n *need) programs() string {
	for _, c := range n.c.Commands {
		m := ecosystem.Of(c.Name)
		if m != nil && m.Family != ecosystem.Node && (len(c.Words) < 2 || !strings.HasSuffix(c.Words[1].Text, ".dll")) {
			return "which files `" + c.Name + "` writes when the container starts"
		}
	}
	all := n.c.Tasks()
	if len(all) == 0 {
		return "which files the program writes"
	}
	for _, t := range all {
		name := t.Name()
		m := t.Manager()
		_, develops := t.Develops()
		switch {
		case develops != nil && develops.Reason == Compiles:
			return "which files `" + name + "` writes next to the sources"
		case (name == "echo" || name == "printf") && len(all) > 1: // a message above the start
		case name == "", name == "export", strings.ContainsAny(name, "[]'\""): // the rest of an array that is not JSON
			return "which files the program writes"
		case m != nil, programs.Get()[name] != nil || programs.Get()[strings.TrimRight(name, "0123456789.")] != nil || n.copied(t.Words[0], t.Dir):
		default:
			return "which files `" + name + "` writes"
		}
	}
	return ""
}

// copied reports whether a COPY brings the program that w names, or its directory, or a step compiles it.
func (n *need) copied(w shell.Word, dir string) bool {
	name := path.Base(w.Text)
	for _, s := range n.c.Target.Lineage() {
		for _, step := range s.Steps {
			if text := step.Instruction.Text.String; strings.Contains(text, " -o ") && strings.Contains(text, "/"+name) {
				return true
			}
			if step.Copy == nil || !step.Copy.To.Known {
				continue
			}
			to := absolute(step.Workdir.Text, step.Copy.To.Text)
			if strings.Contains(w.Text, "/") && plan.Within(absolute(dir, w.Text), to) {
				return true
			}
			if path.Base(to) == name || slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool {
				return path.Base(src.Path.Text) == name
			}) {
				return true
			}
		}
	}
	return false
}

// sources looks at what the application itself writes.
func (n *need) sources() string {
	a := app.Of(n.pass)
	if a == nil {
		return "which files the application writes"
	}
	writes, complete := a.Writes()
	elsewhere := "" // what sources that are not in the image write, which may be compiled into it
	for _, w := range writes {
		at := "`" + w.File + "` line " + strconv.Itoa(w.Line)
		switch {
		case n.inBuild(w.File), n.replaced(&w), w.Path == "" && n.data(a.DataFile(w.File)):
		case script(w.File) && !n.has(n.c.Target, "/", w.File):
			elsewhere = "which files the application writes"
		case w.Path == "":
			return "whether the user can write the file that " + at + " writes"
		case !w.Dir && n.pass.Context().Has(w.Path), !n.write(w.Path, !w.Dir):
			return "whether the user can write to `" + w.Path + "`, as " + at + " does"
		}
	}
	if !complete || elsewhere != "" {
		return "which files the application writes"
	}
	for _, s := range n.c.Target.Lineage() {
		for _, step := range s.Steps {
			if step.Copy == nil || !step.Copy.To.Known {
				continue
			}
			for _, src := range step.Copy.Sources {
				if path.Base(src.Path.Text) == ".next" && path.Base(step.Destination()) == ".next" {
					n.own(path.Join(step.Destination(), "cache")) // Next.js keeps images and pages there
				}
			}
		}
	}
	return ""
}

// script reports whether a source called name usually runs as it is.
func script(name string) bool {
	switch path.Ext(name) {
	case ".js", ".mjs", ".cjs", ".py", ".rb", ".php":
		return true
	}
	return false
}

// has reports whether stage may have the file called name of the build context at or below dir.
func (n *need) has(stage *plan.Stage, dir, name string) bool {
	const enough = 200 // stages may copy from each other in very many ways
	if n.looked++; n.looked > enough {
		return true
	}
	dir = path.Join("/", dir)
	for _, s := range stage.Lineage() {
		for _, step := range s.Steps {
			if step.Copy == nil {
				continue
			}
			to := path.Clean(step.Destination())
			part := "" // of what step copies, if that is a directory
			switch known := step.Copy.To.Known && path.IsAbs(to); {
			case known && plan.Within(to, dir), !known:
			case plan.Within(dir, to):
				part = strings.TrimPrefix(strings.TrimPrefix(dir, to), "/")
			default:
				continue
			}
			if slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool {
				at := path.Join("/", src.Path.Text, part)
				switch from := step.Copy.From; {
				case src.Heredoc || src.Remote:
					return false
				case !src.Path.Known || strings.ContainsAny(src.Path.Text, "*?["):
					return true
				case from == nil:
					return plan.Within("/"+name, at)
				default:
					return from.Stage != nil && n.has(from.Stage, at, name)
				}
			}) {
				return true
			}
		}
	}
	return false
}

// setting matches a variable of the environment in the code of Python, Ruby or Node.js.
var setting = lazy.Regexp{Expr: `(?:environ\.get|getenv|\benv|ENV\.fetch)\(\s*["'](\w+)["']\s*,`}

// replaced reports whether w is a default of SQLite for a variable that is set to something else.
func (n *need) replaced(w *app.Write) bool {
	src, err := n.pass.Context().Read(w.File)
	if err != nil {
		return false
	}
	lines := strings.SplitN(string(src), "\n", w.Line+1)
	if len(lines) < w.Line || !strings.Contains(lines[w.Line-1], "sqlite") {
		return false
	}
	m := setting.Get().FindStringSubmatch(lines[w.Line-1])
	if m == nil {
		return false
	}
	other := func(v plan.Value) bool { return v.Known && v.Text != "" && !strings.Contains(v.Text, "sqlite") }
	if v := n.c.Target.End.Env.Lookup(m[1]); v != nil && v.Set && !v.Arg && other(v.Value()) {
		return true
	}
	uses := n.pass.Services()
	return len(uses) > 0 && !slices.ContainsFunc(uses, func(u lint.Service) bool { return !other(u.Environment[m[1]]) })
}

// inBuild reports whether a RUN runs the source called name, and the container does not.
func (n *need) inBuild(name string) bool {
	mentions := func(text string) bool { return strings.Contains(text, path.Base(name)) }
	for _, t := range n.c.Tasks() {
		if slices.ContainsFunc(t.Words, func(w shell.Word) bool { return mentions(w.Text) }) {
			return false
		}
	}
	for _, s := range n.c.Target.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name == "RUN" && mentions(step.Instruction.Text.String) {
				return true
			}
		}
	}
	return false
}

// data notes that the application keeps its data in the file called name, in a directory that it would make itself. It
// reports whether the user can be given that.
func (n *need) data(name string) bool {
	dir := path.Dir(name)
	if name == "" || n.write(name, true) {
		return name != ""
	}
	if !newDir.Get().MatchString(dir) {
		return false
	}
	if !slices.Contains(n.Own, dir) {
		n.Own = append(n.Own, dir)
	}
	return true
}

// newDir matches directories that a package does not usually bring.
var newDir = lazy.Regexp{Expr: `^/(?:etc|opt|srv|mnt|data|var/(?:lib|log|data|opt))/[\w.-]+(?:/[\w.-]+)*$|^/data$`}

// write notes that something writes to name, a file or else a directory. It reports whether the user can be given
// that.
func (n *need) write(name string, file bool) bool {
	workdir := n.c.Target.End.Workdir
	if !path.IsAbs(name) {
		if !workdir.Known || !path.IsAbs(workdir.Text) {
			return false
		}
		name = path.Join(workdir.Text, name)
	}
	name = path.Clean(name)
	for _, free := range [...]string{"/tmp", "/var/tmp", "/dev", "/proc"} {
		if plan.Within(name, free) {
			return true
		}
	}
	dir := name
	if file {
		dir = path.Dir(name)
	}
	within := func(root string) bool { return plan.Within(dir, root) }
	switch {
	case slices.ContainsFunc(n.declared, within):
		return true
	case workdir.Known && strings.Count(path.Clean(workdir.Text), "/") > 0 && path.Clean(workdir.Text) != "/" && within(path.Clean(workdir.Text)):
		return n.own(dir)
	}
	return false
}

var plainDir = lazy.Regexp{Expr: `^/[\w./-]+$`}

// own adds dir to what the user must own. It reports whether that is a directory of the application.
func (n *need) own(dir string) bool {
	if !plainDir.Get().MatchString(dir) || systemDir.Get().MatchString(dir) {
		return false
	}
	if !slices.Contains(n.Own, dir) {
		n.Own = append(n.Own, dir)
	}
	return true
}

// systemDir matches directories that belong to the system.
var systemDir = lazy.Regexp{Expr: `^/(bin|boot|dev|etc|lib\w*|proc|root|run|sbin|sys|usr|var|home|opt|srv)?$|^/(bin|etc|lib\w*|proc|sbin|sys|usr)/`}
