package runtime

import (
	"encoding/json"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/swallow"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// ShellFormCommand reports a CMD or ENTRYPOINT in shell form. The finding has a doubt where the command uses the shell
// (variables, `&&`, redirections, `exec`), in stages that do not ship, on Windows, and in health checks. In an image
// without a shell the container does not start.
var ShellFormCommand = &lint.Rule{
	Name: "shell-form-command", Category: lint.Runtime,
	Summary:  "CMD or ENTRYPOINT runs through a shell that it does not need",
	Aliases:  []string{"DL3025", "JSONArgsRecommended"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage,
	Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		in := s.Instruction
		if in.JSON || len(in.Args) == 0 || swallow.Comment(in, p.File.Escape).String != "" {
			return // trailing-comment reports an array with a comment after it
		}
		sc := container.Command(p, s)
		f := p.Report(in.Keyword.Full(), "`%s` is in shell form", in.Name).Alias("DL3025")
		words, broken := brokenArray(in.Args[0].String)
		broken = broken || in.Name != "HEALTHCHECK" && looksLikeArray(in.Args[0].String)
		if in.Name == "HEALTHCHECK" && !broken {
			f.Because("each check first starts `%s`, which then runs the command", strings.Join(s.Shell.Words[:min(1, len(s.Shell.Words))], "")).
				Doubting("a health check exits by itself, so signals do not matter")
			return
		}
		if in.Name != "HEALTHCHECK" && parity.ShellForm(s) {
			f.Alias("JSONArgsRecommended")
		}
		if broken {
			f.Span = in.Args[0].Full()
			f.Message = "`" + in.Name + "` looks like an array, but is not valid JSON"
			f.Severity = lint.Error
			f.Because("the shell treats the brackets as part of the command, so the container exits at once").
				Advise("%s", arrayFix(in.Args[0].String))
			if in.Name == "HEALTHCHECK" {
				f.Because("the shell treats the brackets as part of the command, so the container is never healthy")
			}
			if text := in.Args[0].String; strings.Contains(text, `\`) && json.Valid([]byte(strings.ReplaceAll(text, `\`, `\\`))) {
				f.Advise("write each backslash twice, because JSON treats a single one as the start of an escape")
				if program, _, _ := strings.Cut(text[1:], `",`); strings.Contains(program, ".exe ") {
					f.Advise("write each backslash twice, and make each word an element of its own")
				}
			}
			if len(words) > 0 && in.Args[0].Whole() {
				f.Offer(lint.Unsafe, "write `"+in.Name+"` as a JSON array", lint.Replace(in.Args[0].Full(), "["+encode(words)+"]"))
			}
			return
		}
		if s.Stage == p.Plan.Target && s.Shell.Step == nil && len(s.Shell.Words) > 0 && container.Of(p).Shellless() {
			f.Severity = lint.Error
			f.Message = "`" + in.Name + "` is in shell form, and the image has no shell"
			f.Because("the shell form runs `%s`, so the container does not start", s.Shell.Words[0])
			if needsShell(sc) == "" && sc.Dialect != shell.Other {
				f.Advise("write `%s` as a JSON array of its words", in.Name)
				offerArray(s, sc, f)
			} else {
				f.Advise("write `%s` as a JSON array that starts the program directly", in.Name)
			}
			return
		}
		sh := shellOf(s)
		makesWay := sh == "ash" || sh == "bash" // they become their last command
		stays := "if the shell stays PID 1, it does not forward signals"
		if sh == "dash" {
			stays = "the shell stays PID 1 and does not forward signals"
		}
		f.Because("%s, so `docker stop` waits ten seconds and then kills the container", stays).
			Advise("write `%s` as a JSON array of its words", in.Name)
		why := ""
		if sc.Dialect != shell.Other {
			why = needsShell(sc)
		}
		if why != "" {
			f.Advise("move the code to a script that starts the main program with `exec`, and write `%s` as a JSON array that runs the script", in.Name)
			if strings.HasSuffix(why, expanded) && !strings.ContainsAny(sc.Text.String, "\"'`\\\n") {
				f.Advise("write `%s [\"sh\", \"-c\", \"exec %s\"]`", in.Name, strings.TrimSpace(sc.Text.String))
			}
			if background := func(c *shell.Command) bool { return c.Stmt != nil && c.Stmt.Background }; len(sc.Commands) > 0 &&
				keepsRunning(sc.Commands[len(sc.Commands)-1]) || slices.ContainsFunc(sc.Commands, background) {
				f.Advise("") // one script cannot start them all with exec
			}
			if n := len(sc.Commands); n > 1 && why == "several commands" && quick(sc.Commands[n-1].Name) {
				f.Advise("") // what takes long comes before it
			}
		}
		lastExecs := sc.Dialect != shell.Other && endsInExec.Get().MatchString(sc.Text.String)
		switch {
		case in.Name == "ENTRYPOINT" && (makesWay || sh != "dash" || execs(sc) || lastExecs):
			f.Because("the shell form ignores CMD and the arguments of `docker run`")
		case in.Name == "ENTRYPOINT":
			f.Because("the shell form ignores CMD and the arguments of `docker run`, and the shell, which stays PID 1, does not forward signals")
		case execs(sc):
			f.Because("a shell starts first, and `exec` replaces it with the command").Advise("")
		case lastExecs:
			f.Because("a shell starts first, and `exec` replaces it with the last command").Advise("")
		case why == "" && (makesWay || len(sc.Commands) == 1 && plainShell(sc.Commands[0].Name)):
			f.Because("the command starts through a shell that it does not need")
		}
		switch {
		case !s.Stage.Shipped:
			f.Doubting("this stage does not ship")
		case s.Shell.Step != nil:
			if sc.Dialect == shell.Other {
				f.Because("a shell starts first, and then runs the command").Advise("%s", arrayHelp(in))
			}
			f.Doubting("`SHELL` selects the shell, probably on purpose")
		case sc.Dialect == shell.Other:
			f.Because("a shell starts first, and then runs the command").Advise("%s", arrayHelp(in)).
				Doubting("Windows containers do not get Unix signals, so the shell matters less")
		case why != "":
			f.Doubting("the command needs a shell, because it contains %s", why)
		case in.Name == "CMD" && len(sc.Commands) == 1 && len(sc.Commands[0].Words) == 1 && plainShell(sc.Commands[0].Name):
			f.Doubting("`%s` is probably for interactive use, where signals do not matter", sc.Commands[0].Name)
		case makesWay && in.Name == "CMD":
			f.Doubting("the `sh` of this image replaces itself with the command, which then gets the signals")
			offerArray(s, sc, f)
		default:
			offerArray(s, sc, f)
		}
	}, "CMD", "ENTRYPOINT", "HEALTHCHECK"),
}

