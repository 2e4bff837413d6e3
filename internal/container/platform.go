package container

import (
	"bytes"
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
)

// platform says which platform the image is for, if that chooses the user or needs root; "" for no such platform.
func platform(p *lint.Pass, c *Container) string {
	if action(p, c) {
		return "container actions on GitHub must run as root, so that they can write to the job's workspace"
	}
	if lambda(p) {
		return onLambda
	}
	if strings.Contains(c.Target.Name, "sagemaker") {
		return sageMaker
	}
	for _, s := range c.Target.Lineage() {
		for _, step := range s.Steps {
			if !platformTexts.In(step.Instruction.Text.String) {
				continue
			}
			switch text := step.Instruction.Text.String; {
			case strings.Contains(text, "/opt/extensions"), strings.Contains(text, "awslambdaric"), strings.Contains(text, "aws-lambda-ri"):
				return onLambda
			case strings.Contains(text, "sagemaker_"), strings.Contains(text, "sagemaker-"), strings.Contains(text, "SAGEMAKER_"):
				return sageMaker
			case strings.Contains(text, "litefs"):
				return "only root can mount the file system that LiteFS provides"
			}
		}
	}
	return ""
}

// onLambda is what is said of an image for AWS Lambda.
const onLambda = "AWS Lambda runs every image as its own user"

// lambda reports whether the Go program at the root of the build context only starts as a function of Lambda. Images for other languages
// name the client of Lambda's runtime in an instruction.
func lambda(p *lint.Pass) bool {
	ctx := p.Context()
	if ctx == nil {
		return false
	}
	if src, err := ctx.Read("go.mod"); err != nil || !bytes.Contains(src, []byte("github.com/aws/aws-lambda-go")) {
		return false
	}
	starts := false
	for _, name := range ctx.Dir(".") {
		if path.Ext(name) != ".go" {
			continue
		}
		src, err := ctx.Read(name)
		if err != nil || bytes.Contains(src, []byte("ListenAndServe")) {
			return false
		}
		starts = starts || bytes.Contains(src, []byte("lambda.Start"))
	}
	return starts
}

// platformTexts has a part of each text that platform looks for in an instruction.
var platformTexts = lazy.Words{List: func() []string {
	return []string{"/opt/extensions", "awslambdaric", "aws-lambda-ri", "sagemaker", "SAGEMAKER", "litefs"}
}}

// sageMaker is what is said of an image for Amazon SageMaker.
const sageMaker = "Amazon SageMaker expects a container that runs as root"

// action reports whether the image is a container action of GitHub.
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/dockerfile-support, "USER".
func action(p *lint.Pass, c *Container) bool {
	for _, s := range c.Target.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name == "LABEL" && strings.Contains(step.Instruction.Text.String, "com.github.actions.") {
				return true
			}
		}
	}
	ctx := p.Context()
	if ctx == nil {
		return false
	}
	for _, name := range [...]string{"action.yml", "action.yaml"} {
		if ctx.Hides(name) {
			return true
		}
		src, err := ctx.Read(name)
		if err != nil {
			continue
		}
		if m := actionImage.Get().FindSubmatch(src); m != nil && path.Base(string(m[1])) == path.Base(p.File.Name) {
			return true
		}
	}
	return false
}

// actionImage finds the Dockerfile that the metadata of a container action names.
var actionImage = lazy.Regexp{Expr: `(?m)^[ \t]+image:[ \t]*["']?([^"'#\s]+)`}
