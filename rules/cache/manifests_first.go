package cache

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

// manifestsFirst offers to copy what call reads, and to move broad below the step of call, if nothing up to there needs what moves
// and nothing that call makes lies in the build context.
func manifestsFirst(p *lint.Pass, f *lint.Finding, broad *plan.Step, call *shell.Call, in *app.Inputs) {
	files := in.Files()
	step := call.Command.Script.Step
	src := broad.Copy.Sources
	dest := broad.Copy.Dest.String
	if broad.Instruction.JSON || len(src) != 1 || path.Clean("/"+src[0].Path.Text) != "/" || strings.ContainsAny(dest, "$\"'\\") ||
		len(broad.Instruction.Heredocs) > 0 || broad.Instruction.Flag("exclude") != nil || !plainNames(files) || len(places(files)) > 3*maxPlaces {
		return
	}
	for _, product := range in.Products {
		if p.Context().Has(path.Join(in.Dir, product)) {
			return // it would be written over what the installation makes
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
		lint.Edit{Span: parser.Span{Start: start, End: end}, Text: first},
		lint.Edit{Span: parser.Span{Start: at, End: at}, Text: nl + moved})
}

// lead is where the block of comments begins that stands directly above in, else where in itself does.
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

// indifferent reports whether step works the same with only the manifests there, and leaves broad to be copied below it.
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
			if calls[i].Manifest || calls[i].Action == shell.Unknown || slices.ContainsFunc(calls[i].Packages, func(k shell.Package) bool { return k.Local }) {
				return false
			}
		case c.Name == "" && len(c.Words) == 0:
		default:
			switch c.Name {
			case "set", "echo", "corepack", "cd", "useradd", "adduser", "groupadd", "addgroup", "true", "update-ca-certificates", "curl", "wget":
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

// apart reports whether all that c works on lies at plain absolute paths outside of dir.
func apart(c *shell.Command, dir string) bool {
	for _, w := range c.Operands() {
		if !w.Literal || !path.IsAbs(w.Text) || plan.Within(w.Text, dir) {
			return false
		}
	}
	return true
}

// place is one COPY of files that lie in the same folder, or of one folder.
type place struct {
	sources []string
	to      string // below the destination, "." for itself
}

// places groups files by the folder that they lie in.
func places(files []string) []place {
	var out []place
	for _, name := range files {
		if folder, ok := strings.CutSuffix(name, "/"); ok {
			out = append(out, place{[]string{folder + "/"}, folder})
			continue
		}
		dir := path.Dir(name)
		if i := slices.IndexFunc(out, func(p place) bool { return p.to == dir && !strings.HasSuffix(p.sources[0], "/") }); i >= 0 {
			out[i].sources = append(out[i].sources, name)
			continue
		}
		out = append(out, place{[]string{name}, dir})
	}
	return out
}

// maxPlaces is how many lines of COPY a person may well write by hand; with more, `COPY --parents` is the shorter way.
const maxPlaces = 4

// copies are the instructions that bring files where broad, which copies all of the build context, brings them.
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

// plainNames reports whether each of files can stand in a COPY as it is.
func plainNames(files []string) bool {
	return !slices.ContainsFunc(files, func(name string) bool { return strings.ContainsAny(name, " \t\"'\\$*?[]<>#&;|`") })
}
