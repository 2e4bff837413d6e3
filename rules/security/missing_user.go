package security

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// MissingUser reports a final stage that starts something, has no USER, and has a base image that is known to run as
// root. Only the strict profile reports unknown base images, stages without CMD and ENTRYPOINT, and servers that drop
// root themselves.
var MissingUser = &lint.Rule{
	Name: "missing-user", Summary: "no `USER`, and the base image runs as root", Category: lint.Security,
	Aliases: []string{"DS-0002", "CKV_DOCKER_3"}, Severity: lint.Warning, Profile: lint.Recommended,
	Scope: lint.FinalStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s != p.Plan.Target || s.Base == nil || s.End.UserStep != nil || shell.Windows(s) {
			return
		}
		i, c := s.Image(), container.Of(p)
		if c.User.Known && !container.Root(c.User.Text) {
			return
		}
		f := p.Report(s.Base.Span, "the container runs as root").
			Alias("DS-0002").
			Because("anyone who breaks into the application has full control of the container").
			Advise("create a user in the image, and switch to it with `USER`")
		if parity.NoUser(p.Plan) {
			f.Alias("CKV_DOCKER_3")
		}
		switch {
		case i == nil:
			f.Doubting("the base image is empty or unknown")
		case !c.User.Known:
			f.Doubting("the base image `%s` may set a user", i.Ref.Name())
		case c.Entrypoint == nil && c.Cmd == nil:
			f.Doubting("there is no CMD or ENTRYPOINT, so it may be a base image")
		case p.Plan.ForDevelopment():
			f.Doubting("the name suggests a development image")
		case byHand(c.Cmd):
			f.Doubting("the image starts a shell, runs a tool without arguments or prints help, so it may be a base image " +
				"or a tool that is run by hand")
		default:
			f.Because("nothing sets `USER` and `%s` starts as root, so anyone who breaks into the application has full "+
				"control of the container", i.Ref.Name())
			if spare := c.Base.SpareUser(); spare != "" {
				f.Advise("add `USER %s`, a user that the image already has", spare)
			}
			if why := stepsDown(p); why != "" {
				f.Doubting("%s", why)
			} else {
				offerUser(p, s, f)
			}
		}
	}),
}

// byHand reports whether cmd starts an interpreter or a build tool without a task or a tool that ends at once, prints
// help, or only sleeps.
func byHand(cmd *plan.Step) bool {
	if cmd == nil {
		return false
	}
	var words []string
	for _, w := range cmd.Instruction.Args {
		words = append(words, strings.Fields(w.Value)...)
	}
	if len(words) == 0 {
		return false
	}
	switch words[len(words)-1] {
	case "--help", "-h", "help", "--version", "version":
		return true
	}
	name := path.Base(words[0])
	switch name {
	case "cat", "echo", "ls", "env", "date", "id", "uname", "gnuplot":
		return true
	}
	return name == "sleep" || container.Waits(name) &&
		(len(words) == 1 || len(words) == 2 && (words[1] == "-i" || words[1] == "-l" || words[1] == "-a"))
}

// offerUser offers a USER above CMD and ENTRYPOINT and, where the image has no spare user, a RUN that creates one. It
// offers nothing where the application may not start as that user, because it listens on a low port or keeps files that
// root owns.
func offerUser(p *lint.Pass, s *plan.Stage, f *lint.Finding) {
	var above *plan.Step
	for _, step := range s.Steps {
		switch step.Instruction.Name {
		case "CMD", "ENTRYPOINT":
			if above == nil {
				above = step
			}
		case "RUN", "COPY", "ADD", "WORKDIR", "SHELL", "ONBUILD":
			if above != nil {
				return
			}
		}
	}
	if above == nil || needsRoot(p, s) || container.Of(p).CreatesUser() {
		return
	}
	base := container.Of(p).Base
	user, creation := "app", ""
	switch spare := base.SpareUser(); {
	case spare != "":
		user = spare
	case s.End.Shell.Step != nil:
		return
	case base.Shell() == "dash":
		creation = "RUN useradd --create-home --uid 10001 app"
	case base.Shell() == "ash" && (base.Official() == "alpine" || strings.Contains(base.Tag, "alpine")):
		creation = "RUN adduser -D -u 10001 app"
	default:
		return
	}
	line := func(above *plan.Step, text string) lint.Edit {
		return lint.Insert(p.File.Above(above.Instruction), text+p.File.Newline())
	}
	edits := []lint.Edit{line(above, "USER "+user)}
	if creation != "" {
		// It goes above what changes more often, so that its layer stays cached.
		first := above
		for _, step := range slices.Backward(s.Steps[:above.Index]) {
			if name := step.Instruction.Name; name == "RUN" || name == "COPY" || name == "ADD" {
				first = step
			}
		}
		edits = []lint.Edit{line(first, creation), edits[0]}
	}
	f.Offer(lint.Unsafe, "add `USER "+user+"`", edits...)
}

// needsRoot reports whether something in s, or in a stage that it is built from, may need root: a port below 1024, a
// volume, or root's home directory, also where an installation puts programs into it, or another home than a user's own.
func needsRoot(p *lint.Pass, s *plan.Stage) bool {
	found := false
	for s := range s.Lineage() {
		for sc := range p.Scripts(s) {
			found = found || slices.ContainsFunc(sc.Commands, installsAtHome)
		}
		for _, step := range s.Steps {
			in := step.Instruction
			found = found || in.Name == "ENV" && slices.ContainsFunc(in.Pairs, func(l parser.Pair) bool { return l.Key.Value == "HOME" })
			found = found || in.Name == "VOLUME" || strings.Contains(in.Text.String, "/root")
			if in.Name != "EXPOSE" {
				continue
			}
			for _, w := range in.Args {
				port, _, _ := strings.Cut(step.Env.Expand(w.Value).Text, "/")
				n, err := strconv.Atoi(port)
				found = found || err != nil || n < 1024
			}
		}
		if found {
			break
		}
	}
	return found
}

// installsAtHome reports whether c puts programs into the home directory of the user who runs it.
func installsAtHome(c *shell.Command) bool {
	args := c.Args()
	if len(args) == 0 {
		return false
	}
	switch c.Name {
	case "cabal", "stack", "pipx":
		return args[0].Text == "install" || args[0].Text == "v2-install"
	case "pip", "pip3":
		return args[0].Text == "install" && c.Has("--user")
	case "uv":
		return args[0].Text == "tool"
	}
	return false
}
