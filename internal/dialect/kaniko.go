package dialect

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// kaniko are the rows of kaniko: GoogleContainerTools/kaniko, which is archived with 1.24 as its last release, and
// osscontainertools/kaniko, which continues it. A test in tools/ runs 1.24 if it is given one.
var kaniko = lazy.Value[[]*Row]{Make: func() []*Row {
	const (
		fork = "run: osscontainertools/kaniko 1.28.3"
		run  = "run: GoogleContainerTools/kaniko v1.24.0"
		repo = run + ", "
	)
	rows := []*Row{
		{
			Name: "kaniko-sctp", Effect: Refused, on: " EXPOSE ", Source: repo + "pkg/commands/expose.go; " + fork,
			Message: "kaniko does not accept `%s`", Why: "it only knows tcp and udp, so the build fails",
			Help: "remove the port, since EXPOSE only documents it",
			find: func(s *scene) {
				for _, w := range s.in.Args {
					if v, ok := s.value(w); ok && strings.HasSuffix(strings.ToLower(v), "/sctp") {
						s.report(w.Full(), w.String)
					}
				}
			},
		},
		{
			Name: "kaniko-symbolic-chmod", Effect: Refused, on: " ADD COPY ", Source: repo + "pkg/util/command_util.go, GetChmod",
			Message: "kaniko 1.24 does not support the mode `%s`", Why: "it parses `--chmod` as an octal number",
			Help: "write the mode as an octal number such as 755", Doubt: "the fork osscontainertools/kaniko supports it",
			find: func(s *scene) {
				if f := s.in.Flag("chmod"); f != nil {
					if v, ok := s.value(f.Value); ok && !octal(v) {
						s.report(f.Value.Full(), f.Value.String)
					}
				}
			},
		},
		{
			Name: "kaniko-heredoc", Effect: Ignored, on: " RUN ", Source: fork + "; " + repo + "pkg/commands/run.go",
			Message: "kaniko does not run the heredoc `%s`", Why: "the shell gets an empty script and succeeds, so the step does nothing",
			Help: "join the commands with `&&`",
			find: func(s *scene) {
				if unread(s.in) {
					s.report(s.in.Heredocs[0].Operator, "<<"+s.in.Heredocs[0].Name)
				}
			},
		},
		{
			Name: "kaniko-plain-heredoc", Effect: Ignored, on: " RUN ", Source: repo + "pkg/commands/run.go",
			Message: "kaniko 1.24 does not read the heredoc `%s`", Why: "the command gets no input, and usually succeeds without doing anything",
			Help: "join the commands with `&&`, or copy the text as a file", Doubt: "the fork osscontainertools/kaniko supports it",
			find: func(s *scene) {
				if len(s.in.Heredocs) > 0 && !unread(s.in) {
					s.report(s.in.Heredocs[0].Operator, "<<"+s.in.Heredocs[0].Name)
				}
			},
		},
		{
			Name: "kaniko-copied-heredoc", Effect: Refused, on: " ADD COPY ", Source: repo + "pkg/commands/copy.go",
			Message: "kaniko 1.24 does not support the heredoc `%s`", Why: "version 1.24 looks for a file of that name, so the build fails",
			Help: "copy a file from the build context, or write the file in a RUN", Doubt: "the fork osscontainertools/kaniko supports it",
			find: func(s *scene) {
				if len(s.in.Heredocs) > 0 {
					s.report(s.in.Heredocs[0].Operator, "<<"+s.in.Heredocs[0].Name)
				}
			},
		},
		{
			Name: "kaniko-interpreter", Effect: Differs, on: " RUN ", Source: fork + "; " + repo + "pkg/commands/run.go",
			Message: "kaniko does not use the interpreter `%s`", Why: "the shell runs the script, without the options of the `#!` line",
			Help: "write options with `set` in the script, and call another interpreter by its name",
			find: func(s *scene) {
				for _, h := range s.in.Heredocs {
					line, _, _ := strings.Cut(h.Content, "\n")
					if interpreter, ok := strings.CutPrefix(line, "#!"); ok && !unread(s.in) && strings.HasPrefix(strings.TrimSpace(s.in.Rest.String), "<<") {
						s.report(h.Operator, strings.TrimSpace(interpreter))
					}
				}
			},
		},
		{
			Name: "kaniko-platform-argument", Effect: Refused, on: " FROM ", Source: run + "; " + fork,
			Message: "kaniko does not set `%s` for FROM", Why: "the name of the image is incomplete, so the build fails",
			Help: "declare the argument above the first FROM, and pass it with `--build-arg`",
			find: func(s *scene) {
				if len(s.in.Args) == 0 {
					return
				}
				image := s.in.Args[0]
				for _, name := range [...]string{"TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT"} {
					if used, _ := s.env.Uses(image.Value); slices.Contains(used, name) && !s.declares(name) {
						s.report(image.Full(), name)
					}
				}
			},
		},
		{
			Name: "kaniko-mount", Effect: Ignored, on: " RUN ", Source: repo + "pkg/commands/run.go",
			Message: "kaniko 1.24 ignores `--mount`", Why: "the command runs without the mount", Help: "copy the files that the command needs, unless the mount is only a cache",
			Doubt: "the fork osscontainertools/kaniko supports it",
			find: func(s *scene) {
				if f := s.in.Flag("mount"); f != nil {
					s.report(f.Full(), f.String)
				}
			},
		},
		{
			Name: "kaniko-network", Effect: Ignored, on: " RUN ", find: flag("network"), Source: repo + "pkg/commands/run.go; " + fork,
			Message: "kaniko ignores `%s`", Why: "the command uses the network of kaniko's own container",
			Help: "run kaniko itself in a container with that network",
		},
		{
			Name: "kaniko-security", Effect: Ignored, on: " RUN ", find: flag("security"), Source: repo + "pkg/commands/run.go; " + fork,
			Message: "kaniko does not support `%s`",
			Why:     "kaniko 1.24 rejects it; the fork osscontainertools/kaniko runs the command with the privileges of kaniko's own container",
		},
		{
			Name: "kaniko-device", Effect: Ignored, on: " RUN ", find: flag("device"), Source: repo + "pkg/commands/run.go; " + fork,
			Message: "kaniko ignores `%s`", Why: "the command gets the devices of kaniko's own container",
		},
		{
			Name: "kaniko-exclude", Effect: Ignored, on: " ADD COPY ", find: flag("exclude"), Source: repo + "pkg/commands/copy.go; " + fork,
			Message: "kaniko does not support `%s`",
			Why:     "kaniko 1.24 rejects it; the fork osscontainertools/kaniko copies the excluded files anyway", Help: "exclude the files in `.dockerignore`",
		},
		{
			Name: "kaniko-parents", Effect: Ignored, on: " COPY ", find: flag("parents"), Source: repo + "pkg/commands/copy.go; " + fork,
			Message: "kaniko does not support `%s`",
			Why:     "kaniko 1.24 rejects it; the fork osscontainertools/kaniko copies the files without their directories",
			Help:    "write a COPY for each directory",
		},
		{
			Name: "kaniko-checksum", Effect: Ignored, on: " ADD ", find: flag("checksum"), Source: repo + "pkg/commands/add.go; " + fork,
			Message: "kaniko does not verify `%s`", Why: "kaniko adds the file whatever its checksum is", Help: "download and verify the file in a RUN",
		},
		{
			Name: "kaniko-unpack", Effect: Ignored, on: " ADD ", Source: repo + "pkg/commands/add.go; " + fork,
			Message: "kaniko does not support `%s`",
			Why:     "kaniko 1.24 rejects it; the fork osscontainertools/kaniko always unpacks local archives",
			Help:    "use COPY to copy an archive as it is",
			find: func(s *scene) {
				if f := s.in.Flag("unpack"); f != nil && strings.EqualFold(f.Value.Value, "false") {
					s.report(f.Full(), f.String)
				}
			},
		},
		{
			Name: "kaniko-start-interval", Effect: Ignored, Mild: true, on: " HEALTHCHECK ", find: flag("start-interval"),
			Source:  repo + "pkg/commands/healthcheck.go; " + fork,
			Message: "kaniko drops `%s`", Why: "the image only has the other options of the health check",
		},
		{
			Name: "kaniko-inherited-command", Effect: Differs, on: " ENTRYPOINT ", Source: fork, Doubt: "kaniko 1.24 resets it, as BuildKit does",
			Message: "kaniko keeps the CMD of the stage `%s`", Why: "in BuildKit an ENTRYPOINT resets the inherited CMD, but kaniko passes it to the new entrypoint",
			Help: "add `CMD []` below the ENTRYPOINT",
			find: func(s *scene) {
				if !s.stage.Shipped {
					return
				}
				for _, step := range s.stage.Steps {
					if step.Instruction.Name == "CMD" {
						return
					}
				}
				for _, stage := range s.stage.Lineage() {
					for _, step := range stage.Steps {
						if stage != s.stage && step.Instruction.Name == "CMD" {
							s.report(s.in.Keyword.Full(), s.plan.OwnName(stage))
							return
						}
					}
				}
			},
		},
		{
			Name: "kaniko-copied-variable", Effect: Differs, on: " COPY ", Source: fork, Doubt: "kaniko 1.24 rejects the heredoc",
			Message: "kaniko does not expand `%s` in a heredoc", Why: "the file contains the name of the variable instead of its value",
			Help: "write the file in a RUN, where the shell expands variables",
			find: func(s *scene) {
				for _, h := range s.in.Heredocs {
					if !h.Expand {
						continue
					}
					if set, _ := s.env.Uses(h.Content); len(set) > 0 {
						s.report(h.Operator, "$"+set[0])
					}
				}
			},
		},
		{
			Name: "kaniko-quoted-label", Effect: Differs, on: " LABEL ", Source: fork, Doubt: "kaniko 1.24 keeps the text, as BuildKit does",
			Message: "kaniko expands `%s` between single quotes", Why: "BuildKit keeps the text as it is",
			Help: "use double quotes, and write `\\$` for the dollar sign",
			find: func(s *scene) {
				for _, pair := range s.in.Pairs {
					text := pair.Value.String
					if !strings.HasPrefix(text, "'") || !strings.HasSuffix(text, "'") {
						continue
					}
					if set, _ := s.env.Uses(strings.Trim(text, "'")); len(set) > 0 {
						s.report(pair.Value.Full(), "$"+set[0])
					}
				}
			},
		},
		{
			Name: "kaniko-port-range", Effect: Differs, Mild: true, on: " EXPOSE ", find: portRange, Source: repo + "pkg/commands/expose.go; " + fork,
			Message: "kaniko records `%s` as one port", Why: "BuildKit exposes each port of the range; kaniko stores the range as text",
			Help: "list each port",
		},
	}
	for _, r := range rows {
		r.Builder = lint.Kaniko
	}
	return rows
}}

// unread reports whether in is a heredoc that no version of kaniko runs.
func unread(in *parser.Instruction) bool {
	return slices.ContainsFunc(in.Heredocs, func(h parser.Heredoc) bool { return !h.Expand || h.Chomp }) &&
		strings.HasPrefix(strings.TrimSpace(in.Rest.String), "<<")
}

// declares reports whether an ARG above the first FROM declares the name.
func (s *scene) declares(name string) bool {
	return slices.ContainsFunc(s.plan.Globals, func(step *plan.Step) bool {
		return slices.ContainsFunc(step.Instruction.Pairs, func(p parser.Pair) bool { return p.Key.Value == name })
	})
}
