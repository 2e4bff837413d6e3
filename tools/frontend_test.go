package tools_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dockvet/dockvet/lint"
	dockerfile "github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/dockvet/dockvet/tools/internal/oracle"
	"github.com/dockvet/dockvet/tools/internal/tree"
)

// frontendSeed makes the variants of TestFrontendRefusals the same in each run, unless FRONTEND_SEED says otherwise.
const frontendSeed = 20261127

// frontendGap is how many of the first 2,000 variants may still differ. It may only shrink.
const frontendGap = 0

// frontendCorpusGap is how many files of the corpus may. It may only shrink.
const frontendCorpusGap = 0

// frontendException is a difference that is meant.
type frontendException struct {
	where, reason string // BuildKit's function, and why dockvet differs
	meets         func(src string, theirs oracle.Refusal) bool
	met           int
}

// exceptions are new for each test, which counts what meets them.
func exceptions() []*frontendException {
	return []*frontendException{
		{
			where: "toDispatchState, instructions.CurrentStage", reason: "a file without FROM may be a fragment, which another file includes",
			meets: func(_ string, theirs oracle.Refusal) bool {
				return strings.Contains(theirs.Message, "no stages to build") || strings.Contains(theirs.Message, "no build stage in current context")
			},
		},
		{
			where:  "dispatchCopy, portSpecs.parsePort, parseMount",
			reason: "no value of a variable that only the build or the base image can set makes this valid, but dockvet does not try them all",
			meets: func(src string, theirs oracle.Refusal) bool {
				lines := strings.Split(src, "\n")
				for _, n := range theirs.Lines {
					if n <= len(lines) && strings.Contains(lines[n-1], "$") && (strings.Contains(src, "private.example") || strings.Contains(src, "PATH") || bareArg.MatchString(src)) {
						return true
					}
				}
				return false
			},
		},
		{
			where: "shell.Lex.processDollar", reason: "the file is a dev container template, which is filled in before it is built",
			meets: func(src string, theirs oracle.Refusal) bool {
				return strings.Contains(src, "${templateOption:") && strings.Contains(theirs.Message, "unsupported modifier")
			},
		},
		{
			where: "toDispatchState, reference.ParseNormalizedNamed", reason: "the image is a placeholder, which is filled in before the file is built",
			meets: func(_ string, theirs oracle.Refusal) bool {
				return placeholderImage.MatchString(theirs.Message)
			},
		},
	}
}

var placeholderImage = regexp.MustCompile(`^failed to parse stage name "(REPLACE[-_]?ME|TO_BE_REPLACED)"`)

func excepts(list []*frontendException, src string, theirs oracle.Refusal) bool {
	i := slices.IndexFunc(list, func(e *frontendException) bool { return e.meets(src, theirs) })
	if i < 0 {
		return false
	}
	list[i].met++
	return true
}

