package config

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/house"
	"github.com/dockvet/dockvet/lint"
)

// File is what a .dockvet.yaml may hold. The tags make the JSON Schema: doc describes a key, enum lists its values.
type File struct {
	Extends       []string            `yaml:"extends" doc:"Configuration files that this one extends, relative to it. Later files override earlier ones, and this file overrides them all."`
	Edition       string              `yaml:"edition" doc:"The rule set that can fail a run. Newer rules are reported as previews and never fail it. Default: the newest."`
	Profile       string              `yaml:"profile" enum:"minimal,recommended,strict" doc:"Which rules run: minimal has the rules whose findings are errors, recommended those whose findings are worth fixing, strict has all. Default: recommended."`
	FailOn        string              `yaml:"fail-on" enum:"error,warning,info,never" doc:"The lowest severity that makes dockvet exit with 1. Default: warning."`
	FailOnBreaks  *bool               `yaml:"fail-on-breaks" doc:"Whether exactly the findings that break the build make dockvet exit with 1, whatever fail-on says. Default: false."`
	RequireReason *bool               `yaml:"require-reason" doc:"Whether each ignore comment must give a reason. Default: false."`
	ShellCheck    *bool               `yaml:"shellcheck" doc:"Whether the installed ShellCheck checks the shell code of RUN. Default: false."`
	Baseline      string              `yaml:"baseline" doc:"A file of findings that are not reported, relative to this one. dockvet check --write-baseline writes it."`
	Rules         map[string]RuleFile `yaml:"rules" doc:"Settings of single rules, by name or by another tool's code."`
	House         house.Rules         `yaml:"house-rules" doc:"Rules of your own, by name. A name has two parts, as in acme/foreign-registry."`
	HouseFiles    []string            `yaml:"house-rule-files" doc:"Files with rules of your own, relative to this one. Each is a mapping like house-rules."`
	Policy        *Policy             `yaml:"policy" doc:"What files of the repository may not do. It only has an effect in a file that --config names, and in what that file extends."`
	Overrides     []Override          `yaml:"overrides" doc:"Settings for some Dockerfiles only. Later ones override earlier ones."`
	Exclude       []string            `yaml:"exclude" doc:"Globs of paths, relative to the directory of the configuration, that a search leaves out. A file that is named is checked, unless --force-exclude is given."`
	Builds        []Build             `yaml:"builds" doc:"How Dockerfiles are built. What describes the builds of a Dockerfile that one of these matches is not read; several may match one."`
}

// Policy is what the owner of a CI run forbids. Nothing that a repository holds can loosen it.
type Policy struct {
	NoIgnoreComments bool `yaml:"no-ignore-comments" doc:"Ignore comments have no effect. Default: false."`
	NoGitignore      bool `yaml:"no-gitignore" doc:"Dockerfiles that git ignores are checked too. Default: false."`
	NoBaseline       bool `yaml:"no-baseline" doc:"No finding is left out because a baseline has it. Default: false."`
	NoRepoConfig     bool `yaml:"no-repo-config" doc:"Configuration files of the repository are not read. With --config they never are. Default: false."`
	RequireFiles     bool `yaml:"require-files" doc:"A run that finds no Dockerfile exits with 2. Default: false."`
}

// with is what p or o forbid.
func (p Policy) with(o Policy) Policy {
	return Policy{
		p.NoIgnoreComments || o.NoIgnoreComments, p.NoGitignore || o.NoGitignore, p.NoBaseline || o.NoBaseline,
		p.NoRepoConfig || o.NoRepoConfig, p.RequireFiles || o.RequireFiles,
	}
}

// Override is settings for the Dockerfiles whose path, relative to the directory of the configuration, matches a glob.
type Override struct {
	Files   []string            `yaml:"files" required:"true" doc:"Globs of paths relative to the directory of the configuration; ** matches any number of directories."`
	Profile string              `yaml:"profile" enum:"minimal,recommended,strict,off" doc:"Which rules run. With off, these Dockerfiles are not checked at all."`
	FailOn  string              `yaml:"fail-on" enum:"error,warning,info,never" doc:"The lowest severity that makes dockvet exit with 1."`
	Rules   map[string]RuleFile `yaml:"rules" doc:"Settings of single rules."`
}

// RuleFile is what a file says about one rule: `off`, a severity, or a mapping of severity and options.
type RuleFile struct {
	Off      bool
	Severity *lint.Severity
	Options  *yaml.Node // a mapping without the severity, or nil
}

// Build is one way in which the Dockerfiles are built whose path, relative to the directory of the configuration, matches
// a glob.
type Build struct {
	Dockerfile string            `yaml:"dockerfile" doc:"A glob of paths relative to the directory of the configuration; ** matches any number of directories."`
	Context    string            `yaml:"context" doc:"The directory of the build context, relative to the configuration. Default: what the directories around the Dockerfile suggest."`
	Target     string            `yaml:"target" doc:"The stage to build. Default: the last one."`
	Args       map[string]string `yaml:"args" doc:"Build arguments."`
	Contexts   map[string]string `yaml:"contexts" doc:"Named build contexts."`
	Platforms  []string          `yaml:"platforms" doc:"Platforms to build for, as in linux/amd64."`
	Builder    string            `yaml:"builder" enum:"buildkit,buildah,kaniko" doc:"The program that builds. Default: buildkit."`
	Format     string            `yaml:"format" enum:"oci,docker" doc:"The format of the image that buildah writes. Default: oci."`
}

