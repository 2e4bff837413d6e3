// Package baseline is the findings that a project had when it introduced dockvet: a text file with a line for each, which git can
// merge. What is in it is not reported. Nothing here reads or writes files.
package baseline

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// header is the first line of a baseline. It never differs between two branches.
const header = "# dockvet baseline: a line for each finding that is not reported. With `merge=union` in .gitattributes, git merges it.\n"

// MaxFile bounds a baseline, in bytes: some 40,000 findings.
const MaxFile = 4 << 20

// ErrTooLarge says that a baseline is larger than MaxFile.
var ErrTooLarge = errors.New("it is larger than 4 MiB")

// maxText is how many characters of the Dockerfile a line shows.
const maxText = 60

// Entry is one line. Only what it shows of the Dockerfile does not belong to its identity.
type Entry struct {
	File        string // with slashes, relative to where all names of the baseline begin
	Rule        string // its name
	Fingerprint string // of lint.Finding
	Occurrence  int    // from 1, among the findings of the file that are alike in rule and fingerprint
	Text        string
}

// kind is what findings of a file have in common that are alike.
type kind struct{ rule, fingerprint string }

func (e Entry) kind() kind { return kind{e.Rule, e.Fingerprint} }

// Baseline is a set of entries.
type Baseline struct {
	index  lint.Index
	exists func(file string) bool
	files  map[string][]Entry // each by occurrence
	judged map[string]bool    // the files that Split or Replace has seen
	gone   map[kind][]Entry   // of files that do not exist any more; nil until they are needed
	stale  []Entry            // of judged files
	moved  map[Entry]Entry    // entries of files that have another name now
	idle   map[string]bool    // rules of entries that have not looked at any file
	part   bool               // see Part
}

// New is a baseline without entries. The index knows the rules, and exists whether there is a file of that name.
func New(index lint.Index, exists func(file string) bool) *Baseline {
	return &Baseline{index: index, exists: exists, files: map[string][]Entry{}, judged: map[string]bool{}, moved: map[Entry]Entry{}, idle: map[string]bool{}}
}

// Part says that not all files are looked at. What is known of files that do not exist any more then stays: one that was not looked at may
// be the same under another name.
func (b *Baseline) Part() { b.part = true }

// Read adds the entries of a file called name, as errors have it.
func (b *Baseline) Read(name string, data []byte) error {
	seen := map[Entry]bool{}
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := parse(line)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, number, err)
		}
		if r := b.index.Find(e.Rule); r != nil {
			e.Rule = r.Name // it may have had another name
		}
		same := e
		same.Text = ""
		if !seen[same] { // git's union of two branches may have a line twice
			seen[same] = true
			b.idle[e.Rule] = true
			b.files[e.File] = append(b.files[e.File], e)
		}
	}
	for _, list := range b.files {
		order.By(list, compare)
	}
	return nil
}

func parse(line string) (Entry, error) {
	for _, sign := range []string{"<<<<<<<", "=======", ">>>>>>>", "|||||||"} {
		if strings.HasPrefix(line, sign) {
			return Entry{}, errors.New("a merge conflict; keep the lines of both sides, and remove the marks around them")
		}
	}
	parts := strings.SplitN(line, "\t", 4)
	if len(parts) < 3 {
		return Entry{}, errors.New("a line needs a file, a rule and a fingerprint, separated by tabs")
	}
	e := Entry{File: parts[0], Rule: parts[1], Occurrence: 1}
	if strings.HasPrefix(e.File, `"`) {
		file, err := strconv.Unquote(e.File)
		if err != nil {
			return e, errors.New("the name of the file is not a string")
		}
		e.File = file
	}
	fingerprint, number, numbered := strings.Cut(parts[2], "-")
	n, err := strconv.Atoi(number)
	if len(fingerprint) != 16 || strings.Trim(fingerprint, "0123456789abcdef") != "" || numbered && (err != nil || n < 2) {
		return e, fmt.Errorf("`%s` is not a fingerprint", parts[2])
	}
	e.Fingerprint, e.Occurrence = fingerprint, max(n, 1)
	if len(parts) == 4 {
		e.Text = parts[3]
	}
	return e, nil
}

func compare(a, b Entry) int {
	return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Fingerprint, b.Fingerprint),
		cmp.Compare(a.Occurrence, b.Occurrence))
}

// Split parts the findings of a file, which are in its order, into those that b does not have and those that it has. ran reports
// whether the rule of that name looked at the file. If b has findings of a file that does not exist any more, they may be those of this
// one, which has got another name. Each file is split once, one after the other.
func (b *Baseline) Split(file string, findings []*lint.Finding, ran func(rule string) bool) (left, known []*lint.Finding) {
	b.judges(file, ran)
	rest := map[kind][]Entry{}
	for _, e := range b.files[file] {
		rest[e.kind()] = append(rest[e.kind()], e)
	}
	for i, e := range entries(file, findings) {
		k := e.kind()
		switch {
		case e.Rule == "":
			left = append(left, findings[i])
		case len(rest[k]) > 0:
			rest[k] = rest[k][1:]
			known = append(known, findings[i])
		case b.renamed(e):
			known = append(known, findings[i])
		default:
			left = append(left, findings[i])
		}
	}
	for _, list := range rest {
		if len(list) > 0 && b.looked(list[0].Rule, ran) {
			b.stale = append(b.stale, list...)
		}
	}
	return left, known
}

