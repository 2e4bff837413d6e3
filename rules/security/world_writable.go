package security

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// WorldWritable reports files that every user may write to: by chmod, mkdir or install, or by --chmod of COPY and ADD.
// It is silent about sticky directories, temporary directories, and `+w`, which the umask limits. It has a doubt about
// `a+w` and `o+w`, by which tools are shared on purpose, except in the directory of the application, and of what a comment explains.
var WorldWritable = &lint.Rule{
	Name: "world-writable", Category: lint.Security,
	Summary: "files are writable by every user",
	Aliases: []string{"S2612"}, Severity: lint.Warning, Profile: lint.Recommended,
	Scope: lint.ShippedStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(
		lint.OnStep(func(p *lint.Pass, s *plan.Step) {
			if s.Copy == nil {
				return
			}
			if flag := s.Instruction.Flag("chmod"); flag != nil {
				mode := s.Env.Expand(flag.Value.Value)
				if open, certain := opens(mode.Text); open && mode.Known && !temporary(s.Destination()) {
					reportOpen(p, s, flag.Full(), "--chmod="+mode.Text, "`--chown`", "755 for directories and programs or 644 for other files", certain)
				}
			}
		}, "COPY", "ADD"),
		lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
			mode, files := modeOf(c)
			open, certain := opens(mode.Text)
			if !open || allTemporary(files) || closed(c, files) {
				return
			}
			certain = certain || slices.ContainsFunc(files, func(w shell.Word) bool { return ofApplication(c, w) })
			what, stricter := c.Name+" "+mode.Text, "`u=rwX,go=rX`"
			if c.Name != "chmod" {
				what, stricter = c.Name+" -m "+mode.Text, "`755`"
			} else if strings.Trim(mode.Text, "01234567") == "" && !c.Has("-R", "--recursive") {
				stricter = "`755`" // X does not make a file executable
			}
			f := reportOpen(p, c.Script.Step, mode.Span, what, "`chown`", stricter, certain)
			if f.Doubt == "" && !container.Of(p).User.Known && made(c, files) {
				f.Doubting("the base image may set a user, who may need to write to these files")
			}
		}, "chmod", "mkdir", "install"),
	),
}

// reportOpen reports that what, at span of step, makes files writable; owner is what to set their owner with instead, and stricter
// an example of another mode.
func reportOpen(p *lint.Pass, step *plan.Step, span parser.Span, what, owner, stricter string, certain bool) *lint.Finding {
	if mode := strings.TrimLeft(p.File.Text(span), "-chmod=0"); mode != "" && strings.Trim(mode, "246") == "" {
		stricter = "`644`"
	}
	f := p.Report(span, "`%s` makes files writable by every user", what).
		Because("any process in the container can change these files, whichever user it runs as").
		Advise("give the files to the user who needs them with %s, and use a stricter mode, such as %s", owner, stricter)
	if strings.Contains(step.Instruction.Text.String, "chown") {
		f.Advise("use a stricter mode, such as %s", stricter)
	}
	switch {
	case !certain:
		f.Doubting("every user of the image may be meant to write to these files")
	case p.Plan.ForDevelopment():
		f.Doubting("the image seems to be for development")
	case forAnybody(p.File, step.Instruction, span.Start):
		f.Advise("if the platform uses group 0, as OpenShift does, run `chgrp -R 0 …` and `chmod -R g=u …` instead").
			Doubting("a comment says that the container may run as any user")
	case startsShell(p):
		f.Doubting("the image only starts a shell, so people may run it by hand as any user")
	case anyoneRoot(step.Stage):
		f.Doubting("sudo lets users in this image become root anyway (`NOPASSWD`)")
	}
	return f
}

// startsShell reports whether all that the image starts is a shell.
func startsShell(p *lint.Pass) bool {
	c := container.Of(p)
	if c.Entrypoint != nil || c.Cmd == nil || len(c.Cmd.Instruction.Args) != 1 {
		return false
	}
	switch path.Base(c.Cmd.Instruction.Args[0].Value) {
	case "sh", "bash", "ash", "zsh":
		return true
	}
	return false
}

// anyoneRoot reports whether a step of s, or of a stage that it is built from, lets a user run everything as root without a password.
func anyoneRoot(s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		if slices.ContainsFunc(s.Steps, func(step *plan.Step) bool {
			return step.Instruction.Name == "RUN" && noPassword.Get().MatchString(step.Instruction.Text.String)
		}) {
			return true
		}
	}
	return false
}

var noPassword = lazy.Regexp{Expr: `NOPASSWD:\s*ALL\b`}

