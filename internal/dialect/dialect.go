// Package dialect finds what builders other than BuildKit refuse, ignore or do differently in a Dockerfile that BuildKit
// builds. What is known of them is one table; each row was seen in the builder itself or is in its source.
package dialect

import (
	"strings"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Effect is what a builder makes of something.
type Effect int

// The effects.
const (
	Refused Effect = iota // the build fails
	Ignored               // the build goes on without it
	Differs               // the result is another one
)

// Row is one thing that a builder does in its own way.
type Row struct {
	Name    string // of the row, unique
	Builder lint.Builder
	Effect  Effect
	// Since and Before are the versions of the builder that do it; "" if all that were tried do.
	Since, Before string
	// Source is how it is known: the versions that were run, or a file of the builder's source.
	Source string
	// Message says what is wrong with the text at hand, which is its %s; Why, Help and Doubt are as in lint.Finding.
	Message, Why, Help, Doubt string
	Mild                      bool // it is worth no more than an info
	OCI                       bool // only in the OCI format

	on   string // the instructions that find looks at, between spaces; "" for the file as a whole
	find func(*scene)
}

// Divergence is a row at a place of a build.
type Divergence struct {
	*Row
	Span parser.Span
	Text string // what is there, for Row.Message
	// Certain says that the build meets it: the target needs its stage.
	Certain bool
}

// Finding makes d a finding of the rule that p belongs to.
func (d Divergence) Finding(p *lint.Pass) *lint.Finding {
	f := p.Report(d.Span, "%s", strings.ReplaceAll(d.Message, "%s", d.Text)).Because("%s", d.Why)
	if d.Help != "" {
		f.Advise("%s", d.Help)
	}
	if d.Mild {
		f.Severity = lint.Info
	}
	var doubts []string
	if _, hint := p.Builder(); hint != "" {
		doubts = append(doubts, "only "+hint)
	}
	if d.Before != "" {
		doubts = append(doubts, string(d.Builder)+" "+d.Before+" and newer are not affected")
	}
	if d.Doubt != "" {
		doubts = append(doubts, d.Doubt)
	}
	if len(doubts) > 0 {
		f.Doubting("%s", strings.Join(doubts, "; "))
	} else if d.Effect == Refused && d.Certain {
		f.Breaking(lint.BreaksFrontend)
	}
	return f
}

var divergences = lint.NewFact(func(p *lint.Pass) []Divergence {
	builder, _ := p.Builder()
	return Find(p.Plan, builder, p.DockerFormat())
})

// Of are the divergences of a build, ordered by place.
func Of(p *lint.Pass) []Divergence { return divergences.Of(p) }

// Rows are all rows, those of one builder after the other.
func Rows() []*Row { return append(buildah.Get(), kaniko.Get()...) }

// Find is what builder makes of a Dockerfile, ordered by place. dockerFormat says that it does not write OCI images.
func Find(p *plan.Plan, builder lint.Builder, dockerFormat bool) []Divergence {
	var rows []*Row
	switch builder {
	case lint.Buildah:
		rows = buildah.Get()
	case lint.Kaniko:
		rows = kaniko.Get()
	case lint.BuildKit:
	}
	if len(rows) == 0 {
		return nil
	}
	s := &scene{plan: p, told: map[*Row]*plan.Stage{}}
	look := func(in *parser.Instruction, certain bool) {
		if in == nil || in.Cmd == nil && in.Name != "FROM" {
			return
		}
		s.in, s.certain = in, certain
		for _, r := range rows {
			if strings.Contains(r.on, " "+in.Name+" ") && (!r.OCI || !dockerFormat) {
				s.row = r
				r.find(s)
			}
		}
	}
	for _, r := range rows {
		if r.on == "" {
			s.row, s.certain = r, true
			r.find(s)
		}
	}
	s.env = p.Env
	for _, step := range p.Globals {
		s.step, s.env = step, step.Env
		look(step.Instruction, true)
	}
	for _, stage := range p.Stages {
		s.stage, s.step, s.env = stage, nil, p.Env
		look(stage.From, stage.Reached)
		for _, step := range stage.Steps {
			s.step, s.env = step, step.Env
			look(step.Instruction, stage.Reached)
		}
	}
	order.By(s.found, func(a, b Divergence) int { return a.Span.Start - b.Span.Start })
	return s.found
}

// scene is what a row looks at: an instruction where it is.
type scene struct {
	plan    *plan.Plan
	stage   *plan.Stage // nil above the first FROM
	step    *plan.Step  // nil for FROM
	in      *parser.Instruction
	env     *plan.Env
	certain bool
	row     *Row
	told    map[*Row]*plan.Stage // see instruction
	found   []Divergence
}

// report adds a divergence at span, where text is.
func (s *scene) report(span parser.Span, text string) {
	s.found = append(s.found, Divergence{Row: s.row, Span: span, Text: text, Certain: s.certain})
}

// flag reports the flag called name, if the instruction has it.
func flag(name string) func(*scene) {
	return func(s *scene) {
		if f := s.in.Flag(name); f != nil {
			s.report(f.Full(), "--"+name)
		}
	}
}

// instruction reports the instruction as such, the first one of its stage only.
func instruction(s *scene) {
	if s.told[s.row] != s.stage {
		s.told[s.row] = s.stage
		s.report(s.in.Keyword.Full(), s.in.Name)
	}
}

// value is the value of word if it is known and not empty.
func (s *scene) value(word parser.Word) (string, bool) {
	v := s.env.Expand(word.Value)
	return v.Text, v.Known && v.Text != ""
}

// field is one field of a mount.
type field struct {
	key, value string
	hasValue   bool
	text       parser.Text
}

// mounts calls yield with the type and the fields of each mount whose text is plain.
func (s *scene) mounts(yield func(kind string, fields []field)) {
	for i := range s.in.Flags {
		f := &s.in.Flags[i]
		if f.Name != "mount" || strings.ContainsAny(f.Value.Value, "\"'\\`") || f.Value.Value != f.Value.String {
			continue
		}
		kind, pos := "bind", 0
		var fields []field
		for _, part := range strings.Split(f.Value.String, ",") {
			x := field{text: f.Value.Slice(pos, pos+len(part))}
			x.key, x.value, x.hasValue = strings.Cut(part, "=")
			if strings.EqualFold(x.key, "type") {
				kind = x.value
			}
			fields = append(fields, x)
			pos += len(part) + 1
		}
		yield(kind, fields)
	}
}

// words are those of the instruction that its builder expands: arguments, and the values of flags.
func (s *scene) words() []parser.Word {
	var out []parser.Word
	for _, pair := range s.in.Pairs {
		out = append(out, pair.Value)
	}
	if len(s.in.Pairs) == 0 {
		out = append(out, s.in.Args...)
	}
	for i := range s.in.Flags {
		out = append(out, s.in.Flags[i].Value)
	}
	return out
}

// substitutions calls yield with each `${name…}` in the text of word that a builder expands: where it is, its name, and
// what comes after that.
func substitutions(word parser.Word, escape byte, yield func(at parser.Text, name, rest string)) {
	text := word.String
	single, double := false, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'' && !double:
			single = !single
		case single:
		case c == escape:
			i++
		case c == '"':
			double = !double
		case strings.HasPrefix(text[i:], "${"):
			end := i + len("${")
			for end < len(text) && (text[end] == '_' || text[end] >= '0' && text[end] <= '9' || text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z') {
				end++
			}
			stop := end
			if n := strings.IndexByte(text[end:], '}'); n >= 0 {
				stop = end + n + 1
			}
			yield(word.Slice(i, max(stop, end)), text[i+len("${"):end], text[end:])
		}
	}
}
