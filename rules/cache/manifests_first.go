package cache

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// manifestsFirst offers to copy what call reads first and to move broad below the step of call, if no step up to there
// needs the other files and nothing that call makes is in the build context.
func manifestsFirst(p *lint.Pass, f *lint.Finding, broad *plan.Step, call *shell.Call, in *app.Inputs) {
	files := in.Files()
	step := call.Command.Script.Step
	src := broad.Copy.Sources
	dest := broad.Copy.Dest.String
	if broad.Instruction.JSON || len(src) != 1 || path.Clean("/"+src[0].Path.Text) != "/" ||
		strings.ContainsAny(dest, "$\"'\\") ||
		len(broad.Instruction.Heredocs) > 0 || broad.Instruction.Flag("exclude") != nil ||
		!plainNames(files) || len(places(files)) > 3*maxPlaces {
		return
	}
	for _, product := range install.Manager(call).Project.Products {
		if p.Context().Has(path.Join(in.Dir, product)) {
			return // it would overwrite what the installation makes
		}
	}
	for _, between := range broad.Stage.Steps[broad.Index+1 : step.Index+1] {
		if !indifferent(p, broad, between, call) {
			return
		}
	}
	start := broad.Instruction.Span.Start
	block := lead(p.File, broad.Instruction)
	nl := p.File.Newline()
	moved := string(p.File.Bytes[block:broad.Instruction.Span.End])
	end := broad.Instruction.Span.End
	first := strings.Join(copies(broad, files), nl)
	if block < start {
		start = block
	}
	at := step.Instruction.Span.End
	f.Offer(lint.Unsafe, "copy the manifests first",
		lint.Replace(parser.Span{Start: start, End: end}, first), lint.Insert(at, nl+moved))
}

// lead is where the block of comments directly above in begins, or where in itself does if it has none.
func lead(f *parser.File, in *parser.Instruction) int {
	start := in.Span.Start
	for _, c := range slices.Backward(in.Lead) {
		between := string(f.Bytes[c.Span.End:start])
		if strings.TrimSpace(between) != "" || strings.Count(between, "\n") != 1 {
			break
		}
		start = c.Span.Start
	}
	return start
}

// indifferent reports whether step works the same with only the manifests, and does not need broad above it.
func indifferent(p *lint.Pass, broad, step *plan.Step, call *shell.Call) bool {
	switch step.Instruction.Name {
	case "LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "STOPSIGNAL", "HEALTHCHECK", "USER", "ENV", "ARG":
		return true
	case "WORKDIR":
		return path.IsAbs(broad.Copy.To.Text)
	case "RUN":
	default:
		return false
	}
	sc := p.Script(step)
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

// place is one COPY of files in the same directory, or of one directory.
type place struct {
	sources []string
	to      string // below the destination, "." for itself
}

// places groups files by directory.
func places(files []string) []place {
	var out []place
	for _, name := range files {
		if dir, ok := strings.CutSuffix(name, "/"); ok {
			out = append(out, place{[]string{name}, dir})
			continue
		}
		dir := path.Dir(name)
		same := func(p place) bool { return p.to == dir && !strings.HasSuffix(p.sources[0], "/") }
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i].sources = append(out[i].sources, name)
			continue
		}
		out = append(out, place{[]string{name}, dir})
	}
	return out
}

// maxPlaces is how many COPY lines a person would write by hand; with more, `COPY --parents` is shorter.
const maxPlaces = 4

// copies are the instructions that copy files to where broad, which copies the whole build context, copies them.
func copies(broad *plan.Step, files []string) []string {
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

// plainNames reports whether each of files can be written in a COPY unquoted.
func plainNames(files []string) bool {
	return !slices.ContainsFunc(files, func(name string) bool { return strings.ContainsAny(name, " \t\"'\\$*?[]<>#&;|`") })
}
