package replay

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Kind is what takes time in a step.
type Kind string

// The kinds of steps.
const (
	Install  Kind = "install"  // packages
	Compile  Kind = "compile"  // the application
	Download Kind = "download" // other files
	Command  Kind = "command"  // any other RUN
	Copy     Kind = "copy"     // COPY and ADD
	Workdir  Kind = "workdir"  // WORKDIR, which makes a directory
)

// Weight is what a step of the kind costs where no timing is known: the median in seconds of the published build logs that
// docs/replay.md lists. There is none for Command, which is set between Copy and the others.
func (k Kind) Weight() float64 {
	switch k {
	case Install, Download:
		return 11
	case Compile:
		return 20
	case Command:
		return 1
	case Copy, Workdir:
	}
	return 0.1
}

// Warm is the part of its weight that a step of the kind costs if a cache mount keeps what it downloads or compiles, as measured for
// docs/replay.md.
func (k Kind) Warm() float64 {
	switch k {
	case Install, Download:
		return 0.5
	case Compile:
		return 0.2
	case Command, Copy, Workdir:
	}
	return 1
}

// kept reports whether a cache mount keeps the results that a step of the kind takes its time for.
func kept(step *plan.Step, kind Kind, scripts *shell.Scripts) bool {
	sc := scripts.Of(step)
	if sc == nil || len(step.Mounts) == 0 {
		return false
	}
	return slices.ContainsFunc(sc.Calls(), func(call *shell.Call) bool {
		return slices.ContainsFunc(install.CachesOf(call), func(c *install.Caching) bool {
			return (kind == Compile) == c.Compiled && c.Mounted(call)
		})
	})
}

// KindOf is the kind of a step. Of several, the one that takes longest counts.
func KindOf(step *plan.Step, scripts *shell.Scripts) Kind {
	sc := scripts.Of(step)
	switch {
	case step.Instruction.Name == "ADD" && step.Copy != nil && slices.ContainsFunc(step.Copy.Sources, func(s plan.Source) bool { return s.Remote }):
		return Download
	case step.Instruction.Name == "WORKDIR":
		return Workdir
	case sc == nil && step.Instruction.Name != "RUN":
		return Copy
	case sc == nil:
		return Command
	}
	kind := Command
	raise := func(k Kind) {
		if k.Weight() > kind.Weight() {
			kind = k
		}
	}
	for _, call := range sc.Calls() {
		switch {
		case install.Compiles(call):
			raise(Compile)
		case call.Action == shell.Install || call.Action == shell.Upgrade:
			raise(Install)
		}
	}
	for _, c := range sc.Commands {
		call := callOf(sc, c)
		switch {
		case (call == nil || call.Action == shell.Unknown) && compiles(c):
			raise(Compile)
		case download.Of(c) != nil, c.Name == "git" && len(c.Args()) > 0 && c.Args()[0].Text == "clone":
			raise(Download)
		}
	}
	return kind
}

// compiles reports whether c is known to compile or bundle an application.
func compiles(c *shell.Command) bool {
	switch c.Name {
	case "make", "cmake", "ninja", "meson", "gcc", "g++", "cc", "c++", "clang", "clang++", "tsc", "webpack", "vite", "ng", "gulp", "grunt", "bazel", "ant",
		"sbt", "javac", "msbuild", "rollup", "esbuild", "parcel", "rustc", "ghc", "cabal", "stack", "zig":
		return true
	}
	return slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
		return w.Text == "build" || strings.HasPrefix(w.Text, "build:") || strings.HasPrefix(w.Text, "build-") || strings.HasSuffix(w.Text, ":build") ||
			w.Text == "compile" || strings.HasSuffix(w.Text, ":precompile") || w.Text == "collectstatic"
	})
}

// Timings are how long steps took, by their text.
type Timings map[string][]time.Duration

// ErrTimings is the error for a file in which no step has a time.
var ErrTimings = errors.New("no step of a build has a time in it")