// TestFrontendRefusals generates Dockerfiles around the corners of each instruction and checks that profile minimal
// has an error that breaks the frontend on an instruction if and only if BuildKit refuses that instruction. A build
// counts as refused if it is, whatever the base images set and whatever is passed for an ARG without a default.
// FRONTEND_VARIANTS is their number.
func TestFrontendRefusals(t *testing.T) {
	n := 2000
	if text := os.Getenv("FRONTEND_VARIANTS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(frontendSeed)
	if text := os.Getenv("FRONTEND_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	v := variants{rand.New(rand.NewPCG(seed, 0))}
	sites := errorSites(t)
	linter := minimal()
	excused := exceptions()
	var refused, built, depends, unlocated int
	seen := map[string]bool{}
	kinds := map[string][]string{} // differences by kind
	for len(seen) < n {
		src := v.next()
		if seen[src] {
			continue
		}
		seen[src] = true
		theirs, verdict := judge([]byte(src))
		ours := breaking(linter, []byte(src))
		switch verdict {
		case builds:
			built++
		case dependsOnBuild:
			depends++
		case refuses:
			refused++
			sites.hit(theirs.Message)
			if len(theirs.Lines) == 0 {
				unlocated++
			}
		}
		var kind string
		switch {
		case verdict != refuses && len(ours) > 0:
			kind = "dockvet alone: " + ours[0].rule + ": " + ours[0].message
		case verdict == refuses && !agrees(ours, theirs):
			if excepts(excused, src, theirs) {
				continue
			}
			kind = "BuildKit alone: " + sites.of(theirs.Message)
		default:
			continue
		}
		kinds[kind] = append(kinds[kind], fmt.Sprintf("%s %v\n%s", theirs.Message, theirs.Lines, src))
	}
	t.Logf("seed %d, %d variants: BuildKit refuses %d (%d without naming a line), builds %d, and %d depend on the build",
		seed, n, refused, unlocated, built, depends)
	sites.report(t)
	gap := 0
	for _, kind := range slices.SortedFunc(maps.Keys(kinds), func(a, b string) int { return len(kinds[b]) - len(kinds[a]) }) {
		list := kinds[kind]
		gap += len(list)
		slices.SortFunc(list, func(a, b string) int { return len(a) - len(b) })
		t.Logf("%4d × %s\n--- such as %s", len(list), kind, strings.Join(list[:min(2, len(list))], "\n--- or "))
	}
	allowed := 0
	if n >= 2000 {
		allowed = frontendGap * n / 2000
	}
	if gap > allowed {
		t.Errorf("%d variants differ, %d may", gap, allowed)
	}
	for _, e := range excused {
		t.Logf("%d meet an exception: %s: %s", e.met, e.where, e.reason)
		if e.met == 0 && n >= 20000 {
			t.Errorf("no variant meets the exception of %s", e.where)
		}
	}
}

// TestFrontendCorpus checks the same over real files: no finding breaks the frontend in a file that BuildKit compiles, and
// each file that it does not compile has one.
func TestFrontendCorpus(t *testing.T) {
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	files, err := tree.Files(tree.CorpusDir(root, ""))
	if errors.Is(err, os.ErrNotExist) || len(files) == 0 {
		t.Skipf("NO CORPUS at %s", tree.CorpusDir(root, ""))
	}
	if err != nil {
		t.Fatal(err)
	}
	linter := minimal()
	excused := exceptions()
	built, refused := 0, 0
	var gap []string
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		theirs, verdict := judge(src)
		ours := breaking(linter, src)
		switch {
		case verdict == refuses:
			refused++
			if !agrees(ours, theirs) && !excepts(excused, string(src), theirs) {
				gap = append(gap, fmt.Sprintf("%s: BuildKit alone: %s %v", name, theirs.Message, theirs.Lines))
			}
		case len(ours) > 0:
			t.Errorf("%s: dockvet alone: %v", name, ours) // nothing excuses a false alarm
		default:
			built++
		}
	}
	t.Logf("%d files build, %d are refused, %d of them without a finding", built, refused, len(gap))
	if len(gap) > frontendCorpusGap {
		t.Errorf("%d files differ, %d may:\n%s", len(gap), frontendCorpusGap, strings.Join(gap, "\n"))
	}
}

func minimal() *lint.Linter {
	return lint.New(rules.All(), lint.Settings{Profile: lint.Minimal, NoComments: true, Now: time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)})
}

// fault is an error of dockvet that breaks the frontend.
type fault struct {
	rule, message string
	instruction   string
	first, last   int // the lines of the instruction
}

func breaking(linter *lint.Linter, src []byte) []fault {
	var out []fault
	f := dockerfile.Parse("Dockerfile", src)
	for _, x := range linter.Lint(lint.Build{Plan: plan.New(f, plan.Options{})}) {
		if x.Breaks != lint.BreaksFrontend || x.Severity != lint.Error {
			continue
		}
		span := x.Span
		if x.Instruction.Name != "" {
			span = x.Instruction.Span
		}
		out = append(out, fault{x.Rule.Name, x.Message, x.Instruction.Name, f.Lines.Line(span.Start), f.Lines.Line(max(span.Start, span.End-1))})
	}
	return out
}

