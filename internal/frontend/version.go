package frontend

import (
	"path"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Foreign reports whether `# syntax=` names another frontend than Docker's, whose grammar is not known. Docker's may come from a mirror.
func Foreign(p *plan.Plan) bool {
	if p.Syntax == nil || p.Syntax.Ref == nil {
		return false
	}
	ref := p.Syntax.Ref
	switch dir, name := path.Split(ref.Repository); {
	case name != "dockerfile" && name != "dockerfile-upstream":
		return true
	case ref.Registry == "docker.io":
		return dir != "docker/"
	}
	return false
}

// Minor is N where `# syntax=` names release 1.N of Docker's stable frontend; ok is false for anything else, such as `1`, which is the
// newest.
func Minor(p *plan.Plan) (n int, ok bool) {
	if p.Syntax == nil || p.Syntax.Ref == nil || Foreign(p) {
		return 0, false
	}
	rest, ok := strings.CutPrefix(p.Syntax.Ref.Tag, "1.")
	minor, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(minor)
	return n, ok && err == nil
}

// Feature is something that frontends before release 1.Minor reject.
type Feature struct {
	Name  string // as code: RUN --mount
	Minor int
}

// Features are all that Needs knows. The releases are those of Docker's reference, and of the release notes for what it leaves out:
// heredocs (1.4), HEALTHCHECK --start-interval and `${V-x}` (1.6), `${V#x}` and `${V/x/y}` (1.7).
func Features() []Feature { return features[:] }

var features = [...]Feature{
	{"RUN --mount", 2},
	{"RUN --network", 3},
	{"RUN --security", 20},
	{"RUN --device", 27},
	{"RUN --mount=type=secret,env=", 10},
	{"ADD --keep-git-dir", 1},
	{"ADD --checksum", 6},
	{"ADD --chmod", 2},
	{"ADD --link", 4},
	{"ADD --unpack", 17},
	{"ADD --exclude", 19},
	{"COPY --chmod", 2},
	{"COPY --link", 4},
	{"COPY --parents", 20},
	{"COPY --exclude", 19},
	{"--chmod with letters", 14},
	{"HEALTHCHECK --start-interval", 6},
	{"heredoc", 4},
	{"ONBUILD with from", 11},
	{"${V-x}", 6},
	{"${V#x}", 7},
}

func feature(name string) *Feature {
	for i := range features {
		if features[i].Name == name {
			return &features[i]
		}
	}
	return nil
}

// Need is a place that needs a newer frontend than `# syntax=` names.
type Need struct {
	Span    parser.Span
	Text    string // what is there: COPY --parents
	Minor   int    // the release that has it first
	Reached bool   // BuildKit looks at it for the target
}

var needs = lint.NewFact(func(p *lint.Pass) []Need {
	minor, ok := Minor(p.Plan)
	if !ok {
		return nil
	}
	var out []Need
	add := func(name, text string, at parser.Span, reached bool) {
		if f := feature(name); f != nil && f.Minor > minor {
			out = append(out, Need{at, text, f.Minor, reached})
		}
	}
	for _, in := range p.File.Instructions {
		at := in
		if in.Trigger != nil {
			at = in.Trigger
		}
		for i := range at.Flags {
			flag := &at.Flags[i]
			name := at.Name + " --" + flag.Name
			add(name, "`"+name+"`", flag.Full(), true)
			switch {
			case flag.Name == "chmod" && strings.Trim(flag.Value.Value, "01234567") != "" && !strings.Contains(flag.Value.Value, "$"):
				add("--chmod with letters", "`"+flag.String+"`", flag.Full(), true)
			case in != at && (flag.Name == "from" || flag.Name == "mount" && strings.Contains(flag.Value.Value, "from=")):
				add("ONBUILD with from", "`ONBUILD "+name+"`", flag.Full(), false)
			}
		}
		for _, doc := range in.Heredocs {
			add("heredoc", "a heredoc", doc.Operator, true)
		}
	}
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			secretEnv(step, add)
			for _, w := range words(step.Instruction) {
				substitution(w, s.Reached, add)
			}
		}
	}
	return out
})

// Needs are the places that need a newer frontend than `# syntax=` names, ordered by what they are.
func Needs(p *lint.Pass) []Need { return needs.Of(p) }

// secretEnv finds mounts of secrets in a variable.
func secretEnv(step *plan.Step, add func(name, text string, at parser.Span, reached bool)) {
	for _, m := range step.Mounts {
		if m.Type == "secret" && strings.Contains(","+m.Text.String, ",env=") {
			add("RUN --mount=type=secret,env=", "`env=` in a secret mount", m.Text.Full(), true)
		}
	}
}

// words are those of in that the frontend itself expands.
func words(in *parser.Instruction) []parser.Word {
	switch in.Name {
	case "ENV", "LABEL", "ARG":
		out := make([]parser.Word, 0, len(in.Pairs))
		for _, pair := range in.Pairs {
			out = append(out, pair.Value)
		}
		return out
	case "COPY", "ADD", "WORKDIR", "USER", "EXPOSE", "VOLUME", "STOPSIGNAL":
		return in.Args
	}
	return nil
}

// substitution finds `${V#x}` and `${V-x}` in w.
func substitution(w parser.Word, reached bool, add func(name, text string, at parser.Span, reached bool)) {
	text := w.String
	for i := 0; i+1 < len(text); i++ {
		switch {
		case text[i] == '\\' || text[i] == '\'':
			return // it may be quoted
		case text[i] != '$' || text[i+1] != '{':
			continue
		}
		end := i + 2
		for end < len(text) && (text[end] == '_' || text[end] >= '0' && text[end] <= '9' || text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z') {
			end++
		}
		stop := strings.IndexByte(text[i:], '}')
		if end >= len(text) || stop < 0 || end == i+2 {
			return
		}
		name := ""
		switch text[end] {
		case '#', '%', '/':
			name = "${V#x}"
		case '-', '+', '?':
			name = "${V-x}"
		}
		add(name, "`"+text[i:i+stop+1]+"`", w.Span(i, i+stop+1), reached)
	}
}