// ReadTimings reads what BuildKit prints with --progress=rawjson or --progress=plain. Steps that came from the cache are left out.
func ReadTimings(data []byte) (Timings, error) {
	t := Timings{}
	type vertex struct {
		Digest, Name       string
		Started, Completed *time.Time
		Cached             bool
	}
	last := map[string]vertex{}
	names, done := map[string]string{}, map[string]time.Duration{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		line := lines.Bytes()
		if bytes.HasPrefix(line, []byte("{")) {
			var status struct{ Vertexes []vertex }
			if json.Unmarshal(line, &status) == nil {
				for _, v := range status.Vertexes {
					last[v.Digest] = v
				}
			}
			continue
		}
		if m := plainName.Get().FindSubmatch(line); m != nil {
			names[string(m[1])] = string(m[2])
		} else if m := plainDone.Get().FindSubmatch(line); m != nil {
			if s, err := strconv.ParseFloat(string(m[2]), 64); err == nil && s < 1e6 {
				done[string(m[1])] = time.Duration(s * float64(time.Second))
			}
		}
	}
	add := func(name string, d time.Duration) {
		if m := stepName.Get().FindStringSubmatch(name); m != nil {
			key := normal(m[1])
			t[key] = append(t[key], d)
		}
	}
	for _, v := range last {
		if !v.Cached && v.Started != nil && v.Completed != nil {
			add(v.Name, v.Completed.Sub(*v.Started))
		}
	}
	for id, d := range done {
		add(names[id], d)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(t) == 0 {
		return nil, ErrTimings
	}
	return t, nil
}

var (
	plainName = lazy.Regexp{Expr: `^(?:.*\s)?#(\d+) (\[.*\d+/\d+\] .*)$`}
	plainDone = lazy.Regexp{Expr: `^(?:.*\s)?#(\d+) DONE (\d+(?:\.\d+)?)s\s*$`}
	stepName  = lazy.Regexp{Expr: `^\[(?:[^\]]+ )?\d+/\d+\] (.*)$`}
)

// normal is the text of a step as logs and files both have it.
func normal(text string) string { return strings.Join(strings.Fields(text), " ") }

// of is the median time of a step. BuildKit's log has a step as it is written, except that lines are joined and variables outside of
// RUN are replaced.
func (t Timings) of(step *plan.Step) (time.Duration, bool) {
	text := step.Instruction.Text.String
	list := t[normal(text)]
	if len(list) == 0 && step.Instruction.Name != "RUN" {
		list = t[normal(step.Env.Expand(text).Text)]
	}
	if len(list) == 0 {
		return 0, false
	}
	list = slices.Clone(list)
	order.By(list, cmp.Compare)
	return list[len(list)/2], true
}

// Costs are what the steps of a build cost each time they run.
type Costs struct {
	Kinds   []Kind    // by step
	Each    []float64 // by step: seconds if Timed, else relative
	Timed   bool      // all come from timings
	Untimed []int     // with timings: the steps that these do not have, which cost nothing then
}

// CostsOf are the costs of the steps of r.
func CostsOf(r *Result, scripts *shell.Scripts, t Timings) Costs {
	c := Costs{Timed: len(t) > 0}
	for i, s := range r.Steps {
		kind := KindOf(s.Step, scripts)
		each := kind.Weight()
		if kept(s.Step, kind, scripts) {
			each *= kind.Warm()
		}
		if c.Timed {
			d, ok := t.of(s.Step)
			if each = d.Seconds(); !ok {
				c.Untimed = append(c.Untimed, i)
			}
		}
		c.Kinds = append(c.Kinds, kind)
		c.Each = append(c.Each, each)
	}
	return c
}

// Per is what a build costs on average, and what each step has of it. A step of which it is not known whether it runs counts as one
// that does.
func (c *Costs) Per(r *Result) (total float64, steps []float64) {
	steps = make([]float64, len(r.Steps))
	if len(r.Commits) == 0 {
		return 0, steps
	}
	for i, s := range r.Steps {
		steps[i] = c.Each[i] * float64(s.Ran+s.Unknown) / float64(len(r.Commits))
		total += steps[i]
	}
	return total, steps
}

// FileCost is what a path costs.
type FileCost struct {
	Path    string
	Commits int     // in which it made a step run
	Cost    float64 // for each commit on average; that of a step is shared by the paths that made it run
}

// Files are the paths that cost most, and how many others there are with what these cost together.
func (c *Costs) Files(r *Result, most int) (top []FileCost, others int, rest float64) {
	costs, commits := map[int32]float64{}, map[int32]int{}
	for i := range r.Commits {
		for w, paths := range r.Changed[i] {
			share := 0.0
			for n, s := range r.Steps {
				if int(s.Why[i]) == w && s.States[i] == Ran {
					share += c.Each[n]
				}
			}
			for _, p := range paths {
				costs[p] += share / float64(len(paths))
			}
		}
		for _, p := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(r.Changed[i]...)))) {
			commits[p]++
		}
	}
	out := make([]FileCost, 0, len(costs))
	for p, cost := range costs {
		out = append(out, FileCost{r.Paths[p], commits[p], cost / float64(len(r.Commits))})
	}
	most = min(most, len(out))
	order.Top(out, most, func(a, b FileCost) int {
		if a.Cost != b.Cost {
			return cmp.Compare(b.Cost, a.Cost)
		}
		return strings.Compare(a.Path, b.Path)
	})
	for _, f := range out[most:] {
		rest += f.Cost
	}
	return out[:most], len(out) - most, rest
}