// agrees reports whether one of ours is on an instruction that BuildKit names. It names the FROM that runs a trigger,
// not the ONBUILD, the FROM that uses a default, not the ARG that gives it, the line above a directive, and none at all
// for some faults. Source code that is not a Dockerfile has one finding.
func agrees(ours []fault, theirs oracle.Refusal) bool {
	return slices.ContainsFunc(ours, func(f fault) bool {
		if len(theirs.Lines) == 0 || strings.HasPrefix(f.message, "file is no") || f.instruction == "ONBUILD" || f.instruction == "ARG" && f.rule == "invalid-default-base" {
			return true
		}
		return slices.ContainsFunc(theirs.Lines, func(line int) bool {
			return f.first <= line && line <= f.last || (f.instruction == "" || strings.Contains(theirs.Message, "greater than max")) && f.first == line+1
		})
	})
}

// frontendVerdict is what BuildKit makes of a Dockerfile.
type frontendVerdict int

const (
	builds frontendVerdict = iota
	dependsOnBuild
	refuses
)

var (
	bareArg      = regexp.MustCompile(`(?im)^ARG \w+$`)
	argLine      = regexp.MustCompile(`(?i)\bARG\b(.*)`)
	variableName = regexp.MustCompile(`\$\{?([\p{L}_][\p{L}\d_]*)`)
	// candidates are values that one instruction or another accepts.
	candidates = []string{
		"9", "x", "SIGTERM", "alpine:3", "linux/amd64", "/x", "755", "80", "true", "bind", "cache", "ssh", "https://h/x", "https://h/x.git", "build",
		"sha256:0123456789012345678901234567890123456789012345678901234567890123",
	}
)

// judge compiles src as several builds do: with and without variables in the base images, with and without values for
// the ARGs that have none, for two platforms.
func judge(src []byte) (oracle.Refusal, frontendVerdict) {
	first, refused := oracle.Refuses(src, oracle.Build{})
	if !refused {
		return oracle.Refusal{}, builds
	}
	if strings.HasPrefix(first.Message, "panic") {
		return first, refuses
	}
	if !strings.Contains(string(src), "$") && !strings.Contains(string(src), "--mount") {
		return first, refuses
	}
	joined := strings.ReplaceAll(string(src), "\\\n", "")
	declared := map[string]bool{}
	for _, m := range argLine.FindAllStringSubmatch(joined, -1) {
		for word := range strings.FieldsSeq(m[1]) {
			if !strings.ContainsAny(word, "=\"'`\\") && !regexp.MustCompile(`(?i)\bARG\b.*\b`+regexp.QuoteMeta(word)+`=`).MatchString(joined) {
				declared[word] = true
			}
		}
	}
	var env []string
	if strings.Contains(string(src), "private.example") {
		for _, m := range variableName.FindAllStringSubmatch(joined, -1) {
			env = append(env, m[1])
		}
	}
	list := candidates
	if len(declared) == 0 && len(env) == 0 {
		list = nil
	}
	arm := ocispecs.Platform{OS: "linux", Architecture: "arm", Variant: "v7", OSVersion: "1"}
	all := []oracle.Build{{Platform: arm}}
	if strings.Contains(string(src), "private.example") {
		all = append(all, oracle.Build{Workdir: "/home/deep/down"})
	}
	for _, value := range list {
		b := oracle.Build{Args: map[string]string{}}
		for name := range declared {
			b.Args[name] = value
		}
		for _, name := range env {
			b.Env = append(b.Env, name+"="+value)
		}
		all = append(all, b)
	}
	for _, b := range all {
		other, refused := oracle.Refuses(src, b)
		if !refused {
			return first, dependsOnBuild
		}
		first.Lines = append(first.Lines, other.Lines...) // of several faults, BuildKit reports any
	}
	return first, refuses
}

// variants makes Dockerfiles.
type variants struct{ r *rand.Rand }

func (v variants) pick(list []string) string { return list[v.r.IntN(len(list))] }

// chance is true once in n.
func (v variants) chance(n int) bool { return v.r.IntN(n) == 0 }

var slot = regexp.MustCompile(`<(\w+)>`)

