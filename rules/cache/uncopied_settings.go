package cache

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UncopiedSettings reports an installation from a manifest that is copied by its name, without the settings next to it that
// change what the package manager installs, such as `.npmrc`. It is silent about settings that only change what it
// prints or writes, and about those with a token, which must not be copied.
var UncopiedSettings = &lint.Rule{
	Name: "uncopied-settings", Summary: "the package manager's settings exist but are not copied before the install", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached || p.Context() == nil {
			return
		}
		told := map[string]bool{}
		for _, sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				in := install.Of(p).Setting(call)
				if in == nil || in.Manager.Language != ecosystem.LanguageNode || told[in.Manifest] {
					continue
				}
				if name := lacking(p, call, in); name != "" {
					told[in.Manifest] = true
					uncopiedSettings(p, call, in, name)
				}
			}
		}
	}),
}

// lacking is the first file or directory of settings next to the manifest that the image does not have when call runs, ""
// if there is none.
func lacking(p *lint.Pass, call *shell.Call, in *install.Setting) string {
	step := call.Command.Script.Step
	for before := range step.Before() {
		if before.Copy != nil && before.Copy.From != nil && before.Copy.To.Known && plan.Within(in.At, before.Destination()) {
			return "" // that directory of another stage may have them, as one that `turbo prune` writes does
		}
	}
	for _, beside := range in.Manager.Project.Beside {
		name := strings.TrimSuffix(beside, "/")
		full := path.Join(in.Dir, name)
		if !p.Context().Has(full) || p.Context().Ignored(full) {
			continue
		}
		inImage := path.Join(in.At, name)
		if name != beside { // a directory, of patches
			data, err := p.Context().Read(in.Manifest)
			if err != nil || !strings.Contains(string(data), `"patchedDependencies"`) {
				continue
			}
			files := p.Context().Dir(full)
			if len(files) == 0 {
				continue
			}
			inImage = path.Join(inImage, path.Base(files[0]))
		} else if data, err := p.Context().Read(full); err != nil || !decides(string(data)) {
			continue
		}
		if _, ok := install.Of(p).File(step, inImage); !ok {
			return full
		}
	}
	return ""
}

// decides reports whether settings change what is installed, and contain no token.
func decides(text string) bool {
	matters := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		if key == "registry" && strings.Contains(value, "npmjs.org") {
			continue // it is the default
		}
		if strings.HasPrefix(key, "//") || strings.Contains(strings.ToLower(key), "auth") {
			return false
		}
		matters = matters || !slices.Contains(quiet[:], key)
	}
	return matters
}

// quiet are settings of npm and pnpm that change nothing about what is installed from a lock file.
var quiet = [...]string{
	"save-exact", "save-prefix", "save", "fund", "audit", "update-notifier", "loglevel", "progress", "color", "message",
	"tag-version-prefix", "git-tag-version", "sign-git-tag", "access", "engine-strict", "prefer-workspace-packages", "link-workspace-packages",
	"save-workspace-protocol", "package-lock", "lockfile", "resolution-mode", "stream", "use-node-version", "provenance", "enable-pre-post-scripts",
	"min-release-age", "minimum-release-age",
}

func uncopiedSettings(p *lint.Pass, call *shell.Call, in *install.Setting, name string) {
	from := install.Of(p).Copier(call.Command.Script.Step, path.Join(in.At, path.Base(in.Manifest)))
	if from == nil {
		return
	}
	i := slices.IndexFunc(from.Copy.Sources, func(src plan.Source) bool { return path.Clean("/"+src.Path.Text) == "/"+in.Manifest })
	if i < 0 {
		return // a pattern or a directory, which may be meant to leave it out
	}
	p.Report(from.Copy.Sources[i].Word.Full(), "`%s` is copied without the `%s` next to it", in.Manifest, path.Base(name)).
		Because("`%s` then runs without these settings", install.Command(call)).
		Relate(call.Command.Span, "dependencies are installed here").
		Advise("also copy `%s`", name)
}
