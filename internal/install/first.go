package install

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// ManifestsFirst are the edits that copy what call reads first and move broad, a COPY or ADD of the whole build context or of a directory,
// below the step of call. If that goes on with commands that may need the other files, it becomes two. There are none if a step up to there
// needs the other files, if something that call makes is in the build context, or if the instruction is written in a way that cannot be
// moved.
func (f *Facts) ManifestsFirst(broad *plan.Step, call *shell.Call, in *app.Inputs) []lint.Edit {
	files := in.Files()
	step := call.Command.Script.Step
	dest := broad.Copy.Dest.String
	if broad.Instruction.JSON || !f.directoryOf(broad, files) || strings.ContainsAny(dest, "$\"'\\") ||
		len(broad.Instruction.Heredocs) > 0 || broad.Instruction.Flag("exclude") != nil ||
		!PlainNames(files) || len(places(files)) > 3*MaxPlaces {
		return nil
	}
	for _, product := range Manager(call).Project.Products {
		if f.p.Context().Has(path.Join(in.Dir, product)) {
			return nil // it would overwrite what the installation makes
		}
	}
	for _, between := range broad.Stage.Steps[broad.Index+1 : step.Index] {
		if !f.Indifferent(broad, between, call) {
			return nil
		}
	}
	block := parser.Span{Start: f.p.File.Above(broad.Instruction), End: broad.Instruction.Span.End}
	nl := f.p.File.Newline()
	first := []lint.Edit{lint.Replace(block, strings.Join(Copies(broad, files), nl))}
	text := string(f.p.File.Bytes[block.Start:block.End])
	if some, all := f.CopiedAbove(broad, files); some != nil {
		first = []lint.Edit{lint.Delete(parser.Span{Start: block.Start, End: block.End + len(nl)})}
		if !all {
			first = append([]lint.Edit{lint.Replace(some.Instruction.Span, strings.Join(Copies(broad, files), nl))}, first...)
		}
	}
	if f.Indifferent(broad, step, call) {
		return append(first, lint.Insert(step.Instruction.Span.End, nl+text))
	}
	if cut, ok := f.cut(broad, call); ok {
		run := string(f.p.File.Bytes[step.Instruction.Span.Start:step.Instruction.Rest.Span(0, 0).Start])
		return append(first, lint.Replace(cut, nl+text+nl+strings.TrimRight(run, " \t")+" "))
	}
	return nil
}

// CopiedAbove is a COPY directly above broad that copies some of files, or all of them, to the same directory, and nothing else; nil if
// there is none. Once broad has moved down, that COPY is enough for the files.
func (f *Facts) CopiedAbove(broad *plan.Step, files []string) (some *plan.Step, all bool) {
	if broad.Index == 0 {
		return nil, false
	}
	above := broad.Stage.Steps[broad.Index-1]
	if !above.Copy.Context() || above.Copy.Add || above.Instruction.JSON || !above.Copy.To.Known || !broad.Copy.To.Known || base(broad) != "." ||
		path.Clean(above.Destination()) != path.Clean(broad.Destination()) || flags(above) != flags(broad) {
		return nil, false
	}
	var copied []string
	for _, src := range above.Copy.Sources {
		taken, ok := f.p.Context().Transfer(above, src)
		if !ok || src.Heredoc || src.Remote || taken.Cut {
			return nil, false
		}
		for _, t := range taken.Files {
			if strings.Contains(t.Name, "/") || !slices.Contains(files, t.Name) {
				return nil, false
			}
			copied = append(copied, t.Name)
		}
	}
	if len(copied) == 0 {
		return nil, false
	}
	return above, !slices.ContainsFunc(files, func(name string) bool { return !slices.Contains(copied, name) })
}

// flags are the flags of step.
func flags(step *plan.Step) string {
	var b strings.Builder
	for _, f := range step.Instruction.Flags {
		b.WriteString(f.String + " ")
	}
	return b.String()
}

// directoryOf reports whether broad copies the whole build context or one directory of it, in which all of files are.
func (f *Facts) directoryOf(broad *plan.Step, files []string) bool {
	if len(broad.Copy.Sources) != 1 {
		return false
	}
	dir := base(broad)
	if dir == "." {
		return true
	}
	return broad.Copy.Context() && broad.Copy.Sources[0].Path.Known && !strings.ContainsAny(dir, "*?[\\$") && broad.Instruction.Flag("parents") == nil &&
		len(f.p.Context().Dir(dir)) > 0 && !slices.ContainsFunc(files, func(name string) bool { return !plan.Within("/"+name, "/"+dir) })
}

// base is the directory of the build context that broad copies.
func base(broad *plan.Step) string {
	return cmp.Or(strings.TrimPrefix(path.Clean("/"+broad.Copy.Sources[0].Path.Text), "/"), ".")
}

