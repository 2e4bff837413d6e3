package runtime

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// ScriptWithoutExec reports an entrypoint script of the build context whose last command starts a server without `exec`, or
// is `"$@"` where CMD names a server, and the same in the code of CMD or ENTRYPOINT on images whose shell is dash, which
// does not replace itself by the last command. It also reports scripts that are copied as commands for a container. The shell then stays
// PID 1 and does not forward signals. The rule ignores scripts that handle signals themselves, by trap, wait or exec, and
// scripts that an init starts, because it decides what happens to signals. It also ignores images for development.
var ScriptWithoutExec = &lint.Rule{
	Name: "script-without-exec", Category: lint.Runtime,
	Summary:  "the script that starts the container runs the server without `exec`",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnFile(func(p *lint.Pass) {
		if p.Plan.Target == nil || p.Plan.ForDevelopment() {
			return
		}
		inline(p)
		for _, s := range container.Of(p).EntryScripts() {
			if !s.First() || s.CRLF() {
				continue // unstartable-script reports the second case
			}
			sc := s.Code()
			if sc.Dialect == shell.Other || s.Rewritten() {
				continue
			}
			for _, c := range sc.Tails() {
				if name, ok := s.Serves(c); ok {
					line := 1 + strings.Count(s.Text[:c.Span.Start], "\n")
					p.Report(s.Word.Span, "`%s` runs `%s` without `exec`", s.Word.Text, name).
						Because("the shell stays PID 1 and does not forward signals, so `docker stop` waits ten seconds and then "+
							"kills the server").
						Advise("write `exec %s` on line %d of `%s`", text(s, c), line, s.File).
						RelateFile(s.File, line, "`exec` is missing here")
					break
				}
			}
		}
		given(p)
	}),
}

// given reports scripts that services of compose files start, and those that are copied into the image one by one and that nothing in the
// Dockerfile starts, so that they are commands for a container, if the last command of one is a server without `exec`.
func given(p *lint.Pass) {
	c, ctx := container.Of(p), p.Context()
	if ctx == nil || c.Target.Windows() || slices.ContainsFunc(c.Commands, supervises) {
		return // an init decides what happens to signals
	}
	var known []string // scripts that are looked at elsewhere, or were
	for _, s := range c.EntryScripts() {
		if slices.ContainsFunc(s.Code().Commands, supervises) {
			return
		}
		known = append(known, s.File)
	}
	for i := range p.Services() {
		u := &p.Services()[i]
		t, ok := startedBy(p, u)
		if !ok || len(t.Copies) == 0 || slices.Contains(known, t.File) || aside(t.File) {
			continue
		}
		known = append(known, t.File)
		if data, err := ctx.Read(t.File); err == nil && len(data) <= maxGiven {
			if f := reportGiven(p, t.Copies[0].Copy.Sources[0], t.File, string(data)); f != nil {
				f.RelateFile(u.File, u.Line, "service `%s` starts the script", u.Name)
			}
		}
	}
	for _, stage := range c.Target.Lineage() {
		for _, step := range stage.Steps {
			if !step.Copy.Context() || !step.Copy.To.Known || hooks(step.Destination()) {
				continue
			}
			for _, src := range step.Copy.Sources {
				name := path.Clean(strings.TrimPrefix(src.Path.Text, "/"))
				if ext := path.Ext(name); !src.Path.Known || ext != "" && ext != ".sh" && ext != ".bash" || slices.Contains(known, name) {
					continue
				}
				known = append(known, name)
				if _, ok := ctx.Lookup(name); !ok || aside(name) {
					continue
				}
				if data, err := ctx.Read(name); err == nil && len(data) <= maxGiven {
					reportGiven(p, src, name, string(data))
				}
			}
		}
	}
}

// startedBy is the script of the image that the command of u names; ok is false if there is none, or if u mounts something over it.
func startedBy(p *lint.Pass, u *lint.Service) (t buildcontext.Trail, ok bool) {
	c := container.Of(p)
	words := append(slices.Clone(u.Entrypoint), u.Command...)
	if u.Entrypoint == nil && c.Entrypoint != nil &&
		!slices.ContainsFunc(c.EntryScripts(), func(s *container.EntryScript) bool { return strings.Contains(s.Text, "$@") }) {
		return t, false // the command is only an argument
	}
	if len(words) > 1 {
		switch path.Base(words[0]) {
		case "sh", "bash", "ash", "dash":
			words = words[1:]
		}
	}
	if len(words) == 0 || !strings.Contains(words[0], "/") && path.Ext(words[0]) != ".sh" || strings.HasPrefix(words[0], "-") {
		return t, false
	}
	name := words[0]
	if !path.IsAbs(name) {
		name = path.Join(c.Target.End.Workdir.Text, name)
	}
	if slices.ContainsFunc(u.Volumes, func(v lint.Volume) bool { return v.Bind && plan.Within(name, v.Target) }) {
		return t, false
	}
	return p.Trail(c.Target, path.Clean(name))
}

