package parser

import (
	"slices"
	"strings"
	"unicode"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// plainLine is an instruction cut into its parts. The offsets count in text.
type plainLine struct {
	text       string
	name       string // the keyword in upper case
	stop       int    // the end of the keyword
	start, end int    // the arguments, without flags and without white space around them
	flags      []span
}

// plain reads in from l if it is plain, and otherwise reports false and leaves in as it was.
//
// An instruction is plain if it holds nothing that BuildKit's parser treats specially: printable ASCII, a known
// keyword, no heredoc, flags whose values BuildKit does not check, JSON without escapes. Most real instructions are,
// and reading them here costs a fraction of what BuildKit's parser costs. BuildKit gets the rest, so every error is
// its own. TestPlainEqualsBuildKit and FuzzPlain hold that both ways of reading lead to the same Instruction.
func (f *File) plain(in *Instruction, l *logical) bool {
	p, ok := cutPlain(l)
	if !ok {
		return false
	}
	if p.name == "RUN" {
		return f.plainRun(in, l, p)
	}
	if !printableASCII(p.text) || strings.Contains(p.text, "<<") {
		return false
	}
	p.end = len(strings.TrimRight(p.text, " \t"))
	if p.start >= p.end || !p.cutFlags(f.Escape) {
		return false
	}
	switch p.name {
	case "CMD", "ENTRYPOINT", "SHELL", "COPY", "ADD", "VOLUME":
		if p.text[p.start] == '[' {
			return f.plainJSON(in, p)
		}
	}
	switch p.name {
	case "CMD", "ENTRYPOINT", "WORKDIR", "USER", "STOPSIGNAL", "MAINTAINER":
		f.plainHead(in, p)
		in.Args = f.words(1)
		in.Args[0] = Word{in.Rest, in.Rest.String}
	case "COPY", "ADD", "VOLUME", "EXPOSE", "FROM":
		if !f.plainWords(in, p) {
			return false
		}
	case "ENV", "LABEL", "ARG":
		if !f.plainPairs(in, p) {
			return false
		}
	default: // HEALTHCHECK, ONBUILD, and SHELL without JSON
		return false
	}
	in.Cmd = f.typedPlain(in, l)
	return true
}

// cutPlain finds the keyword of l and where its arguments begin; ok is false if l cannot be plain.
func cutPlain(l *logical) (p plainLine, ok bool) {
	if l.odd && !l.long || l.err != nil || len(l.heredocs) > 0 {
		return p, false
	}
	p.text = l.text.String
	for p.stop < len(p.text) && p.text[p.stop] > ' ' && p.text[p.stop] < 0x7f {
		p.stop++
	}
	if p.stop == len(p.text) || !isBlank(p.text[p.stop]) {
		return p, false
	}
	p.name = keyword(p.text[:p.stop])
	for p.start = p.stop; p.start < len(p.text) && isBlank(p.text[p.start]); {
		p.start++
	}
	if l.long && p.name != "ENV" && p.name != "LABEL" { // which may have very many pairs, and BuildKit's take much memory
		return p, false
	}
	return p, p.name != ""
}

// cutFlags moves the flags from the arguments to p.flags. It reports false if there is one whose value BuildKit would
// check, or no argument after them.
func (p *plainLine) cutFlags(escape byte) bool {
	if !strings.HasPrefix(p.text[p.start:], "--") {
		return true
	}
	var seen []string
	for p.start < p.end && strings.HasPrefix(p.text[p.start:], "--") {
		from := p.start
		for p.start < p.end && !isBlank(p.text[p.start]) {
			if c := p.text[p.start]; c == '"' || c == '\'' || c == escape {
				return false
			}
			p.start++
		}
		name, _, hasValue := strings.Cut(p.text[from+len("--"):p.start], "=")
		if !uncheckedFlag(p.name, name, hasValue) || slices.Contains(seen, name) {
			return false
		}
		seen = append(seen, name)
		p.flags = append(p.flags, span{from, p.start})
		for p.start < p.end && isBlank(p.text[p.start]) {
			p.start++
		}
	}
	return p.start < p.end
}

// uncheckedFlag reports whether the instruction takes the flag, and takes any value of it as it is.
func uncheckedFlag(instruction, name string, hasValue bool) bool {
	switch name {
	case "platform":
		return hasValue && instruction == "FROM"
	case "from":
		return hasValue && instruction == "COPY"
	case "chown", "chmod":
		return hasValue && (instruction == "COPY" || instruction == "ADD")
	case "link":
		return !hasValue && (instruction == "COPY" || instruction == "ADD")
	}
	return false
}

// plainRun reads a RUN in shell form. Its code is not parsed, because BuildKit keeps it as it is. Flags are checked
// by BuildKit.
func (f *File) plainRun(in *Instruction, l *logical, p plainLine) bool {
	if l.body == 0 || l.body >= len(p.text) {
		return false
	}
	p.end = len(strings.TrimRightFunc(p.text, unicode.IsSpace))
	if l.body == p.start {
		f.plainHead(in, p)
		in.Cmd = &instructions.RunCommand{ShellDependantCmdLine: instructions.ShellDependantCmdLine{
			CmdLine: []string{in.Rest.String}, PrependShell: true,
		}}
	} else if !f.plainRunFlags(in, l, p) {
		return false
	}
	in.Args = f.words(1)
	in.Args[0] = Word{in.Rest, in.Rest.String}
	return true
}

// plainRunFlags hands BuildKit the node that its parser would have made of a RUN with flags.
func (f *File) plainRunFlags(in *Instruction, l *logical, p plainLine) bool {
	ranges, n := flagRanges(p.text[p.start:], f.Escape)
	if len(ranges) == 0 || p.start+n != l.body || !printableASCII(p.text[p.start:l.body]) {
		return false // BuildKit takes each byte of a flag for a rune; one of those of `à` is a space and ends it
	}
	values := make([]string, len(ranges))
	for i, r := range ranges {
		r = span{p.start + r.start, p.start + r.end}
		values[i] = p.text[r.start:r.end]
		if strings.ContainsAny(values[i], "\"' \t\\`") {
			return false
		}
		p.flags = append(p.flags, r)
	}
	cmd, err := instructions.ParseInstruction(&parser.Node{
		Value: p.text[:p.stop], Original: p.text, Flags: values, Next: &parser.Node{Value: p.text[l.body:p.end]},
		StartLine: f.Lines.Line(l.start), EndLine: f.Lines.Line(l.end),
	})
	if err != nil {
		return false // BuildKit's parser leads to the same error, and then it is told
	}
	p.start = l.body
	f.plainHead(in, p)
	in.Cmd = cmd
	return true
}

// plainJSON reads arguments that are a JSON array of strings without escapes.
func (f *File) plainJSON(in *Instruction, p plainLine) bool {
	var space [16]span
	list, ok := plainStrings(p.text[p.start:p.end], space[:0])
	if !ok || len(list) < 2 && (p.name == "COPY" || p.name == "ADD") {
		return false
	}
	if p.name == "VOLUME" && slices.ContainsFunc(list, func(r span) bool {
		return strings.Trim(p.text[p.start+r.start+1:p.start+r.end-1], " \t") == ""
	}) {
		return false
	}
	f.plainHead(in, p)
	in.JSON = true
	in.Args = f.words(len(list))
	for i, r := range list {
		in.Args[i] = in.word(p.start+r.start, p.start+r.end)
		in.Args[i].Value = p.text[p.start+r.start+1 : p.start+r.end-1]
	}
	in.Cmd = f.typedPlain(in, nil)
	return true
}

// plainStrings finds the strings of a JSON array, quotes included; ok is false if text is anything else, if a string
// holds an escape, or if there is none. It appends to out.
func plainStrings(text string, out []span) (found []span, ok bool) {
	skip := func(i int) int {
		for i < len(text) && isBlank(text[i]) {
			i++
		}
		return i
	}
	for i := 1; ; i++ {
		i = skip(i)
		if i >= len(text) || text[i] != '"' {
			return nil, false
		}
		n := strings.IndexByte(text[i+1:], '"')
		if n < 0 || strings.ContainsAny(text[i+1:i+1+n], "\\\t") {
			return nil, false
		}
		out = append(out, span{i, i + n + 2})
		i = skip(i + n + 2)
		switch {
		case i == len(text)-1 && text[i] == ']':
			return out, true
		case i >= len(text) || text[i] != ',':
			return nil, false
		}
	}
}

// plainWords reads arguments that are words separated by spaces.
func (f *File) plainWords(in *Instruction, p plainLine) bool {
	n := 0
	for i := p.start; i < p.end; i++ {
		if !isBlank(p.text[i]) && (i == p.start || isBlank(p.text[i-1])) {
			n++
		}
	}
	switch p.name {
	case "COPY", "ADD":
		if n < 2 {
			return false
		}
	case "FROM":
		if n != 1 && n != 3 {
			return false
		}
	}
	args := f.words(n)
	for i, k := p.start, 0; k < n; k++ {
		from := i
		for i < p.end && !isBlank(p.text[i]) {
			i++
		}
		args[k] = in.word(from, i)
		for i < p.end && isBlank(p.text[i]) {
			i++
		}
	}
	if p.name == "FROM" && n == 3 && (!strings.EqualFold(args[1].String, "as") || !validStageName(args[2].String)) {
		return false
	}
	f.plainHead(in, p)
	in.Args = args
	return true
}

// validStageName reports whether BuildKit takes name for a stage (instructions.validStageName).
func validStageName(name string) bool {
	for i := range len(name) {
		letter := name[i] | 0x20
		switch c := name[i]; {
		case letter >= 'a' && letter <= 'z':
		case i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'):
		default:
			return false
		}
	}
	return true
}

// plainPairs reads `key=value …`, `key value` of ENV and LABEL, and the names of ARG.
func (f *File) plainPairs(in *Instruction, p plainLine) bool {
	body := p.text[p.start:p.end]
	if body[len(body)-1] == f.Escape {
		return false
	}
	if p.name != "ARG" && !strings.Contains(firstWord(body, f.Escape), "=") {
		i := strings.IndexAny(body, " \t")
		if i < 0 {
			return false
		}
		f.plainHead(in, p)
		value := p.end - len(strings.TrimLeft(body[i:], " \t"))
		in.Pairs = []Pair{{
			Key: in.word(p.start, p.start+i), Value: in.word(value, p.end), HasValue: true, Legacy: true, Span: in.Rest.Full(),
		}}
		return true
	}
	words := wordRanges(body, f.Escape)
	for _, r := range words {
		if i := strings.IndexByte(body[r.start:r.end], '='); i == 0 || i < 0 && p.name != "ARG" {
			return false
		}
	}
	f.plainHead(in, p)
	in.Pairs = make([]Pair, len(words))
	if p.name == "ARG" {
		in.Args = f.words(len(words))
	}
	for i, r := range words {
		w := in.word(p.start+r.start, p.start+r.end)
		in.Pairs[i] = pair(w)
		if p.name == "ARG" {
			in.Args[i] = w
		}
	}
	return true
}

// plainHead sets what every plain instruction has.
func (f *File) plainHead(in *Instruction, p plainLine) {
	in.Name = p.name
	in.Keyword = in.word(0, p.stop)
	in.Rest = in.Text.Slice(p.start, p.end)
	if len(p.flags) > 0 {
		in.Flags = make([]Flag, len(p.flags))
		for i, r := range p.flags {
			in.Flags[i] = in.flag(r.start, r.end, i, nil)
		}
	}
}

// typedPlain is BuildKit's typed form of in, as package instructions makes it of the same arguments. l is nil unless
// in is a FROM.
func (f *File) typedPlain(in *Instruction, l *logical) any {
	flag := func(name string) string {
		if x := in.Flag(name); x != nil {
			return x.Value.Value
		}
		return ""
	}
	switch in.Name {
	case "CMD":
		return &instructions.CmdCommand{ShellDependantCmdLine: in.commandLine()}
	case "ENTRYPOINT":
		return &instructions.EntrypointCommand{ShellDependantCmdLine: in.commandLine()}
	case "SHELL":
		return &instructions.ShellCommand{Shell: in.values()}
	case "COPY":
		return &instructions.CopyCommand{
			SourcesAndDest: in.sourcesAndDest(), From: flag("from"), Chown: flag("chown"), Chmod: flag("chmod"), Link: in.Flag("link") != nil,
		}
	case "ADD":
		return &instructions.AddCommand{
			SourcesAndDest: in.sourcesAndDest(), Chown: flag("chown"), Chmod: flag("chmod"), Link: in.Flag("link") != nil,
		}
	case "VOLUME":
		volumes := in.values()
		for i := range volumes {
			volumes[i] = strings.TrimSpace(volumes[i])
		}
		return &instructions.VolumeCommand{Volumes: volumes}
	case "EXPOSE":
		ports := in.values()
		slices.Sort(ports)
		return &instructions.ExposeCommand{Ports: ports}
	case "WORKDIR":
		return &instructions.WorkdirCommand{Path: in.Args[0].Value}
	case "USER":
		return &instructions.UserCommand{User: in.Args[0].Value}
	case "STOPSIGNAL":
		return &instructions.StopSignalCommand{Signal: in.Args[0].Value}
	case "MAINTAINER":
		return &instructions.MaintainerCommand{Maintainer: in.Args[0].Value}
	case "FROM":
		stage := &instructions.Stage{
			BaseName: in.Args[0].Value, OrigCmd: in.Keyword.String, Platform: flag("platform"), Commands: []instructions.Command{},
			SourceCode: strings.TrimRight(in.Text.String, " \t"),
			Location:   (&parser.Node{StartLine: f.Lines.Line(l.start), EndLine: f.Lines.Line(l.end)}).Location(),
		}
		if len(in.Args) == 3 {
			stage.Name = strings.ToLower(in.Args[2].Value)
		}
		return stage
	case "ENV":
		return &instructions.EnvCommand{Env: in.keyValuePairs()}
	case "LABEL":
		return &instructions.LabelCommand{Labels: in.keyValuePairs()}
	case "ARG":
		args := make([]instructions.KeyValuePairOptional, len(in.Pairs))
		for i := range in.Pairs {
			args[i].Key = in.Pairs[i].Key.Value
			if in.Pairs[i].HasValue {
				args[i].Value = &in.Pairs[i].Value.Value
			}
		}
		return &instructions.ArgCommand{Args: args}
	}
	panic("no plain form of " + in.Name)
}

func (in *Instruction) values() []string {
	values := make([]string, len(in.Args))
	for i := range in.Args {
		values[i] = in.Args[i].Value
	}
	return values
}

func (in *Instruction) commandLine() instructions.ShellDependantCmdLine {
	return instructions.ShellDependantCmdLine{CmdLine: in.values(), PrependShell: !in.JSON}
}

func (in *Instruction) sourcesAndDest() instructions.SourcesAndDest {
	values := in.values()
	last := len(values) - 1
	return instructions.SourcesAndDest{SourcePaths: values[:last:last], DestPath: values[last]}
}

func (in *Instruction) keyValuePairs() instructions.KeyValuePairs {
	pairs := make(instructions.KeyValuePairs, len(in.Pairs))
	for i := range in.Pairs {
		p := &in.Pairs[i]
		pairs[i] = instructions.KeyValuePair{Key: p.Key.Value, Value: p.Value.Value, NoDelim: p.Legacy}
	}
	return pairs
}

// firstWord is the first word of text as wordRanges cuts it.
func firstWord(text string, escape byte) string {
	if i := strings.IndexAny(text, " \t\"'"+string(escape)); i >= 0 && isBlank(text[i]) {
		return text[:i]
	} else if i < 0 {
		return text
	}
	r := wordRanges(text, escape)[0]
	return text[r.start:r.end]
}

// printableASCII reports whether text holds nothing but printable ASCII, spaces and tabs.
func printableASCII(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// words takes n words from memory that is allocated for many.
func (f *File) words(n int) []Word {
	if len(f.spare) < n {
		f.spare = make([]Word, max(n, 32))
	}
	taken := f.spare[:n:n]
	f.spare = f.spare[n:]
	return taken
}
