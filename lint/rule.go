// Package lint is the contract between rules and the rest: what a rule is, what it sees, what it says; and the engine
// that runs rules over one build.
package lint

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/dockvet/dockvet/parser"
)

// Rule is one thing that dockvet can find. Rules are values, listed in package rules, and never changed.
type Rule struct {
	Name     string   // states the pattern that is wrong, so that "allow NAME" reads well
	Summary  string   // one line for tables: lower-case, no full stop
	Category Category // its directory in package rules
	Aliases  []string // every code under which other tools know the defect
	Severity Severity
	Profile  Profile // the least strict profile that runs it
	Scope    Scope   // findings outside it are dropped
	Since    string  // the edition that brought it
	Fix      Safety  // the strongest fix it may offer
	Options  any     // pointer to a struct with the defaults, or nil
	// AllBuilds keeps a finding only if every build that is known of a Dockerfile has it: it says that something is
	// not used.
	AllBuilds bool
	Optional  bool // only a configuration or a flag that names it switches it on, whatever the profile
	// Doc is its page in Markdown and URL an address with more, for a rule that is not among dockvet's own.
	Doc, URL string
	Check    Check
}

// Page is the path of the rule's page below the directory of package rules, with slashes: base/latest_tag.md.
func (r *Rule) Page() string {
	return string(r.Category) + "/" + strings.ReplaceAll(r.Name, "-", "_") + ".md"
}

// Category groups rules.
type Category string

// The categories.
const (
	Base     Category = "base"
	Stages   Category = "stages"
	Cache    Category = "cache"
	Files    Category = "files"
	Packages Category = "packages"
	Scripts  Category = "scripts"
	Runtime  Category = "runtime"
	Security Category = "security"
	Metadata Category = "metadata"
	Syntax   Category = "syntax"
	Broken   Category = "broken"
	Builds   Category = "builds"
	Builders Category = "builders"

	House Category = "house" // rules that a configuration defines; dockvet has none
)

// Categories are all categories of dockvet's own rules, in the order in which rules are listed.
func Categories() []Category {
	return []Category{Base, Broken, Stages, Cache, Files, Packages, Scripts, Runtime, Security, Metadata, Syntax, Builds, Builders}
}

// Severity says what a finding costs: an error makes the build fail or the image wrong, a warning is likely wrong,
// info is style.
type Severity int

// The severities, in rising order.
const (
	Info Severity = iota
	Warning
	Error
)

// Severities are the names of the severities by value.
var severities = [...]string{"info", "warning", "error"}

func (s Severity) String() string { return severities[s] }

// ParseSeverity is the severity called name.
func ParseSeverity(name string) (Severity, bool) {
	for i, s := range severities {
		if s == name {
			return Severity(i), true
		}
	}
	return 0, false
}

// Profile is a choice of rules.
type Profile int

// The profiles, from the most silent: Minimal has the rules whose defect is an error, Recommended those whose every
// finding is worth an edit, Strict all.
const (
	Minimal Profile = iota
	Recommended
	Strict
)

var profiles = [...]string{"minimal", "recommended", "strict"}

func (p Profile) String() string { return profiles[p] }

// Profiles are the names of all profiles, the most silent first.
func Profiles() []string { return profiles[:] }

// ParseProfile is the profile called name.
func ParseProfile(name string) (Profile, bool) {
	for i, p := range profiles {
		if p == name {
			return Profile(i), true
		}
	}
	return 0, false
}

// Scope says in which stages a rule speaks.
type Scope int

// The scopes. A stage that the target does not need is in AnyStage only.
const (
	AnyStage     Scope = iota
	ShippedStage       // the target and the stages it is built FROM: their file system ships
	FinalStage         // the target
)

var scopes = [...]string{"any stage", "shipped stages", "final stage"}

func (s Scope) String() string { return scopes[s] }

// Safety says what applying a fix means.
type Safety int

// The safeties. Safe leaves the build plan equal, Unsafe is valid but changes the build, Display needs a person's
// value.
const (
	NoFix Safety = iota
	Display
	Unsafe
	Safe
)

var safeties = [...]string{"none", "display", "unsafe", "safe"}

func (s Safety) String() string { return safeties[s] }

// Edition is the newest rule set. A rule with a newer Since than a configuration's edition is a preview there.
const Edition = "2026.1"

// Finding is one defect at one place.
type Finding struct {
	Rule     *Rule
	Severity Severity
	Source   *parser.Source // the file that Span counts in, a Dockerfile or a description; it does not keep the parsed file alive
	Span     parser.Span
	Message  string // what is wrong: lower-case, no full stop
	Note     string // why, with the figure
	Help     string // what to do
	Doubt    string // what would make it no defect; empty means sure
	Breaks   Breaks // what it stops; "" for advice
	// Aliases are the codes of those other tools that would report this very fault here.
	Aliases     []string
	Related     []Related
	Fixes       []Fix
	Instruction Instruction // the one that Span is in; zero outside all of them
	Stage       string      // the stage's name or number, "" outside of stages
	Preview     bool        // newer than the configuration's edition: it never fails a build
	Suppressed  Suppression // why it is not reported; "" if it is
	outdated    string      // why the file is out of date, "" if this finding does not show that
	frozen      bool        // whether the file may stay that way
	alone       string      // the message before another finding joined it, "" if none did
	stages      []stageWord // where Instruction names stages, in order
}

// Suppression says why a finding is not reported.
type Suppression string

// The suppressions.
const (
	ByComment   Suppression = "comment"   // an ignore comment says so
	ByBaseline  Suppression = "baseline"  // the project had it before
	ByUnchanged Suppression = "unchanged" // the change that is looked at does not have to do with it
)

