package config

import (
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/lint"
)

// hadolintFile is what a .hadolint.yaml may hold.
type hadolintFile struct {
	Ignored           []string          `yaml:"ignored"`
	Override          hadolintOverride  `yaml:"override"`
	FailureThreshold  string            `yaml:"failure-threshold" enum:"error,warning,info,style,ignore,none"`
	NoFail            bool              `yaml:"no-fail"`
	DisablePragma     bool              `yaml:"disable-ignore-pragma"`
	TrustedRegistries []string          `yaml:"trustedRegistries"`
	LabelSchema       map[string]string `yaml:"label-schema"`
	StrictLabels      bool              `yaml:"strict-labels"`
}

type hadolintOverride struct {
	Error   []string `yaml:"error"`
	Warning []string `yaml:"warning"`
	Info    []string `yaml:"info"`
	Style   []string `yaml:"style"`
}

// hadolint translates a .hadolint.yaml into a layer. Settings for which dockvet has flags are accepted and ignored.
func (l *Loader) hadolint(d *decoder, root *yaml.Node, to *layer) {
	known := &yaml.Node{Kind: yaml.MappingNode, Line: root.Line, Column: root.Column}
	var h hadolintFile
	var keys []string
	for f := range reflect.TypeFor[hadolintFile]().Fields() {
		keys = append(keys, keyOf(f))
	}
	options := map[string]*yaml.Node{}
	d.pairs(root, "", func(key, value *yaml.Node) {
		switch key.Value {
		case "format", "no-color", "verbose", "output", "file-path-in-report":
			return
		case "trustedRegistries":
			options["trusted-registries"] = value
		case "label-schema", "strict-labels":
			options[key.Value] = value
		default:
			if !slices.Contains(keys, key.Value) {
				at := position(d.name, key.Line, key.Column)
				d.odd("%s: unknown key `%s`%s", at, key.Value, d.ending(key.Value, keys))
				return
			}
		}
		if !isNull(value) {
			known.Content = append(known.Content, key, value)
		}
	})
	d.decode(known, reflect.ValueOf(&h).Elem(), "")

	to.Rules = map[string]RuleFile{}
	severities := []struct {
		key   string
		codes []string
		is    lint.Severity
	}{
		{"style", h.Override.Style, lint.Info},
		{"info", h.Override.Info, lint.Info},
		{"warning", h.Override.Warning, lint.Warning},
		{"error", h.Override.Error, lint.Error},
	}
	for _, s := range severities {
		for i, code := range s.codes {
			l.hadolintRule(d, to, code, item("override."+s.key, i), RuleFile{Severity: &s.is})
		}
	}
	l.hadolintOptions(d, to, options)
	for i, code := range h.Ignored {
		l.hadolintRule(d, to, code, item("ignored", i), RuleFile{Off: true})
	}
	switch {
	case h.NoFail, h.FailureThreshold == "none", h.FailureThreshold == "ignore":
		to.FailOn = "never"
	case h.FailureThreshold == "style":
		to.FailOn = "info"
	default:
		to.FailOn = h.FailureThreshold
	}
	if line, ok := d.lines["failure-threshold"]; ok {
		d.lines["fail-on"] = line
	}
	if h.NoFail {
		d.lines["fail-on"] = d.lines["no-fail"]
	}
	to.noComments = h.DisablePragma
}

// hadolintRule notes what the item at path says about a code. Codes that dockvet does not have are ignored.
func (l *Loader) hadolintRule(d *decoder, to *layer, code, path string, r RuleFile) {
	rule := l.Index()[code]
	if rule == nil {
		switch lint.Tool(code) {
		case "hadolint":
		case "shellcheck":
			if r.Off && l.Index()[lint.ShellCheck] != nil {
				exclude(d, to, code, path)
			}
		default:
			at := position(d.name, d.lines[path])
			d.odd("%s: no rule is called `%s`%s", at, code, d.ruleEnding(code))
		}
		return
	}
	r.Options = to.Rules[rule.Name].Options
	to.Rules[rule.Name] = r
	d.lines["rules."+rule.Name] = d.lines[path]
}

// exclude adds the code that the item at path ignores to those that the rule for ShellCheck excludes.
func exclude(d *decoder, to *layer, code, path string) {
	r := to.Rules[lint.ShellCheck]
	if r.Options == nil {
		r.Options = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
			{Kind: yaml.ScalarNode, Tag: "!!str", Value: "exclude"}, {Kind: yaml.SequenceNode},
		}}
		d.lines["rules."+lint.ShellCheck] = d.lines[path]
	}
	list := r.Options.Content[1]
	list.Content = append(list.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: code})
	to.Rules[lint.ShellCheck] = r
}

// hadolintOptions gives the settings that hadolint has for all rules to the rules that have an option of that name, and
// switches these on as hadolint does.
func (l *Loader) hadolintOptions(d *decoder, to *layer, options map[string]*yaml.Node) {
	for _, rule := range l.Rules {
		if rule.Options == nil {
			continue
		}
		n := &yaml.Node{Kind: yaml.MappingNode}
		for f := range reflect.TypeOf(rule.Options).Elem().Fields() {
			if value := options[keyOf(f)]; value != nil {
				n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: keyOf(f)}, value)
				d.lines["rules."+rule.Name] = value.Line
			}
		}
		if len(n.Content) == 0 {
			continue
		}
		before := len(d.problems)
		d.options(n, rule.NewOptions())
		if len(d.problems) > before {
			continue
		}
		r := to.Rules[rule.Name]
		if r.Severity == nil {
			r.Severity = &rule.Severity
		}
		r.Options = n
		to.Rules[rule.Name] = r
	}
}

func (l *Loader) warn(err error) {
	if l.Warn != nil {
		l.Warn(err)
	}
}

// isHadolint reports whether a configuration file is hadolint's.
func isHadolint(name string) bool { return strings.Contains(name, "hadolint") }
