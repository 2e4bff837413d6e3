package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// CalledScript is a shell script of the build context that a RUN calls.
type CalledScript struct {
	Word shell.Word    // that names it
	File string        // in the build context
	Text string        // of the file
	Code *shell.Script // places in it are those in Text
}

// CalledScript is the script that c, of a RUN, calls by its path or with a shell; nil if it calls none, or one that cannot be read.
func (f *Facts) CalledScript(c *shell.Command) *CalledScript {
	w, by, ok := scriptOf(c)
	if !ok || f.p.Context() == nil {
		return nil
	}
	at := c.Path(w)
	if !at.Known {
		return nil
	}
	file, ok := f.File(c.Script.Step, at.Text)
	if !ok {
		return nil
	}
	data, err := f.p.Context().Read(file)
	if err != nil {
		return nil
	}
	s := shell.ReadFile(string(data), by)
	if s.Dialect == shell.Other || s.File == nil || s.Err != nil {
		return nil
	}
	return &CalledScript{w, file, string(data), s}
}

// Unread is the name of a script that c, of a RUN, calls, that an earlier COPY may have brought, and that is not known not to contain
// word; "" for another command.
func (f *Facts) Unread(c *shell.Command, word string) string {
	w, _, ok := scriptOf(c)
	if !ok {
		return ""
	}
	name := path.Base(w.Text)
	if s := f.CalledScript(c); s != nil && !strings.Contains(s.Text, word) {
		return ""
	}
	for step := range c.Script.Step.Before() {
		if step.Copy == nil || step.Copy.From != nil {
			continue
		}
		for _, src := range step.Copy.Sources {
			if path.Base(src.Path.Text) == name || path.Ext(src.Path.Text) == "" && plan.Within(c.Path(w).Text, step.Destination()) {
				return name
			}
		}
	}
	return ""
}

// Builds reports whether the script calls a compiler or what runs one.
func (s *CalledScript) Builds() bool {
	return slices.ContainsFunc(s.Code.Commands, func(c *shell.Command) bool {
		switch c.Name {
		case "make", "cmake", "gcc", "g++", "cc", "c++", "clang":
			return true
		}
		return false
	})
}

// scriptOf is the word of c that names a script, with the shell that c says is to read it.
func scriptOf(c *shell.Command) (w shell.Word, by string, ok bool) {
	if len(c.Words) == 0 || !c.Words[0].Literal || c.Stmt == nil {
		return w, "", false
	}
	switch c.Name {
	case "sh", "bash", "ash", "dash":
		operands := c.Operands("-o", "+o", "-O")
		if c.Has("-c") || len(operands) == 0 || !operands[0].Literal {
			return w, "", false
		}
		return operands[0], c.Name, true
	}
	return c.Words[0], "", strings.Contains(c.Words[0].Text, "/") && strings.HasSuffix(c.Words[0].Text, ".sh")
}
