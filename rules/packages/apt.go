package packages

import (
	"slices"
	"strings"
	"unicode"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// lists is where apt keeps the package lists that `update` fetches.
const lists = "/var/lib/apt/lists"

// off is the doubt of a finding that only matters in what ships.
const off = "the stage does not ship"

// isApt reports whether call is one of apt's.
func isApt(call *shell.Call) bool {
	switch call.Manager {
	case "apt-get", "apt", "aptitude":
		return true
	}
	return false
}

// reused reports whether s is the last stage of the file or a later one is built FROM it by its literal name: the stages that
// hadolint takes for the ones that count.
func reused(p *lint.Pass, s *plan.Stage) bool {
	return s.Index == len(p.Plan.Stages)-1 || slices.ContainsFunc(p.Plan.Stages, func(o *plan.Stage) bool {
		return o.Base != nil && o.Base.Stage == s && o.Base.Word.String == o.Base.Value.Text
	})
}

// bare reports whether c is called by its bare name and not through another command such as sudo: hadolint knows no other.
func bare(c *shell.Command) bool {
	return c.Outer == nil && len(c.Words) > 0 && c.Words[0].Text == c.Name
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

// aptConfigured is the value that apt's configuration files give key, as far as the instructions up to step write them; "?" if
// a file of unknown content was copied there.
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
	// APT::Install-Recommends "0"; or, in a block of its own, Install-Recommends "0";
	key = key[strings.LastIndexByte(key, ':')+1:]
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, key)
		if !ok {
			break
		}
		word := strings.TrimLeft(after, "\\\"'= \t")
		if end := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }); end >= 0 {
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

// texts are the arguments of c as they are written.
func texts(c *shell.Command) []string {
	var out []string
	for _, w := range c.Args() {
		out = append(out, w.Text)
	}
	return out
}

// flagVariable reports whether c is given a variable of unknown value whose name speaks of options. One that names packages is
// taken to hold nothing else.
func flagVariable(c *shell.Command) bool {
	_, open := c.Fields()
	return open && slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
		text := strings.ToLower(w.Text)
		return !w.Literal && (strings.Contains(text, "flag") || strings.Contains(text, "opt") || strings.Contains(text, "arg"))
	})
}

// cleaner is the name of the first of commands that may clean up after a package manager, such as docker-image-cleanup.
func cleaner(commands []*shell.Command) string {
	for _, c := range commands {
		if strings.Contains(c.Name, "clean") {
			return c.Name
		}
	}
	return ""
}

// reach is how many commands behind a call may clean up after it. Real scripts have fewer; it bounds the work on hostile ones.
const reach = 300

// after are the commands of c's script behind c.
func after(c *shell.Command) []*shell.Command {
	all := c.Script.Commands
	from := slices.Index(all, c) + 1
	return all[from:min(from+reach, len(all))]
}
