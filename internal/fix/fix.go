// Package fix chooses, applies and proves the edits that findings offer, and writes the result.
package fix

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// maxPasses bounds how many times the result of fixes is linted and fixed again.
const maxPasses = 10

// maxWork bounds how many bytes of Dockerfiles one Run reads, plans and compares. A file of 1 MiB may offer thousands of
// fixes, and each that fails takes several proofs of the whole file to find.
const maxWork = 16 << 20

// manyFindings is beyond what real files have. Such a file is fixed in one pass, since each pass lints it again.
const manyFindings = 1000

// Options say what may be fixed.
type Options struct {
	Name   string          // of the file, for its findings
	Unsafe bool            // also apply fixes that change the build
	Only   map[string]bool // rule names; empty means all
	Plan   plan.Options
	// Start is the plan of the file, made with Plan; nil: Run makes it.
	Start *plan.Plan
	// First are the findings of the file; nil: Lint is asked for them.
	First []*lint.Finding
	// Lint is called after each pass, with the plan of the file (made with Plan) and the files of the build context
	// that fixes have created or changed so far. It must not change the plan, which a proof may need again.
	Lint func(p *plan.Plan, files map[string]string) []*lint.Finding
	// Read is a file of the build context; nil: there is none.
	Read func(name string) ([]byte, error)
}

// File is a file of the build context that fixes create or change.
type File struct {
	Before string // "" if it is created
	After  string
	Create bool
}

// Applied is a fix that went into the result.
type Applied struct {
	Rule   *lint.Rule
	Title  string
	Safety lint.Safety
}

// Failure is a fix that did not do what it promised and was dropped: a bug in its rule.
type Failure struct {
	Rule   *lint.Rule
	Title  string
	Reason string // lower-case, no full stop
}

// Result is what fixes made of a file.
type Result struct {
	Source  []byte          // the Dockerfile; the input itself if nothing was applied
	Files   map[string]File // of the build context, by path
	Applied []Applied
	// Changes say how the build differs from the input's, as plan.Diff; empty means that it is proven equal.
	Changes  []string
	Failures []Failure
	// Findings are those of the result.
	Findings []*lint.Finding
}

// Run fixes src until nothing is left to fix, fixes start to undo each other, or a limit is reached: maxPasses, or
// maxWork. Safe fixes must pass plan.Diff each time; one that does not is dropped with all its edits. If the file cannot
// be compared with another, nothing can be proven of it, and so its safe fixes are not applied.
func Run(src []byte, o Options) Result {
	r := runner{options: o, first: version{src, o.Start}, left: maxWork}
	r.Source, r.Files, r.Findings = src, map[string]File{}, o.First
	seen := map[string]bool{r.state(): true}
	for pass := 0; ; pass++ {
		if pass > 0 || o.First == nil {
			r.left -= len(r.Source)
			r.Findings = o.Lint(r.plan(r.Source), texts(r.Files))
		}
		if pass == maxPasses || r.left < 0 || pass > 0 && len(r.Findings) > manyFindings || !r.pass() {
			break
		}
		if seen[r.state()] {
			break // fixes undo each other: this state is as good as the earlier one
		}
		seen[r.state()] = true
	}
	if slices.ContainsFunc(r.Applied, func(a Applied) bool { return a.Safety != lint.Safe }) {
		r.Changes = plan.Diff(r.plan(src), r.plan(r.Source))
	} // otherwise each pass is proven, and so is the whole
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		what := "`%s` is added to the build context"
		if !r.Files[name].Create {
			what = "lines are added to `%s` in the build context"
		}
		r.Changes = append(r.Changes, fmt.Sprintf(what, name))
	}
	return r.Result
}

type runner struct {
	Result
	options Options
	dropped []drop
	first   version // the file as it was
	now     version // Source
	tried   version // the last one that was worked out
	left    int     // of maxWork
}

// version is a state of the file with its plan, which may be nil.
type version struct {
	src  []byte
	plan *plan.Plan
}

// drop is a fix that failed, at the place of its first edit in Source.
type drop struct {
	rule, title string
	at          int
}

// plan is the plan of a state of the file. Several proofs may need it, and its file is linted.
func (r *runner) plan(src []byte) *plan.Plan {
	for _, v := range []*version{&r.first, &r.now, &r.tried} {
		if v.plan != nil && bytes.Equal(v.src, src) {
			return v.plan
		}
	}
	made := version{src, plan.New(parser.Parse(r.options.Name, src), r.options.Plan)}
	switch {
	case bytes.Equal(src, r.first.src):
		r.first = made
	case bytes.Equal(src, r.Source):
		r.now = made
	default:
		r.tried = made
	}
	return made.plan
}

// state identifies what fixes have made so far.
func (r *runner) state() string {
	var b strings.Builder
	b.Write(r.Source)
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		b.WriteString("\x00" + name + "\x00" + r.Files[name].After)
	}
	return b.String()
}

// texts are what files contain now.
func texts(files map[string]File) map[string]string {
	out := make(map[string]string, len(files))
	for name, f := range files {
		out[name] = f.After
	}
	return out
}

