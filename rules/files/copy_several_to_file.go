package files

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/swallow"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// CopySeveralToFile reports COPY or ADD of several files to a destination that does not end in a slash. BuildKit makes it a file with
// the last source, unless it is a directory already. A wildcard is only reported if it is known to match several files, and the
// destination not to exist.
var CopySeveralToFile = &lint.Rule{
	Name:     "copy-several-to-file",
	Summary:  "several sources are copied to a destination without a trailing slash",
	Category: lint.Files,
	Aliases:  []string{"DL3021", "DS-0011"},
	Severity: lint.Warning,
	Profile:  lint.Recommended,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.Unsafe,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		t := s.Copy
		if t == nil || strings.HasSuffix(t.Dest.Value, "/") || strings.HasSuffix(t.Dest.Value, `\`) {
			return
		}
		if swallow.Comment(s.Instruction, p.File.Escape).String != "" {
			return // trailing-comment says what the destination is
		}
		there := unclear
		if t.To.Known && (path.IsAbs(t.To.Text) || s.Workdir.Known) {
			there = directory(p, s, s.Destination())
		}
		sources, known := copied(p, s)
		if len(t.Sources) < 2 && (there != absent || !known || len(sources) < 2) {
			return
		}
		f := p.Report(t.Dest.Full(), "destination `%s` has several sources but no trailing slash", t.Dest.String).
			Because("BuildKit makes the destination a file with the content of the last source, unless it is already a directory").
			Advise("write `%s/`", t.Dest.Value)
		if len(t.Sources) > 1 && parity.Destination(t) {
			f.Alias("DL3021", "DS-0011")
		}
		switch builder, _ := p.Builder(); {
		case builder == lint.Buildah:
			f.Doubting("buildah makes the destination a directory")
			return
		case t.Dest.Value == "." || strings.HasSuffix(t.Dest.Value, "/.") || t.Dest.Value == "..":
			f.Because("").Doubting(parity.Regardless("`" + t.Dest.Value + "` is always a directory"))
			return
		case strings.HasSuffix(t.To.Text, "/"):
			f.Because("").Doubting("the variable ends in a slash")
			return
		case !t.To.Known:
			f.Doubting("the variable may end in a slash")
			return
		}
		end := t.Dest.Full().End
		if t.Dest.Whole() && s.Instruction.JSON {
			end--
		}
		if t.Dest.Whole() && (s.Instruction.JSON || !strings.ContainsAny(t.Dest.String, `"'`)) {
			f.Offer(lint.Unsafe, "write `"+t.Dest.Value+"/`", lint.Insert(end, "/"))
		}
		switch {
		case there == present:
			f.Doubting("`%s` is a directory", t.To.Text)
		case known && len(sources) > 0 && sources[0].dir:
			f.Because("").Doubting("`%s` is a directory, so BuildKit makes the destination one, too", sources[0].name)
		case there == absent && known && len(sources) > 1:
			toFile(s, f, sources)
		}
	}, "COPY", "ADD"),
}

// source is one file or directory that COPY or ADD copies.
type source struct {
	name string
	dir  bool
}

// copied are the files and directories that step copies, in order; known is false where that is not known.
func copied(p *lint.Pass, step *plan.Step) (list []source, known bool) {
	if step.Instruction.Flag("parents") != nil || step.Copy.Add {
		return nil, false
	}
	for _, src := range step.Copy.Sources {
		if src.Heredoc {
			list = append(list, source{name: src.Word.Value})
			continue
		}
		if p.Context() == nil {
			return nil, false
		}
		t, ok := p.Context().Transfer(step, src)
		if !ok || len(t.Names) == 0 {
			return nil, false
		}
		for _, name := range t.Names {
			_, file := p.Context().Lookup(name)
			list = append(list, source{name, !file})
		}
	}
	return list, true
}

// toFile says that the destination of step, which does not exist, becomes a file.
func toFile(step *plan.Step, f *lint.Finding, sources []source) {
	last := sources[len(sources)-1]
	f.Severity = lint.Error
	if len(step.Copy.Sources) == 1 {
		f.Message = "destination `" + step.Copy.Dest.String + "` has no trailing slash, and `" + step.Copy.Sources[0].Word.String + "` matches " +
			count(len(sources), "file")
	}
	if i := slices.IndexFunc(sources, func(src source) bool { return src.dir }); i > 0 {
		f.Because("`%s` becomes a file with the content of `%s`, so copying `%s` to it fails", step.Copy.To.Text, sources[i-1].name, sources[i].name)
		if step.Stage.Reached {
			f.Breaking(lint.BreaksBuild)
		}
		return
	}
	f.Because("`%s` does not exist, so it becomes a file with the content of `%s`", step.Copy.To.Text, last.name)
	if at, ok := entered(step); ok && step.Stage.Reached {
		f.Because("`%s` does not exist, so it becomes a file with the content of `%s`, and the `WORKDIR` below fails", step.Copy.To.Text, last.name).
			Relate(at, "fails here, because it is a file").Breaking(lint.BreaksBuild)
	}
}

// entered is the WORKDIR after step that enters its destination.
func entered(step *plan.Step) (at parser.Span, ok bool) {
	for _, next := range step.Stage.Steps[step.Index+1:] {
		switch next.Instruction.Name {
		case "RUN", "COPY", "ADD":
			return at, false // it may make a directory of it
		case "WORKDIR":
			end := step.Stage.End
			if next.Index+1 < len(step.Stage.Steps) {
				end = step.Stage.Steps[next.Index+1].State
			}
			if end.Workdir.Known && plan.Within(end.Workdir.Text, step.Destination()) {
				return next.Instruction.Head(), true
			}
		}
	}
	return at, false
}
