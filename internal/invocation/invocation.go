// Package invocation reads the commands that build images in what people run: shell scripts, and the shell code in
// Makefiles, justfiles, Taskfiles and the scripts of a package.json. Readers of CI configuration use it for their lines
// of shell code.
package invocation

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Code is shell code in a file.
type Code struct {
	Source described.Source // of its first line
	Bases  []string         // as described.Build has them
	Dir    plan.Value       // where it runs, from there
	Text   string
	Shell  string // the program that runs it; "" for what its first line says, or sh
	// Env are the variables around it. One without a known value is not known, and what is not in it may be anything.
	Env map[string]plan.Value
}

// Unknown is what to write in Code.Text for what is not known.
const Unknown = "${__unknown__}"

// optional stands for words that somebody may give to make, such as more options. Without them there is nothing.
const optional = "${__optional__}"

// Mentions reports whether text may have a command that builds an image.
func Mentions(text string) bool {
	return strings.Contains(text, "build") &&
		(strings.Contains(text, "docker") || strings.Contains(text, "podman") || strings.Contains(text, "buildah")) ||
		strings.Contains(text, "kaniko/executor") ||
		strings.Contains(text, "docker") && (strings.Contains(text, " bake") || strings.Contains(text, "compose") && strings.Contains(text, "-f"))
}

// Read returns the builds that c starts.
func Read(c Code) []described.Build {
	if !Mentions(c.Text) && !c.hidden() {
		return nil
	}
	var out []described.Build
	env := open()
	for text := range variants(&c) {
		s := shell.ReadFile(text, c.Shell)
		s.Step.Env = env
		lines := parser.NewLines([]byte(text))
		for _, cmd := range s.Commands {
			if cmd.Script != s && cmd.Script.Mixed || len(out) >= described.MaxBuilds {
				continue
			}
			b, ok := from(cmd)
			if b.Context = c.in(cmd.Dir()); ok && b.From.Kind == described.Bake {
				b.From.Vars = append(Variables(c.Env), b.From.Vars...)
			} else if !ok {
				call, ok := parse(cmd)
				if !ok {
					continue
				}
				b = call.build(b.Context)
			}
			b.Source, b.Bases = c.Source, c.Bases
			b.Source.Line += lines.Line(cmd.Span.Start) - 1
			if !slices.ContainsFunc(out, func(o described.Build) bool { return same(&o, &b) }) {
				out = append(out, b)
			}
		}
	}
	return out
}

// hidden reports whether a variable may hold the program that builds.
func (c *Code) hidden() bool {
	if !strings.Contains(c.Text, "build") || !strings.Contains(c.Text, "$") {
		return false
	}
	for _, v := range c.Env {
		if v.Known && Mentions(v.Text+" build") {
			return true
		}
	}
	return false
}

// Variables are env as described.From has them.
func Variables(env map[string]plan.Value) []plan.Value {
	var out []plan.Value
	for _, name := range slices.Sorted(maps.Keys(env)) {
		out = append(out, plan.Value{Text: name + "=" + env[name].Text, Known: env[name].Known})
	}
	return out
}

// in is where a command runs that has changed to dir.
func (c *Code) in(dir plan.Value) plan.Value { return described.In(c.Dir, dir) }

func same(a, b *described.Build) bool {
	return a.Source == b.Source && a.Context == b.Context && a.Dockerfile == b.Dockerfile && a.Target == b.Target &&
		(a.From == nil) == (b.From == nil) && (a.From == nil || slices.Equal(a.From.Files, b.From.Files) && slices.Equal(a.From.Targets, b.From.Targets) &&
		slices.Equal(a.From.Set, b.From.Set) && slices.Equal(a.From.Vars, b.From.Vars))
}

// open is an environment in which everything may be set.
func open() *plan.Env {
	return plan.New(parser.Parse("", []byte("FROM unknown\nRUN a")), plan.Options{}).Stages[0].Steps[0].Env
}

// call is a command that builds an image.
type call struct {
	*described.Build
	file    plan.Value // the value of --file
	hasFile bool
	kaniko  bool
}

