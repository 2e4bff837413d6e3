// Package config finds the settings of each Dockerfile: it reads .dockvet.yaml and .hadolint.yaml, and the command line
// overrides both.
package config

import (
	"slices"
	"strings"
	"time"

	"github.com/dockvet/dockvet/lint"
)

// FailOn is the lowest severity that fails a run.
type FailOn lint.Severity

// FailNever fails no run.
const FailNever = FailOn(lint.Error) + 1

// FailOns are the names of all FailOn values.
func FailOns() []string { return []string{"error", "warning", "info", "never"} }

func (f FailOn) String() string {
	if f == FailNever {
		return "never"
	}
	return lint.Severity(f).String()
}

// ParseFailOn is the FailOn called name.
func ParseFailOn(name string) (FailOn, bool) {
	if name == "never" {
		return FailNever, true
	}
	s, ok := lint.ParseSeverity(name)
	return FailOn(s), ok
}

// Fails reports whether x fails a run. A preview never does.
func (f FailOn) Fails(x *lint.Finding) bool { return !x.Preview && FailOn(x.Severity) >= f }

// Fails reports whether x fails a run.
func (e *Effective) Fails(x *lint.Finding) bool {
	if e.FailOnBreaks.V {
		return !x.Preview && x.Breaks != ""
	}
	return e.FailOn.V.Fails(x)
}

// Chosen is a setting and where it comes from.
type Chosen[T any] struct {
	V    T
	From string // "default", a flag, or file:line
}

// Effective are the settings of one Dockerfile.
type Effective struct {
	Files   []string // the configuration files that they come from; later ones override earlier ones
	Edition Chosen[string]
	Profile Chosen[lint.Profile]
	FailOn  Chosen[FailOn]
	// FailOnBreaks says that only findings that break the build fail a run, whatever their severity.
	FailOnBreaks  Chosen[bool]
	RequireReason Chosen[bool]
	NoComments    Chosen[bool]
	ShellCheck    Chosen[string]    // the program, "" for none
	Baseline      Chosen[string]    // an absolute path, "" for none
	Rules         map[string]Rule   // by rule name
	House         []*lint.Rule      // the house rules, in the order of their names
	HouseFrom     map[string]string // where they are defined, by name
	Off           Chosen[bool]      // it is excluded: a search leaves it out
	Unchecked     Chosen[bool]      // its profile is off
	Builds        []Described       // how it is built, nil if nothing says so
}

// Rule is the setting of one rule, and where it comes from.
type Rule struct {
	lint.Setting
	From string
}

func defaults() *Effective {
	const from = "default"
	return &Effective{
		Edition:       Chosen[string]{lint.Edition, from},
		Profile:       Chosen[lint.Profile]{lint.Recommended, from},
		FailOn:        Chosen[FailOn]{FailOn(lint.Warning), from},
		FailOnBreaks:  Chosen[bool]{false, from},
		RequireReason: Chosen[bool]{false, from},
		NoComments:    Chosen[bool]{false, from},
		ShellCheck:    Chosen[string]{"", from},
		Baseline:      Chosen[string]{"", from},
		Rules:         map[string]Rule{},
	}
}

// Settings is e for the engine.
func (e *Effective) Settings(now time.Time) lint.Settings {
	s := lint.Settings{
		Profile: e.Profile.V, Edition: e.Edition.V, RequireReason: e.RequireReason.V, NoComments: e.NoComments.V,
		Now: now, Rules: make(map[string]lint.Setting, len(e.Rules)),
	}
	for name, r := range e.Rules {
		s.Rules[name] = r.Setting
	}
	return s
}

// Flags are what the command line says; nil means nothing.
type Flags struct {
	Profile        *lint.Profile
	FailOn         *FailOn
	FailOnBreaks   bool
	ShellCheck     string // true, false or a program; "" for nothing
	Baseline       string // an absolute path; "" for nothing
	Select, Ignore []*lint.Rule
	// Those that dockvet does not have: only a configuration can know them.
	SelectHouse, IgnoreHouse []string
	Policy                   Policy
	Exclude                  []string // globs, relative to the root
}

// program is the ShellCheck that a value of the flag means.
func program(value string) string {
	switch strings.ToLower(value) {
	case "true":
		return lint.ShellCheck
	case "false":
		return ""
	}
	return value
}

func (e *Effective) apply(f Flags, all []*lint.Rule) {
	if f.Profile != nil {
		e.Profile = Chosen[lint.Profile]{*f.Profile, "--profile"}
	}
	if f.FailOn != nil {
		e.FailOn = Chosen[FailOn]{*f.FailOn, "--fail-on"}
	}
	if f.FailOnBreaks {
		e.FailOnBreaks = Chosen[bool]{true, "--fail-on-breaks"}
	}
	if f.ShellCheck != "" {
		e.ShellCheck = Chosen[string]{program(f.ShellCheck), "--shellcheck"}
	}
	if f.Baseline != "" && f.Baseline != e.Baseline.V {
		e.Baseline = Chosen[string]{f.Baseline, "--baseline"}
	}
	if f.Policy.NoBaseline {
		e.Baseline = Chosen[string]{"", "--no-baseline"}
	}
	if f.Policy.NoIgnoreComments {
		e.NoComments = Chosen[bool]{true, "--no-ignore-comments"}
	}
	if f.Select != nil || f.SelectHouse != nil {
		for _, r := range slices.Concat(all, e.House) {
			s := e.Rules[r.Name]
			s.On = slices.Contains(f.Select, r) || slices.Contains(f.SelectHouse, r.Name)
			s.Off = !s.On && r.Name != lint.RuleBug
			s.From = "--select"
			e.Rules[r.Name] = s
		}
	}
	ignored := slices.Clone(f.Ignore)
	for _, r := range e.House {
		if slices.Contains(f.IgnoreHouse, r.Name) {
			ignored = append(ignored, r)
		}
	}
	for _, r := range ignored {
		s := e.Rules[r.Name]
		s.On, s.Off, s.From = false, true, "--ignore"
		e.Rules[r.Name] = s
	}
}
