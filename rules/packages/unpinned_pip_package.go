package packages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnpinnedPipPackage reports packages that pip, pipx or `uv pip` installs without a version. Any comparison counts as
// one, even a lower bound. Files (`-r`), constraints (`-c`) and the application itself are ignored; a repository counts
// as pinned if a reference follows its address. A finding only has no doubt if the package is a package manager, whose
// version decides what the lock file means.
var UnpinnedPipPackage = &lint.Rule{
	Name: "unpinned-pip-package", Summary: "pip installs packages without a version", Category: lint.Packages,
	Aliases: []string{"DL3013"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: (&pins{
		code: "DL3013", family: ecosystem.Pip, verbs: "install", noun: "package",
		fixed: "the command installs the application itself", none: true,
		form:  "NAME==VERSION",
		judge: pipVersion, managers: []string{"poetry", "uv", "pipenv", "pdm"},
		elsewhere: func(_ *lint.Pass, c *shell.Call) string {
			for _, name := range []string{"PIP_CONSTRAINT", "UV_CONSTRAINT"} {
				if c.Command.Script.Step.Env.Lookup(name) != nil {
					return "the constraints in `" + name + "` may pin the versions"
				}
			}
			return ""
		},
	}).check(),
}

func pipVersion(c *shell.Call, pkg shell.Package) version {
	t := pkg.Word.Text
	own := func(w shell.Word) bool {
		switch w.Text {
		case ".", "-r", "--requirement", "-c", "--constraint":
			return true
		}
		return strings.HasPrefix(w.Text, "--requirement=") || strings.HasPrefix(w.Text, "--constraint=")
	}
	_, address, remote := strings.Cut(t, "://")
	vcs, _, _ := strings.Cut(t, "+")
	switch {
	case len(c.Files) > 0 || slices.ContainsFunc(c.Command.Words, own):
		return held
	case remote && (vcs == "git" || vcs == "hg" || vcs == "svn" || vcs == "bzr"):
		if strings.Contains(address[strings.LastIndexByte(address, '/')+1:], "@") {
			return held
		}
		return unless(strings.Contains(address, "@"), unseen, loose)
	case strings.ContainsAny(t, "=<>!~@/") || strings.HasSuffix(t, ".whl") || strings.HasSuffix(t, ".tar.gz") ||
		strings.HasSuffix(t, ".zip"):
		return held
	case strings.HasPrefix(t, "."):
		return fixed // `.[extra]` is the application
	case !pkg.Word.Literal:
		return variable
	}
	return loose
}
