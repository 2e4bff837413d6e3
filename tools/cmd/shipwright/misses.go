package main

import (
	"strings"

	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// witness is a rule that reports nothing and keeps what the rules about broken steps know of a file.
type witness struct {
	moments  []provision.Moment
	commands []*shell.Command
	plan     *plan.Plan
}

func (w *witness) rule() *lint.Rule {
	return &lint.Rule{
		Name: "witness", Summary: "keeps facts", Category: lint.Broken, Profile: lint.Minimal, Scope: lint.AnyStage,
		Check: lint.OnFile(func(p *lint.Pass) {
			w.moments, w.plan = provision.Moments(p), p.Plan
			for _, s := range p.Plan.Stages {
				for _, sc := range p.Scripts(s) {
					w.commands = append(w.commands, sc.Commands...)
				}
			}
		}),
	}
}

var missingPackage = re(`Unable to locate package (\S+)|Package '?(\S+?)'? has no installation candidate|Couldn't find any package by \w+ '(\S+)'|` +
	`(?m:^  (\S+) \(missing\))|Unable to find a match: (\S+)|No match for argument: (\S+)|No package (\S+) available|target not found: (\S+)`)

// unknown says what kept the rules from explaining a failure at the instruction.
func (w *witness) unknown(why cause, at int, log string) string {
	log = noise.ReplaceAllString(log, "")
	in := func(c *shell.Command) bool { return c.Script.Step != nil && c.Script.Step.Instruction.Span.Start == at }
	var here []provision.Moment
	for _, m := range w.moments {
		if in(m.Command) {
			here = append(here, m)
		}
	}
	switch why {
	case parse:
		if strings.Contains(log, "Unknown flag") {
			return "the builder of the log is too old for the flag"
		}
		return "not rejected"
	case tag:
		return "only the registry knows"
	case command:
		m := notFound.FindAllStringSubmatch(log, -1)
		switch {
		case gnupg.MatchString(log):
			return "gnupg: " + state(here, "apt-key")
		case m == nil:
			return "not in the log"
		}
		name := m[len(m)-1][1]
		switch {
		case strings.Contains(name, "/"):
			return "a path"
		case !called(w.commands, name, in):
			return "not called in the Dockerfile itself"
		}
		return state(here, name)
	case packages, version, noUpdate:
		m := missingPackage.FindStringSubmatch(log)
		if m == nil {
			return "not in the log"
		}
		name := strings.Join(m[1:], "")
		for _, x := range here {
			if x.Call == nil || !names(x.Command, name) {
				continue
			}
			switch {
			case x.Root == nil:
				return "the base is not known"
			case x.Release.Name == "":
				return "the release is not known"
			case !x.Stock:
				return "the sources were changed"
			case !provision.Fatal(x.Command):
				return "the failure may be hidden"
			}
			return "not in the table"
		}
		return "not named in the Dockerfile itself"
	case archive:
		for _, x := range here {
			switch {
			case x.Call == nil:
				continue
			case x.Root == nil:
				return "the base is not known"
			case x.Release.Name == "":
				return "the release is not known"
			case !x.Stock:
				return "the sources were changed"
			}
			return "not in the table"
		}
		return "not called in the Dockerfile itself"
	case copying, prompt, endpoint, keyserver, signature, format, conflict, failing, toolchain, python, javascript, ruby, golang, php, java, rust,
		compile, clone, missingFile, daemon, other:
	}
	return "not in the table"
}

func called(commands []*shell.Command, name string, in func(*shell.Command) bool) bool {
	for _, c := range commands {
		if c.Name == name && in(c) {
			return true
		}
	}
	return false
}

// state says why the program is not known to be missing where it is called.
func state(here []provision.Moment, name string) string {
	for _, m := range here {
		if m.Command.Name != name {
			continue
		}
		switch {
		case m.Root == nil:
			return "the base is not known"
		case !provision.Fatal(m.Command):
			return "the failure may be hidden"
		case !m.Base.Without(name, m.Release):
			return "the image may have it"
		case m.Opaque:
			return "an earlier step may bring it"
		case m.MayHave(name):
			return "a package may bring it"
		}
		return "otherwise"
	}
	return "no table lists the program, or the base is not known"
}

func names(c *shell.Command, name string) bool {
	fields, _ := c.Fields()
	for _, f := range fields {
		if provision.PackageName(f) == provision.PackageName(name) {
			return true
		}
	}
	return false
}
