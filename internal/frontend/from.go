package frontend

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/linter"
	buildkit "github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// from checks FROM, also that of a stage that the target does not need (buildDispatchStates, resolveBaseImage).
func (c *compiler) from(s *plan.Stage) {
	if s.Base == nil {
		return
	}
	c.step, c.env, c.breaks = nil, c.plan.Env, true
	word := s.From.Args[0]
	value, ok := s.Base.Value.Text, s.Base.Value.Known
	if !ok {
		value, ok = c.expand(word)
	}
	if s.Base.Ref == nil && s.Base.Stage == nil && !s.Base.Named && value != "scratch" {
		if !ok {
			if c.neverValid(word.Value, func(ref string) bool { _, err := plan.ParseRef(ref); return err == nil }) {
				c.refuse(Base, word.Full(), "this is not a valid image reference, whatever the platform of the build",
					"use a reference such as `debian:13.1`")
			}
		} else if value == "" {
			c.refuse(Base, word.Full(), "the base image is empty", "")
		} else if _, err := plan.ParseRef(value); err != nil {
			c.refuse(Base, s.Base.Origin, fmt.Sprintf("`%s` is not a valid image reference", value),
				"use a reference such as `debian:13.1`")
		}
	}
	if s.From.Flag("platform") == nil || s.Platform.Value == "" {
		return
	}
	if s.Platform.Value == "$BUILDPLATFORM" || s.Platform.Value == "$TARGETPLATFORM" {
		return
	}
	value, ok = c.expand(s.Platform)
	switch {
	case !ok && c.neverValid(s.Platform.Value, validPlatform):
		c.refuse(Flag, s.Platform.Full(), "this is not a valid platform, whatever the platform of the build",
			"write `$BUILDPLATFORM` or `linux/$TARGETARCH`")
	case !ok:
	case value == "":
		c.refuse(Flag, s.Platform.Full(), "the platform is empty",
			"declare the variable above the first FROM, or remove the flag")
	case !validPlatform(value):
		c.refuse(Flag, s.Platform.Full(), fmt.Sprintf("`%s` is not a platform", value),
			"use a platform such as `linux/arm64`, or `$BUILDPLATFORM`")
	}
}

// neverValid reports whether word, which depends on the platform of the build, is not valid whichever that is.
func (c *compiler) neverValid(word string, valid func(string) bool) bool {
	platform := func(text string) bool { return strings.Contains(text, "TARGET") || strings.Contains(text, "BUILD") }
	if !platform(word) && !slices.ContainsFunc(c.plan.Globals, func(s *plan.Step) bool { return platform(s.Instruction.Rest.String) }) {
		return false
	}
	for _, p := range []struct{ machine, variant string }{{"amd64", ""}, {"arm", "v7"}} {
		full := strings.TrimSuffix("linux/"+p.machine+"/"+p.variant, "/")
		x := plan.Expander{Unset: c.globals.Unset, Platform: map[string]string{
			"BUILDPLATFORM": full, "BUILDOS": "linux", "BUILDARCH": p.machine, "BUILDVARIANT": p.variant, "BUILDOSVERSION": "",
			"TARGETPLATFORM": full, "TARGETOS": "linux", "TARGETARCH": p.machine, "TARGETVARIANT": p.variant, "TARGETOSVERSION": "",
		}}
		if v, err := x.Expand(c.env, word); err != nil || !v.Known || valid(v.Text) {
			return false
		}
	}
	return true
}

// Patterns of containerd's platforms.Parse, which costs a logger to link.
var (
	platformPart = lazy.Regexp{Expr: `^[A-Za-z0-9_.-]+$`}
	platformOS   = lazy.Regexp{Expr: `^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$`}
)

// validPlatform repeats platforms.Parse.
func validPlatform(text string) bool {
	parts := strings.Split(text, "/")
	system := platformOS.Get().FindStringSubmatch(parts[0])
	if system == nil || len(parts) > 3 {
		return false
	}
	for _, option := range append(strings.Split(system[3], "+"), system[2]) {
		if _, err := url.PathUnescape(option); err != nil {
			return false
		}
	}
	for _, part := range parts[1:] {
		if !platformPart.Get().MatchString(part) {
			return false
		}
	}
	return len(parts) > 1 || knownSystem(strings.ToLower(system[1])) || knownMachine(strings.ToLower(parts[0]))
}

func knownSystem(name string) bool {
	switch name {
	case "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "macos", "nacl", "netbsd", "openbsd",
		"plan9", "solaris", "windows", "zos":
		return true
	}
	return false
}

func knownMachine(name string) bool {
	switch name {
	case "386", "i386", "amd64", "amd64p32", "x86_64", "x86-64", "arm", "armbe", "armhf", "armel", "arm64", "arm64be", "aarch64", "ppc64", "ppc64le",
		"loong64", "mips", "mipsle", "mips64", "mips64le", "mips64p32", "mips64p32le", "ppc", "riscv", "riscv64", "s390", "s390x", "sparc",
		"sparc64", "wasm":
		return true
	}
	return false
}

// directive checks `# check=` (newRuleLinter).
func (c *compiler) directive() {
	var value string
	var at parser.Span
	if d := c.plan.File.Directive("check"); d != nil {
		value, _, _ = strings.Cut(d.Value.String, " ")
		at = d.Value.Span(0, len(value))
	} else if bytes.HasPrefix(c.plan.File.Bytes, []byte("#!")) { // BuildKit skips this line only for this directive
		value, _, _, _ = buildkit.ParseDirective("check", c.plan.File.Bytes)
		at.Start = max(0, bytes.Index(c.plan.File.Bytes, []byte(value)))
		at.End = at.Start + len(value)
	}
	if value == "" {
		return
	}
	if _, err := linter.ParseLintOptions(value); err != nil {
		c.refuse(Directive, at, fmt.Sprintf("`%s` is not a valid option for BuildKit's checks", value),
			"write `skip=RULE,…`, `experimental=RULE,…` or `error=true`, separated by semicolons without spaces")
	}
}

// epoch checks SOURCE_DATE_EPOCH (resolveSourceDateEpochValue).
func (c *compiler) epoch() {
	v := c.plan.Env.Lookup("SOURCE_DATE_EPOCH")
	if v == nil || !v.Pair.HasValue {
		return
	}
	c.env = c.plan.Env
	value, err := c.expander().Expand(c.env, "$SOURCE_DATE_EPOCH")
	if err != nil || !value.Known || value.Text == "" || value.Text == "context" || isInteger(value.Text) {
		return
	}
	for _, s := range c.plan.Stages {
		if s.Name != "" && strings.EqualFold(s.Name, value.Text) {
			return
		}
	}
	at := v.Pair.Value
	c.refuse(Argument, at.Full(), fmt.Sprintf("`%s` is not a time in seconds, `context` or a stage", value.Text),
		"write a time in seconds since 1970-01-01")
}