// Instruction is the name and place of an instruction.
type Instruction struct {
	Name string // upper-case, such as RUN
	Span parser.Span
	// index is the instruction's number in its file, which matters only while the file is linted.
	index int
}

// Breaks says what a defect stops.
type Breaks string

// What a defect may stop: BuildKit's frontend refuses the whole file, or a step of the build fails.
const (
	BreaksFrontend Breaks = "frontend"
	BreaksBuild    Breaks = "build"
)

// Related is another place that a finding refers to.
type Related struct {
	Message string
	File    string         // a path in the build context; "" for Source
	Source  *parser.Source // what Span counts in; nil for the finding's own file
	Span    parser.Span
	Line    int // from 1, for a file of the build context
}

// Fix is a set of edits that are applied together or not at all.
type Fix struct {
	Title  string // a verb phrase: "use COPY"
	Safety Safety
	Edits  []Edit
}

// Edit replaces Span by Text. With File, a path in the build context, Span does not count: with Create the edit makes
// that file, which must not be there yet; else it adds Text, whole lines, to the end of that file.
type Edit struct {
	File   string
	Create bool
	Span   parser.Span
	Text   string
}

// Insert is the edit that puts text before the byte at offset at.
func Insert(at int, text string) Edit { return Edit{Span: parser.Span{Start: at, End: at}, Text: text} }

// InsertAbove is the edit that writes lines of a Dockerfile above in and the comments directly above it, and leaves a
// blank line below them if there is one above.
func InsertAbove(f *parser.File, in *parser.Instruction, lines ...string) Edit {
	nl, at := f.Newline(), f.Above(in)
	text := strings.Join(lines, nl) + nl
	if strings.HasSuffix(string(f.Bytes[:at]), nl+nl) {
		text += nl
	}
	return Insert(at, text)
}

// Replace is the edit that puts text in the place of span.
func Replace(span parser.Span, text string) Edit { return Edit{Span: span, Text: text} }

// Delete is the edit that removes span.
func Delete(span parser.Span) Edit { return Edit{Span: span} }

// Because sets the note.
//
//go:noinline
func (f *Finding) Because(format string, args ...any) *Finding {
	f.Note = sprintf(format, args)
	return f
}

// Advise sets the help.
//
//go:noinline
func (f *Finding) Advise(format string, args ...any) *Finding {
	f.Help = sprintf(format, args)
	return f
}

// Alias names the codes of the tools that would report this very fault here. They must be among the rule's aliases.
//
//go:noinline
func (f *Finding) Alias(codes ...string) *Finding {
	f.Aliases = append(f.Aliases, codes...)
	return f
}

// Doubting says what would mean that it is not a defect. Only the strict profile prints findings with a doubt.
//
//go:noinline
func (f *Finding) Doubting(format string, args ...any) *Finding {
	f.Doubt = sprintf(format, args)
	return f
}

// Outdated says that f shows that nobody has built the file for long, why. What else is found in it then has that doubt: style,
// packages, size and the layer cache, and in a file that may stay as it is (frozen) all but errors. Neither goes for another
// outdated finding, nor for what stops the build.
//
//go:noinline
func (f *Finding) Outdated(frozen bool, why string) *Finding {
	f.outdated, f.frozen = why, frozen
	return f
}

// Breaking says that the defect stops the build, and where.
func (f *Finding) Breaking(what Breaks) *Finding {
	f.Breaks = what
	return f
}

// Relate points at another place of the Dockerfile.
//
//go:noinline
func (f *Finding) Relate(span parser.Span, format string, args ...any) *Finding {
	f.Related = append(f.Related, Related{Message: sprintf(format, args), Span: span})
	return f
}

// RelateIn points at a place of source: at the Dockerfile, for a finding in a description.
//
//go:noinline
func (f *Finding) RelateIn(source *parser.Source, span parser.Span, format string, args ...any) *Finding {
	f.Related = append(f.Related, Related{Message: sprintf(format, args), Source: source, Span: span})
	return f
}

// RelateFile points at a line, from 1, of a file in the build context.
//
//go:noinline
func (f *Finding) RelateFile(path string, line int, format string, args ...any) *Finding {
	f.Related = append(f.Related, Related{Message: sprintf(format, args), File: path, Line: line})
	return f
}

// Offer adds a fix.
//
//go:noinline
func (f *Finding) Offer(safety Safety, title string, edits ...Edit) *Finding {
	f.Fixes = append(f.Fixes, Fix{title, safety, edits})
	return f
}

// It, like what calls it, is not inlined: that would compile it a thousand times.
//
//go:noinline
func sprintf(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	if text, ok := splice(format, args); ok {
		return text
	}
	return fmt.Sprintf(format, args...)
}

// splice is Sprintf for a format that only inserts strings, as nearly all do: a large run has one for each finding.
func splice(format string, args []any) (text string, ok bool) {
	size := len(format)
	for _, a := range args {
		s, isString := a.(string)
		if !isString {
			return "", false
		}
		size += len(s)
	}
	var b strings.Builder
	b.Grow(size)
	rest := format
	for _, a := range args {
		i := strings.IndexByte(rest, '%')
		if i < 0 || !strings.HasPrefix(rest[i:], "%s") {
			return "", false
		}
		s, _ := a.(string)
		b.WriteString(rest[:i])
		b.WriteString(s)
		rest = rest[i+len("%s"):]
	}
	if strings.IndexByte(rest, '%') >= 0 {
		return "", false
	}
	b.WriteString(rest)
	return b.String(), true
}

// NewOptions is a pointer to a copy of the rule's default options, nil if it has none.
func (r *Rule) NewOptions() any {
	if r.Options == nil {
		return nil
	}
	from := reflect.ValueOf(r.Options).Elem()
	to := reflect.New(from.Type())
	to.Elem().Set(from)
	return to.Interface()
}
