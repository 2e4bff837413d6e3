package packages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/internal/publisher"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// MovingDownload reports a curl or wget of the latest release of a GitHub repository, and a git clone of a branch that
// nothing pins to a commit or a tag. A build with a cache keeps what it got once, and a build without one gets something
// else each day. It is silent below an ARG that is there to break the cache.
var MovingDownload = &lint.Rule{
	Name: "moving-download", Category: lint.Packages,
	Summary:  "a step downloads whatever release or commit is newest",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		step := c.Script.Step
		if !step.Stage.Reached || p.Plan.ForDevelopment() {
			return
		}
		var w *shell.Word
		if c.Name == "git" {
			w = cloned(c)
		} else {
			w = latest(c)
		}
		if w == nil || busted(step) {
			return
		}
		f := p.Report(w.Span, "`%s` downloads whatever release is newest", c.Name).
			Because("each build without a cache may get a different version").
			Advise("replace `latest/download` in the URL with `download/TAG`")
		if c.Name == "git" {
			f.Message = "`git clone` fetches the newest commit of a branch"
			f.Advise("fetch a tag or a commit instead of a branch")
		} else if strings.Contains(w.Text, "://api.github.com/") {
			f.Message = "`" + c.Name + "` looks up whatever release is newest"
			f.Advise("write the version in an `ARG` instead of looking it up")
		}
		if publisher.Serves(p, w.Text) {
			f.Doubting("the download has the same publisher as the image, which may be meant to contain the latest version")
		}
		above := parser.Span{Start: p.File.Above(step.Instruction), End: step.Instruction.Span.Start}
		if pragma.WantsNewest(p.File.Text(above)) {
			f.Doubting("the comment above says that the latest version is wanted")
		}
	}, "git", "curl", "wget"),
}

// busted reports whether an ARG that is there to break the cache is in force at step. Its value is in the environment of each RUN
// below, and so in the key of the step, even if the RUN does not expand it.
func busted(step *plan.Step) bool {
	for v := range step.Env.Variables() {
		if v.Arg && cacheBreaker.Get().MatchString(v.Name) {
			return true
		}
	}
	return false
}

// cacheBreaker matches names such as CACHEBUST, SOURCEMOD_CACHE_BUSTER, CACHE_DATE and BUST_CACHE.
var cacheBreaker = lazy.Regexp{
	Expr: `(?i)cache_?(bust|break|date|refresh|kill|invalid|stamp|time_?stamp)|(bust|break|refresh|invalidate|kill)_?cache`,
}

// latest is the word of c, a curl or wget, that names the latest release of a GitHub repository; nil if there is none.
func latest(c *shell.Command) *shell.Word {
	d := download.Of(c)
	if d == nil || !slices.ContainsFunc(d.URLs, func(url string) bool {
		return strings.Contains(url, "/releases/latest/download/") ||
			strings.HasPrefix(url, "https://api.github.com/repos/") && strings.HasSuffix(url, "/releases/latest")
	}) {
		return nil
	}
	for i := range c.Words {
		if strings.Contains(c.Words[i].Text, "/releases/latest") {
			return &c.Words[i]
		}
	}
	return &c.Words[0]
}

// cloned is the address in c, a git, if c clones a branch and nothing in its script chooses a commit afterwards; else
// nil.
func cloned(c *shell.Command) *shell.Word {
	args := c.Operands("-c", "-C", "-b", "--branch", "--depth", "-o", "--origin", "--reference", "-j", "--jobs")
	if len(args) < 2 || args[0].Text != "clone" {
		return nil
	}
	if w, ok := c.FlagValue("-b", "--branch"); ok {
		switch strings.ToLower(w.Text) {
		case "main", "master", "develop", "dev", "trunk", "head":
		default:
			return nil
		}
	}
	address := &args[1]
	if c.Has("--revision", "--config") || !address.Literal && !strings.Contains(address.Text, "://") ||
		!strings.Contains(address.Text, "://") && !strings.HasPrefix(address.Text, "git@") {
		return nil
	}
	for before := range c.Script.Step.Before() {
		if before.Instruction.Name == "ADD" && strings.Contains(before.Instruction.Text.String, "://api.github.com/") {
			return nil // it is there to notice a new commit
		}
	}
	// Later commands, also of later steps, may choose a commit.
	step := c.Script.Step
	texts := []string{step.Instruction.Text.String}
	for _, doc := range step.Instruction.Heredocs {
		texts = append(texts, doc.Body.String)
	}
	for _, later := range step.After() {
		if later.Instruction.Name == "RUN" {
			texts = append(texts, later.Instruction.Text.String)
		}
	}
	for _, text := range texts {
		for _, sign := range [...]string{"checkout", "reset --hard", "switch", "git describe", "rev-list", "git tag", "git apply", "fetch origin"} {
			if strings.Contains(text, sign) {
				return nil
			}
		}
	}
	return address
}