// judges notes that the rules that ran look at a file.
func (b *Baseline) judges(file string, ran func(string) bool) {
	b.judged[file] = true
	for rule := range b.idle {
		if b.looked(rule, ran) {
			delete(b.idle, rule)
		}
	}
}

// looked reports whether a finding of the rule would have been found, if there was one: the rule ran, or it does not exist any more.
func (b *Baseline) looked(rule string, ran func(string) bool) bool {
	return b.index.Find(rule) == nil || ran(rule)
}

// renamed reports whether a file that is gone had e, and takes it from there.
func (b *Baseline) renamed(e Entry) bool {
	list := b.lost()[e.kind()]
	if len(list) == 0 {
		return false
	}
	b.moved[list[0]] = e
	b.gone[e.kind()] = list[1:]
	return true
}

// lost are the entries of files that do not exist any more.
func (b *Baseline) lost() map[kind][]Entry {
	if b.gone == nil {
		b.gone = map[kind][]Entry{}
		for _, file := range slices.Sorted(maps.Keys(b.files)) {
			if b.judged[file] || b.exists(file) {
				continue
			}
			for _, e := range b.files[file] {
				b.gone[e.kind()] = append(b.gone[e.kind()], e)
			}
		}
	}
	return b.gone
}

// Removable are the entries without a finding, sorted: those of files that were split, and of files that do not exist any more, unless only a
// part of the files was looked at.
func (b *Baseline) Removable() []Entry {
	out := slices.Clone(b.stale)
	for _, list := range b.lost() {
		for _, e := range list {
			if !b.judged[e.File] && !b.part && !b.idle[e.Rule] {
				out = append(out, e)
			}
		}
	}
	order.By(out, compare)
	return out
}

// Prune removes the removable entries, and gives those of files that were renamed their new names.
func (b *Baseline) Prune() {
	drop := map[Entry]bool{}
	for _, e := range b.Removable() {
		drop[e] = true
	}
	old := b.files
	b.files = map[string][]Entry{}
	for _, list := range old {
		for _, e := range list {
			if now, ok := b.moved[e]; ok {
				e = now
			}
			if !drop[e] {
				b.files[e.File] = append(b.files[e.File], e)
			}
		}
	}
	b.stale, b.gone = nil, map[kind][]Entry{}
}

// Replace makes the findings of a file the entries that b has of it. Those of rules that did not run stay.
func (b *Baseline) Replace(file string, findings []*lint.Finding, ran func(rule string) bool) {
	b.judges(file, ran)
	list := slices.DeleteFunc(b.files[file], func(e Entry) bool { return b.looked(e.Rule, ran) })
	for _, e := range entries(file, findings) {
		if e.Rule != "" {
			list = append(list, e)
		}
	}
	b.files[file] = list
}

// Bytes is b as a file, sorted, and how many entries it has.
func (b *Baseline) Bytes() ([]byte, int) {
	var all []Entry
	for _, list := range b.files {
		all = append(all, list...)
	}
	order.By(all, compare)
	out := []byte(header)
	for _, e := range all {
		file := e.File
		if strings.HasPrefix(file, `"`) || strings.HasPrefix(file, "#") || console.Clean(file) != file {
			file = strconv.QuoteToASCII(file)
		}
		out = append(out, file+"\t"+e.Rule+"\t"+e.Fingerprint...)
		if e.Occurrence > 1 {
			out = strconv.AppendInt(append(out, '-'), int64(e.Occurrence), 10)
		}
		out = append(out, "\t"+e.Text+"\n"...)
	}
	return out, len(all)
}

// entries are those of the findings of a file, one for each. That of a bug is empty: nobody wants to keep it.
func entries(file string, findings []*lint.Finding) []Entry {
	out := make([]Entry, len(findings))
	seen := map[kind]int{}
	for i, f := range findings {
		if f.Rule.Name == lint.RuleBug {
			continue
		}
		e := Entry{File: file, Rule: f.Rule.Name, Fingerprint: f.Fingerprint(), Text: excerpt(f)}
		seen[e.kind()]++
		e.Occurrence = seen[e.kind()]
		out[i] = e
	}
	return out
}

// excerpt is what f is about, for people: the line, or what is marked in it if that is too long.
func excerpt(f *lint.Finding) string {
	line := f.Source.Lines.Span(f.Source.Lines.Line(f.Span.Start))
	if text, ok := short(f.Source.Bytes, line); ok {
		return text
	}
	text, _ := short(f.Source.Bytes, parser.Span{Start: f.Span.Start, End: min(f.Span.End, line.End)})
	return strings.TrimSpace(f.Instruction.Name + " … " + text)
}

// short is the first maxText characters of src in s, and whether that is all.
func short(src []byte, s parser.Span) (text string, whole bool) {
	part := parser.Span{Start: s.Start, End: min(s.End, s.Start+8*maxText)}
	text = console.Clean(strings.Join(strings.Fields(string(src[part.Start:max(part.Start, part.End)])), " "))
	if utf8.RuneCountInString(text) > maxText {
		return string([]rune(text)[:maxText]) + "…", false
	}
	return text, part.End == s.End
}