// Described is a Build of the configuration, and where it is.
type Described struct {
	Build
	Dir  string // of the configuration, an absolute path, where its paths begin
	File string // as messages print it
	Line int    // 0 if it is not known
}

// ruleValues are the values of a rule that is not a mapping.
func ruleValues() []string { return []string{"off", "error", "warning", "info"} }

// parseRule is the RuleFile that a plain value means.
func parseRule(value string) (RuleFile, bool) {
	if value == "off" {
		return RuleFile{Off: true}, true
	}
	s, ok := lint.ParseSeverity(value)
	return RuleFile{Severity: &s}, ok
}

// layer is one configuration file that is to be applied.
type layer struct {
	File
	name       string         // as messages print it
	dir        string         // the directory of the file, an absolute path
	lines      map[string]int // by path of keys, as in overrides[0].profile
	house      []*lint.Rule   // of house-rules and house-rule-files, each name once
	houseFrom  map[string]string
	noComments bool // ignore comments have no effect; only .hadolint.yaml can say so
}

func (l *layer) from(key string) string {
	if line, ok := l.lines[key]; ok {
		return position(l.name, line)
	}
	return l.name
}

// apply applies l to e. Override i applies if chosen[i] is set.
func (l *layer) apply(e *Effective, index lint.Index, chosen []bool) {
	if l.Edition != "" {
		e.Edition = Chosen[string]{l.Edition, l.from("edition")}
	}
	if l.RequireReason != nil {
		e.RequireReason = Chosen[bool]{*l.RequireReason, l.from("require-reason")}
	}
	if l.FailOnBreaks != nil {
		e.FailOnBreaks = Chosen[bool]{*l.FailOnBreaks, l.from("fail-on-breaks")}
	}
	if l.ShellCheck != nil {
		// A configuration comes with the code that is checked, so it must not name a program to run.
		e.ShellCheck = Chosen[string]{program(strconv.FormatBool(*l.ShellCheck)), l.from("shellcheck")}
	}
	if l.Baseline != "" {
		name := filepath.FromSlash(l.Baseline)
		if !filepath.IsAbs(name) {
			name = filepath.Join(l.dir, name)
		}
		e.Baseline = Chosen[string]{name, l.from("baseline")}
	}
	if l.noComments {
		e.NoComments = Chosen[bool]{true, l.from("disable-ignore-pragma")}
	}
	n := len(l.Overrides)
	if len(chosen) > n && chosen[n] {
		e.Off = Chosen[bool]{true, l.from("exclude")}
	}
	for i, b := range l.Builds {
		if n+1+i < len(chosen) && chosen[n+1+i] {
			e.Builds = append(e.Builds, Described{b, l.dir, l.name, l.lines[item("builds", i)]})
		}
	}
	l.section(e, index, "", l.Profile, l.FailOn, l.Rules)
	for i, o := range l.Overrides {
		if chosen[i] {
			l.section(e, index, item("overrides", i)+".", o.Profile, o.FailOn, o.Rules)
		}
	}
}

// section applies what the top of a file and an override share. prefix leads to its keys.
func (l *layer) section(e *Effective, index lint.Index, prefix, profile, failOn string, rules map[string]RuleFile) {
	if profile == "off" {
		e.Unchecked = Chosen[bool]{true, l.from(prefix + "profile")}
	}
	if p, ok := lint.ParseProfile(profile); ok {
		e.Unchecked = Chosen[bool]{}
		e.Profile = Chosen[lint.Profile]{p, l.from(prefix + "profile")}
	}
	if f, ok := ParseFailOn(failOn); ok {
		e.FailOn = Chosen[FailOn]{f, l.from(prefix + "fail-on")}
	}
	for name, r := range rules {
		rule := index.Find(name)
		have := e.Rules[rule.Name]
		have.From = l.from(prefix + "rules." + name)
		switch {
		case r.Off:
			have.On, have.Off = false, true
		case r.Severity != nil:
			have.On, have.Off, have.Severity = true, false, r.Severity
		}
		if r.Options != nil {
			options := have.Options
			if options == nil {
				options = rule.Options
			}
			have.Options = cloneOptions(options)
			new(decoder).options(r.Options, have.Options) // it was checked when the file was read
		}
		e.Rules[rule.Name] = have
	}
}

// choose says which overrides of l apply to a Dockerfile at path, relative to the configuration's directory, then whether
// it is excluded, and then which builds are of it.
func (l *layer) choose(path string) []bool {
	chosen := make([]bool, len(l.Overrides)+1+len(l.Builds))
	chosen[len(l.Overrides)] = excludes(l.Exclude, path)
	for i, b := range l.Builds {
		chosen[len(l.Overrides)+1+i] = doublestar.MatchUnvalidated(b.Dockerfile, path)
	}
	for i, o := range l.Overrides {
		for _, glob := range o.Files {
			chosen[i] = chosen[i] || doublestar.MatchUnvalidated(glob, path)
		}
	}
	return chosen
}

// excludes reports whether one of globs matches path, or a directory that it is in.
func excludes(globs []string, path string) bool {
	for _, glob := range globs {
		glob = strings.TrimSuffix(glob, "/")
		if doublestar.MatchUnvalidated(glob, path) || doublestar.MatchUnvalidated(glob+"/**", path) {
			return true
		}
	}
	return false
}
