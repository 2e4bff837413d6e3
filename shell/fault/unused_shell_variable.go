package fault

import "strings"

// definition is the last place that sets a variable, in bytes of the text.
type definition struct {
	at         int // where ShellCheck reports it
	start, end int
	value      content
	forced     bool // the syntax of a loop or `read` needs a variable, used or not
}

// markForced marks the last definition of name as one that the syntax needs.
func (c *checker) markForced(name string) {
	d := c.defined[name]
	d.forced = true
	c.defined[name] = d
}

// reportUnused reports the variables that are set and never read, each at its last definition.
func (c *checker) reportUnused() {
	for name, d := range c.defined {
		if c.used[name] || forShell(name) || c.exported(name) {
			continue
		}
		f := c.report(UnusedShellVariable, "SC2034", d.start, d.end, name)
		f.At = d.at
		switch {
		case d.value == empty:
			f.Doubt = "the value is empty, so the assignment may be meant to clear the variable"
		case d.forced:
			f.Doubt = "a loop or `read` needs a variable even if nothing uses it"
		case c.sourced:
			f.Doubt = "the script sources or evaluates other code, or exports every variable, so another command may read it"
		}
	}
}

// forShell reports whether shells and common programs read the variable themselves, or its name says that nothing does.
func forShell(name string) bool {
	switch name {
	case "PATH", "HOME", "IFS", "LANG", "TZ", "ENV", "CDPATH", "MAIL", "MAILPATH", "PS1", "PS2", "PS3", "PS4",
		"PROMPT_COMMAND", "OPTIND", "OPTERR", "HISTFILE", "HISTSIZE", "HISTCONTROL", "TERM", "SHELL", "TMOUT",
		"TIMEFORMAT", "EDITOR", "COLUMNS", "LINES", "REPLY", "BASH_ENV", "RANDOM", "SECONDS", "FUNCNEST",
		"GLOBIGNORE", "TMPDIR", "USER", "LOGNAME", "PWD", "OLDPWD":
		return true
	}
	return strings.HasPrefix(name, "_") || strings.HasPrefix(name, "LC_")
}
