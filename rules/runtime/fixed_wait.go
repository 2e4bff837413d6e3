package runtime

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// FixedWait reports a container that sleeps for a fixed time before it starts the application, so that another service may
// be ready by then. It ignores loops, sleeps that a condition decides or that run in the background, and a single second.
var FixedWait = &lint.Rule{
	Name: "fixed-wait", Category: lint.Runtime,
	Summary:  "the container sleeps for a fixed time before it starts the application",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		if p.Plan.Target == nil || p.Plan.ForDevelopment() {
			return
		}
		for _, code := range container.Of(p).Code() {
			if !slices.ContainsFunc(code.Commands, sleeps) {
				continue
			}
			all := code.Always()
			if len(all) > 0 && all[len(all)-1].Name == "tail" {
				continue // it waits for the log of what it has started
			}
			for _, c := range all[:max(len(all)-1, 0)] {
				if !sleeps(c) {
					continue
				}
				span := c.Span
				if code.Entry != nil {
					span = code.Entry.Word.Span
				}
				f := p.Report(span, "`%s %s` waits a fixed time whenever the container starts", c.Name, c.Words[1].Text).
					Because("a service that the container waits for may take longer one day, and if it is ready sooner, the start is delayed for nothing").
					Advise("retry until the service answers")
				if code.Entry != nil {
					f.RelateFile(code.Entry.File, 1+strings.Count(code.Entry.Text[:c.Span.Start], "\n"), "the script sleeps here")
				}
				return
			}
		}
	}),
}

// sleeps reports whether c sleeps for a number of seconds or minutes before the next command runs.
func sleeps(c *shell.Command) bool {
	if c.Name != "sleep" || len(c.Words) != 2 || c.Stmt == nil || c.Stmt.Background || c.Outer != nil && c.Outer.Name != "sh" && c.Outer.Name != "bash" {
		return false
	}
	text := c.Words[1].Text
	minutes := strings.HasSuffix(text, "m")
	n, err := strconv.Atoi(strings.TrimRight(text, "sm"))
	return err == nil && (n > 1 || n == 1 && minutes)
}
