package security

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// MissingUser reports a final stage that starts something, has no USER, and has a base image that is known to run as
// root, or none and exposes a port. Only the strict profile reports unknown base images, stages without CMD and ENTRYPOINT, servers that drop
// root themselves, and start scripts that cannot be read.
var MissingUser = &lint.Rule{
	Name: "missing-user", Summary: "no `USER`, and the base image runs as root", Category: lint.Security,
	Aliases: []string{"DS-0002", "CKV_DOCKER_3"}, Severity: lint.Warning, Profile: lint.Recommended,
	Scope: lint.FinalStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s != p.Plan.Target || s.Base == nil || s.End.UserStep != nil || s.Windows() || namesDrive(s) {
			return
		}
		i, c := s.Image(), container.Of(p)
		if c.User.Known && !container.Root(c.User.Text) {
			return
		}
		f := p.Report(s.Base.Span, "the container runs as root").
			Alias("DS-0002").
			Advise("%s", account(c))
		if i != nil {
			f.Because("no `USER` instruction sets another user, and the base image `%s` starts as root, so the programs in the container run as root", i.Ref.Name())
		}
		if parity.NoUser(p.Plan) {
			f.Alias("CKV_DOCKER_3")
		}
		switch {
		case i == nil && c.Root != nil && c.Root.Scratch && serves(c) && !p.Plan.ForDevelopment() && stepsDown(p) == "":
			f.Because("no `USER` instruction sets another user, and an image that is built from `scratch` starts as root, so anyone who breaks into the " +
				"application has full control of the container").
				Advise("end the stage with `USER 65534:65534`; a number does not need an entry in `/etc/passwd`")
		case i == nil && c.Root != nil && c.Root.Scratch:
			f.Message = "the image does not set `USER`"
			f.Because("an image that is built from `scratch` starts as root").
				Advise("if the image runs a server, end the stage with `USER 65534:65534`").
				Doubting("nothing shows that the image runs a server")
		case i == nil:
			perhapsRoot(f, c).Doubting("the base image is not known, and may set a user")
		case !c.User.Known:
			perhapsRoot(f, c).Doubting("the base image `%s` may set a user", i.Ref.Name())
		case c.Entrypoint == nil && c.Cmd == nil && !served(p, s, c):
			f.Doubting(perhapsBase)
		case p.Plan.ForDevelopment():
			f.Doubting("the image seems to be for development or tests")
		case p.Plan.Below("example", "examples", "sample", "samples", "tools", "hack"):
			f.Doubting("the path suggests an example or a tool, not a service")
		case mountsSources(c) && develops(c):
			f.Doubting("a compose file mounts or syncs the sources, and a development server runs, so the image seems to be for development")
		case watches(p, c) != "":
			f.Doubting("`%s` restarts the program when its sources change, but the image contains no sources, so the image seems to be for development", watches(p, c))
		case byHand(c.Cmd) != "":
			f.Doubting("the command only %s, so people probably run the image by hand or build on it", byHand(c.Cmd))
		default:
			f.Because("no `USER` instruction sets another user, and the base image `%s` starts as root, so anyone who breaks into the application has full "+
				"control of the container", i.Ref.Name())
			switch why := stepsDown(p); {
			case why != "":
				perhapsSwitches(f, i).Doubting("%s", why)
			case c.UnreadScript():
				perhapsSwitches(f, i).Doubting("dockvet cannot read the start script, which may switch to another user")
			case grantsPorts(p, s):
				f.Doubting("a step gives a program the capability to bind privileged ports, so the image seems to be made for any user")
			case takesArguments(c), interprets(p, c):
				f.Doubting("the image seems to expect arguments and exposes no port, so it may be a tool that people run by hand")
			case c.Packaged():
				f.Doubting("the image only contains third-party programs and exposes no port, so it may be a tool that people run by hand")
			case opensWindows(p, s) && !exposes(s):
				f.Doubting("the image seems to run a graphical program, which people start by hand")
			case hostsFunctions(s):
				f.Doubting("the image seems to be a base for applications, whose host may need root")
			case !reached(p, s, c):
				f.Doubting("nothing shows that the container is a service, so it may be a tool that people run by hand")
			}
			offerUser(p, s, f)
		}
	}),
}

