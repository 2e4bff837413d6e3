package runtime

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnsupervisedProcess reports a container whose command or entrypoint script starts a server in the background and then
// another one, or something that only keeps the container running. It says nothing where the script waits for the first
// that ends (`wait -n`), or ends the server itself.
var UnsupervisedProcess = &lint.Rule{
	Name: "unsupervised-process", Category: lint.Runtime,
	Summary:  "the container starts a server in the background, and nothing restarts it",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		if p.Plan.Target == nil || p.Plan.ForDevelopment() || p.Plan.Target.Windows() {
			return
		}
		for _, code := range container.Of(p).Code() {
			if reportBackground(p, code) {
				return
			}
		}
	}),
}

// reportBackground reports the first server that code leaves alone in the background.
func reportBackground(p *lint.Pass, code container.Code) bool {
	for _, c := range code.Commands {
		if c.Name == "wait" && len(c.Words) > 1 && c.Words[1].Text == "-n" || c.Name == "kill" || c.Name == "fg" || c.Name == "trap" {
			return false
		}
	}
	all := code.Always()
	i := slices.IndexFunc(all, inBackground)
	if i < 0 || i == len(all)-1 {
		return false
	}
	c, last := all[i], all[len(all)-1]
	for last.Outer != nil && last.Outer.Script == last.Script {
		last = last.Outer
	}
	beside := ""
	switch inner := all[len(all)-1]; {
	case keepsRunning(inner):
		beside = "while `" + inner.Name + "` keeps the container running"
	case inner.Stmt != nil && inner.Stmt.Background, inner.Name == "wait":
		if n := slices.IndexFunc(all[i+1:], inBackground); n < 0 {
			return false // it is the one that the script waits for
		}
		beside = "beside other servers"
	case container.Serves(inner):
		beside = "beside `" + inner.Name + "`"
	case code.Entry != nil && strings.Contains(inner.Words[0].Text, "$"):
		if name, ok := code.Entry.Serves(inner); ok {
			beside = "beside `" + name + "`"
			if strings.Contains(name, "@") || strings.Contains(name, "*") {
				beside = "beside the command of the container"
			}
		}
	}
	if beside == "" {
		return false
	}
	span := c.Words[0].Span
	if code.Entry != nil {
		span = code.Entry.Word.Span
	}
	f := p.Report(span, "`%s` runs in the background %s", daemon(c), beside).
		Because("if `%s` exits, the container keeps running without it, and `docker stop` does not send it a signal", daemon(c)).
		Advise("run `%s` in its own container, or start all servers with a supervisor such as s6-overlay or supervisord", daemon(c))
	if keepsRunning(all[len(all)-1]) && !slices.ContainsFunc(all[i+1:], inBackground) {
		f.Advise("run `%s` in the foreground, with `exec`, instead of `%s`", daemon(c), all[len(all)-1].Name)
	}
	if code.Entry != nil {
		f.RelateFile(code.Entry.File, 1+strings.Count(code.Entry.Text[:c.Span.Start], "\n"), "`%s` is started here", daemon(c))
	}
	return true
}

// inBackground reports whether c starts a server and returns.
func inBackground(c *shell.Command) bool {
	switch c.Name {
	case "service":
		return len(c.Words) > 2 && c.Words[2].Text == "start" && !strings.HasPrefix(c.Words[1].Text, "ssh")
	case "nginx":
		return !slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
			return strings.Contains(w.Text, "daemon off") || w.Text == "-t" || w.Text == "-s" || w.Text == "-T" || w.Text == "-v" || w.Text == "-V"
		})
	case "cron", "crond":
		return !c.Has("-f", "-n", "-V", "--help")
	}
	if strings.HasPrefix(c.Name, "php-fpm") && c.Has("-D", "--daemonize") {
		return true
	}
	if path.Base(path.Dir(c.Words[0].Text)) == "init.d" {
		return len(c.Words) > 1 && c.Words[1].Text == "start"
	}
	for o := c; o != nil; o = o.Outer {
		if o.Stmt != nil && o.Stmt.Background && o.Script == c.Script {
			return container.Serves(c)
		}
	}
	return false
}

// daemon is what c starts, as messages name it.
func daemon(c *shell.Command) string {
	if c.Name == "service" {
		return c.Words[1].Text
	}
	return c.Name
}

// keepsRunning reports whether c does nothing but not to end.
func keepsRunning(c *shell.Command) bool {
	switch c.Name {
	case "tail":
		return c.Has("-f", "-F", "--follow")
	case "sleep":
		return len(c.Words) > 1 && c.Words[1].Text == "infinity"
	}
	return false
}
