package files

import (
	"fmt"
	"path"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// FlattenedDirectory reports a COPY of several sources, two of which are directories, or of a directory of a workspace,
// whose contents end up in one directory without it: COPY copies what is in a directory, not the directory.
var FlattenedDirectory = &lint.Rule{
	Name: "flattened-directory", Category: lint.Files,
	Summary:  "`COPY` mixes the contents of several directories, because it does not copy the directories themselves",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		for _, s := range p.Plan.Stages {
			for _, step := range s.Steps {
				if s.Reached && step.Copy.Context() && step.Instruction.Flag("parents") == nil {
					flattens(p, step)
				}
			}
		}
	}),
}

func flattens(p *lint.Pass, step *plan.Step) {
	var dirs []plan.Source
	files := 0
	for _, src := range step.Copy.Sources {
		taken, ok := p.Context().Transfer(step, src)
		if !ok || src.Whole() || strings.ContainsAny(src.Path.Text, `*?[\`) || len(taken.Names) != 1 {
			continue
		}
		name := taken.Names[0]
		if len(taken.Files) == 1 && taken.Files[0].Name == name {
			files++
			continue
		}
		if !strings.Contains(name, "/") && !strings.HasSuffix(src.Word.String, "/") && !strings.HasSuffix(src.Word.String, "/.") {
			dirs = append(dirs, src)
		}
	}
	if len(dirs) == 0 {
		return
	}
	first := dirs[0]
	name := path.Clean(first.Path.Text)
	var why string
	switch {
	case len(dirs) > 1:
		why = "the contents of `" + name + "` and `" + path.Clean(dirs[1].Path.Text) + "` end up in one directory, where files of the same name replace each other"
	case files > 1 && strings.HasSuffix(step.Copy.Dest.String, "/"):
		why = "the contents of `" + name + "` end up beside the other files"
	case len(step.Copy.Sources) == 1 && atRoot(step) && member(p, name):
		why = "the application's workspace names `" + name + "/*`, which then does not exist"
	default:
		return
	}
	one := fmt.Sprintf("`COPY %s %s/%s/`", first.Word.String, strings.TrimSuffix(step.Copy.Dest.Value, "/"), name)
	help := "write " + one
	if len(dirs) > 1 || files > 0 {
		help = "write a separate `COPY` for each directory, such as " + one
	}
	f := p.Report(first.Word.Full(), "`COPY` copies the contents of `%s`, not the directory itself", name).
		Because("%s", why).
		Advise("%s", help)
	if len(dirs) == 1 && len(step.Copy.Sources) > 1 {
		f.Doubting("copying only the contents may be intended")
	}
}

// atRoot reports whether the destination of step is the working directory.
func atRoot(step *plan.Step) bool {
	to, ok := step.Lands("")
	return ok && step.Workdir.Known && path.Clean(to) == path.Clean(step.Workdir.Text)
}

// member reports whether a workspace at the root of the build context consists of what is in dir.
func member(p *lint.Pass, dir string) bool {
	for _, name := range [...]string{"pnpm-workspace.yaml", "package.json", "lerna.json", "Cargo.toml", "pyproject.toml"} {
		data, err := p.Context().Read(name)
		if err != nil {
			continue
		}
		for _, quote := range [...]string{`"`, `'`, " "} {
			if strings.Contains(string(data), quote+dir+"/*") {
				return true
			}
		}
	}
	return false
}