// isValued reports whether flag is one of the options of docker build, podman build and buildah build whose value may be the next word.
// Sources: https://docs.docker.com/reference/cli/docker/buildx/build/ and the manual pages of podman-build and buildah-build.
func isValued(flag string) bool {
	const list = " --add-host --allow --annotation --arch --attest --authfile --build-arg --build-arg-file --build-context --builder " +
		"--cache-from --cache-to --cache-ttl --call --cap-add --cap-drop --cert-dir --cgroup-parent --cpp-flag --cpu-period --cpu-quota " +
		"--cpu-shares -c --cpuset-cpus --cpuset-mems --creds --decryption-key --device --dns --dns-option --dns-search --env --file -f " +
		"--format --from --group-add --hooks-dir --ignorefile --iidfile --isolation --jobs --label --layer-label --logfile --manifest " +
		"--memory -m --memory-swap --metadata-file --network --no-cache-filter --os --os-feature --os-version --output -o --platform " +
		"--policy --progress --retry --retry-delay --runtime --runtime-flag --secret --security-opt --shm-size --sign-by " +
		"--source-date-epoch --ssh --tag -t --target --timestamp --ulimit --unsetannotation --unsetenv --unsetlabel --userns " +
		"--userns-gid-map --userns-uid-map --variant --volume -v "
	return strings.Contains(list, " "+flag+" ")
}

// isGlobal reports whether flag is one of the options of docker, podman, nerdctl and buildah themselves whose value may be the next word.
// Sources: https://docs.docker.com/reference/cli/docker/ and the manual pages of podman and buildah.
func isGlobal(flag string) bool {
	const list = " -c --cgroup-manager --config --connection --context --cpu-profile -H --host --identity -l --log-level --memory-profile --module " +
		"-n --namespace --network-config-dir --out --registries-conf --registries-conf-dir --root --runroot --runtime --runtime-flag --short-name-alias-conf " +
		"--ssh --storage-driver --storage-opt --tmpdir --url --userns-gid-map --userns-uid-map --volumepath "
	return strings.Contains(list, " "+flag+" ")
}

// parse reads c if it is a command that builds an image.
func parse(c *shell.Command) (call, bool) {
	out := call{Build: &described.Build{Target: described.Known(""), Args: map[string]plan.Value{}}}
	words := c.Args()
	for len(words) > 0 && c.Name != "executor" && strings.HasPrefix(words[0].Text, "-") { // options of the program itself
		n := 1
		if isGlobal(words[0].Text) {
			n = 2
		}
		words = words[min(n, len(words)):]
	}
	switch c.Name {
	case "docker", "podman", "nerdctl":
		for len(words) > 0 && (words[0].Text == "buildx" || words[0].Text == "image" || words[0].Text == "builder") {
			words = words[1:]
			for len(words) > 1 && words[0].Text == "--builder" {
				words = words[2:]
			}
		}
		if len(words) == 0 || words[0].Text != "build" && words[0].Text != "b" {
			return out, false
		}
		if out.Builder = described.BuildKit; c.Name == "podman" {
			out.Builder = described.Buildah
		}
	case "buildah":
		if len(words) == 0 || words[0].Text != "build" && words[0].Text != "bud" && words[0].Text != "build-using-dockerfile" {
			return out, false
		}
		out.Builder = described.Buildah
	case "executor":
		if !strings.HasSuffix(c.Words[0].Text, "kaniko/executor") {
			return out, false
		}
		out.kaniko, out.Builder = true, described.Kaniko
		return out, out.options(words)
	default:
		return out, false
	}
	return out, out.options(words[1:])
}