// made reports whether the script of c creates all of files, empty ones or directories.
func made(c *shell.Command, files []shell.Word) bool {
	return len(files) > 0 && !slices.ContainsFunc(files, func(file shell.Word) bool {
		return !slices.ContainsFunc(c.Script.Commands, func(other *shell.Command) bool {
			return (other.Name == "touch" || other.Name == "mkdir") &&
				slices.ContainsFunc(other.Operands(), func(w shell.Word) bool { return w.Text == file.Text })
		})
	})
}

// forAnybody reports whether a comment between the first of those directly above in and the byte at says that the container may run as
// any user.
func forAnybody(f *parser.File, in *parser.Instruction, at int) bool {
	return slices.ContainsFunc(f.Comments, func(c parser.Comment) bool {
		return c.Span.Start >= f.Above(in) && c.Span.Start < at && anybody.Get().MatchString(c.Text)
	})
}

var anybody = lazy.Regexp{Expr: `(?i)--user\b|\b(arbitrary|any|other|random) (user|uid)|openshift`}

// modeOf is the mode that c sets, "" if it sets none, and the files that it sets the mode of.
func modeOf(c *shell.Command) (mode shell.Word, files []shell.Word) {
	if c.Name != "chmod" {
		mode, _ = c.FlagValue("-m", "--mode")
		return mode, c.Operands("-m", "--mode", "-o", "-g", "--owner", "--group", "-t")
	}
	for _, w := range c.Args() {
		switch {
		case mode.Text == "" && strings.HasPrefix(w.Text, "-"):
		case mode.Text == "":
			mode = w
		case !strings.HasPrefix(w.Text, "-"):
			files = append(files, w)
		}
	}
	return mode, files
}

// opens reports whether a mode lets every user write; certain says that it gives all rights, and not only this one.
func opens(mode string) (open, certain bool) {
	if mode == "" {
		return false, false
	}
	if strings.Trim(mode, "01234567") == "" {
		mode = strings.TrimLeft(mode, "0")
		if mode == "" || len(mode) > 4 {
			return false, false
		}
		sticky := len(mode) == 4 && (mode[0]-'0')&1 != 0
		return !sticky && (mode[len(mode)-1]-'0')&2 != 0, true
	}
	sticky := false
	for _, clause := range strings.Split(mode, ",") {
		i := strings.IndexAny(clause, "+=")
		if i < 0 {
			continue
		}
		sticky = sticky || strings.Contains(clause[i:], "t")
		if strings.ContainsAny(clause[:i], "ao") && strings.Contains(clause[i:], "w") &&
			strings.Trim(clause[:i], "augo") == "" && strings.Trim(clause[i:], "+=rwxXst") == "" {
			open = true
			certain = certain || strings.Contains(clause[i:], "r") && strings.Contains(clause[i:], "x")
		}
	}
	return open && !sticky, certain
}

// ofApplication reports whether w names the directory that the application runs in, one below it or one around it, or another one in
// which no tools are shared.
func ofApplication(c *shell.Command, w shell.Word) bool {
	fields, known := c.Expand(w)
	if !known || len(fields) != 1 || !strings.HasPrefix(fields[0], "/") {
		return false
	}
	file := strings.TrimSuffix(strings.TrimSuffix(fields[0], "/*"), "/")
	stage := c.Script.Step.Stage
	if dir := stage.End.Workdir; dir.Known && dir.Text != "/" && file != "" && (plan.Within(dir.Text, file) || plan.Within(file, dir.Text)) {
		return true
	}
	return slices.ContainsFunc([]string{"/app", "/srv", "/var/www", "/var/log", "/etc"}, func(dir string) bool { return plan.Within(file, dir) })
}

// closed reports whether a later chmod in the script of c gives one of files another mode.
func closed(c *shell.Command, files []shell.Word) bool {
	for _, later := range c.Script.Root().Commands {
		if later.Name != "chmod" || later.Span.Start <= c.Span.Start {
			continue
		}
		mode, others := modeOf(later)
		if open, _ := opens(mode.Text); open {
			continue
		}
		for _, other := range others {
			if slices.ContainsFunc(files, func(w shell.Word) bool { return w.Text == other.Text }) {
				return true
			}
		}
	}
	return false
}

func allTemporary(files []shell.Word) bool {
	for _, w := range files {
		if !temporary(w.Text) {
			return false
		}
	}
	return len(files) > 0
}

// temporary reports whether file is a directory for temporary files or below one.
func temporary(file string) bool {
	for _, dir := range [...]string{"/tmp", "/var/tmp", "/dev/shm"} {
		if plan.Within(file, dir) {
			return true
		}
	}
	return false
}
