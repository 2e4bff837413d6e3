package packages

import (
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnpinnedGoPackage reports packages that `go install`, `go get` or `go run` fetches without a version, or at
// `@latest`. A path without any version can also be part of the module in the working directory, or pinned by its
// go.mod, so confidence is low, except for `go get`, which fetches the newest. Files are not packages.
var UnpinnedGoPackage = &lint.Rule{
	Name: "unpinned-go-package", Summary: "go fetches packages without a version", Category: lint.Packages,
	Aliases: []string{"DL3062"}, Severity: lint.Warning, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: lint.OnCalls(func(p *lint.Pass, c *shell.Call) {
		r := &pins{
			code: "DL3062", noun: "package", judge: goVersion,
			fixed: "the package may be part of the module, or pinned by its `go.mod`",
			form:  "NAME@VERSION",
		}
		switch c.Verb.Text {
		case "get":
			f, n := r.report(p, c), minor(c.Command)
			if f == nil {
				return
			}
			f.Advise("use `go install PACKAGE@VERSION` for a program, or `go.mod` for a library")
			if n == 0 || n >= 18 {
				f.Because("since Go 1.18, `go get` only changes `go.mod`, and fails outside a module")
			} else if n < 16 {
				f.Advise("move to a supported release of Go, then %s", f.Help)
			}
		case "install":
			r.report(p, c)
		case "run":
			// What follows the package, or the files, is for the program.
			words := c.Command.Operands("-o", "-ldflags", "-tags", "-gcflags", "-mod", "-C", "-p", "-exec", "-modfile")
			if len(words) > 1 {
				one := *c
				one.Packages = []shell.Package{{Word: words[1], Name: strings.TrimSuffix(words[1].Text, "@latest")}}
				r.report(p, &one)
			}
		}
	}, ecosystem.In(ecosystem.Go)),
}

func goVersion(c *shell.Call, pkg shell.Package) version {
	t := pkg.Word.Text
	name, at, ok := strings.Cut(t, "@")
	switch {
	case strings.HasSuffix(t, ".go"), t == "tool" || t == "all" || t == "std" || t == "cmd" || strings.HasPrefix(t, ".") || strings.HasPrefix(t, "/"):
		return held
	case ok && at != "latest" && at != "none":
		return held
	case !pkg.Word.Literal:
		return variable
	case ok:
		return loose
	case c.Verb.Text != "get" || !strings.Contains(name, "."):
		return fixed
	}
	return loose
}

// minor is 25 for Go 1.25 if c runs in an official image of Go, 0 if that is not known. A tag without a version is for the newest.
func minor(c *shell.Command) int {
	base := c.Script.Step.Stage.Image()
	if base == nil || base.Ref == nil || base.Ref.Official() != "golang" || base.Ref.Digest != "" && base.Ref.Tag == "" {
		return 0
	}
	rest, ok := strings.CutPrefix(base.Ref.Tag, "1.")
	if !ok {
		return newestGo
	}
	digits := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if digits >= 0 {
		rest = rest[:digits]
	}
	n, err := strconv.Atoi(rest)
	if err != nil {
		return 0
	}
	return n
}

// newestGo is more than every release that differs from the newest.
const newestGo = 99
