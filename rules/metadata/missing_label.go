package metadata

import (
	"maps"
	"slices"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// LabelOptions are the options of MissingLabel and InvalidLabel.
type LabelOptions struct {
	LabelSchema  map[string]string `yaml:"label-schema" doc:"The labels that an image must have, each with the kind of its value: text, url, rfc3339, spdx, hash, semver or email."`
	StrictLabels bool              `yaml:"strict-labels" doc:"Whether to report labels that are not in label-schema. Default: false."`
}

// MissingLabel reports a stage without a label that the configuration requires. Stages that others copy from or are
// built FROM do not need labels of their own. Without a list the rule is silent.
var MissingLabel = &lint.Rule{
	Name:     "missing-label",
	Summary:  "a label that the configuration requires is missing",
	Category: lint.Metadata,
	Aliases:  []string{"DL3049"},
	Severity: lint.Info,
	Profile:  lint.Recommended,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
	Options:  &LabelOptions{},
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		options, ok := p.Options.(*LabelOptions)
		if !ok || s.From == nil || s.Base == nil || used(p.Plan, s) {
			return
		}
		for _, key := range slices.Sorted(maps.Keys(options.LabelSchema)) {
			if !labelled(s, key) {
				p.Report(s.From.Head(), "label `%s` is missing", key).
					Because("the configuration requires this label for every image").
					Advise("add `LABEL %s=…`", key).
					Alias("DL3049")
			}
		}
	}),
}

// used reports whether another stage is built on s or takes files from it.
func used(p *plan.Plan, s *plan.Stage) bool {
	return s != p.Target &&
		slices.ContainsFunc(p.Stages, func(other *plan.Stage) bool { return other != s && slices.Contains(other.Needs, s) })
}

// labelled reports whether s, or a stage that it is built from, sets the label key.
func labelled(s *plan.Stage, key string) bool {
	found := false
	for _, s := range s.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name != "LABEL" {
				continue
			}
			for _, pair := range step.Instruction.Pairs {
				found = found || step.Env.Expand(pair.Key.Value).Text == key
			}
		}
		if found {
			break
		}
	}
	return found
}
