package rules_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/lint/linttest"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/rules"
)

// TestSuppression puts comments into the cases of each rule and checks that each silences the finding that it is for: dockvet's, by
// the name of the rule and by each alias, and those of the tools that have the same code.
func TestSuppression(t *testing.T) {
	for _, rule := range rules.All() {
		if rule.Name == lint.RuleBug {
			continue // no Dockerfile shows it
		}
		t.Run(rule.Name, func(t *testing.T) {
			silenced := map[string]bool{} // what a comment named, successfully
			for _, c := range linttest.Read(t, filepath.Join(cases, rule.Name)) {
				suppressCase(t, rule, c, silenced)
			}
			for _, name := range append([]string{rule.Name}, rule.Aliases...) {
				if !silenced[name] {
					t.Errorf("no case has a finding that a comment can silence by the name %s", name)
				}
			}
		})
	}
}

// suppressCase tries each form of comment on the first finding of c that it is for.
func suppressCase(t *testing.T, rule *lint.Rule, c linttest.Case, silenced map[string]bool) {
	t.Helper()
	alone := linttest.Suite{Rules: suppressed(rule), Retired: rules.Retired()}
	tried := map[string]bool{}
	for _, f := range alone.Lint(t, rule, c) {
		for comment, name := range forms(rule, f) {
			if tried[comment] {
				continue
			}
			tried[comment] = true
			changed := c
			src, at := insert(f, comment)
			if f.Source.Name == "Dockerfile" {
				changed.Dockerfile = src
			} else {
				changed.Files = maps.Clone(c.Files)
				changed.Files[f.Source.Name] = &fstest.MapFile{Data: src}
			}
			// Findings on comments are not there if comments are off.
			changed.Config.NoComments = !slices.Contains(onComments, rule.Name)
			if changed.Config.NoComments && find(alone.Lint(t, rule, changed), f, at, len(comment)+2) == nil {
				continue // the comment changes what the rule sees
			}
			changed.Config.NoComments = c.Config.NoComments
			left := find(alone.Lint(t, rule, changed), f, at, len(comment)+2)
			// Under strict, a comment of another tool silences that tool only.
			if left != nil && (strings.HasPrefix(comment, "dockvet") || slices.Contains(left.Aliases, name)) {
				t.Errorf("case %s: `# %s` does not silence `%s` in\n%s", c.Name, comment, f.Message, src)
			}
			silenced[name] = true
		}
	}
}

// onComments are the engine's rules on ignore comments.
var onComments = []string{lint.MissingReason, lint.UnknownIgnore, lint.UnusedIgnore}

// suppressed are the rules that run: rule, and those that a comment for it may need.
func suppressed(rule *lint.Rule) []*lint.Rule {
	list := []*lint.Rule{rule}
	for _, r := range rules.All() {
		switch r.Name {
		case rule.Name:
		case lint.RuleBug, lint.ShellCheck, lint.UnknownIgnore, lint.UnusedIgnore, lint.MissingReason:
			list = append(list, r)
		}
	}
	return list
}

// forms are the comments that must silence f, each with the name or code that it uses.
func forms(rule *lint.Rule, f *lint.Finding) map[string]string {
	ignore := "dockvet ignore="
	if f.Instruction.Name == "" {
		ignore = "dockvet ignore-file="
	}
	out := map[string]string{ignore + rule.Name + " tested": rule.Name}
	for _, code := range rule.Aliases {
		tool := lint.Tool(code)
		others := slices.ContainsFunc(f.Aliases, func(a string) bool { return tool != "" && lint.Tool(a) == tool })
		if slices.Contains(f.Aliases, code) || !others {
			out[ignore+code+" tested"] = code
		}
		if !slices.Contains(f.Aliases, code) || f.Instruction.Name == "" {
			continue
		}
		switch tool {
		case "hadolint", "shellcheck":
			out["hadolint ignore="+code+" tested"] = code
		case "buildkit":
			switch code {
			case "ConsistentInstructionCasing", "DuplicateStageName", "InvalidDefaultArgInFrom", "NoEmptyContinuation", "ReservedStageName":
				continue // BuildKit only skips these for the whole file; TestBuildKitReadsComments in tools has them all
			case "MultipleInstructionsDisallowed":
				continue // the comment belongs above another instruction
			}
			out["check=skip="+code+" // tested"] = code
		}
	}
	return out
}

// insert is the Dockerfile of f with a comment above the instruction of f, or at its end, and the offset of the comment.
func insert(f *lint.Finding, comment string) (src []byte, at int) {
	at = len(f.Source.Bytes)
	if f.Instruction.Name != "" {
		at = f.Source.Lines.Span(f.Source.Lines.Line(f.Instruction.Span.Start)).Start
	} else if at > 0 && f.Source.Bytes[at-1] != '\n' {
		comment = "\n# " + comment
		return append(slices.Clip(f.Source.Bytes), comment...), at
	}
	return slices.Insert(slices.Clone(f.Source.Bytes), at, []byte("# "+comment+"\n")...), at
}

// find is the finding in list that says what f says, in the same place after size bytes were inserted at offset at.
func find(list []*lint.Finding, f *lint.Finding, at, size int) *lint.Finding {
	for _, x := range list {
		want := f.Span
		if want.Start >= at {
			want = parser.Span{Start: want.Start + size + 1, End: want.End + size + 1}
		}
		if x.Rule == f.Rule && x.Span == want {
			return x
		}
	}
	return nil
}