// candidate is a fix with the rule that offers it.
type candidate struct {
	rule *lint.Rule
	lint.Fix
}

func (c candidate) drop() drop { return drop{c.rule.Name, c.Title, first(c)} }

// pass applies what there is to apply and reports whether anything changed. Safe fixes are proven on their own; unsafe
// ones that meet none of them are applied with them, which saves a pass.
func (r *runner) pass() bool {
	safe, unsafe := r.choose()
	if len(safe) > 0 && !canCompare(r.plan(r.Source)) {
		safe = nil
	}
	if len(safe) > 0 && len(unsafe) > 0 && r.try(safe).refused == nil {
		both := slices.Clone(safe)
		var taken places
		for _, c := range safe {
			taken.add(c)
		}
		for _, c := range unsafe {
			if !taken.meet(c) {
				both = append(both, c)
			}
		}
		if o := r.try(both); o.refused == nil {
			r.take(both, o)
			return true
		}
	}
	return r.apply(safe) || r.apply(unsafe)
}

// choose returns the fixes of this pass, each kind in order of place, without those that meet one before them. The next
// pass sees the others again.
func (r *runner) choose() (safe, unsafe []candidate) {
	dropped := make(map[drop]bool, len(r.dropped))
	for _, d := range r.dropped {
		dropped[d] = true
	}
	for _, f := range r.Findings {
		if len(r.options.Only) > 0 && !r.options.Only[f.Rule.Name] {
			continue
		}
		for _, x := range f.Fixes {
			c := candidate{f.Rule, x}
			if dropped[c.drop()] {
				continue
			}
			if x.Safety == lint.Safe {
				safe = append(safe, c)
				break
			}
			if x.Safety == lint.Unsafe && r.options.Unsafe {
				unsafe = append(unsafe, c)
				break
			}
		}
	}
	return disjoint(safe), disjoint(unsafe)
}

// disjoint are those of list, in order of place, that meet none before them.
func disjoint(list []candidate) []candidate {
	order.By(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(first(a), first(b)), strings.Compare(a.rule.Name, b.rule.Name))
	})
	var chosen []candidate
	var taken places
	for _, c := range list {
		if !taken.meet(c) {
			chosen = append(chosen, c)
			taken.add(c)
		}
	}
	return chosen
}

func first(c candidate) int {
	at := 0
	for i, e := range c.Edits {
		if i == 0 || e.Span.Start < at {
			at = e.Span.Start
		}
	}
	return at
}

// places are where fixes edit: spans of the Dockerfile, by their start and by their end, and other files.
type places struct {
	spans []parser.Span
	files map[string]bool
}

// after is the number of the first span that ends at offset or after it.
func (p *places) after(offset int) int {
	i, _ := slices.BinarySearchFunc(p.spans, offset, func(s parser.Span, offset int) int { return cmp.Compare(s.End, offset) })
	return i
}

// meet reports whether an edit of c overlaps or touches one of those.
func (p *places) meet(c candidate) bool {
	return slices.ContainsFunc(c.Edits, func(e lint.Edit) bool {
		if e.File != "" {
			return p.files[e.File]
		}
		i := p.after(e.Span.Start)
		return i < len(p.spans) && p.spans[i].Start <= e.Span.End
	})
}

// add adds the edits of c, which meets none of those.
func (p *places) add(c candidate) {
	for _, e := range c.Edits {
		if e.File == "" {
			i := p.after(e.Span.Start)
			for i < len(p.spans) && p.spans[i].Start < e.Span.Start {
				i++ // another edit of c
			}
			p.spans = slices.Insert(p.spans, i, e.Span)
			continue
		}
		if p.files == nil {
			p.files = map[string]bool{}
		}
		p.files[e.File] = true
	}
}

// apply applies as much of batch as it can and reports whether anything changed.
func (r *runner) apply(batch []candidate) bool {
	most, o := r.most(batch)
	if len(most) == 0 {
		return false
	}
	r.take(most, o)
	return true
}

// most is the fixes of batch that pass together, found by halves, and what they make of the file. One that fails on its
// own is dropped. The next pass sees those again that only fail together with others.
func (r *runner) most(batch []candidate) ([]candidate, outcome) {
	if len(batch) == 0 {
		return nil, outcome{}
	}
	o := r.try(batch)
	switch {
	case o.refused == nil:
		return batch, o
	case r.left < 0:
		return nil, o
	case len(batch) == 1:
		c := batch[0]
		r.dropped = append(r.dropped, c.drop())
		if !errors.Is(o.refused, errUnproven) {
			r.Failures = append(r.Failures, Failure{c.rule, c.Title, o.refused.Error()})
		}
		return nil, o
	}
	half := len(batch) / 2
	one, before := r.most(batch[:half])
	two, after := r.most(batch[half:])
	switch both := slices.Concat(one, two); {
	case len(one) == 0:
		return two, after
	case len(two) > 0 && len(both) < len(batch):
		if o := r.try(both); o.refused == nil {
			return both, o
		}
	}
	return one, before
}

// outcome is what a batch makes of the file, or why it must not be applied.
type outcome struct {
	source  []byte
	files   map[string]File
	refused error
}

