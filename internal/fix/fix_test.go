package fix_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// offer makes findings that replace each old by new, wherever it appears.
func offer(name string, safety lint.Safety, old, text string) func(*plan.Plan, map[string]string) []*lint.Finding {
	rule := &lint.Rule{Name: name, Fix: safety}
	return func(p *plan.Plan, _ map[string]string) []*lint.Finding {
		var out []*lint.Finding
		for at := 0; ; {
			i := strings.Index(string(p.File.Bytes[at:]), old)
			if i < 0 {
				return out
			}
			at += i
			f := &lint.Finding{Rule: rule, Span: parser.Span{Start: at, End: at + len(old)}}
			out = append(out, f.Offer(safety, "replace "+old, lint.Edit{Span: f.Span, Text: text}))
			at += len(old)
		}
	}
}

func all(list ...func(*plan.Plan, map[string]string) []*lint.Finding) func(*plan.Plan, map[string]string) []*lint.Finding {
	return func(p *plan.Plan, created map[string]string) []*lint.Finding {
		var out []*lint.Finding
		for _, f := range list {
			out = append(out, f(p, created)...)
		}
		return out
	}
}

func TestRun(t *testing.T) {
	safe := offer("legacy", lint.Safe, "ENV a b", "ENV a=b")
	for _, c := range []struct {
		name     string
		lint     func(*plan.Plan, map[string]string) []*lint.Finding
		unsafe   bool
		src      string
		want     string
		failures []string
		changes  []string
	}{
		{"safe", safe, false, "FROM x\nENV a b\nENV a b\n", "FROM x\nENV a=b\nENV a=b\n", nil, nil},
		{
			"carriage returns and no final newline stay", safe, false, "\xEF\xBB\xBFFROM x\r\nENV a b",
			"\xEF\xBB\xBFFROM x\r\nENV a=b", nil, nil,
		},
		{
			"unsafe is not asked for", offer("user", lint.Unsafe, "USER a", "USER b"), false, "FROM x\nUSER a\n",
			"FROM x\nUSER a\n", nil, nil,
		},
		{"unsafe names the change", offer("user", lint.Unsafe, "USER a", "USER b"), true, "FROM x\nUSER a\n", "FROM x\nUSER b\n", nil, []string{"image: user changes from `a` to `b`"}},
		{"display is never applied", offer("tag", lint.Display, "x", "y"), true, "FROM x\n", "FROM x\n", nil, nil},
		{"a fix that is called safe and is not", offer("liar", lint.Safe, "USER a", "USER b"), false, "FROM x\nUSER a\n", "FROM x\nUSER a\n", []string{"liar: the build changes: image: user changes from `a` to `b`"}, nil},
		{"one bad fix does not stop the others", all(offer("liar", lint.Safe, "USER a", "USER b"), safe), false, "FROM x\nUSER a\nENV a b\n", "FROM x\nUSER a\nENV a=b\n", []string{"liar: the build changes: image: user changes from `a` to `b`"}, nil},
		{"a comment is lost", offer("comment", lint.Safe, "# why\n", ""), false, "FROM x\n# why\nUSER a\n", "FROM x\n# why\nUSER a\n", []string{"comment: the comment `why` is lost"}, nil},
		{
			"the result is broken", offer("breaker", lint.Unsafe, "USER a", "USER"), true, "FROM x\nUSER a\n",
			"FROM x\nUSER a\n",
			[]string{"breaker: the result does not parse: USER requires exactly one argument"},
			nil,
		},
		{
			"fixes that undo one another",
			all(offer("one", lint.Safe, "# a", "# b"), offer("two", lint.Safe, "# b", "# a")), false, "FROM x\n",
			"FROM x\n", nil, nil,
		},
		{"NUL, which cannot be compared", safe, false, "FROM x\nENV a b\nENV c d\x00e\n", "FROM x\nENV a b\nENV c d\x00e\n", nil, nil},
		{"a fix of a fix", all(offer("one", lint.Unsafe, "USER a", "USER b"), offer("two", lint.Unsafe, "USER b", "USER c")), true, "FROM x\nUSER a\n", "FROM x\nUSER c\n", nil, []string{"image: user changes from `a` to `c`"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := fix.Run([]byte(c.src), fix.Options{Unsafe: c.unsafe, Lint: c.lint})
			if string(r.Source) != c.want {
				t.Errorf("got\n%q\nwant\n%q", r.Source, c.want)
			}
			var failures []string
			for _, f := range r.Failures {
				failures = append(failures, f.Rule.Name+": "+f.Reason)
			}
			if diff := cmp.Diff(c.failures, failures); diff != "" {
				t.Errorf("failures (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(c.changes, r.Changes); diff != "" {
				t.Errorf("changes (-want +got)\n%s", diff)
			}
		})
	}
}

func TestLoopEnds(t *testing.T) {
	n := 0
	grow := func(_ *plan.Plan, _ map[string]string) []*lint.Finding {
		n++
		f := &lint.Finding{Rule: &lint.Rule{Name: "grow"}}
		return []*lint.Finding{f.Offer(lint.Unsafe, "grow", lint.Edit{Text: "# more\n"})}
	}
	fix.Run([]byte("FROM x\n"), fix.Options{Unsafe: true, Lint: grow})
	if n != 11 {
		t.Errorf("linted %d times, want 11", n)
	}
}

func TestCreatedFile(t *testing.T) {
	rule := &lint.Rule{Name: "missing", Fix: lint.Unsafe}
	missing := func(_ *plan.Plan, created map[string]string) []*lint.Finding {
		if created[".dockerignore"] != "" {
			return nil
		}
		f := &lint.Finding{Rule: rule}
		return []*lint.Finding{f.Offer(lint.Unsafe, "write it", lint.Edit{File: ".dockerignore", Create: true, Text: ".git\n"})}
	}
	r := fix.Run([]byte("FROM x\n"), fix.Options{Unsafe: true, Lint: missing})
	if r.Files[".dockerignore"] != (fix.File{After: ".git\n", Create: true}) || len(r.Findings) != 0 || len(r.Failures) != 0 {
		t.Errorf("files %v, findings %v, failures %v", r.Files, r.Findings, r.Failures)
	}
	if diff := cmp.Diff([]string{"`.dockerignore` is added to the build context"}, r.Changes); diff != "" {
		t.Error(diff)
	}
}

func TestFileGainsLines(t *testing.T) {
	rule := &lint.Rule{Name: "short", Fix: lint.Unsafe}
	run := func(read func(string) ([]byte, error)) fix.Result {
		return fix.Run([]byte("FROM x\n"), fix.Options{Unsafe: true, Read: read, Lint: func(_ *plan.Plan, files map[string]string) []*lint.Finding {
			if strings.Contains(files[".dockerignore"], ".env") {
				return nil
			}
			f := &lint.Finding{Rule: rule}
			return []*lint.Finding{f.Offer(lint.Unsafe, "add it", lint.Edit{File: ".dockerignore", Text: ".env\n"})}
		}})
	}
	r := run(func(string) ([]byte, error) { return []byte(".git"), nil })
	if got := r.Files[".dockerignore"]; got != (fix.File{Before: ".git", After: ".git\n.env\n"}) {
		t.Errorf("file %+v", got)
	}
	if diff := cmp.Diff([]string{"lines are added to `.dockerignore` in the build context"}, r.Changes); diff != "" {
		t.Error(diff)
	}
	r = run(func(string) ([]byte, error) { return nil, fs.ErrNotExist })
	if len(r.Failures) != 1 || len(r.Files) != 0 {
		t.Errorf("failures %v, files %v", r.Failures, r.Files)
	}
}
