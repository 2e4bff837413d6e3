package runtime

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// UnloggedProgram reports a container that starts supervisord with settings of the build context, if these send the output of
// none of their programs to the output of the container. It ignores programs that end soon, and is silent if a step or a command
// mentions /dev/stdout, or if a compose file mounts the directory of the logs.
var UnloggedProgram = &lint.Rule{
	Name: "unlogged-program", Category: lint.Runtime,
	Summary:  "supervisord keeps the output of its programs from `docker logs`",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		if p.Plan.Target == nil || p.Plan.ForDevelopment() {
			return
		}
		at, named := startsSupervisor(container.Of(p))
		if at == (parser.Span{}) {
			return
		}
		for _, file := range supervisorFiles(p, named) {
			text, err := p.Context().Read(file)
			if err != nil {
				continue
			}
			if names, line, dest := unlogged(string(text)); len(names) > 0 && !mounted(p, dest) {
				reportUnlogged(p, at, file, line, dest, names)
				return
			}
		}
	}),
}

func reportUnlogged(p *lint.Pass, at parser.Span, file string, line int, dest string, names []string) {
	what := "`" + names[0] + "` prints"
	switch len(names) {
	case 1:
	case 2:
		what = "`" + names[0] + "` and `" + names[1] + "` print"
	default:
		what = "`" + names[0] + "` and " + strconv.Itoa(len(names)-1) + " other programs print"
	}
	why := "without `stdout_logfile`, supervisord writes the output to a temporary file in the container"
	if dest != "" {
		why = "the output ends up in the container's file `" + dest + "`"
	}
	p.Report(at, "`docker logs` does not show what %s", what).
		Because("%s, which is gone when the container is removed", why).
		Advise("set `stdout_logfile=/dev/stdout` and `stdout_logfile_maxbytes=0` for each program, and likewise for `stderr`").
		RelateFile(file, line, "the program `%s`", names[0])
}

// startsSupervisor is where c starts supervisord, and the file of settings that the command line names; the zero Span if it does not.
func startsSupervisor(c *container.Container) (at parser.Span, settings string) {
	for _, cmd := range c.Commands {
		if cmd.Name == "supervisord" {
			w, _ := cmd.FlagValue("-c", "--configuration")
			return cmd.Words[0].Span, w.Text
		}
	}
	for _, s := range c.EntryScripts() {
		if !strings.Contains(s.Text, "supervisord") {
			continue
		}
		for _, cmd := range s.Code().Commands {
			if cmd.Name == "supervisord" {
				w, _ := cmd.FlagValue("-c", "--configuration")
				return s.Word.Span, w.Text
			}
		}
	}
	return at, ""
}

// supervisorFiles are the files of the build context that become settings of supervisord. None are known if a step may send
// output elsewhere.
func supervisorFiles(p *lint.Pass, named string) (out []string) {
	add := func(file string) {
		if !slices.Contains(out, file) {
			out = append(out, file)
		}
	}
	if named != "" {
		if !path.IsAbs(named) {
			named = path.Join(p.Plan.Target.End.Workdir.Text, named)
		}
		if file, ok := p.Origin(p.Plan.Target, named); ok {
			add(file)
		}
	}
	for _, s := range p.Plan.Target.Lineage() {
		for _, step := range s.Steps {
			if strings.Contains(step.Instruction.Text.String, "/dev/stdout") {
				return nil
			}
			if !step.Copy.Context() {
				continue
			}
			for _, src := range step.Copy.Sources {
				name := path.Clean("/" + src.Path.Text)[1:]
				if src.Path.Known && (strings.HasSuffix(name, ".conf") || strings.HasSuffix(name, ".ini")) &&
					(strings.Contains(name, "supervisor") || supervisorDir(step.Copy.To)) {
					add(name)
				}
			}
		}
	}
	return out
}

// supervisorDir reports whether supervisord reads settings in the directory or file to.
func supervisorDir(to plan.Value) bool {
	return to.Known && strings.HasPrefix(to.Text, "/etc/supervisor")
}

// unlogged are the programs in the settings text, with the line of the first and the file that gets its output, "" for a temporary
// one; none if the output of one of them goes to that of the container.
func unlogged(text string) (names []string, first int, dest string) {
	var name, logfile string
	var line int
	var brief, visible bool
	end := func() {
		if name == "" || brief {
			return
		}
		if len(names) == 0 {
			first, dest = line, logfile
		}
		names = append(names, name)
	}
	for n, raw := range strings.Split(text, "\n") {
		raw = strings.TrimSpace(raw)
		if i := strings.Index(raw, " ;"); i >= 0 {
			raw = strings.TrimSpace(raw[:i])
		}
		if section, ok := strings.CutPrefix(raw, "["); ok {
			end()
			name, _ = strings.CutPrefix(strings.TrimSuffix(section, "]"), "program:")
			if name == strings.TrimSuffix(section, "]") {
				name = ""
			}
			line, brief, logfile = n+1, false, ""
			continue
		}
		key, value, _ := strings.Cut(raw, "=")
		switch key, value = strings.TrimSpace(key), strings.TrimSpace(value); {
		case name == "" || strings.HasPrefix(key, ";") || strings.HasPrefix(key, "#"):
		case key == "command":
			visible = visible || strings.Contains(value, "/dev/std") || strings.Contains(value, "/proc/1/fd")
		case strings.HasSuffix(key, "_logfile"):
			visible = visible || terminal(value)
			if key == "stdout_logfile" && value != "AUTO" {
				logfile = value
			}
		case key == "autorestart" && value == "false", key == "startsecs" && value == "0":
			brief = true
		}
	}
	end()
	if visible {
		return nil, 0, ""
	}
	return names, first, dest
}

// terminal reports whether value, of a setting of supervisord, mentions the output of the container.
func terminal(value string) bool {
	for _, part := range [...]string{"/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/1/fd", "/proc/self/fd", "/dev/null", "/dev/console", "/dev/tty", "syslog"} {
		if strings.Contains(value, part) {
			return true
		}
	}
	return value == "NONE"
}

// mounted reports whether a compose file mounts a directory with the file called name.
func mounted(p *lint.Pass, name string) bool {
	return name != "" && slices.ContainsFunc(p.Services(), func(u lint.Service) bool {
		return slices.ContainsFunc(u.Volumes, func(v lint.Volume) bool { return plan.Within(name, v.Target) })
	})
}