// Reasons to drop a fix that its rule is not to blame for.
var (
	errUnproven = errors.New("the file cannot be compared with what the fix makes of it")
	errWork     = errors.New("the file has too many fixes that fail")
)

func (r *runner) take(batch []candidate, o outcome) {
	for i := range r.dropped {
		d := &r.dropped[i]
		moved := 0
		for _, c := range batch {
			for _, e := range c.Edits {
				if e.File == "" && e.Span.End <= d.at {
					moved += len(e.Text) - e.Span.Len()
				}
			}
		}
		d.at += moved
	}
	r.now = version{o.source, nil}
	if r.tried.plan != nil && bytes.Equal(r.tried.src, o.source) {
		r.now = r.tried
	}
	r.Source, r.Files = o.source, o.files
	for _, c := range batch {
		r.Applied = append(r.Applied, Applied{c.rule, c.Title, c.Safety})
	}
}

// try works out what batch does and proves it, without changing Result.
func (r *runner) try(batch []candidate) outcome {
	o := outcome{files: maps.Clone(r.Files)}
	var edits []lint.Edit
	safe := true
	for _, c := range batch {
		safe = safe && c.Safety == lint.Safe
		for _, e := range c.Edits {
			if e.File == "" {
				edits = append(edits, e)
				continue
			}
			if o.refused = r.write(o.files, e); o.refused != nil {
				return o
			}
		}
	}
	if o.source, o.refused = Apply(r.Source, edits); o.refused != nil {
		return o
	}
	if bytes.Equal(o.source, r.Source) && maps.Equal(o.files, r.Files) {
		o.refused = errors.New("it changes nothing")
		return o
	}
	if r.left -= len(o.source); r.left < 0 {
		o.refused = errWork
		return o
	}
	was, is := r.plan(r.Source), r.plan(o.source)
	if Rejected(is.File) > Rejected(was.File) {
		o.refused = errors.New("the result does not parse: " + is.File.Errors[0].Message)
	} else if safe {
		o.refused = unproven(was, is)
	}
	return o
}

// Rejected counts what does not parse: instructions, and errors that are about no instruction. The parser reports adjacent
// unknown instructions once, so a line between two of them adds an error.
func Rejected(f *parser.File) int {
	n := 0
	for _, e := range f.Errors {
		if e.Instruction == nil || e.Instruction.Cmd != nil {
			n++
		}
	}
	for _, in := range f.Instructions {
		if in.Cmd == nil {
			n++
		}
	}
	return n
}

// write applies an edit to a file of the build context, or says why it must not be applied.
func (r *runner) write(files map[string]File, e lint.Edit) error {
	f, ok := files[e.File]
	if !ok && r.options.Read != nil {
		if data, err := r.options.Read(e.File); err == nil {
			f, ok = File{Before: string(data), After: string(data)}, true
		}
	}
	switch {
	case e.Create && ok:
		return fmt.Errorf("it creates `%s`, which already exists", e.File)
	case e.Create:
		f.Create = true
	case !ok:
		return fmt.Errorf("it adds to `%s`, which cannot be read", e.File)
	case f.After != "" && !strings.HasSuffix(f.After, "\n"):
		f.After += "\n"
	}
	f.After += e.Text
	files[e.File] = f
	return nil
}

// canCompare reports whether p can be compared with another plan: one that cannot differs from itself.
func canCompare(p *plan.Plan) bool { return len(plan.Diff(p, p)) == 0 }

// unproven says why a change that is called safe is not safe, nil if it is.
func unproven(was, is *plan.Plan) error {
	if diff := plan.Diff(was, is); len(diff) > 0 {
		if !canCompare(was) || !canCompare(is) || !utf8.Valid(was.File.Bytes) {
			return errUnproven
		}
		return errors.New("the build changes: " + diff[0])
	}
	if lost := lostComment(was.File, is.File); lost != "" {
		return fmt.Errorf("the comment `%s` is lost", lost)
	}
	return nil
}

// Apply applies edits, in any order, to src. It refuses edits that overlap or are outside src.
func Apply(src []byte, edits []lint.Edit) (after []byte, refused error) {
	edits = slices.Clone(edits)
	order.By(edits, func(a, b lint.Edit) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Span.End, b.Span.End))
	})
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		if e.Span.Start < at || e.Span.End < e.Span.Start || e.Span.End > len(src) {
			return nil, errors.New("its edits overlap or are outside the file")
		}
		out.Write(src[at:e.Span.Start])
		out.WriteString(e.Text)
		at = e.Span.End
	}
	out.Write(src[at:])
	return out.Bytes(), nil
}

// lostComment is a comment of a that b lacks, "" if there is none. Comments that address a linter may go: fixes remove
// those that are not needed any more.
func lostComment(a, b *parser.File) string {
	have := map[string]int{}
	for _, c := range b.Comments {
		have[c.Text]++
	}
	for _, c := range a.Comments {
		if have[c.Text]--; have[c.Text] < 0 && !pragma.Addressed(c.Text) {
			return c.Text
		}
	}
	return ""
}
