package packages

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// lists is where apt keeps the package lists that `update` fetches.
const lists = "/var/lib/apt/lists"

// off is the doubt of a finding that only matters in an image that ships.
const off = "the stage does not ship"

// unshipped is why the size of s does not matter, "" if it does.
func unshipped(p *lint.Pass, s *plan.Stage) string {
	switch {
	case !s.Shipped:
		return off
	case p.Plan.ForDevelopment():
		return "the image seems to be for development or tests, so its size matters less"
	case container.Job(p) != "":
		return container.Job(p)
	case onlyCompiles(p, s):
		return "the image only has a toolchain and what it compiles, so its size matters less"
	}
	return ""
}

// onlyCompiles reports whether s is the only stage, on the image of a compiler, and neither starts anything nor says what for: other
// builds copy what it compiles.
func onlyCompiles(p *lint.Pass, s *plan.Stage) bool {
	c := container.Of(p)
	return len(p.Plan.Stages) == 1 && c.Cmd == nil && c.Entrypoint == nil && c.Quiet() && c.Base.Kit() != "" && len(p.Services()) == 0 &&
		slices.ContainsFunc(s.Steps, func(step *plan.Step) bool { return step.Copy != nil })
}

// asRoot is command as it has to be written behind c: with sudo if c has it.
func asRoot(c *shell.Command, command string) string {
	for o := c.Outer; o != nil; o = o.Outer {
		if o.Name == "sudo" {
			return "sudo " + command
		}
	}
	return command
}

// isApt reports whether call is one of apt's.
func isApt(call *shell.Call) bool { return runs(call.Command, ecosystem.Apt) }

// runs reports whether c is a command of a manager of family.
func runs(c *shell.Command, family ecosystem.Family) bool {
	m := ecosystem.Of(c.Name)
	return m != nil && m.Family == family
}

// aptOption is the value that the arguments of apt set key to by -o, "" if they do not.
func aptOption(fields []string, key string) string {
	value := ""
	for i, f := range fields {
		o := ""
		switch {
		case (f == "-o" || f == "--option") && i+1 < len(fields):
			o = fields[i+1]
		case strings.HasPrefix(f, "--option="):
			o = f[len("--option="):]
		case strings.HasPrefix(f, "-o"):
			o = strings.TrimPrefix(f[2:], "=")
		}
		if k, v, ok := strings.Cut(o, "="); ok && strings.EqualFold(k, key) {
			value = strings.Trim(v, `"'; `)
		}
	}
	return value
}

// aptConfigured is the value that apt's configuration files give key, as far as the instructions up to step write them;
// "?" if a file of unknown content was copied there.
func aptConfigured(step *plan.Step, key string) string {
	value := aptFile(step, key)
	for earlier := range step.Before() {
		if value != "" {
			break
		}
		value = aptFile(earlier, key)
	}
	return value
}

func aptFile(step *plan.Step, key string) string {
	text := written(step)
	if !strings.Contains(text, "apt.conf") {
		if step.Copy != nil && strings.TrimRight(step.Copy.To.Text, "/") == "/etc/apt" {
			return "?"
		}
		return ""
	}
	// APT::Install-Recommends "0"; or, in a block, Install-Recommends "0";
	key = key[strings.LastIndexByte(key, ':')+1:]
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, key)
		if !ok {
			break
		}
		word := strings.TrimLeft(after, "\\\"'= \t")
		if end := strings.IndexFunc(word, func(r rune) bool {
			return !unicode.IsLetter(r) &&
				!unicode.IsDigit(r)
		}); end >= 0 {
			word = word[:end]
		}
		if truth(word) || falsehood(word) {
			return word
		}
		rest = after
	}
	if step.Copy != nil && step.Instruction.Heredocs == nil {
		return "?"
	}
	return ""
}

// written is the text of step with its heredocs.
func written(step *plan.Step) string {
	in := step.Instruction
	if len(in.Heredocs) == 0 {
		return in.Text.String
	}
	parts := []string{in.Text.String}
	for _, doc := range in.Heredocs {
		parts = append(parts, doc.Body.String)
	}
	return strings.Join(parts, "\n")
}

// truth and falsehood are apt's words for a switch. Source: apt.conf(5) and apt's StringToBool.
func truth(word string) bool {
	switch strings.ToLower(word) {
	case "1", "yes", "true", "with", "on", "enable":
		return true
	}
	return false
}

func falsehood(word string) bool {
	switch strings.ToLower(word) {
	case "0", "no", "false", "without", "off", "disable":
		return true
	}
	return false
}

// texts are the arguments of c as written.
func texts(c *shell.Command) []string {
	var out []string
	for _, w := range c.Args() {
		out = append(out, w.Text)
	}
	return out
}

// flagVariable reports whether an argument of c is a variable of unknown value whose name suggests options. One whose
// name suggests packages is assumed to hold nothing else.
func flagVariable(c *shell.Command) bool {
	_, open := c.Fields()
	return open && slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
		text := strings.ToLower(w.Text)
		return !w.Literal && (strings.Contains(text, "flag") || strings.Contains(text, "opt") || strings.Contains(text,
			"arg"))
	})
}

// cleaner is the name of the first of commands that may clean up after a package manager, such as docker-image-cleanup, be it
// downloaded or read by a shell.
func cleaner(commands []*shell.Command) string {
	for _, c := range commands {
		if strings.Contains(c.Name, "clean") {
			return c.Name
		}
		switch c.Name {
		case "curl", "wget", "sh", "bash", ".", "source":
			for _, w := range c.Args() {
				if name := path.Base(w.Text); strings.HasSuffix(name, ".sh") && strings.Contains(name, "clean") {
					return name
				}
			}
		}
	}
	return ""
}

// reach is how many commands after a call may clean up after it. Real scripts have fewer; it bounds the work on hostile
// ones.
const reach = 300

// after are the commands of c's script that follow c.
func after(c *shell.Command) []*shell.Command {
	all := c.Script.Root().Commands
	from := slices.Index(all, c) + 1
	return all[from:min(from+reach, len(all))]
}