// fill replaces each <slot> in text.
func (v variants) fill(text string) string {
	for depth := 0; depth < 4 && slot.MatchString(text); depth++ {
		text = slot.ReplaceAllStringFunc(text, func(s string) string {
			if list := frontendSlots[s[1:len(s)-1]]; list != nil {
				return v.pick(list)
			}
			return s
		})
	}
	return text
}

// next is the next Dockerfile: a frame that builds, with one instruction out of the templates in it.
func (v variants) next() string {
	place := v.r.IntN(20)
	if place == 0 {
		return v.fill(v.pick(frontendFiles))
	}
	if place <= 4 {
		return v.withFrom()
	}
	in := v.fill(v.pick(frontendTemplates))
	if v.chance(3) {
		in = v.mutate(in)
	}
	frame := v.pick(frontendFrames)
	switch v.r.IntN(25) {
	case 0:
		frame = "FROM alpine:3.20 AS base\n@\nFROM base\nRUN true\n"
		in = "ONBUILD " + in
	case 1:
		in = "ONBUILD " + in
	}
	return strings.Replace(frame, "@", in, 1)
}

func (v variants) withFrom() string {
	before := v.fill(v.pick([]string{"", "", "ARG <name>=<word>\n", "ARG <name>\n", "ARG TAG=3.20\n", "ARG <name>=<word>\nARG OTHER=$<name>\n", "FROM alpine:3.20 AS Build\n"}))
	from := v.fill(v.pick(frontendFroms))
	if v.chance(4) {
		from = v.mutate(from)
	}
	return before + from + v.pick([]string{"\nRUN true\n", "\nRUN true\nFROM alpine:3.20\n", "\nENV A=b\nFROM alpine:3.20\nCOPY --from=0 /a /b\n"})
}

// mutate changes text by a few characters, as a slip of the keyboard does.
func (v variants) mutate(text string) string {
	b := []rune(text)
	for range 1 + v.r.IntN(2) {
		if len(b) < 2 {
			break
		}
		i := v.r.IntN(len(b))
		switch v.r.IntN(6) {
		case 0:
			b = slices.Delete(b, i, i+1)
		case 1, 2:
			b = slices.Insert(b, i, []rune(v.pick(frontendSlips))...)
		case 3:
			b[i] = []rune(v.pick(frontendSlips))[0]
		case 4:
			j := v.r.IntN(len(b))
			b[i], b[j] = b[j], b[i]
		case 5:
			b = slices.Insert(b, i, []rune("\\\n")...)
		}
	}
	return string(b)
}

// errorSite is one place in BuildKit's source that makes an error.
type errorSite struct {
	at      string // file:line
	text    string
	message *regexp.Regexp
	hits    int
}

type siteList struct{ all []*errorSite }

// elsewhere are the errors that BuildKit passes on from other packages.
var elsewhere = map[string]string{
	"signal.ParseSignal":     `^(dockerfile parse error.*: )?invalid signal: `,
	"platforms.Parse":        `unknown operating system or architecture|invalid (component|OS|platform)|cannot parse platform|: invalid argument`,
	"reference.Parse":        `invalid reference format|repository name must be|cannot specify 64-byte`,
	"mode.Parse":             `invalid (mode|syntax)|unknown (op|perm)|^mode|unexpected`,
	"digest.Parse":           `invalid checksum digest|unsupported digest algorithm`,
	"time.ParseDuration":     `time: (invalid|missing|unknown)`,
	"strconv.ParseInt":       `strconv\.ParseInt`,
	"csvvalue.Fields":        `bare " in non-quoted|extraneous or missing "`,
	"bufio.Scanner":          `greater than max allowed size`,
	"llb.ExecOp.Validate":    `arguments are required`,
	"llb.getPortIndex/mount": `invalid mount: `,
}

