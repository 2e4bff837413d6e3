package lint

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// maxIdentity is how many bytes of an instruction, and of a span, identify a finding: many may be in an endless one.
const maxIdentity = 1 << 12

// stageWord is where an instruction names a stage: the one that it begins, with the AS before the name, or another one.
type stageWord struct {
	span  parser.Span
	begin bool
}

// Fingerprint identifies f among the findings of its rule in its file, except those on the same text. It depends on the words of the
// instruction and of the span: not on lines, white space, comments, continuations, the case of the keyword, or the names of stages. Of
// a finding outside all instructions, it depends on the words of the line in which it begins, and of one on the file (the zero Span) on
// nothing. It has 16 hexadecimal digits.
func (f *Finding) Fingerprint() string {
	var whole, own words
	if in := f.Instruction; f.Span != (parser.Span{}) {
		if in.Name != "" {
			whole.add(f, in.Span)
		} else {
			whole.add(f, f.Source.Lines.Span(f.Source.Lines.Line(f.Span.Start)))
		}
		own.add(f, f.Span)
	}
	sum := sha256.Sum256([]byte(whole.b.String() + "\x00" + own.b.String()))
	return hex.EncodeToString(sum[:8])
}

// words collects the words of a piece of a file, with a space before each, until there are maxIdentity bytes.
type words struct{ b strings.Builder }

// add adds the words in s. A stage that is named there counts as `*`, whatever its name, and one that begins there not at all.
func (w *words) add(f *Finding, s parser.Span) {
	if in := f.Instruction; s.Start == in.Span.Start && s.Len() >= len(in.Name) {
		w.b.WriteString(in.Name)
		s.Start += len(in.Name)
	}
	text := string(f.Source.Bytes[s.Start:s.End])
	for _, x := range slices.Backward(f.stages) {
		from, to := max(x.span.Start, s.Start), min(x.span.End, s.End)
		if from > to || from == to && s.Len() > 0 {
			continue
		}
		name := "*"
		if x.begin {
			name = ""
		}
		text = text[:from-s.Start] + name + text[to-s.Start:]
	}
	first := true
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !first && strings.HasPrefix(line, "#") {
			continue
		}
		first = false
		for word := range strings.FieldsSeq(strings.TrimRight(line, "\\`")) {
			if w.b.Len() >= maxIdentity {
				return
			}
			w.b.WriteByte(' ')
			w.b.WriteString(word)
		}
	}
}

// stageWords are the places where in, an instruction of s, names a stage, in order. They are found once.
func (r *run) stageWords(s *plan.Stage, in *parser.Instruction) []stageWord {
	out, ok := r.named[in]
	if !ok {
		if r.named == nil {
			r.named = map[*parser.Instruction][]stageWord{}
		}
		out = findStageWords(s, in)
		r.named[in] = out
	}
	return out
}

func findStageWords(s *plan.Stage, in *parser.Instruction) []stageWord {
	var out []stageWord
	add := func(i *plan.Image) {
		if i != nil && i.Stage != nil {
			out = append(out, stageWord{span: i.Span})
		}
	}
	if s.From == in {
		add(s.Base)
		if n := len(in.Args); s.Name != "" && n >= 3 {
			out = append(out, stageWord{parser.Span{Start: in.Args[n-2].Full().Start, End: in.Args[n-1].Full().End}, true})
		}
		return out
	}
	i, ok := slices.BinarySearchFunc(s.Steps, in.Index, func(x *plan.Step, index int) int { return x.Instruction.Index - index })
	if !ok {
		return nil
	}
	if step := s.Steps[i]; step.Copy != nil {
		add(step.Copy.From)
	}
	for _, m := range s.Steps[i].Mounts {
		add(m.From)
	}
	order.By(out, func(a, b stageWord) int { return a.span.Start - b.span.Start })
	return out
}
