package security

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// CopiedSecret reports COPY or ADD of files that contain a secret. With a build context the content decides: the rule
// reports keys, tokens and passwords that are really there, but never samples and tests. Without one it reports names
// that leave no question, and files that a later step removes, since the layer keeps them. The finding has a doubt
// where a whole directory with such a file is copied into a stage that does not ship.
var CopiedSecret = &lint.Rule{
	Name: "copied-secret", Summary: "`COPY` or `ADD` copies a file with a secret", Category: lint.Security,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		left := maxSecretFiles
		told := map[string]bool{}
		for _, s := range p.Plan.Stages {
			for _, step := range s.Steps {
				if !s.Reached || !step.Copy.Context() {
					continue
				}
				for _, src := range step.Copy.Sources {
					checkSource(p, step, src, &left, told)
				}
			}
		}
	}),
}

// maxSecretFiles is how many files are read at most.
const maxSecretFiles = 100

// leak is a file with a secret that a COPY or ADD copies.
type leak struct {
	name   string // in the build context
	file   *secretFile
	unseen bool // only its name says so
}

// maybeSecret are the files whose name says that they may contain a secret.
var maybeSecret = buildcontext.NewFact(func(_ *buildcontext.Context, files []buildcontext.File) (out []buildcontext.File) {
	for _, f := range files {
		if f.Type()&fs.ModeType == 0 && fileOfSecret(f.Name) != nil {
			out = append(out, f)
		}
	}
	return out
})

func checkSource(p *lint.Pass, step *plan.Step, src plan.Source, left *int, told map[string]bool) {
	if src.Heredoc || src.Remote || !src.Path.Known {
		return
	}
	named := strings.TrimPrefix(path.Clean("/"+src.Path.Text), "/")
	var leaks []leak
	exists := false
	if ctx := p.Context(); ctx != nil {
		taken, ok := ctx.Transfer(step, src)
		if !ok {
			return
		}
		exists = taken.Exists
		for _, f := range maybeSecret.Among(ctx, taken.Files) {
			kind := fileOfSecret(f.Name)
			if told[f.Name] {
				continue
			}
			if kind.value != nil || kind.holds != nil {
				if *left--; *left < 0 {
					break
				}
				text, err := ctx.Read(f.Name)
				if err != nil || !kind.contains(string(text)) {
					continue
				}
			} else if f.Size() == 0 {
				continue
			}
			told[f.Name] = true
			leaks = append(leaks, leak{f.Name, kind, false})
		}
	}
	if kind := fileOfSecret(named); !exists && kind != nil && !told[named] && !strings.ContainsAny(named, `*?[\`) {
		gone := removal(p, step, named)
		if kind.plain || gone != nil && step.Stage.Shipped {
			told[named] = true
			leaks = append(leaks, leak{named, kind, true})
		}
	}
	if len(leaks) > 0 {
		reportSecret(p, step, src, named, leaks)
	}
}

func reportSecret(p *lint.Pass, step *plan.Step, src plan.Source, named string, leaks []leak) {
	// Files without a doubt come first.
	order.By(leaks, func(a, b leak) int { return strings.Compare(a.file.doubt, b.file.doubt) })
	first := leaks[0]
	rel := strings.TrimPrefix(strings.TrimPrefix(first.name, named), "/")
	if named == "." || named == "" {
		rel = first.name
	}
	ships := step.Stage.Shipped
	if file, ok := step.Lands(rel); ok && !ships {
		ships = p.Plan.Ships(step.Stage, file) && removal(p, step, first.name) == nil
	}
	direct := first.name == named
	f := p.Report(src.Word.Full(), "`%s` contains %s", first.name, first.file.what)
	if first.unseen {
		f.Message = "`" + first.name + "` usually contains " + first.file.what
	}
	if !direct {
		f.Message = "`" + step.Instruction.Name + " " + src.Word.String + "` includes `" + first.name + "`, which contains " +
			first.file.what
	}
	const most = 4
	var others []string
	for _, l := range leaks[1:min(most, len(leaks))] {
		others = append(others, "`"+l.name+"`")
	}
	note := "anyone who can pull the image can read the file"
	if !ships {
		note = "the file stays in the build cache, and is pushed with the cache if all stages are exported (`mode=max`)"
	}
	if gone := removal(p, step, first.name); gone != nil && step.Stage.Shipped {
		note = "the file stays in the layer of this instruction, so anyone who can pull the image can read it"
		f.Relate(gone.Span, "this only removes the file from later layers")
	}
	if len(others) > 0 {
		if len(leaks) > most {
			others = append(others, "other files")
		}
		last := len(others) - 1
		note += "; the same applies to "
		if last > 0 {
			note += strings.Join(others[:last], ", ") + " and "
		}
		note += others[last]
	}
	f.Because("%s", note)
	switch {
	case direct:
		mount := "RUN --mount=type=secret,id=" + id(first.name) + ",target=…"
		f.Advise("mount the file where it is used, with `%s`, or provide it when the container starts", mount)
		if strings.HasPrefix(path.Base(first.name), "id_") {
			f.Advise("use the key through `RUN --mount=type=ssh`, or provide it when the container starts")
		}
	case p.Context() != nil && p.Context().Ignore != "":
		f.Advise("add `%s` to `%s`, and provide the file when the container starts", first.name, p.Context().Ignore)
	case p.Context() != nil:
		f.Advise("create a `.dockerignore` that lists `%s`, and provide the file when the container starts", first.name)
	default:
		f.Advise("add `%s` to `.dockerignore`, and provide the file when the container starts", first.name)
	}
	switch {
	case first.file.doubt != "":
		f.Message = strings.Replace(f.Message, " contains ", " may contain ", 1)
		f.Doubting("%s", first.file.doubt)
	case !ships && !direct:
		f.Doubting("the stage does not ship")
	case !ships:
		f.Severity = lint.Info
	}
}

// id is a name for a secret mount.
func id(name string) string { return strings.TrimLeft(path.Base(name), "._") }

// removal is a command of a later RUN that removes a file with the base name of name, nil without one. Removing a whole
// directory is not a sign of a secret, because it is usual for installation scripts with their settings.
func removal(p *lint.Pass, step *plan.Step, name string) *shell.Command {
	base := path.Base(name)
	for _, later := range step.After() {
		sc := p.Script(later)
		if sc == nil {
			continue
		}
		for _, c := range sc.Commands {
			if (c.Name == "rm" || c.Name == "shred") && slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
				return path.Base(w.Text) == base
			}) {
				return c
			}
		}
	}
	return nil
}