// namesDrive reports whether an instruction of s has a path or program of Windows.
func namesDrive(s *plan.Stage) bool {
	return slices.ContainsFunc(s.Steps, func(step *plan.Step) bool {
		text := step.Instruction.Text.String
		return strings.Contains(text, `C:\`) || strings.Contains(text, "C:/") || strings.Contains(text, "powershell.exe")
	})
}

// develops reports whether c runs a development server.
func develops(c *container.Container) bool {
	return slices.ContainsFunc(c.Tasks(), func(t container.Task) bool {
		_, d := t.Develops()
		return d != nil || t.CompilesAtStart() > 0
	})
}

// mountsSources reports whether a compose file mounts or syncs a directory of the build context to the working directory of c.
func mountsSources(c *container.Container) bool {
	dir := c.Target.End.Workdir
	return dir.Known && slices.ContainsFunc(c.Uses(), func(u lint.Service) bool {
		return slices.ContainsFunc(slices.Concat(u.Volumes, u.Synced), func(v lint.Volume) bool {
			return v.Bind && v.Source != "" && plan.Within(dir.Text, v.Target)
		})
	})
}

// perhapsBase is the doubt about an image that starts nothing.
const perhapsBase = "the Dockerfile sets no CMD or ENTRYPOINT, so other images may be built from it"

// newUser is the help about an image without a user for the application.
const newUser = "create a user in the image, and switch to it with `USER`"

// anyUser is the help about an image that may have several users, or of which it is not known how to create one.
const anyUser = "switch to an unprivileged user with `USER`"

// startsAsRoot is the message about a container that may drop root itself.
const startsAsRoot = "by default, the container starts as root"

// perhapsSwitches makes f one about a container of an image that starts as root, in which something may switch to another user.
func perhapsSwitches(f *lint.Finding, i *plan.Image) *lint.Finding {
	f.Message = startsAsRoot
	return f.Because("no `USER` instruction sets another user, and the base image `%s` starts as root, so the application also runs as root unless it or its start script "+
		"switches to another user", i.Ref.Name())
}

// perhapsRoot makes f one about a container whose user is not known.
func perhapsRoot(f *lint.Finding, c *container.Container) *lint.Finding {
	f.Message = "no `USER` instruction sets a user, so the container may run as root"
	if c.Entrypoint == nil && c.Cmd == nil {
		return f.Because("if the base image does not set a user either, the programs in the container run as root")
	}
	return f.Because("if the base image does not set a user either, anyone who breaks into the application has full control of " +
		"the container")
}

// served reports whether an image without a command is not a base for others: its base image starts a server itself, or a
// compose file runs it, and the application is in it.
func served(p *lint.Pass, s *plan.Stage, c *container.Container) bool {
	return c.Base.DropsRoot() || len(p.Services()) > 0 && slices.ContainsFunc(s.Steps, func(step *plan.Step) bool { return step.Copy.Whole() })
}

// serves reports whether c starts something that exposes a port.
func serves(c *container.Container) bool {
	return (c.Entrypoint != nil || c.Cmd != nil) && len(c.Exposed().Ports) > 0
}

// grantsPorts reports whether a step of s or below it lets a program bind privileged ports as any user.
func grantsPorts(p *lint.Pass, s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				if c.Name == "setcap" && len(c.Words) > 1 && strings.Contains(c.Words[1].Text, "cap_net_bind_service") {
					return true
				}
			}
		}
	}
	return false
}

// reached reports whether something shows that c runs a service: a port, a health check, a server that is known, a compose file, the settings
// for production, or a name.
func reached(p *lint.Pass, s *plan.Stage, c *container.Container) bool {
	x := c.Exposed()
	if len(x.Ports) > 0 || x.Base > 0 || c.Base.Web() || exposes(s) || c.Health != nil || len(c.Servers()) > 0 || len(p.Services()) > 0 || app.Of(p) != nil && len(app.Of(p).Listens()) > 0 || serviceDir.Get().MatchString(path.Dir(p.File.Name)) {
		return true
	}
	for _, cmd := range c.Commands {
		switch {
		case cmd.Name == "export", cmd.Name == "cd", cmd.Name == "set":
			continue
		case container.Serves(cmd) && (cmd.Name != "java" || brings(s)):
			return true
		}
		if slices.ContainsFunc(cmd.Words, func(w shell.Word) bool {
			name := path.Base(w.Text)
			return service.Get().MatchString(name) && !task.Get().MatchString(name)
		}) {
			return true
		}
	}
	for v := range s.End.Env.Variables() {
		if !v.Arg && v.Step() != nil && strings.Contains(v.Name, "ENV") && strings.HasPrefix(v.Value().Text, "prod") {
			return true
		}
	}
	return false
}

// exposes reports whether s, or a stage below it, has an EXPOSE, be it of a variable.
func exposes(s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		if slices.ContainsFunc(s.Steps, func(step *plan.Step) bool { return step.Instruction.Name == "EXPOSE" }) {
			return true
		}
	}
	return false
}

// brings reports whether a step of s or below it copies something other than a script into the image.
func brings(s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		if slices.ContainsFunc(s.Steps, func(step *plan.Step) bool {
			return step.Copy != nil && slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool { return !src.Remote && path.Ext(src.Word.Value) != ".sh" })
		}) {
			return true
		}
	}
	return false
}

// hostsFunctions reports whether s, or a stage below it, is a base image of Azure Functions, whose host keeps secrets beside itself.
func hostsFunctions(s *plan.Stage) bool {
	return s.End.Env.Lookup("AzureWebJobsScriptRoot") != nil
}

// opensWindows reports whether s, or a stage below it, is set up for a program with windows.
func opensWindows(p *lint.Pass, s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				if call.Action == shell.Install && slices.ContainsFunc(call.Packages, func(pkg shell.Package) bool { return graphical.Get().MatchString(pkg.Name) }) {
					return true
				}
			}
		}
	}
	return false
}

// watches is the program that c starts if it only starts another one again whenever its sources change, and no step copies a directory
// of sources; "" otherwise.
func watches(p *lint.Pass, c *container.Container) string {
	list := c.Tasks()
	if len(list) == 0 {
		return ""
	}
	switch name := list[0].Name(); name {
	case "reflex", "air", "nodemon", "watchexec", "entr", "CompileDaemon", "modd", "gow":
		if !copiesSources(p) {
			return name
		}
	}
	return ""
}

// copiesSources reports whether a step that the target needs copies the build context or a directory of it.
func copiesSources(p *lint.Pass) bool {
	return slices.ContainsFunc(p.Plan.Stages, func(s *plan.Stage) bool {
		return s.Reached && slices.ContainsFunc(s.Steps, func(step *plan.Step) bool {
			return step.Copy != nil && step.Copy.Context() && slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool {
				return !src.Heredoc && !src.Remote && (src.Whole() || path.Ext(path.Clean(src.Path.Text)) == "")
			})
		})
	})
}

// interprets reports whether the entrypoint of c is a program of others that an interpreter runs, such as a `.jar`, which exposes no port
// and is not named like a service. What docker run adds is then its arguments.
func interprets(p *lint.Pass, c *container.Container) bool {
	if c.Entrypoint == nil || !c.Entrypoint.Instruction.JSON || !c.Quiet() ||
		c.Cmd != nil && (len(c.Cmd.Instruction.Args) == 0 || !strings.HasPrefix(c.Cmd.Instruction.Args[0].Value, "-")) {
		return false
	}
	args := c.Entrypoint.Instruction.Args
	switch name := strings.TrimRight(path.Base(args[0].Value), "0123456789."); name {
	case "java", "python", "perl", "ruby", "node", "php", "Rscript", "mono":
	default:
		return false
	}
	i := slices.IndexFunc(args[1:], func(w parser.Word) bool { return !strings.HasPrefix(w.Value, "-") })
	if i < 0 || i+2 < len(args) {
		return false
	}
	program := args[i+1].Value
	return !service.Get().MatchString(path.Base(program)) && (!copiesSources(p) || path.Base(path.Dir(program)) == "bin")
}

// takesArguments reports whether c only starts a program from a directory of programs, without arguments and without CMD, that is not
// named like a service, and exposes no port.
func takesArguments(c *container.Container) bool {
	if c.Entrypoint == nil || c.Cmd != nil || !c.Entrypoint.Instruction.JSON || len(c.Entrypoint.Instruction.Args) != 1 || !c.Quiet() {
		return false
	}
	program := c.Entrypoint.Instruction.Args[0].Value
	name := path.Base(program)
	return (name == program || container.InBin(program)) && path.Ext(name) == "" && !strings.HasSuffix(name, "d") &&
		!service.Get().MatchString(name)
}

// service matches what names of services have.
var service = lazy.Regexp{Expr: `(?i)serv|start|init|run|proxy|agent|control|operator|work|manag|export|rout|launch|bot|api|web|app|main|` +
	`gateway|daemon|bridge|broker|schedul|consum`}

// task matches the names of programs that end by themselves, or that people run.
var task = lazy.Regexp{Expr: `(?i)(task|job|client|cli|test)(\.[a-z]+)?$`}

// serviceDir matches directories of services.
var serviceDir = lazy.Regexp{Expr: `(?i)serv|back-?end|front-?end|\bapi|\bweb|worker|gateway|proxy|daemon`}

// graphical matches packages of programs with windows, and of what such programs are made with.
var graphical = lazy.Regexp{Expr: `^(lib)?gtk(2|3|4|\+|mm|sourceview|-3|-4)|^libgtk-?[234]|^libcanberra-gtk|^(firefox|chromium-browser|thunderbird|libreoffice|gimp|x11-apps|xterm|vlc|wireshark)(-|$)`}

// byHand says what cmd does if it starts an interpreter or a build tool without a task or a tool that ends at once, prints
// help, or only sleeps; "" otherwise.
func byHand(cmd *plan.Step) string {
	if cmd == nil {
		return ""
	}
	var words []string
	for _, w := range cmd.Instruction.Args {
		words = append(words, strings.Fields(w.Value)...)
	}
	if slices.Contains(words, "&&") {
		return ""
	}
	if len(words) > 2 && words[1] == "-c" && (path.Base(words[0]) == "sh" || path.Base(words[0]) == "bash") {
		words = words[2:]
	}
	if len(words) == 0 {
		return ""
	}
	switch words[len(words)-1] {
	case "--help", "-h", "help":
		return "prints help"
	case "--version", "version":
		return "prints a version"
	}
	name := path.Base(words[0])
	if len(words) == 2 && words[0][0] != '-' && (words[1] == "-v" || words[1] == "-V" || words[1] == "-version") {
		return "prints a version"
	}
	switch name {
	case "cat", "echo", "ls", "find", "env", "date", "id", "uname", "gnuplot", "zip", "tar", "ldconfig":
		return "runs `" + name + "`"
	case "sleep":
		return "sleeps"
	}
	if container.Waits(name) && (len(words) == 1 || len(words) == 2 && (words[1] == "-i" || words[1] == "-l" || words[1] == "-a")) {
		return "starts `" + name + "`"
	}
	return ""
}

// account is the help about the user that c is to run as.
func account(c *container.Container) string {
	user, known := c.Account()
	switch name := owner(c); {
	case name != "" && known && user.Create != "":
		return "switch to `" + name + "`, who owns the application, with `USER`"
	case !known, user.ID == "" && user.Step != nil && setsNumber(user.Step):
		return anyUser
	case user.ID == "":
		return "create the user `" + user.Name + "` with a fixed `--uid`, and switch to that number with `USER`"
	case user.Step != nil:
		return "add `USER " + user.ID + "`, the user `" + user.Name + "` that a step creates"
	case user.Create == "" && user.Name == "":
		return "add `USER " + user.ID + "`, a user that the image already has"
	case user.Create == "":
		return "add `USER " + user.ID + "`, the user `" + user.Name + "` that the image already has"
	case !c.User.Known || c.Root != nil && c.Root.Ref != nil && strings.Contains(c.Root.Ref.Repository, "devcontainers/"):
		return anyUser // the base image may have one
	}
	return newUser
}

// setsNumber reports whether step, which creates a user, gives it a number, be it one in a variable.
func setsNumber(step *plan.Step) bool {
	text := step.Instruction.Text.String
	return strings.Contains(text, "--uid") || strings.Contains(text, " -u ")
}

// owner is the account that the last COPY with `--chown` into the target gives its files to; "" if that is root, not a
// name, or not in the image.
func owner(c *container.Container) string {
	for i := len(c.Target.Steps) - 1; i >= 0; i-- {
		step := c.Target.Steps[i]
		if flag := step.Instruction.Flag("chown"); flag != nil && step.Copy != nil {
			name, _, _ := strings.Cut(flag.Value.Value, ":")
			if has, known := c.Base.Account(name); container.Root(name) || strings.ContainsAny(name, "$0123456789") || known && !has {
				return ""
			}
			return name
		}
	}
	return ""
}

// offerUser says which user to take. Unless there is a doubt, it offers a USER above CMD and ENTRYPOINT, with what
// creates the user and gives it the directories that it writes to. It offers nothing if somebody has to look at
// something first.
func offerUser(p *lint.Pass, s *plan.Stage, f *lint.Finding) {
	c := container.Of(p)
	user, known := c.Account()
	what := account(c)
	if f.Message == startsAsRoot {
		if c.Descent().Image != "" && (what == newUser || what == anyUser) {
			what = "add `USER` with the user that the server switches to"
		}
		f.Advise("if the container can start as another user, %s", what)
	}
	above := firstStart(s)
	switch {
	case f.Doubt != "" || above == nil || !known || user.ID == "":
		return
	case derived(p.Plan, s):
		f.Advise("%s; stages that are built from this one then need `USER root` for their steps", what)
		return
	}
	need := c.Needs()
	if need.Check != "" {
		f.Advise("%s; first check %s", what, need.Check)
		return
	}
	if user.Create != "" && what != newUser {
		f.Advise("%s", what)
		return
	}
	if len(need.Own) > 0 && c.BaseShellless() {
		return
	}
	insert := func(step *plan.Step, lines ...string) lint.Edit {
		return lint.InsertAbove(p.File, step.Instruction, lines...)
	}
	var edits []lint.Edit
	switched := []string{"USER " + user.ID}
	if user.Name != "" {
		switched = []string{"# " + user.Name, "USER " + user.ID}
	}
	if user.Create != "" {
		// It goes above what changes more often, so that its layer stays cached.
		first := above
		for _, step := range slices.Backward(s.Steps[:above.Index]) {
			if name := step.Instruction.Name; name == "RUN" || name == "COPY" || name == "ADD" {
				first = step
			}
		}
		if first != above {
			edits = append(edits, insert(first, "RUN "+user.Create))
		} else {
			switched = append([]string{"RUN " + user.Create}, switched...)
		}
	}
	own := slices.DeleteFunc(slices.Clone(need.Own), func(dir string) bool { return dir == "/tmp" || dir == "/var/tmp" }) // anyone may write there
	if len(own) > 0 {
		give := giving(own, s.End.Workdir, user.ID)
		// The classic builder drops changes to a volume that is already declared.
		i := slices.IndexFunc(s.Steps[:above.Index], func(step *plan.Step) bool { return step.Instruction.Name == "VOLUME" })
		if i >= 0 && !slices.ContainsFunc(s.Steps[i:above.Index], func(step *plan.Step) bool { return step.Copy != nil }) {
			edits = append(edits, insert(s.Steps[i], give))
		} else {
			switched = append([]string{give}, switched...)
		}
	}
	f.Offer(lint.Unsafe, "add `USER "+user.ID+"`", append(edits, insert(above, switched...))...)
}

// giving is the RUN that gives dirs to the user with that ID. The working directory keeps its files: the user can
// create others there.
func giving(dirs []string, workdir plan.Value, id string) string {
	var commands, made []string
	for _, dir := range dirs {
		if workdir.Known && dir == path.Clean(workdir.Text) {
			commands = append(commands, "chown "+id+" "+dir)
		} else {
			made = append(made, dir)
		}
	}
	if len(made) > 0 {
		list := strings.Join(made, " ")
		commands = append(commands, "mkdir -p "+list, "chown -R "+id+" "+list)
	}
	return "RUN " + strings.Join(commands, " && ")
}

// firstStart is the first CMD or ENTRYPOINT of s, nil if what follows it may need root.
func firstStart(s *plan.Stage) (first *plan.Step) {
	for _, step := range s.Steps {
		switch step.Instruction.Name {
		case "CMD", "ENTRYPOINT":
			if first == nil {
				first = step
			}
		case "RUN", "COPY", "ADD", "WORKDIR", "SHELL", "ONBUILD":
			if first != nil {
				return nil
			}
		}
	}
	return first
}

// derived reports whether another stage is built from s, whose steps would run as the user, too.
func derived(p *plan.Plan, s *plan.Stage) bool {
	return slices.ContainsFunc(p.Stages, func(other *plan.Stage) bool { return other.Base != nil && other.Base.Stage == s })
}
