package files

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/swallow"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// MissingCopySource reports a source of COPY or ADD that does not exist in the build context, or only with different
// case. Wildcards and `--parents` may match nothing, ignored files have a rule of their own, and what git ignores or
// a build generates need not exist yet. The real context may be another directory, so the rule is silent unless some
// source exists, and confidence is low unless most sources exist in what is clearly the root of a project. Where the user
// or a compose file names the context, neither matters.
var MissingCopySource = &lint.Rule{
	Name:     "missing-copy-source",
	Summary:  "a source of `COPY` or `ADD` does not exist in the build context",
	Category: lint.Files,
	Severity: lint.Error,
	Profile:  lint.Recommended,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.Unsafe,
	Check: lint.OnContext(func(p *lint.Pass) {
		ctx := p.Context()
		type absence struct {
			source plan.Source
			other  string
		}
		var absent []absence
		present, missing := 0, 0
		for step, src := range sources(p) {
			if src.Whole() || strings.ContainsAny(src.Path.Text, `*?[\`) || step.Instruction.Flag("parents") != nil {
				continue
			}
			if swallow.Comment(step.Instruction, p.File.Escape).String != "" {
				continue // trailing-comment says that its words are sources
			}
			taken, ok := ctx.Transfer(step, src)
			switch {
			case !ok || ctx.Excluded(src.Path.Text):
			case taken.Exists || taken.Other == "" && ctx.Has(src.Path.Text): // the latter through a link
				present++
			case taken.Other != "":
				present++
				absent = append(absent, absence{src, taken.Other})
			default:
				missing++
				absent = append(absent, absence{src, ""})
			}
		}
		for _, a := range absent {
			if a.other != "" {
				otherCase(p, a.source, a.other)
				continue
			}
			if present == 0 && !ctx.Chosen || made(a.source.Path.Text) || ctx.GitIgnored(a.source.Path.Text) {
				continue
			}
			f := p.Report(a.source.Word.Full(), "`%s` does not exist in the build context", a.source.Word.String).
				Because("the build fails if a source does not exist").
				Advise("correct the path, which is relative to the root of the build context")
			switch {
			case missing >= present && !ctx.Chosen:
				f.Message = "`" + a.source.Word.String + "` does not exist in what seems to be the build context"
				f.Doubting("the build context may be another directory, because %d of %d sources cannot be found in it", missing, present+missing)
			case !ctx.Has(".git") && !ctx.Ignored(".git"):
				f.Doubting("a command that runs before the build may create it")
			default:
				f.Breaking(lint.BreaksBuild)
			}
		}
	}),
}

func otherCase(p *lint.Pass, src plan.Source, other string) {
	f := p.Report(src.Word.Full(), "`%s` is named `%s` in the build context", src.Word.String, other).
		Because("BuildKit compares names case-sensitively, even if the file system ignores case, so the build fails here").
		Advise("write `%s`", other)
	if src.Word.Whole() && path.Clean(src.Word.String) == path.Clean(src.Word.Value) &&
		!strings.ContainsAny(src.Word.String+other, "$\"'\\ *?[") {
		text := other
		if strings.HasPrefix(src.Word.String, "./") {
			text = "./" + text
		}
		if strings.HasSuffix(src.Word.String, "/") {
			text += "/"
		}
		f.Offer(lint.Unsafe, "write `"+other+"`", lint.Replace(src.Word.Full(), text))
	}
}

// made reports whether a path looks like build output, or like something that is only put next to the Dockerfile for
// one build.
func made(name string) bool {
	parts := strings.Split(strings.Trim(path.Clean("/"+name), "/"), "/")
	for _, part := range parts {
		switch lower := strings.ToLower(part); lower {
		case "dist", "build", "builds", "target", "out", "output", "_output", "outputs", "bin", "obj", "publish",
			"published", "release", "releases", "artifacts", "artifact", "_build", "node_modules", "vendor", "coverage",
			"tmp", "temp", "staging", "public", "generated", "gen", "site", "_site", "wheels", "wheelhouse", "packages",
			"download", "downloads", "cache", "certs", "secrets", "version", "app", "rootfs":
			return true
		default:
			if strings.HasPrefix(lower, ".") &&
				!slices.Contains(
					[]string{".npmrc", ".ruby-version", ".nvmrc", ".node-version", ".python-version", ".tool-versions"},
					lower,
				) {
				return true // such as .next, .output, .env, .git
			}
		}
	}
	base := parts[len(parts)-1]
	switch strings.ToLower(path.Ext(base)) {
	case "":
		// A file without an extension is often a compiled program, but these are source files.
		switch base {
		case "Makefile", "Gemfile", "Rakefile", "Pipfile", "Procfile", "Cargo", "mvnw", "gradlew", "src", "lib",
			"LICENSE", "README", "config", "scripts":
			return false
		}
		return len(parts) == 1 || strings.HasSuffix(name, "/")
	case ".jar", ".war", ".ear", ".whl", ".tgz", ".gz", ".xz", ".bz2", ".zst", ".tar", ".zip", ".deb", ".rpm", ".apk",
		".gem", ".so", ".exe", ".dll", ".bin", ".msi", ".crt", ".pem", ".key", ".cer", ".p12", ".jks", ".env", ".db",
		".sqlite", ".sqlite3", ".img", ".iso", ".wasm", ".pkl", ".pt", ".onnx", ".h5":
		return true
	}
	return false
}
