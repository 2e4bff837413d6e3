package files

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/lint"
)

// UnreadIgnoreFile reports an ignore file that the build does not read: one beside a Dockerfile in a directory below the
// build context, or one with a similar name. It has a doubt where the context is only guessed, and where another program may give
// the file its name.
var UnreadIgnoreFile = &lint.Rule{
	Name: "unread-ignore-file", Category: lint.Files,
	Summary:  "an ignore file has a name or a place where the build does not read it",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		ctx := p.Context()
		if builder, _ := p.Builder(); builder != lint.BuildKit || ctx.Ignore != "" && ctx.Ignore != ".dockerignore" {
			return
		}
		src, ok := fromContext(p)
		if !ok {
			return
		}
		if step := firstWhole(p); step != nil {
			src = step.Copy.Sources[0]
		}
		base := path.Base(p.File.Name)
		for _, f := range ignoreFiles.Of(ctx) {
			dir, name := path.Split(f.Name)
			dir = strings.TrimSuffix(dir, "/")
			doubt, help, prefixed := "", "", ""
			switch {
			case dir == "" && alike(name, base):
				help = ".dockerignore"
				if ctx.Ignore != "" {
					help = path.Join(path.Dir(p.File.Name), base+".dockerignore")
				}
				if strings.HasPrefix(name, ".dockerignore.") {
					doubt = "whatever starts the build may rename the file"
				}
			case dir != "" && name == ".dockerignore" && strings.HasSuffix("/"+path.Clean(p.File.Name), "/"+dir+"/"+base):
				help = path.Join(dir, base+".dockerignore")
				prefixed = ", and write `" + dir + "/` before its patterns, since they are relative to the build context"
				if !ctx.Chosen && !copiesFrom(p, dir) {
					doubt = "the directory of the Dockerfile may be the build context"
				}
			default:
				continue
			}
			finding := p.Report(src.Word.Full(), "the build does not read `%s`", f.Name).
				Because("BuildKit reads `%s.dockerignore` beside the Dockerfile, or else `.dockerignore` at the root of the build context", base).
				Advise("rename the file to `%s`", help).
				RelateFile(f.Name, 1, "this file")
			switch {
			case prefixed != "" && ctx.Ignore != "": // a file beside the Dockerfile would replace it
				finding.Advise("move its patterns to `%s`, with `%s/` before each", ctx.Ignore, dir)
			case prefixed != "":
				finding.Advise("%s%s", finding.Help, prefixed)
			}
			if doubt != "" {
				finding.Doubting("%s", doubt)
			}
			p.Join(finding, "missing-dockerignore", func(other *lint.Finding) {
				other.Fixes = nil
				other.Advise("rename `%s`, which the build does not read, to `%s`%s", f.Name, help, prefixed).
					RelateFile(f.Name, 1, "the build does not read this file")
			})
			return
		}
	}),
}

// ignoreFiles are the files of a context that are or may be meant as ignore files.
var ignoreFiles = buildcontext.NewFact(func(c *buildcontext.Context, _ []buildcontext.File) (out []buildcontext.File) {
	files, _ := c.Files()
	for _, f := range files {
		if base := path.Base(f.Name); len(base) < 40 && strings.Contains(strings.ToLower(base), "ignore") && strings.Contains(strings.ToLower(base), "docker") {
			out = append(out, f)
		}
	}
	return out
})

// alike reports whether name looks like that of an ignore file for the Dockerfile base and is none.
func alike(name, base string) bool {
	switch lower := strings.ToLower(name); lower {
	case "dockerignore", "_dockerignore", ".dockerignores", ".docker-ignore", ".docker_ignore", ".dockerignore.txt",
		".dockerfileignore", "docker.ignore", "dockerfile.ignore", ".dockeringore", ".dockerignor":
		return true
	case ".dockerignore":
		return name != lower
	case strings.ToLower(base) + ".dockerignore":
		return name != base+".dockerignore"
	default:
		_, kind, ok := strings.Cut(strings.ToLower(base), "dockerfile.")
		return ok && lower == ".dockerignore."+kind
	}
}

// copiesFrom reports whether a COPY names something in dir as seen from the root of the context, so that this is the context.
func copiesFrom(p *lint.Pass, dir string) bool {
	for step, src := range sources(p) {
		if step.Copy.Context() && !src.Heredoc && !src.Remote && strings.HasPrefix(path.Clean(strings.TrimPrefix(src.Path.Text, "/")), dir+"/") {
			return true
		}
	}
	return false
}
