package security

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// MissingUser reports a final stage that starts something, has no USER, and whose base image is known to run as root. Bases that
// we do not know, stages without CMD and ENTRYPOINT, and servers that step down by themselves are left to the strict profile.
var MissingUser = &lint.Rule{
	Name: "missing-user", Summary: "no `USER`, and the base image runs as root", Category: lint.Security,
	Aliases: []string{"DS-0002", "CKV_DOCKER_3"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage,
	Since: "2026.1", Fix: lint.Unsafe,
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
			Because("whoever breaks out of the application has all rights in the container").
			Advise("create a user in the image and name it in `USER`")
		if !declares(p.Plan) {
			f.Alias("CKV_DOCKER_3")
		}
		switch {
		case i == nil:
			f.Doubting("the image it is built on is empty or not known")
		case !c.User.Known:
			f.Doubting("`%s` may bring a user", i.Ref.Name())
		case c.Entrypoint == nil && c.Cmd == nil:
			f.Doubting("nothing here says what runs in it")
		case p.Plan.ForDevelopment():
			f.Doubting("it is named as an image for development")
		case byHand(c.Cmd):
			f.Doubting("it starts a shell, a tool without a task or a help text: it may be for others to build on, or to run by hand")
		default:
			f.Because("nothing sets `USER`, and `%s` starts as root: whoever breaks out of the application has all rights in the container", i.Ref.Name())
			if spare := image.SpareUser(*i.Ref); spare != "" {
				f.Advise("add `USER %s`: the image brings that user", spare)
			}
			if why := stepsDown(p); why != "" {
				f.Doubting("%s", why)
			} else {
				stepDown(p, s, f)
			}
		}
	}),
}

// byHand reports whether cmd is an interpreter or a build tool without a task, asks for help, or does nothing but wait.
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
	return name == "sleep" || container.Waits(name) &&
		(len(words) == 1 || len(words) == 2 && (words[1] == "-i" || words[1] == "-l" || words[1] == "-a"))
}

// declares reports whether any stage has a USER.
func declares(p *plan.Plan) bool {
	for _, s := range p.Stages {
		for _, step := range s.Steps {
			if step.Instruction.Name == "USER" {
				return true
			}
		}
	}
	return false
}

// stepDown offers a USER above CMD and ENTRYPOINT, and where the image brings none the creation of one with what its distribution
// has for that. It offers nothing where a plain user may not get the application to start: what it listens on or keeps is root's.
func stepDown(p *lint.Pass, s *plan.Stage, f *lint.Finding) {
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
	if above == nil || needsRoot(s) || container.Of(p).CreatesUser() {
		return
	}
	base := *s.Image().Ref
	user, creation := "app", ""
	switch spare := image.SpareUser(base); {
	case spare != "":
		user = spare
	case s.End.Shell.Step != nil:
		return
	case image.Shell(base) == "dash":
		creation = "RUN useradd --create-home --uid 10001 app"
	case image.Shell(base) == "ash" && (base.Official() == "alpine" || strings.Contains(base.Tag, "alpine")):
		creation = "RUN adduser -D -u 10001 app"
	default:
		return
	}
	line := func(above *plan.Step, text string) lint.Edit {
		return lint.Insert(p.File.Above(above.Instruction), text+p.File.Newline())
	}
	edits := []lint.Edit{line(above, "USER "+user)}
	if creation != "" {
		// Above what changes more often, so that its layer stays in the cache.
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

// needsRoot reports whether something in s or below it may be for root alone: a port below 1024, a volume, or root's home.
func needsRoot(s *plan.Stage) bool {
	found := false
	for s := range s.Lineage() {
		for _, step := range s.Steps {
			in := step.Instruction
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
