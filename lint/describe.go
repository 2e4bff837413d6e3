package lint

import (
	"path"
	"slices"

	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/parser"
)

// Description is a file that says how images are built and run, such as a compose file.
type Description struct {
	Source   *parser.Source
	Comments []Remark
	Builds   []Build // those that the file has a part in; each has a Declaration
}

// Remark is a comment in a Description.
type Remark struct {
	Span  parser.Span // with the sign that begins it
	Text  string      // without that sign and the spaces around the rest
	About parser.Span // a finding that begins there is what the comment is about
}

// Declaration says where a description says how an image is built. A part that it does not mention has no place.
type Declaration struct {
	Name  string // what the build is called there: a service
	Place        // of the build as a whole
	// Context, Dockerfile and Target are as they are written. What a variable hides is "".
	Context, Dockerfile, Target Declared
	Args                        []Argument
	// NoContext says that the directory of the context is certainly not there, NoDockerfile that the Dockerfile is not.
	// Neither is set for what may come later, such as a file that git ignores.
	NoContext, NoDockerfile bool
	Dir                     string // the path from the directory of the description to the build context
}

// Declared is a value in a description.
type Declared struct {
	Text string
	Place
}

// Argument is a build argument in a description, at the place of its name.
type Argument struct {
	Name   string
	Shared bool // other builds have it from the same place, as with an anchor in YAML
	Place
}

// OnDeclaration runs f for each build in each description. Pass.Plan and Pass.File are nil if there is no Dockerfile.
func OnDeclaration(f func(*Pass, *Declaration)) Check { return Check{&check{declared: f}} }

// ReportAt adds a finding at a place in a description. Its severity is the rule's. Only what OnDeclaration runs may
// call it.
func (p *Pass) ReportAt(at Place, format string, args ...any) *Finding {
	f := &Finding{Rule: p.rule, Severity: p.rule.Severity, Source: at.Source, Span: at.Span, Message: sprintf(format, args)}
	p.run.findings = append(p.run.findings, f)
	return f
}

// LintDescription runs the rules for descriptions over d and returns what they find in its file, in the order of Lint.
// The same finding on several builds is one, with what ignore comments suppressed.
func (l *Linter) LintDescription(d Description) (found, suppressed []*Finding) {
	passes := l.takePasses()
	defer l.release(passes)
	all := l.newRun(Build{}, d.Source, passes)
	for _, b := range d.Builds {
		r := l.newRun(b, d.Source, passes)
		each(l.checks.declared, []seen[*Declaration]{{run: r, in: r.scopes(nil), what: b.Declaration}}, call)
		for _, f := range r.findings {
			if f.Source != d.Source {
				continue // in another file that has a part in the build, which is linted by itself
			}
			for i := range f.Related {
				if x := &f.Related[i]; x.File != "" {
					x.File = path.Join(b.Declaration.Dir, x.File)
				}
			}
			r.settle(f)
			all.findings = append(all.findings, f)
		}
	}
	if !l.settings.NoComments {
		c := comments{run: all, same: map[ignored][]*sameIgnore{}}
		c.remarks(d.Comments)
		c.apply()
	}
	return all.order(all.findings), all.order(all.suppressed)
}

// remarks reads the comments of a description.
func (c *comments) remarks(list []Remark) {
	for _, x := range list {
		read, ok := pragma.ParseIgnore(x.Text)
		switch {
		case ok && read.Tool == pragma.Dockvet:
			at := x.Span.End - len(x.Text)
			g := &ignore{tool: read.Tool, span: x.Span, reach: read.Reach, reason: read.Reason, target: -1, about: x.About}
			for _, n := range read.Names {
				start := at + n.Offset
				g.names = append(g.names, ignoredName{text: n.Text, span: parser.Span{Start: start, End: start + len(n.Text)}})
			}
			c.add(g)
		case !ok && pragma.Malformed(x.Text):
			c.malformed(x.Span)
		}
	}
}

// apply drops what comments suppress, and adds findings on comments that are wrong.
func (c *comments) apply() {
	r := c.run
	drop := func(f *Finding) bool {
		if !c.drop(f) {
			return false
		}
		f.Suppressed = ByComment
		r.suppressed = append(r.suppressed, f)
		return true
	}
	r.findings = slices.DeleteFunc(r.findings, drop)
	n := len(r.findings)
	c.judge()
	for _, o := range c.overflows {
		o.tell()
	}
	r.findings = append(r.findings[:n], slices.DeleteFunc(r.findings[n:], drop)...)
}
