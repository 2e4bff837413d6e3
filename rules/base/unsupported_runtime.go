package base

import (
	"time"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/lifecycle"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnsupportedRuntime reports a step that installs a version of Node.js that no longer gets fixes: by a script or a package
// source of NodeSource, or with nvm. Base images belong to UnsupportedImage.
var UnsupportedRuntime = &lint.Rule{
	Name: "unsupported-runtime", Summary: "a step installs a version of Node.js that no longer gets security fixes", Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) {
		if s.Step.Stage == nil || !s.Step.Stage.Reached || !nodeInstallers.In(s.Text.String) {
			return
		}
		for _, c := range s.Commands {
			for i, w := range c.Words {
				version := installedNode(s.Step, c, i)
				if version == "" {
					continue
				}
				product, _ := image.Of(plan.Ref{Registry: "docker.io", Repository: "library/node", Tag: version}).Cycles()
				if !product.Over(p.Now) {
					continue
				}
				f := p.Report(w.Span, "support for %s ended on %s", product, product.Last().Format(time.DateOnly)).
					Because("%s without free security fixes%s", lifecycle.Duration(product.Last(), p.Now), lifecycle.Age(p.Now)).
					Advise("install a supported version, or copy Node.js from the `node` image")
				if name := fromArgument(s.Step, c, i); name != "" {
					f.Advise("set `%s` to a supported version, or copy Node.js from the `node` image", name)
				}
				if part := product.NamedIn(p.File.Name); part != "" {
					f.Doubting("the path says that this file is for `%s`", part)
					if product.Over(p.Now.AddDate(-1, 0, 0)) {
						f.Outdated(product.Over(p.Now.AddDate(-2, 0, 0)), f.Doubt)
					}
				}
				p.Repeat(f, version)
			}
		}
	}),
}

var nodeInstallers = lazy.Words{List: func() []string { return []string{"nodesource.com/", "nvm install"} }}

// installedNode is the major version of Node.js that the i-th word of c chooses, "" for another word.
func installedNode(step *plan.Step, c *shell.Command, i int) string {
	text := c.Words[i].Text
	if !c.Words[i].Literal {
		if v := step.Env.Expand(text); v.Known {
			text = v.Text
		}
	}
	if m := nodeSource.Get().FindStringSubmatch(text); m != nil {
		return m[1]
	}
	if c.Name == "nvm" && i == 2 && c.Words[1].Text == "install" {
		if m := nodeVersion.Get().FindStringSubmatch(text); m != nil {
			return m[1]
		}
	}
	return ""
}

// fromArgument is the name of the only variable in the i-th word of c, if an ENV or ARG sets it; "" otherwise.
func fromArgument(step *plan.Step, c *shell.Command, i int) string {
	set, missing := step.Env.Uses(c.Words[i].Text)
	if c.Words[i].Literal || len(set) != 1 || len(missing) > 0 {
		return ""
	}
	return set[0]
}

var (
	nodeSource  = lazy.Regexp{Expr: `nodesource\.com/(?:setup|node|pub)_([0-9]+)\.`}
	nodeVersion = lazy.Regexp{Expr: `^v?([0-9]+)(?:\.|$)`}
)
