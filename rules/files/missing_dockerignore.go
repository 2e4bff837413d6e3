package files

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// MissingDockerignore reports a COPY or ADD of the whole build context when nothing says what stays out of it. It speaks once
// a file, and only of a build context that is known.
var MissingDockerignore = &lint.Rule{
	Name: "missing-dockerignore", Summary: "the whole build context is copied and no .dockerignore exists", Category: lint.Files,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnContext(func(p *lint.Pass) {
		if p.Context().Ignore != "" {
			return
		}
		if step := firstWhole(p); step != nil {
			dockerignore(p, step)
		}
	}),
}

func dockerignore(p *lint.Pass, step *plan.Step) {
	for _, src := range step.Copy.Sources {
		if !src.Whole() {
			continue
		}
		f := p.Report(src.Word.Full(), "the whole build context is copied, and it has no `.dockerignore`").
			Advise("list what the image does not need in `.dockerignore`: at least `.git`, `.env` and `Dockerfile`")
		found := litter(p, step, src)
		gets := "the image"
		if !step.Stage.Shipped && !shipsLitter(p, step, found) {
			gets = "the build"
		}
		if len(found) > 0 {
			f.Because("%s gets %s; each change there invalidates this layer", gets, describe(found))
		} else {
			var now string
			if taken, ok := p.Context().Transfer(step, src); ok && !taken.Cut {
				now = count(len(taken.Files), "file") + " with " + size(taken.Bytes()) + " now, and "
			}
			f.Because("%s gets %swhatever is put into this folder: `.git`, `.env`, local builds", gets, now)
		}
		if names := expendable(p); len(names) > 0 {
			f.Offer(lint.Unsafe, "write `.dockerignore`", lint.Edit{File: ".dockerignore", Create: true, Text: strings.Join(names, "\n") + "\n"})
		}
		return
	}
}

// expendable are the patterns of a `.dockerignore` for what lies at the root of the build context and no instruction seems to
// need; empty where a variable hides what the build reads.
func expendable(p *lint.Pass) []string {
	var out []string
	for _, name := range [...]string{
		".git", ".gitignore", ".env", "node_modules", ".venv", "venv", "__pycache__", "*.pyc", ".pytest_cache", ".mypy_cache", ".ruff_cache",
		".terraform", ".idea", ".vscode", ".DS_Store", "Dockerfile",
	} {
		if len(p.Context().Glob(name)) == 0 {
			continue
		}
		needed, known := reads(p, name)
		if !known {
			return nil
		}
		if !needed {
			out = append(out, name)
		}
	}
	return append(out, ".dockerignore")
}

// reads reports whether the build seems to need what matches pattern: COPY, ADD or a mount names it, or the text of any other
// instruction does; git needs its own folder, and installed packages are needed where no command installs them. It is not
// known where a variable names what is copied.
func reads(p *lint.Pass, pattern string) (needed, known bool) {
	known = true
	installs := map[string]bool{}
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			if t := step.Copy; t != nil && t.From == nil {
				for _, src := range t.Sources {
					if src.Heredoc || src.Remote || src.Whole() {
						continue
					}
					known = known && src.Path.Known
					needed = needed || names(src.Path.Text, pattern)
				}
				continue
			}
			for _, m := range step.Mounts {
				needed = needed || m.Type == "bind" && m.From == nil && names(m.Source, pattern)
			}
			needed = needed || mentioned(step.Instruction, pattern)
			if sc := p.Script(step); sc != nil {
				for _, c := range sc.Commands {
					needed = needed || c.Name == "git" && strings.HasPrefix(pattern, ".git") && !c.Has("clone", "config", "init")
				}
				for _, call := range sc.Calls() {
					if call.Action == shell.Install {
						installs[call.Manager] = true
					}
				}
			}
		}
	}
	switch pattern {
	case "node_modules":
		needed = needed || !installs["npm"] && !installs["yarn"] && !installs["pnpm"] && !installs["bun"]
	case ".venv", "venv":
		needed = needed || len(installs) == 0
	}
	return needed, known
}

// names reports whether source, a path or pattern of COPY, takes what matches pattern, or something in it.
func names(source, pattern string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path.Clean("/"+source), "/"), "/")
	if first == pattern {
		return true
	}
	other := strings.ReplaceAll(pattern, "*", "x")
	here, err := path.Match(first, other)
	there, bad := path.Match(pattern, first)
	return here || there || err != nil || bad != nil
}

// mentioned reports whether the text of in has pattern as a word or as part of a path.
func mentioned(in *parser.Instruction, pattern string) bool {
	pattern = strings.TrimPrefix(pattern, "*")
	texts := []string{in.Text.String}
	for _, h := range in.Heredocs {
		texts = append(texts, h.Body.String)
	}
	return slices.ContainsFunc(texts, func(text string) bool {
		for {
			i := strings.Index(text, pattern)
			if i < 0 {
				return false
			}
			rest := text[i+len(pattern):]
			if (i == 0 || !wordy(text[i-1])) && (rest == "" || !wordy(rest[0])) {
				return true
			}
			text = rest
		}
	})
}

// wordy reports whether c goes on with a file's name.
func wordy(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