// needsMore are the sites that an offline compilation of a file cannot reach, and why.
var needsMore = map[string]string{
	"Duplicate flag defined": "unreachable", "Trying to use IsTrue": "unreachable", "error setting up flags": "unreachable",
	"no security state": "unreachable", "arg should start with": "unreachable: only such words are flags",
	"is not a command type": "unreachable", "too many arguments": "unreachable: the parser makes triples",
	"internal lexing of heredoc": "unreachable: both readings split alike", "not a JSON array": "tried, then read as words",
	"parsing produced an invalid run": "unreachable: JSON has no here-document", "should be a single expression": "unreachable: a trigger is one line",
	"checksum can't be specified for COPY": "unreachable: COPY has no --checksum", "unsupported network mode": "unreachable: checked before",
	"unsupported security mode": "unreachable: checked before", "empty string specified": "replaced by another message",
	"invalid start port": "replaced by another message", "invalid end port": "replaced by another message", "invalid port range": "replaced by another message",
	"value is empty": "replaced by another message", "value out of range (0": "replaced by another message",
	"convert_secrets.go": "unreachable: checked before, or Windows only", "llb.getPortIndex": "unreachable: only for outputs of mounts",
	"bufio.Scanner": "another name of the limit of a line",

	"epoch.go":             "its other checks are of the source that it names",
	"target stage %q":      "needs --target",
	"Client and MainCont":  "a programming error",
	"UNC paths":            "Windows only",
	"secret target":        "Windows only",
	"removing drive":       "Windows only",
	"normalizing workdir":  "Windows only",
	"The daemon on this":   "never called",
	"failed to parse ref":  "needs a registry",
	"failed to parse imag": "needs a registry",
	"should never get":     "unreachable",
	"no mount state":       "unreachable",
	"no device state":      "unreachable",
	"no network state":     "unreachable",
	"lint violation":       "needs a sink for warnings",
}

// errorSites reads BuildKit's source.
func errorSites(t *testing.T) *siteList {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/moby/buildkit").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "frontend", "dockerfile")
	list := &siteList{}
	for _, dir := range []string{"parser", "instructions", "shell", "dockerfile2llb", "dfgitutil", "linter"} {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_windows.go") || strings.HasSuffix(name, "generate.go") {
				continue
			}
			list.read(t, dir, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(elsewhere)) {
		list.all = append(list.all, &errorSite{at: name, text: name, message: regexp.MustCompile(elsewhere[name])})
	}
	return list
}

var verb = regexp.MustCompile(`%[#+]?[a-zA-Z]`)

func (l *siteList) read(t *testing.T, dir, name string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		fun, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := fun.X.(*ast.Ident)
		if !ok || pkg.Name != "errors" {
			return true
		}
		arg := 0
		switch fun.Sel.Name {
		case "New", "Errorf":
		case "Wrap", "Wrapf":
			arg = 1
		default:
			return true
		}
		text := ""
		ast.Inspect(call.Args[arg], func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && text == "" {
					text = s
				}
			}
			return true
		})
		if text == "" {
			return true
		}
		parts := verb.Split(strings.ReplaceAll(text, "%%", "%"), -1)
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		l.all = append(l.all, &errorSite{
			at:   fmt.Sprintf("%s/%s:%d", dir, filepath.Base(name), set.Position(call.Pos()).Line),
			text: text, message: regexp.MustCompile(`(?s)` + strings.Join(parts, ".*")),
		})
		return true
	})
}

// hit counts the sites whose message is in text.
func (l *siteList) hit(text string) {
	for _, s := range l.all {
		if s.message.MatchString(text) {
			s.hits++
		}
	}
}

// of is the site whose text fits best.
func (l *siteList) of(message string) string {
	best := ""
	for _, s := range l.all {
		if len(s.text) > len(best) && s.message.MatchString(message) {
			best = s.text
		}
	}
	if best == "" {
		return message
	}
	return best
}

// report prints which sites were hit.
func (l *siteList) report(t *testing.T) {
	t.Helper()
	var missed []string
	hit, all := 0, 0
	for _, s := range l.all {
		reason := ""
		for part, why := range needsMore {
			if strings.Contains(s.at, part) || strings.Contains(s.text, part) {
				reason = why
			}
		}
		switch {
		case s.hits > 0:
			hit++
			all++
		case reason == "":
			all++
			missed = append(missed, s.at+" "+s.text)
		}
	}
	t.Logf("%d of BuildKit's %d refusals that need no network were met; not met:\n\t%s", hit, all, strings.Join(missed, "\n\t"))
}
