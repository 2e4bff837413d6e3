// Package fix chooses, applies and proves the edits that findings offer, and writes the result.
package fix

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// maxPasses bounds how many times the result of fixes is linted and fixed again.
const maxPasses = 10

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

// Run fixes src until nothing is left to fix, fixes start to undo each other, or maxPasses is reached. Safe fixes must
// pass plan.Equal each time; one that does not is dropped with all its edits.
func Run(src []byte, o Options) Result {
	r := runner{options: o, dropped: map[string]bool{}, plans: map[string]*plan.Plan{}}
	r.Source, r.Files, r.Findings = src, map[string]File{}, o.First
	if o.Start != nil {
		r.plans[string(src)] = o.Start
	}
	seen := map[string]bool{r.state(): true}
	for pass := 0; ; pass++ {
		if pass > 0 || o.First == nil {
			r.Findings = o.Lint(r.plan(r.Source), texts(r.Files))
		}
		if pass == maxPasses || !r.pass() {
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
	dropped map[string]bool       // fixes that failed, by rule and title
	plans   map[string]*plan.Plan // by the file's bytes
}

// plan is the plan of a state of the file. Several proofs may need it, and its file is linted.
func (r *runner) plan(src []byte) *plan.Plan {
	p := r.plans[string(src)]
	if p == nil {
		p = plan.New(parser.Parse(r.options.Name, src), r.options.Plan)
		r.plans[string(src)] = p
	}
	return p
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

func (c candidate) key() string { return c.rule.Name + "\x00" + c.Title }

// pass applies what there is to apply and reports whether anything changed. Safe fixes are proven on their own; unsafe
// ones that meet none of them are applied with them, which saves a pass.
func (r *runner) pass() bool {
	safe, unsafe := r.choose()
	if len(safe) > 0 && len(unsafe) > 0 && r.try(safe).refused == "" {
		both := slices.Clone(safe)
		for _, c := range unsafe {
			if !slices.ContainsFunc(safe, c.meets) {
				both = append(both, c)
			}
		}
		if o := r.try(both); o.refused == "" {
			r.take(both, o)
			return true
		}
	}
	return len(safe) > 0 && r.apply(safe) || len(unsafe) > 0 && r.apply(unsafe)
}

// choose returns the fixes of this pass, each kind in order of place, without those that meet one before them. The next
// pass sees the others again.
func (r *runner) choose() (safe, unsafe []candidate) {
	for _, f := range r.Findings {
		if len(r.options.Only) > 0 && !r.options.Only[f.Rule.Name] {
			continue
		}
		for _, x := range f.Fixes {
			c := candidate{f.Rule, x}
			if r.dropped[c.key()] {
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
	var taken []candidate
	for _, c := range list {
		if !slices.ContainsFunc(taken, c.meets) {
			taken = append(taken, c)
		}
	}
	return taken
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

// meets reports whether an edit of c overlaps or touches one of d.
func (c candidate) meets(d candidate) bool {
	for _, a := range c.Edits {
		for _, b := range d.Edits {
			if a.File == b.File && (a.File != "" || a.Span.Start <= b.Span.End && b.Span.Start <= a.Span.End) {
				return true
			}
		}
	}
	return false
}

// apply applies batch and proves the result. If the proof of the whole batch fails, the fixes whose own proof fails are
// dropped. It reports whether anything changed.
func (r *runner) apply(batch []candidate) bool {
	if o := r.try(batch); o.refused == "" {
		r.take(batch, o)
		return true
	}
	var good []candidate
	for _, c := range batch {
		if o := r.try([]candidate{c}); o.refused != "" {
			r.dropped[c.key()] = true
			r.Failures = append(r.Failures, Failure{c.rule, c.Title, o.refused})
		} else {
			good = append(good, c)
		}
	}
	// Fixes that can be proven only one by one are applied one at a time; the next pass sees the rest again.
	for _, list := range [][]candidate{good, good[:min(1, len(good))]} {
		if o := r.try(list); o.refused == "" {
			r.take(list, o)
			return true
		}
	}
	return false
}

// outcome is what a batch makes of the file, or why it must not be applied.
type outcome struct {
	source  []byte
	files   map[string]File
	refused string
}

func (r *runner) take(batch []candidate, o outcome) {
	r.Source, r.Files = o.source, o.files
	for _, c := range batch {
		r.Applied = append(r.Applied, Applied{c.rule, c.Title, c.Safety})
	}
}

// try works out what batch does and proves it, without changing r.
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
			if o.refused = r.write(o.files, e); o.refused != "" {
				return o
			}
		}
	}
	if o.source, o.refused = Apply(r.Source, edits); o.refused != "" {
		return o
	}
	if bytes.Equal(o.source, r.Source) && maps.Equal(o.files, r.Files) {
		o.refused = "it changes nothing"
		return o
	}
	was, is := r.plan(r.Source), r.plan(o.source)
	if len(is.File.Errors) > len(was.File.Errors) {
		o.refused = "the result does not parse: " + is.File.Errors[0].Message
	} else if safe {
		o.refused = unproven(was, is)
	}
	return o
}

// write applies an edit to a file of the build context, or says why it must not be applied.
func (r *runner) write(files map[string]File, e lint.Edit) (refused string) {
	f, ok := files[e.File]
	if !ok && r.options.Read != nil {
		if data, err := r.options.Read(e.File); err == nil {
			f, ok = File{Before: string(data), After: string(data)}, true
		}
	}
	switch {
	case e.Create && ok:
		return fmt.Sprintf("it creates `%s`, which already exists", e.File)
	case e.Create:
		f.Create = true
	case !ok:
		return fmt.Sprintf("it adds to `%s`, which cannot be read", e.File)
	case f.After != "" && !strings.HasSuffix(f.After, "\n"):
		f.After += "\n"
	}
	f.After += e.Text
	files[e.File] = f
	return ""
}

// unproven says why a change that is called safe is not safe, "" if it is.
func unproven(was, is *plan.Plan) string {
	if diff := plan.Diff(was, is); len(diff) > 0 {
		return "the build changes: " + diff[0]
	}
	if lost := lostComment(was.File, is.File); lost != "" {
		return fmt.Sprintf("the comment `%s` is lost", lost)
	}
	return ""
}

// Apply applies edits, in any order, to src. It refuses edits that overlap or are outside src.
func Apply(src []byte, edits []lint.Edit) (after []byte, refused string) {
	edits = slices.Clone(edits)
	order.By(edits, func(a, b lint.Edit) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Span.End, b.Span.End))
	})
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		if e.Span.Start < at || e.Span.End < e.Span.Start || e.Span.End > len(src) {
			return nil, "its edits overlap or are outside the file"
		}
		out.Write(src[at:e.Span.Start])
		out.WriteString(e.Text)
		at = e.Span.End
	}
	out.Write(src[at:])
	return out.Bytes(), ""
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