// supervises reports whether c runs other programs and decides which signals they get.
func supervises(c *shell.Command) bool {
	switch c.Name {
	case "tini", "dumb-init", "catatonit", "docker-init", "init", "my_init", "s6-svscan", "runsvdir", "supervisord", "circusd", "cron", "crond", "honcho",
		"foreman", "hivemind", "overmind":
		return true
	}
	return false
}

// maxGiven bounds the size of a script, in bytes.
const maxGiven = 64 << 10

// hooks reports whether something else runs the files at dest, because they are settings or parts of a start.
func hooks(dest string) bool {
	return strings.HasPrefix(dest, "/etc/") || strings.Contains(dest, ".d/") || strings.HasSuffix(dest, ".d") || strings.Contains(dest, "service")
}

// aside reports whether a script is, by its name, for development or for the build.
func aside(name string) bool {
	for _, part := range [...]string{"dev", "debug", "local", "test", "build", "install", "setup", "init", "health"} {
		if strings.Contains(strings.ToLower(path.Base(name)), part) {
			return true
		}
	}
	return false
}

// reportGiven reports the script name with the code text, which src copies; nil if there is nothing to report.
func reportGiven(p *lint.Pass, src plan.Source, name, text string) *lint.Finding {
	if _, ok := shell.Shebang(text); !ok {
		return nil
	}
	sc := shell.ReadFile(text, "")
	if sc.Dialect == shell.Other || sc.Err != nil {
		return nil
	}
	for _, c := range sc.Tails() {
		if !container.Serves(c) || named(p, name) {
			continue
		}
		for c.Outer != nil {
			c = c.Outer
		}
		line := 1 + strings.Count(text[:c.Span.Start], "\n")
		f := p.Report(src.Word.Full(), "`%s` runs `%s` without `exec`", path.Base(name), c.Name).
			Because("in a container that starts with this script, the shell stays PID 1 and does not forward signals, so `docker stop` waits ten seconds "+
				"and then kills the server").
			Advise("write `exec %s …` on line %d of `%s`", c.Name, line, name).
			RelateFile(name, line, "`exec` is missing here")
		p.Repeat(f, "given")
		return f
	}
	return nil
}

// named reports whether a step or an entrypoint script may run the script name.
func named(p *lint.Pass, name string) bool {
	base := path.Base(name)
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			switch in := step.Instruction; {
			case in.Name == "ENTRYPOINT" || in.Name == "CMD" || in.Name == "HEALTHCHECK":
				if strings.Contains(in.Text.String, base) {
					return true
				}
			case in.Name == "RUN" && strings.Contains(in.Text.String, base):
				sc := p.Script(step)
				if sc == nil || sc.Err != nil || slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
					return container.Opaque(c) || path.Base(c.Name) == base || c.Name == "echo" || c.Name == "cp" || c.Name == "mv" || c.Name == "rm"
				}) {
					return true
				}
			}
		}
	}
	for _, e := range container.Of(p).EntryScripts() {
		if strings.Contains(e.Text, base) {
			return true
		}
	}
	return false
}

// inline reports a server that is the last of several commands in the code of CMD or ENTRYPOINT, or the only one if it needs the shell
// for its variables.
func inline(p *lint.Pass) {
	c := container.Of(p)
	if c.Base.Shell() != "dash" || c.Target.Windows() {
		return
	}
	for _, code := range c.Code() {
		if code.Entry != nil || code.Shell != "sh" && code.Shell != "dash" || len(code.Always()) < 2 && !strings.Contains(code.Text.String, "$") {
			continue // an array does without the shell then, which shell-form-command reports
		}
		for _, last := range code.Tails() {
			if !container.Serves(last) {
				continue
			}
			for last.Outer != nil && last.Outer.Script == last.Script {
				last = last.Outer
			}
			first := last.Words[0]
			p.Report(first.Span, "the shell runs `%s` without `exec`", last.Name).
				Because("the shell stays PID 1 and does not forward signals, so `docker stop` waits ten seconds and then kills the server").
				Advise("write `exec %s`", last.Name).
				Offer(lint.Unsafe, "add `exec`", lint.Insert(first.Span.Start, "exec "))
			return
		}
	}
}

// text is the whole command as it is written in the script, from its outermost wrapper on.
func text(s *container.EntryScript, c *shell.Command) string {
	for c.Outer != nil {
		c = c.Outer
	}
	start := c.Words[0].Span.Start
	line, _, _ := strings.Cut(s.Text[start:c.Span.End], "\n")
	return strings.TrimSpace(strings.TrimSuffix(line, "\\"))
}
