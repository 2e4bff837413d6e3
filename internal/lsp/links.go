package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/docker/go-units"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// documentLink answers with what can be opened: the page of an image, a URL that is downloaded, a file that is copied.
func (s *server) documentLink(p documentParams) (any, error) {
	d, pl := s.planOf(p.TextDocument.URI)
	if pl == nil {
		return nil, nil
	}
	links := []documentLink{}
	add := func(at parser.Span, target string) {
		if target != "" && at.Len() > 0 {
			links = append(links, documentLink{d.text.span(at), target})
		}
	}
	for i := range pl.Images() {
		if i.External() {
			add(i.Span, pageOf(*i.Ref))
		}
	}
	build := s.buildOf(d)
	for _, stage := range build.Plan.Stages {
		for _, step := range stage.Steps {
			if step.Copy != nil {
				for _, src := range step.Copy.Sources {
					switch {
					case src.Remote && src.Path.Known && isURL(src.Path.Text):
						add(src.Word.Full(), src.Path.Text)
					case build.Context != nil:
						if t, ok := build.Context.Transfer(step, src); ok && len(t.Files) == 1 && len(t.Names) == 1 && t.Files[0].Name == t.Names[0] {
							root := s.rootOf(d.name).w.Abs(build.Dir)
							add(src.Word.Full(), fileURI(filepath.Join(root, filepath.FromSlash(t.Files[0].Name))))
						}
					}
				}
			}
			for sc := range scriptsOf(step) {
				for _, c := range sc.Commands {
					for _, w := range c.Args() {
						if w.Literal && isURL(w.Text) {
							add(w.Span, w.Text)
						}
					}
				}
			}
		}
	}
	return links, nil
}

// isURL reports whether text is an address that a browser opens.
func isURL(text string) bool {
	return (strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")) && console.Clean(text) == text &&
		!strings.ContainsAny(text, " \"<>`{}|\\^")
}

// pageOf is the page about an image at its registry, "" if that has none that is known.
func pageOf(r plan.Ref) string {
	if name := r.Official(); name != "" && r.Registry == "docker.io" {
		return "https://hub.docker.com/_/" + name
	}
	switch r.Registry {
	case "docker.io":
		return "https://hub.docker.com/r/" + r.Repository
	case "quay.io":
		return "https://quay.io/repository/" + r.Repository
	case "ghcr.io":
		return "https://ghcr.io/" + r.Repository
	case "mcr.microsoft.com":
		return "https://mcr.microsoft.com/artifact/mar/" + r.Repository
	case "public.ecr.aws":
		return "https://gallery.ecr.aws/" + r.Repository
	}
	return ""
}

// inlayHint answers with the values of variables, and with what each COPY takes, if the settings ask for them.
func (s *server) inlayHint(p inlayHintParams) (any, error) {
	hints := []inlayHint{}
	if !s.settings.InlayHints {
		return hints, nil
	}
	d, pl := s.planOf(p.TextDocument.URI)
	if pl == nil {
		return nil, nil
	}
	within := d.text.bytes(p.Range)
	h := hoverer{server: s, plan: pl, build: s.buildOf(d)}
	add := func(at int, text string) {
		if within.Start <= at && at <= within.End && text != "" {
			hints = append(hints, inlayHint{d.text.position(at), text, true})
		}
	}
	word := func(env *plan.Env, w parser.Word) {
		if !strings.Contains(w.String, "$") {
			return
		}
		if v := env.Expand(w.Value); v.Known && v.Text != w.Value {
			add(w.Full().End, "= "+strings.Trim(h.quote(v.Text), "`"))
		}
	}
	words := func(env *plan.Env, in *parser.Instruction) {
		switch in.Name {
		case "ARG", "ENV", "LABEL":
			for _, pair := range in.Pairs {
				word(env, pair.Value)
			}
		case "FROM", "COPY", "ADD", "EXPOSE", "VOLUME", "USER", "WORKDIR", "STOPSIGNAL":
			for _, arg := range in.Args {
				word(env, arg)
			}
		}
	}
	for _, step := range pl.Globals {
		words(step.Env, step.Instruction)
	}
	for _, stage := range pl.Stages {
		if stage.From != nil {
			words(pl.Env, stage.From)
		}
		for _, step := range stage.Steps {
			words(step.Env, step.Instruction)
			add(step.Instruction.Head().End, h.weight(step))
		}
	}
	return hints, nil
}

// weight is what a COPY or ADD takes from the build context, "" if that is not known.
func (h *hoverer) weight(step *plan.Step) string {
	if h.build.Context == nil || !step.Copy.Context() {
		return ""
	}
	var files []buildcontext.File
	for _, src := range step.Copy.Sources {
		if src.Heredoc || src.Remote {
			continue
		}
		t, ok := h.build.Context.Transfer(step, src)
		if !ok || !t.Exists || t.Cut {
			return ""
		}
		files = append(files, t.Files...)
	}
	bytes, all := buildcontext.Weigh(files)
	if !all {
		return ""
	}
	if len(files) == 1 {
		return units.HumanSize(float64(bytes))
	}
	return fmt.Sprintf("%d files, %s", len(files), units.HumanSize(float64(bytes)))
}

// maxSymbols bounds the answer to workspaceSymbol.
const maxSymbols = 1000

// workspaceSymbol answers with the stages of all Dockerfiles whose name contains the query.
func (s *server) workspaceSymbol(ctx context.Context, p workspaceSymbolParams) (any, error) {
	out := []symbolInformation{}
	query := strings.ToLower(p.Query)
	seen := map[string]bool{}
	for _, f := range s.roots {
		targets, _ := f.w.Find([]string{"."}) // what cannot be read has no symbols
		for _, t := range targets {
			name := f.w.Abs(t.Name)
			if ctx.Err() != nil || len(out) >= maxSymbols {
				return out, ctx.Err()
			}
			if t.Describes || seen[name] {
				continue
			}
			seen[name] = true
			d := s.open(name)
			if d == nil {
				data, err := f.files.ReadIn(f.dir, t.Name, parser.MaxFile)
				if err != nil {
					continue
				}
				d = &document{uri: fileURI(name), text: newText(string(data), s.utf8)}
			}
			for _, in := range parser.Parse(t.Path, []byte(d.text.string)).Instructions {
				if in.Name != "FROM" || len(in.Args) != 3 || !strings.Contains(strings.ToLower(in.Args[2].String), query) {
					continue
				}
				place := location{d.uri, d.text.span(in.Args[2].Full())}
				out = append(out, symbolInformation{in.Args[2].String, symbolModule, place, t.Path})
			}
		}
	}
	order.By(out, func(a, b symbolInformation) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
