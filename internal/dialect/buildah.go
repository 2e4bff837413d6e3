package dialect

import (
	"strconv"
	"strings"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// tried are the versions of buildah that were run for a row: those of Debian 12, 13 and unstable in November 2026.
const tried = "run: buildah 1.28.2, 1.39.3 and 1.43.2"

// buildah are the rows of buildah, and of podman, which builds with it. tools/buildah_test.go compares them with the
// installed buildah.
var buildah = lazy.Value[[]*Row]{Make: func() []*Row {
	rows := []*Row{
		{
			Name: "symbolic-chmod", Effect: Refused, on: " ADD COPY ",
			Message: "buildah does not support the mode `%s`", Why: "it parses `--chmod` as an octal number, and the step fails",
			Help: "write the mode as an octal number such as 755",
			find: func(s *scene) {
				f := s.in.Flag("chmod")
				if f == nil {
					return
				}
				if v, ok := s.value(f.Value); ok && !octal(v) {
					s.report(f.Value.Full(), f.Value.String)
				}
			},
		},
		{
			Name: "unpack", Effect: Refused, on: " ADD ", find: flag("unpack"),
			Message: "buildah does not support `%s`", Why: "it rejects unknown flags, and always unpacks local archives",
			Help: "use COPY to copy an archive as it is",
		},
		{
			Name: "keep-git-dir", Effect: Refused, on: " ADD ",
			Message: "buildah does not support `%s`", Why: "buildah recognises the flag, but fails if it is set",
			Help: "if you need the history, clone the repository in a RUN of another stage",
			find: func(s *scene) {
				if f := s.in.Flag("keep-git-dir"); f != nil && !strings.EqualFold(f.Value.Value, "false") {
					s.report(f.Full(), "--keep-git-dir")
				}
			},
		},
		{
			Name: "git-over-ssh", Effect: Refused, on: " ADD ",
			Message: "buildah does not clone `%s`", Why: "it only clones from `http://` and `https://` addresses, and treats others as file names",
			Help: "use the `https://` address of the repository",
			find: func(s *scene) {
				if s.step.Copy == nil {
					return
				}
				for _, source := range s.step.Copy.Sources {
					for _, prefix := range []string{"git@", "ssh://", "git://"} {
						if v := source.Path; v.Known && strings.HasPrefix(v.Text, prefix) {
							s.report(source.Word.Full(), source.Word.String)
						}
					}
				}
			},
		},
		{
			Name: "run-security", Effect: Refused, on: " RUN ", find: flag("security"),
			Message: "buildah does not support `%s`", Why: "its RUN only accepts `--mount` and `--network`",
			Help: "grant the whole build what it needs, with `--security-opt` or `--cap-add`",
		},
		{
			Name: "run-device", Effect: Refused, on: " RUN ", find: flag("device"),
			Message: "buildah does not support `%s`", Why: "its RUN only accepts `--mount` and `--network`",
			Help: "give the device to the whole build, with `buildah build --device`",
		},
		{
			Name: "tmpfs-size", Effect: Refused, on: " RUN ",
			Message: "buildah does not support the mount option `%s`", Why: "it only accepts `tmpfs-size`, which BuildKit rejects",
			Help: "remove the option",
			find: func(s *scene) {
				s.mounts(func(kind string, fields []field) {
					for _, f := range fields {
						if kind == "tmpfs" && f.key == "size" {
							s.report(f.text.Full(), f.text.String)
						}
					}
				})
			},
		},
		{
			Name: "mount-case", Effect: Refused, on: " RUN ",
			Message: "buildah does not recognise `%s`", Why: "its mount types and options are case-sensitive",
			Help: "write the mount's types and options in lower case",
			find: func(s *scene) {
				s.mounts(func(_ string, fields []field) {
					for _, f := range fields {
						if lower := strings.ToLower(f.key); lower != f.key && mountOption(lower) || f.key == "type" && strings.ToLower(f.value) != f.value {
							s.report(f.text.Full(), f.text.String)
						}
					}
				})
			},
		},
		{
			Name: "mount-boolean", Effect: Refused, on: " RUN ", Since: "1.39",
			Message: "buildah does not accept `%s`", Why: "in buildah this option takes no value, so the step fails",
			Help: "write the option without a value",
			find: func(s *scene) {
				s.mounts(func(kind string, fields []field) {
					if kind != "bind" && kind != "cache" {
						return
					}
					for _, f := range fields {
						switch f.key {
						case "rw", "readwrite", "ro", "readonly":
							if f.hasValue {
								s.report(f.text.Full(), f.text.String)
							}
						}
					}
				})
			},
		},
		{
			Name: "private-cache", Effect: Refused, on: " RUN ",
			Message: "buildah does not support `%s`", Why: "its cache mounts are `shared` or `locked`, so the step fails",
			Help: "use `sharing=locked`, or a separate `id` for each build",
			find: func(s *scene) {
				s.mounts(func(kind string, fields []field) {
					for _, f := range fields {
						if kind == "cache" && f.key == "sharing" && f.value == "private" {
							s.report(f.text.Full(), f.text.String)
						}
					}
				})
			},
		},
		{
			Name: "secret-env", Effect: Refused, on: " RUN ", Before: "1.44",
			Message: "older versions of buildah do not support the secret option `%s`", Why: "the step fails with a message about the syntax of the mount",
			Help: "read the secret from its file in `/run/secrets`",
			find: func(s *scene) {
				s.mounts(func(kind string, fields []field) {
					for _, f := range fields {
						if kind == "secret" && f.key == "env" {
							s.report(f.text.Full(), f.text.String)
						}
					}
				})
			},
		},
		{
			Name: "secret-source", Effect: Refused, on: " RUN ",
			Message: "buildah does not support the secret option `%s`", Why: "the step fails with a message about the syntax of the mount",
			Help: "use `id`",
			find: func(s *scene) {
				s.mounts(func(kind string, fields []field) {
					for _, f := range fields {
						if kind == "secret" && (f.key == "source" || f.key == "src") {
							s.report(f.text.Full(), f.text.String)
						}
					}
				})
			},
		},
		{
			Name: "expansion-operator", Effect: Refused, on: " FROM ARG ENV LABEL ADD COPY WORKDIR EXPOSE VOLUME USER STOPSIGNAL ",
			Message: "buildah does not support `%s`", Why: "after a variable name it only accepts `:-`, `:+`, `:?`, `#`, `%` and `/`, so the build fails",
			Help: "write a colon before the operator, as in `${V:-x}`",
			find: func(s *scene) {
				for _, w := range s.words() {
					substitutions(w, s.plan.File.Escape, func(at parser.Text, name, rest string) {
						if name != "" && rest != "" && strings.ContainsRune("-+?", rune(rest[0])) {
							s.report(at.Full(), at.String)
						}
					})
				}
			},
		},
		{
			Name: "pattern-operator", Effect: Refused, on: " FROM ARG ENV LABEL ADD COPY WORKDIR EXPOSE VOLUME USER STOPSIGNAL ", Before: "1.37",
			Message: "older versions of buildah do not support `%s`", Why: "after a variable name, older versions only accept operators that begin with a colon",
			find: func(s *scene) {
				for _, w := range s.words() {
					substitutions(w, s.plan.File.Escape, func(at parser.Text, name, rest string) {
						if name != "" && rest != "" && strings.ContainsRune("#%/", rune(rest[0])) {
							s.report(at.Full(), at.String)
						}
					})
				}
			},
		},
		{
			Name: "required-operator", Effect: Refused, on: " FROM ARG ENV LABEL ADD COPY WORKDIR EXPOSE VOLUME USER STOPSIGNAL ", Before: "1.30",
			Message: "older versions of buildah do not support `%s`", Why: "after a variable name, older versions only accept `:-` and `:+`",
			find: func(s *scene) {
				for _, w := range s.words() {
					substitutions(w, s.plan.File.Escape, func(at parser.Text, name, rest string) {
						if name != "" && strings.HasPrefix(rest, ":?") {
							s.report(at.Full(), at.String)
						}
					})
				}
			},
		},
		{
			Name: "stage-case", Effect: Refused, on: " FROM ADD COPY RUN ",
			Message: "buildah does not find the stage `%s`", Why: "its stage names are case-sensitive, so it looks for an image with that name",
			Help: "write the stage's name in lower case everywhere",
			find: func(s *scene) {
				check := func(i *plan.Image) {
					if i == nil || i.Stage == nil || strings.Contains(i.Word.String, "$") {
						return
					}
					if name, word := i.Stage.NameWord.Value, i.Word.String; word != name && strings.EqualFold(word, name) {
						s.report(i.Word.Full(), word)
					}
				}
				switch {
				case s.step == nil:
					check(s.stage.Base)
				case s.step.Copy != nil:
					check(s.step.Copy.From)
				}
				if s.step != nil {
					for _, m := range s.step.Mounts {
						check(m.From)
					}
				}
			},
		},
		{
			Name: "platform-argument", Effect: Refused, on: " ARG ", Since: "1.37",
			Message: "buildah does not allow a default for `%s`", Why: "it sets this argument itself and rejects a default, so the build fails",
			Help: "remove the default",
			find: func(s *scene) {
				for _, pair := range s.in.Pairs {
					if name := pair.Key.Value; pair.HasValue && (name == "TARGETPLATFORM" || name == "BUILDPLATFORM") {
						s.report(pair.Span, name)
					}
				}
			},
		},
		{
			Name: "zero-healthcheck", Effect: Refused, on: " HEALTHCHECK ",
			Message: "buildah does not accept `%s`", Why: "the value has to be above zero, so the step fails",
			Help: "remove the flag to use its default",
			find: func(s *scene) {
				for i := range s.in.Flags {
					f := &s.in.Flags[i]
					d, err := time.ParseDuration(f.Value.Value)
					n, bad := strconv.Atoi(f.Value.Value)
					if f.Name == "retries" && bad == nil && n == 0 || f.Name != "retries" && err == nil && d == 0 {
						s.report(f.Full(), f.String)
					}
				}
			},
		},
		{
			Name: "heredoc", Effect: Refused, on: " RUN ADD COPY ", Before: "1.33",
			Message: "older versions of buildah do not support heredocs", Why: "older versions treat each line of the heredoc as an instruction",
			find: func(s *scene) {
				if len(s.in.Heredocs) > 0 {
					s.report(s.in.Heredocs[0].Operator, "")
				}
			},
		},
		{
			Name: "network", Effect: Refused, on: " RUN ", Before: "1.30", find: flag("network"),
			Message: "older versions of buildah do not support `%s`", Why: "older versions reject the flag as unknown",
		},
		{
			Name: "checksum", Effect: Refused, on: " ADD ", Before: "1.33", find: flag("checksum"),
			Message: "older versions of buildah do not support `%s`", Why: "older versions reject the flag as unknown",
		},
		{
			Name: "exclude", Effect: Refused, on: " ADD COPY ", Before: "1.38", find: flag("exclude"),
			Message: "older versions of buildah do not support `%s`", Why: "older versions reject the flag as unknown",
		},
		{
			Name: "parents", Effect: Refused, on: " COPY ", Before: "1.40", find: flag("parents"),
			Message: "older versions of buildah do not support `%s`", Why: "older versions reject the flag as unknown",
		},
		{
			Name: "link", Effect: Refused, on: " ADD COPY ", Before: "1.41",
			Message: "older versions of buildah do not support `%s`", Why: "older versions reject the flag as unknown",
			find: func(s *scene) {
				if f := s.in.Flag("link"); f != nil && !strings.EqualFold(f.Value.Value, "false") {
					s.report(f.Full(), "--link")
				}
			},
		},
		{
			Name: "start-interval", Effect: Refused, on: " HEALTHCHECK ", Before: "1.37", find: flag("start-interval"),
			Message: "older versions of buildah do not support `%s`", Why: "older versions reject the flag as unknown",
		},
		{
			Name: "healthcheck", Effect: Ignored, OCI: true, on: " HEALTHCHECK ",
			Message: "buildah drops HEALTHCHECK", Why: "the OCI image format, buildah's default, does not include health checks, so the image has none",
			Help: "build with `--format docker`, or configure the check where you start the container",
			find: func(s *scene) {
				cmd, _ := s.in.Cmd.(*instructions.HealthCheckCommand)
				if cmd != nil && s.stage.Shipped && cmd.Health != nil && len(cmd.Health.Test) > 0 && cmd.Health.Test[0] != "NONE" {
					instruction(s)
				}
			},
		},
		{
			Name: "shell", Effect: Ignored, OCI: true, on: " SHELL ",
			Message: "buildah ignores SHELL", Why: "the OCI image format, buildah's default, does not include the shell, and before version 1.44 RUN does not use it either",
			Help: "build with `--format docker`, or set the options in each RUN",
			find: func(s *scene) {
				if s.certain {
					instruction(s)
				}
			},
		},
		{
			Name: "onbuild", Effect: Ignored, OCI: true, on: " ONBUILD ",
			Message: "buildah drops ONBUILD", Why: "the OCI image format, buildah's default, does not include triggers, so builds based on this image do not run the instruction",
			Help: "build with `--format docker`",
			find: func(s *scene) {
				if s.stage.Shipped {
					instruction(s)
				}
			},
		},
		{
			Name: "argument-over-variable", Effect: Differs, on: " ARG ",
			Message: "buildah keeps the value that ENV gave `%s`", Why: "in BuildKit a later ARG with the same name overrides ENV, but not in buildah",
			Help: "use another name for the argument",
			find: func(s *scene) {
				if s.stage == nil {
					return
				}
				for _, pair := range s.in.Pairs {
					name := pair.Key.Value
					if v := s.env.Lookup(name); v != nil && !v.Arg && v.Set && (pair.HasValue || s.plan.Given(name)) {
						s.report(pair.Span, name)
					}
				}
			},
		},
		{
			Name: "argument-of-same-instruction", Effect: Differs, on: " ARG ",
			Message: "buildah does not expand `%s` here", Why: "in buildah an ARG cannot use variables that the same instruction declares, so this part of the value is empty",
			Help: "declare each variable in its own ARG",
			find: func(s *scene) {
				declared := map[string]bool{}
				for _, pair := range s.in.Pairs {
					if pair.HasValue {
						set, missing := s.env.Uses(pair.Value.Value)
						for _, name := range append(set, missing...) {
							if declared[name] && s.env.Lookup(name) == nil {
								s.report(pair.Value.Full(), "$"+name)
								break
							}
						}
					}
					declared[pair.Key.Value] = true
				}
			},
		},
		{
			Name: "required-variable", Effect: Differs, on: " ARG ENV LABEL ADD COPY WORKDIR EXPOSE VOLUME USER STOPSIGNAL ", Since: "1.30",
			Message: "buildah does not stop at `%s`", Why: "if the variable is unset or empty, buildah uses the message as the value",
			Help: "check the variable in a RUN, where the shell stops the build",
			find: func(s *scene) {
				for _, w := range s.words() {
					substitutions(w, s.plan.File.Escape, func(at parser.Text, name, rest string) {
						if v := s.env.Expand("${" + name + "}"); name != "" && strings.HasPrefix(rest, ":?") && (!v.Known || v.Text == "") {
							s.report(at.Full(), at.String)
						}
					})
				}
			},
		},
		{
			Name: "stage-argument", Effect: Differs, on: " ARG ",
			Message: "buildah does not set `%s`", Why: "only BuildKit knows this argument, so it is empty",
			Help: "pass it to buildah with `--build-arg`",
			find: func(s *scene) {
				for _, pair := range s.in.Pairs {
					if pair.Key.Value == "TARGETSTAGE" && !pair.HasValue && s.stage != nil && !s.plan.Given("TARGETSTAGE") {
						s.report(pair.Span, "TARGETSTAGE")
					}
				}
			},
		},
		{
			Name: "port-range", Effect: Differs, Mild: true, on: " EXPOSE ", find: portRange,
			Message: "buildah records `%s` as one port", Why: "BuildKit exposes each port of the range; buildah stores the range as text, which `--publish-all` cannot use",
			Help: "list each port",
		},
		{
			Name: "late-escape", Effect: Differs, on: "",
			Message: "buildah does not read `%s` here", Why: "it only looks for a directive on the first line, so a backtick does not continue a line",
			Help: "move the directive to the first line",
			find: func(s *scene) {
				d := s.plan.File.Directive("escape")
				if d != nil && d.Value.String == "`" && s.plan.File.Lines.Position(d.Span.Start).Line > 1 {
					s.report(d.Span, "# escape")
				}
			},
		},
	}
	for _, r := range rows {
		r.Builder, r.Source = lint.Buildah, tried
	}
	return rows
}}

func octal(text string) bool {
	_, err := strconv.ParseUint(text, 8, 32)
	return err == nil
}

// mountOption reports whether BuildKit knows an option of a mount, which is in lower case.
func mountOption(key string) bool {
	switch key {
	case "type", "target", "dst", "destination", "source", "src", "from", "readonly", "ro", "readwrite", "rw", "id", "sharing",
		"required", "size", "mode", "uid", "gid", "env":
		return true
	}
	return false
}

// portRange reports ranges in EXPOSE.
func portRange(s *scene) {
	for _, w := range s.in.Args {
		if v, ok := s.value(w); ok && strings.Contains(v, "-") && !strings.ContainsAny(v, ": ") {
			s.report(w.Full(), w.String)
		}
	}
}