// options reads the options and operands of a build. ok is false if it does not build: it asks for help, or checks the Dockerfile.
func (b *call) options(words []shell.Word) (ok bool) {
	var operands []shell.Word
	vague := false // a word may be options that are not known
	given := false // a word may be given
	for i := 0; i < len(words); i++ {
		w := words[i]
		flag, text, inline := strings.Cut(w.Text, "=")
		switch {
		case w.Text == "--":
			operands = append(operands, words[i+1:]...)
			i = len(words)
			continue
		case w.Text == optional:
			given = true
			continue
		case !strings.HasPrefix(w.Text, "-") || w.Text == "-":
			if !w.Literal && (!w.Quoted || strings.ContainsAny(w.Text, "@*")) {
				vague = true
				continue
			}
			operands = append(operands, w)
			continue
		case !strings.HasPrefix(flag, "--") && len(flag) > 2 && !inline: // -fpath, -qt name
			if short := flag[:2]; isValued(short) {
				flag, text, inline = short, flag[2:], true
			} else {
				flag = "-" + flag[len(flag)-1:]
			}
		}
		value := value(w, text)
		if !inline && (isValued(flag) || b.kaniko && i+1 < len(words) && !strings.HasPrefix(words[i+1].Text, "-")) {
			i++
			if i == len(words) {
				return false
			}
			value = plan.Value{Text: words[i].Text, Known: words[i].Literal}
		}
		if flag == "--check" || flag == "--call" && value.Known && value.Text != "build" {
			return false
		}
		b.option(flag, value)
	}
	switch {
	case b.kaniko:
	case len(operands) == 1:
		b.Context = value(operands[0], operands[0].Text)
	case len(operands) == 0 && b.Builder == described.Buildah && !vague && !given:
		b.Context = described.Known(".")
	}
	if vague && !b.hasFile {
		b.hasFile, b.file = true, plan.Value{}
	}
	return true
}

// value is text, a part of w.
func value(w shell.Word, text string) plan.Value {
	return plan.Value{Text: text, Known: w.Literal || !strings.ContainsAny(text, "$`")}
}

func (b *call) option(flag string, v plan.Value) {
	switch flag {
	case "-f", "--file", "--dockerfile":
		b.file, b.hasFile = v, true
	case "--target":
		b.Target = v
	case "-t", "--tag":
		b.Tags = append(b.Tags, v.Text)
	case "--cache-from":
		b.CacheFrom = append(b.CacheFrom, described.Cache(v.Text))
	case "--format":
		b.DockerFormat = !v.Known || v.Text == "docker"
	case "--context", "-c":
		if b.kaniko {
			v.Text = strings.TrimPrefix(v.Text, "dir://")
			b.Context = v
		}
	case "--context-sub-path":
		if b.kaniko {
			b.Context = described.In(b.Context, v)
		}
	case "--build-arg":
		if name, text, ok := strings.Cut(v.Text, "="); ok && !strings.Contains(name, "$") {
			b.Args[name] = plan.Value{Text: text, Known: v.Known || !strings.ContainsAny(text, "$`")}
		} else if !ok && v.Known {
			b.Args[name] = plan.Value{}
		}
	case "--build-context":
		if name, text, ok := strings.Cut(v.Text, "="); ok && !strings.Contains(name, "$") {
			if b.Contexts == nil {
				b.Contexts = map[string]string{}
			}
			b.Contexts[name] = text
		}
	case "--platform", "--custom-platform", "--customPlatform":
		if v.Known {
			b.Platforms = append(b.Platforms, strings.Split(v.Text, ",")...)
		}
	}
}

// build is b as it is described, run in dir.
func (b *call) build(dir plan.Value) described.Build {
	out := *b.Build
	if out.Context.Known && (out.Context.Text == "-" || described.Remote(out.Context.Text)) {
		out.Elsewhere = "the context is " + out.Context.Text
		if out.Context.Text == "-" {
			out.Elsewhere = "the context is standard input"
		}
		out.Context = plan.Value{}
	}
	out.Context = described.In(dir, out.Context)
	switch {
	case b.hasFile && b.kaniko && b.file.Known && !path.IsAbs(b.file.Text):
		out.Dockerfile = described.In(out.Context, b.file)
	case b.hasFile && b.file.Text == "-":
	case b.hasFile:
		out.Dockerfile = described.In(dir, b.file)
	default:
		out.Dockerfile = described.In(out.Context, described.Known("Dockerfile"))
	}
	return out
}
