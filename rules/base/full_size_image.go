package base

import (
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// FullSizeImage reports a final stage on the full image of a language whose publisher has a smaller one for what runs. A stage
// without CMD or ENTRYPOINT is left alone: it is a base or a tool box. Images that are compilers first belong to the rules on
// stages.
var FullSizeImage = &lint.Rule{
	Name: "full-size-image", Summary: "what ships is built on the full image where a slim one exists", Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		i := s.Image()
		run := s.Command()
		if i == nil || s != p.Plan.Target || run.Entrypoint == nil && run.Cmd == nil {
			return
		}
		switch i.Ref.Official() {
		case "golang", "rust":
			return
		}
		slim, ok := image.Of(*i.Ref).Slim()
		if !ok {
			return
		}
		what, java := compiles(p, s)
		if (java || builds(run.Entrypoint) || builds(run.Cmd)) && slim.Name == "eclipse-temurin" {
			return // it is there to build, or builds where it should not, which is a fault of its stages
		}
		f := p.Report(i.Origin, "`%s` is the full image", i.Value.Text).
			Because("it carries %s, which a running application does not use", slim.Carries).
			Advise("ship `%s`", kept(p, slim))
		if what != (parser.Span{}) {
			f.Relate(what, "this needs the full image").
				Advise("build in a stage on the full image, and ship `%s`", kept(p, slim))
		}
		if slim.Name == "buildpack-deps" {
			f.Doubting("it may be for others to build on, who want the compilers")
		}
		if p.Plan.ForDevelopment() {
			f.Doubting("it is named as an image for development")
		}
		if slim.Musl {
			f.Doubting("programs linked against glibc do not run on Alpine")
		}
	}),
}

// kept is v, of a release that is kept up if v's own is not: to advise a small image without fixes helps nobody.
func kept(p *lint.Pass, v image.Variant) string {
	r := plan.Ref{Registry: "docker.io", Repository: "library/" + v.Name, Tag: v.Tag}
	if product, _ := image.Of(r).Cycles(); product != nil && product.Ended(p.Now) {
		if tag := image.Of(r).Replacement(p.Now); tag != "" {
			v.Tag = tag
		}
	}
	return v.String()
}

// builds reports whether step starts a build tool of Java.
func builds(step *plan.Step) bool {
	if step == nil {
		return false
	}
	text := step.Instruction.Text.String
	for _, tool := range [...]string{"mvn", "gradle", "jshell", "sbt", "javac"} {
		if strings.Contains(text, tool) {
			return true
		}
	}
	return false
}

// compiles finds a command of s that needs a compiler for sure; java says that it builds a Java application.
func compiles(p *lint.Pass, s *plan.Stage) (span parser.Span, java bool) {
	for s := range s.Lineage() {
		for sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				switch c.Name {
				case "mvn", "mvnw", "gradle", "gradlew", "javac", "sbt", "ant", "lein":
					java = true
				case "gcc", "g++", "cc", "make", "cmake", "cargo", "node-gyp":
				default:
					continue
				}
				if span == (parser.Span{}) {
					span = c.Span
				}
			}
		}
	}
	return span, java
}