// quick reports whether the program called name only handles files or prints something, so it does not need signals.
func quick(name string) bool {
	switch name {
	case "cp", "mv", "rm", "mkdir", "ln", "chmod", "chown", "echo", "printf", "ls", "cat", "sync", "true":
		return true
	case "", "exec":
		return false
	}
	return builtin(name)
}

// arrayHelp is the help about in, whose code is not read; "" if the code may use what only a shell understands.
func arrayHelp(in *parser.Instruction) string {
	if strings.ContainsAny(in.Rest.String, "$%;|&<>(){}'\"`") {
		return ""
	}
	return "write `" + in.Name + "` as a JSON array of its words"
}

// execs reports whether sc is a single command that replaces the shell.
func execs(sc *shell.Script) bool {
	return sc.Dialect != shell.Other && (needsShell(sc) == "`exec`, a shell builtin" || len(sc.Commands) == 1 && sc.Commands[0].Name == "exec")
}

// endsInExec matches code whose last command replaces the shell.
var endsInExec = lazy.Regexp{Expr: `[;&|]\s*exec [^;&|]*$`}

func plainShell(name string) bool {
	return name == "sh" || name == "bash" || name == "ash" || name == "zsh"
}

// shellOf is what the shell of s is, as image.Image.Shell has it.
func shellOf(s *plan.Step) string {
	base := s.Stage.Image()
	if base == nil || s.Shell.Step != nil {
		return ""
	}
	return image.Of(*base.Ref).Shell()
}

