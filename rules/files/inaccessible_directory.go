package files

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// InaccessibleDirectory reports a `--chmod` without execute permission on a directory, if a later USER is not root:
// BuildKit sets the mode of directories too. It needs to see that there is a directory, and ignores one whose mode a
// later `chmod` changes.
var InaccessibleDirectory = &lint.Rule{
	Name: "inaccessible-directory", Category: lint.Files,
	Summary:  "`--chmod` without execute permission on a directory that a later `USER` has to enter",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		flag := s.Instruction.Flag("chmod")
		if s.Copy == nil || flag == nil {
			return
		}
		value := s.Env.Expand(flag.Value.Value)
		mode, err := strconv.ParseUint(value.Text, 8, 32)
		owned := s.Instruction.Flag("chown") != nil
		const everyone, others = 0o111, 0o011
		if !value.Known || err != nil || mode&everyone != 0 && (owned || mode&others != 0) {
			return
		}
		user, ok := laterUser(p, s)
		if !ok {
			return
		}
		dir, ok := copiesDirectory(p, s)
		if !ok || changesMode(p, s) {
			return
		}
		f := p.Report(flag.Full(), "with `%s`, user `%s` cannot enter `%s`", flag.String, user, dir).
			Because("BuildKit sets this mode on directories too, and without `x` only root can reach the files in them").
			Advise("use `--chmod=%s`, which adds `x` to directories and to files that already have it", symbolic(mode))
		const read = 0o004
		if !owned && mode&read == 0 {
			f.Advise("use `--chown=%s --chmod=%s`, which gives the files to the user", user, symbolic(mode))
			return
		}
		if flag.Value.Whole() && strings.Trim(flag.Value.String, "01234567") == "" {
			f.Offer(lint.Unsafe, "add `x` to directories", lint.Replace(flag.Value.Full(), symbolic(mode)))
		}
	}, "COPY", "ADD"),
}

// symbolic is mode with `x` for those who may read, for directories and programs only.
func symbolic(mode uint64) string {
	class := func(shift int) string {
		out := ""
		if mode>>shift&4 != 0 {
			out += "r"
		}
		if mode>>shift&2 != 0 {
			out += "w"
		}
		if mode>>shift&4 != 0 {
			out += "X"
		}
		return out
	}
	user, group, others := class(6), class(3), class(0)
	if group == others {
		return "u=" + user + ",go=" + group
	}
	return "u=" + user + ",g=" + group + ",o=" + others
}

// laterUser is a user other than root that something runs as after step: a step of its stage, or the container.
func laterUser(p *lint.Pass, step *plan.Step) (string, bool) {
	var users []plan.Value
	for _, next := range step.Stage.Steps[step.Index+1:] {
		if next.Instruction.Name == "RUN" {
			users = append(users, next.User)
		}
	}
	if step.Stage.Shipped {
		users = append(users, p.Plan.Target.End.User)
	}
	for _, u := range users {
		if u.Known && u.Text != "" && !container.Root(u.Text) {
			name, _, _ := strings.Cut(u.Text, ":")
			return name, true
		}
	}
	return "", false
}

// copiesDirectory is a directory that certainly gets the mode of step.
func copiesDirectory(p *lint.Pass, step *plan.Step) (dir string, ok bool) {
	t := step.Copy
	fresh := t.To.Known && (step.Workdir.Known || strings.HasPrefix(t.To.Text, "/")) && directory(p, step, step.Destination()) == absent
	for _, src := range t.Sources {
		if src.Heredoc || src.Remote || !src.Path.Known {
			continue
		}
		if t.From != nil || p.Context() == nil {
			if fresh && (slashed(src.Path.Text) || runsIn(t.From, src.Path.Text)) {
				return t.To.Text, true
			}
			continue
		}
		taken, ok := p.Context().Transfer(step, src)
		if !ok {
			continue
		}
		for _, name := range taken.Names {
			if _, file := p.Context().Lookup(name); file {
				continue
			}
			if fresh && len(taken.Names) == 1 {
				return t.To.Text, true
			}
			prefix := strings.TrimPrefix(name+"/", "./")
			for _, f := range taken.Files {
				rel, ok := strings.CutPrefix(f.Name, prefix)
				if below, _, deeper := strings.Cut(rel, "/"); ok && deeper {
					return path.Join(step.Destination(), below), true
				}
			}
		}
	}
	return "", false
}

// runsIn reports whether name is the working directory of the stage that i is.
func runsIn(i *plan.Image, name string) bool {
	return i != nil && i.Stage != nil && slices.ContainsFunc(i.Stage.Steps, func(s *plan.Step) bool {
		return s.Workdir.Known && s.WorkdirStep != nil && s.Workdir.Text == name && name != "/"
	})
}

// changesMode reports whether a step after step may change the mode of what it copies.
func changesMode(p *lint.Pass, step *plan.Step) bool {
	return slices.ContainsFunc(step.Stage.Steps[step.Index+1:], func(next *plan.Step) bool {
		sc := p.Script(next)
		return sc != nil && (sc.Err != nil || slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
			return c.Name == "chmod" || c.Name == "setfacl" || container.Opaque(c)
		}))
	})
}
