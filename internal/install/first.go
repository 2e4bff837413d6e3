package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// ManifestsFirst are the edits that copy what call reads first and move broad, a COPY or ADD of the whole build context, below the step of
// call. There are none if a step up to there needs the other files, if something that call makes is in the build context, or if the
// instruction is written in a way that cannot be moved.
func (f *Facts) ManifestsFirst(broad *plan.Step, call *shell.Call, in *app.Inputs) []lint.Edit {
	files := in.Files()
	step := call.Command.Script.Step
	src := broad.Copy.Sources
	dest := broad.Copy.Dest.String
	if broad.Instruction.JSON || len(src) != 1 || path.Clean("/"+src[0].Path.Text) != "/" ||
		strings.ContainsAny(dest, "$\"'\\") ||
		len(broad.Instruction.Heredocs) > 0 || broad.Instruction.Flag("exclude") != nil ||
		!PlainNames(files) || len(places(files)) > 3*MaxPlaces {
		return nil
	}
	for _, product := range Manager(call).Project.Products {
		if f.p.Context().Has(path.Join(in.Dir, product)) {
			return nil // it would overwrite what the installation makes
		}
	}
	for _, between := range broad.Stage.Steps[broad.Index+1 : step.Index+1] {
		if !f.Indifferent(broad, between, call) {
			return nil
		}
	}
	block := parser.Span{Start: f.p.File.Above(broad.Instruction), End: broad.Instruction.Span.End}
	nl := f.p.File.Newline()
	return []lint.Edit{
		lint.Replace(block, strings.Join(Copies(broad, files), nl)),
		lint.Insert(step.Instruction.Span.End, nl+string(f.p.File.Bytes[block.Start:block.End])),
	}
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
	calls := sc.Calls()
	for _, c := range sc.Commands {
		i := slices.IndexFunc(calls, func(o *shell.Call) bool { return o.Command == c })
		switch {
		case i >= 0 && calls[i] == call:
		case i >= 0:
			local := func(k shell.Package) bool { return k.Local }
			if calls[i].Manifest || calls[i].Action == shell.Unknown || slices.ContainsFunc(calls[i].Packages, local) {
				return false
			}
		case c.Name == "" && len(c.Words) == 0:
		default:
			switch c.Name {
			case "set", "echo", "corepack", "cd", "useradd", "adduser", "groupadd", "addgroup", "true",
				"update-ca-certificates", "curl", "wget":
			case "rm", "mkdir":
				if !apart(c, broad.Destination()) {
					return false
				}
			default:
				return false
			}
		}
	}
	return true
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

// Copies are the instructions that copy files to where broad, which copies the whole build context, copies them.
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