// offerArray offers to make a JSON array of the words, each in its place.
func offerArray(s *plan.Step, sc *shell.Script, f *lint.Finding) {
	c := sc.Commands[0]
	text := s.Instruction.Args[0]
	if strings.ContainsAny(text.String, "\\`#\x00") || c.Words[len(c.Words)-1].Span.End != text.Full().End || mixes(s) {
		return
	}
	var edits []lint.Edit
	for i, w := range c.Words {
		for _, r := range w.Text {
			if r == '"' || r == '<' || r == '>' || r == '&' || r < ' ' || r > '~' {
				return // it may need escaping
			}
		}
		before, behind := "", ","
		if i == 0 {
			before = "["
		}
		if i == len(c.Words)-1 {
			behind = "]"
		}
		edits = append(edits, lint.Replace(w.Span, before+`"`+w.Text+`"`+behind))
	}
	f.Offer(lint.Unsafe, "write `"+s.Instruction.Name+"` as a JSON array", edits...)
}

// mixes reports whether an array in s would combine CMD and ENTRYPOINT: CMD would become the arguments of a command
// that ignores them now, or that takes one argument.
func mixes(s *plan.Step) bool {
	found := false
	for _, stage := range s.Stage.Lineage() {
		for _, o := range stage.Steps {
			in := o.Instruction
			switch {
			case in.Name == "CMD" && s.Instruction.Name == "ENTRYPOINT":
				found = true // the shell form ignores it
			case in.Name == "ENTRYPOINT" && s.Instruction.Name == "CMD":
				last := len(in.Args) - 1
				found = found || in.JSON && last >= 0 &&
					strings.HasSuffix(in.Args[last].Value, "c") && strings.HasPrefix(in.Args[last].Value, "-")
			}
		}
	}
	return found
}

// looksLikeArray reports whether text is in brackets and its first word is quoted; `[ -f x ]` is code.
func looksLikeArray(text string) bool {
	inner, ok := strings.CutPrefix(text, "[")
	inner = strings.TrimSpace(inner)
	return ok && strings.HasSuffix(text, "]") && len(inner) > 1 && strings.IndexByte("'\"", inner[0]) >= 0
}

// expanded is why a word needs a shell.
const expanded = ", which the shell expands"

// needsShell says which feature of the shell a script uses, "" for a plain command with its arguments.
func needsShell(sc *shell.Script) string {
	if sc.File == nil || len(sc.File.Stmts) != 1 {
		return "several commands"
	}
	stmt := sc.File.Stmts[0]
	call, ok := stmt.Cmd.(*syntax.CallExpr)
	switch {
	case !ok:
		return "several commands"
	case len(stmt.Redirs) > 0:
		return "a redirection"
	case stmt.Background:
		return "`&`"
	case stmt.Negated:
		return "`!`"
	case len(call.Assigns) > 0:
		return "an assignment"
	}
	c := sc.Commands[0]
	if c.Name == "[" || c.Name != "" && builtin(c.Name) {
		return "`" + c.Name + "`, a shell builtin"
	}
	for _, w := range c.Words {
		if !w.Literal {
			return "`" + w.Text + "`" + expanded
		}
		expands := strings.ContainsAny(w.Text, "*?[") || strings.Contains(w.Text, "{") && sc.Dialect == shell.Bash
		if !w.Quoted && expands || strings.HasPrefix(w.Text, "~") {
			return "`" + w.Text + "`" + expanded
		}
	}
	return ""
}

// builtin reports whether the shell runs name itself, so that no file of that name has to exist.
func builtin(name string) bool {
	switch name {
	case "", ".", ":", "alias", "cd", "eval", "exec", "exit", "export", "read", "set", "source", "trap", "type",
		"ulimit", "umask", "unset", "wait":
		return true
	}
	return false
}
