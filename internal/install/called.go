package install

import (
	"slices"
	"strings"

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