// cut is what is between the call and the rest of its RUN, if it can be two: the commands are a list joined by `&&`, those up to the call
// need none of the other files and leave no trace in the shell, and the rest does not remove what they add, which would stay in the image.
func (f *Facts) cut(broad *plan.Step, call *shell.Call) (between parser.Span, ok bool) {
	sc := call.Command.Script
	in := sc.Step.Instruction
	if sc.Outer != nil || sc.File == nil || len(sc.File.Stmts) != 1 || len(sc.Nested) > 0 || in.JSON || len(in.Heredocs) > 0 {
		return between, false
	}
	var list []*syntax.Stmt
	for s := sc.File.Stmts[0]; ; {
		if s.Negated || s.Background || len(s.Redirs) > 0 {
			return between, false
		}
		and, joined := s.Cmd.(*syntax.BinaryCmd)
		if !joined {
			list = append(list, s)
			break
		}
		if and.Op != syntax.AndStmt {
			return between, false
		}
		list, s = append(list, and.Y), and.X
	}
	slices.Reverse(list)
	at := slices.Index(list, call.Command.Stmt)
	if at < 0 || at == len(list)-1 {
		return between, false
	}
	for _, s := range list[:at+1] {
		i := slices.IndexFunc(sc.Commands, func(c *shell.Command) bool { return c.Stmt == s })
		if i < 0 || stateful(sc.Commands[i]) || !f.indifferent(broad, sc.Commands[i], sc, call) {
			return between, false
		}
	}
	for _, c := range sc.Commands {
		if c.Span.Start > call.Command.Span.Start && (c.Name == "rm" || c.Name == "find") {
			return between, false
		}
	}
	for _, c := range sc.Calls() {
		if c.Command.Span.Start > call.Command.Span.Start && (c.Action == shell.Clean || c.Action == shell.Remove) {
			return between, false
		}
	}
	between = parser.Span{Start: call.Command.Span.End, End: sc.Span(list[at+1]).Start}
	joint := strings.NewReplacer("\\\r\n", "", "\\\n", "").Replace(string(f.p.File.Bytes[between.Start:between.End]))
	return between, strings.TrimSpace(joint) == "&&"
}

// stateful reports whether c may change what later commands of its script do.
func stateful(c *shell.Command) bool {
	switch c.Name {
	case "", "cd", "export", "set", "unset", "umask", "ulimit", "alias", ".", "source", "eval", "shopt", "read", "exec":
		return true
	}
	return false
}

// Indifferent reports whether step works the same without what broad copies, and does not need broad above it. It may install what call
// does, whose inputs are there either way.
func (f *Facts) Indifferent(broad, step *plan.Step, call *shell.Call) bool {
	switch step.Instruction.Name {
	case "LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "STOPSIGNAL", "HEALTHCHECK", "USER", "ENV", "ARG":
		return true
	case "WORKDIR":
		return path.IsAbs(broad.Copy.To.Text)
	case "RUN":
	default:
		return false
	}
	sc := f.p.Script(step)
	if sc == nil || sc.Err != nil || len(sc.Commands) == 0 {
		return false
	}
	if slices.ContainsFunc(step.Mounts, func(m plan.Mount) bool { return m.Type == "bind" }) {
		return false
	}
	return !slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool { return !f.indifferent(broad, c, sc, call) })
}

// indifferent is Indifferent of c, a command of sc.
func (f *Facts) indifferent(broad *plan.Step, c *shell.Command, sc *shell.Script, call *shell.Call) bool {
	calls := sc.Calls()
	i := slices.IndexFunc(calls, func(o *shell.Call) bool { return o.Command == c })
	switch {
	case i >= 0 && calls[i] == call:
		return true
	case i >= 0:
		local := func(k shell.Package) bool { return k.Local }
		return !calls[i].Manifest && calls[i].Action != shell.Unknown && !slices.ContainsFunc(calls[i].Packages, local)
	case c.Name == "" && len(c.Words) == 0:
		return true
	}
	switch c.Name {
	case "set", "echo", "corepack", "cd", "useradd", "adduser", "groupadd", "addgroup", "true", "update-ca-certificates", "curl", "wget":
		return true
	case "rm", "mkdir":
		return apart(c, broad.Destination())
	}
	return false
}

// apart reports whether all operands of c are plain absolute paths outside dir.
func apart(c *shell.Command, dir string) bool {
	for _, w := range c.Operands() {
		if !w.Literal || !path.IsAbs(w.Text) || plan.Within(w.Text, dir) {
			return false
		}
	}
	return true
}

// together is one COPY of files in the same directory, or of one directory.
type together struct {
	sources []string
	to      string // below the destination, "." for itself
}

// places groups files by directory.
func places(files []string) []together {
	var out []together
	for _, name := range files {
		if dir, ok := strings.CutSuffix(name, "/"); ok {
			out = append(out, together{[]string{name}, dir})
			continue
		}
		dir := path.Dir(name)
		same := func(p together) bool { return p.to == dir && !strings.HasSuffix(p.sources[0], "/") }
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i].sources = append(out[i].sources, name)
			continue
		}
		out = append(out, together{[]string{name}, dir})
	}
	return out
}

// MaxPlaces is how many COPY lines a person would write by hand; with more, `COPY --parents` is shorter.
const MaxPlaces = 4

// Copies are the instructions that copy files to where broad, which copies the whole build context or a directory of it, copies them.
func Copies(broad *plan.Step, files []string) []string {
	var flags strings.Builder
	for _, f := range broad.Instruction.Flags {
		if f.Name == "chown" || f.Name == "chmod" || f.Name == "link" {
			flags.WriteString(f.String + " ")
		}
	}
	dest := broad.Copy.Dest.String
	if dest == "." {
		dest = "./"
	}
	if !strings.HasSuffix(dest, "/") {
		dest += "/"
	}
	var out []string
	for _, p := range places(files) {
		to := dest
		if dir := base(broad); p.to == dir {
			p.to = "."
		} else if dir != "." {
			p.to = strings.TrimPrefix(p.to, dir+"/")
		}
		if p.to != "." {
			to = strings.TrimPrefix(dest, "./") + p.to + "/"
		}
		out = append(out, "COPY "+flags.String()+strings.Join(p.sources, " ")+" "+to)
	}
	return out
}

// PlainNames reports whether each of files can be written in a COPY unquoted.
func PlainNames(files []string) bool {
	return !slices.ContainsFunc(files, func(name string) bool { return strings.ContainsAny(name, " \t\"'\\$*?[]<>#&;|`") })
}
