package engine_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/history"
	"github.com/dockvet/dockvet/internal/rebuild"
	"github.com/dockvet/dockvet/internal/replay"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// replayed is a Dockerfile with a stage for each thing that a cache key may depend on. What is in brackets changes.
const replayed = `# {comment}
FROM scratch AS root
ADD rootfs.tar /
FROM root AS {tool}
ARG TOOL={toolarg}
COPY tool.txt /tool.txt
RUN cat /tool.txt > /tmp/made
FROM root AS unused
RUN echo {unused}
FROM root AS env
{above}ARG A={arg}
ENV E={env}
{pair}
{order}
{override}
{user}
{workdir}
{config}
RUN true env
COPY file.txt /f
RUN true env two
ARG LATE={late}
FROM root AS exec
{shell}
RUN ["/bin/true", "exec"]
RUN true shell
FROM root AS files
COPY {file} {dest}
RUN true files
COPY {dir} /dir/
RUN true files two
COPY --exclude=*.log {excluded}logs /logs/
FROM root AS pattern
COPY {pattern} /p/
RUN true pattern
FROM root AS whole
COPY . /all
RUN true whole
FROM root AS link
COPY file.txt /above
COPY --link dir /linked
RUN true link
FROM root AS parent
{unrelated}
COPY still.txt /still
RUN true parent
FROM root AS mounts
RUN --mount=type=bind,source=mnt,target=/m cat /m/read
RUN --mount=type=bind,target=/m true
RUN --mount=type=cache,{cache}target=/c true
RUN --mount=type=secret,id=s{secret} true
RUN {twomounts} true two
RUN --network={network} true
FROM root AS from
COPY --from={tool} /tmp/made /made
RUN cat /made
FROM root AS bindfrom
RUN --mount=from={tool},source=/tmp,target=/t true
FROM root AS late
COPY tool.txt /late.txt
RUN cat /late.txt > /made
COPY file.txt /side/
WORKDIR /side
RUN rm -f /side/none && mkdir /other
FROM root AS fromlate
COPY --from=late /made /made
RUN cat /made
RUN --mount=from=late,source=/made,target=/m cat /m
FROM root AS text
{text}
FROM root AS copytext
{copytext}
FROM root AS tar
ADD {tar} /t/
RUN true tar
FROM root AS revision
RUN true before
ARG REV
RUN true after
COPY still.txt /still
ENV REV=fixed
RUN true fixed
FROM root AS fixedonly
ARG REV
ENV REV=fixed
RUN true fixed only
FROM {finalbase} AS final
COPY --from=env /bin/sh /1
COPY --from=exec /bin/sh /2
COPY --from=files /bin/sh /3
COPY --from=pattern /bin/sh /4
COPY --from=whole /bin/sh /5
COPY --from=link /bin/sh /6
COPY --from=parent /bin/sh /7
COPY --from=mounts /bin/sh /8
COPY --from=from /bin/sh /9
COPY --from=bindfrom /bin/sh /10
COPY --from=text /bin/sh /11
COPY --from=copytext /bin/sh /12
COPY --from=tar /bin/sh /13
COPY --from=revision /bin/sh /14
COPY --from=fixedonly /bin/sh /15
COPY --from=fromlate /bin/sh /16
`

// past is a repository whose commits are built one after the other.
type past struct {
	t      *testing.T
	dir    string
	values map[string]string
}

func newPast(t *testing.T, e *engine) *past {
	t.Helper()
	p := &past{t, t.TempDir(), map[string]string{
		"comment": "x", "tool": "tool", "toolarg": "1", "unused": "1", "above": "", "arg": "1", "env": "1", "pair": "ENV P=1 Q=2", "order": "ENV R=1\nENV S=2",
		"override": "ENV O=1\nENV O=9", "user": "", "workdir": "", "config": "LABEL l=1", "late": "1", "shell": "", "file": "file.txt", "dest": "/g/f", "dir": "dir",
		"excluded": "", "pattern": "*.cfg", "unrelated": "RUN true 0", "cache": "", "secret": "", "network": "default", "text": "RUN true a \\\n  b",
		"twomounts": "--mount=type=tmpfs,target=/x --mount=type=tmpfs,target=/y", "copytext": "COPY <<EOF /doc\none\nEOF", "tar": "small.tar", "finalbase": "scratch",
	}}
	e.rootfs(t, filepath.Join(p.dir, "rootfs.tar"))
	for name, text := range map[string]string{
		"tool.txt": "1", "file.txt": "1", "other.txt": "1", "same.txt": "1", "dir/a": "1", "dir/b": "1", "dir/sub/c": "1", "logs/a": "1", "logs/a.log": "1", "one.cfg": "1",
		"two.cfg": "1", "still.txt": "1", "mnt/read": "1", "mnt/unread": "1", "skipped/x": "1", "README": "1", ".dockerignore": ".git\nskipped\n",
	} {
		p.write(name, text)
	}
	p.tar("small.tar", "1")
	p.link("dir/link", "a")
	p.git("init", "-q", "-b", "main")
	return p
}

func (p *past) write(name, text string) { writeFile(p.t, filepath.Join(p.dir, name), text) }

func (p *past) link(name, to string) {
	p.t.Helper()
	full := filepath.Join(p.dir, name)
	_ = os.Remove(full) // it may not be there
	if err := os.Symlink(to, full); err != nil {
		p.t.Fatal(err)
	}
}

// tar writes an archive with one file.
func (p *past) tar(name, text string) {
	p.t.Helper()
	dir := p.t.TempDir()
	writeFile(p.t, filepath.Join(dir, "f"), text)
	if out, err := exec.Command("tar", "--mtime=2026-01-01", "-cf", filepath.Join(p.dir, name), "-C", dir, "f").CombinedOutput(); err != nil {
		p.t.Fatalf("tar: %v\n%s", err, out)
	}
}

func (p *past) git(args ...string) string {
	p.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (p *past) dockerfile() string {
	text := replayed
	for name, value := range p.values {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// flip gives a value one of two texts in turn.
func (p *past) flip(name, one, two string) {
	if p.values[name] == one {
		one = two
	}
	p.values[name] = one
}

// replayRow is a row of the table in docs/replay.md: a change, with n as something new.
type replayRow struct {
	name   string
	change func(p *past, n int)
}

func (p *past) chmod(name string, a, b os.FileMode) {
	p.t.Helper()
	full := filepath.Join(p.dir, name)
	info, err := os.Stat(full)
	if err != nil {
		p.t.Fatal(err)
	}
	if info.Mode().Perm() == a {
		a = b
	}
	if err := os.Chmod(full, a); err != nil {
		p.t.Fatal(err)
	}
}

func (p *past) exists(name string) bool {
	_, err := os.Lstat(filepath.Join(p.dir, name))
	return err == nil
}

func (p *past) remove(name string) {
	p.t.Helper()
	if err := os.RemoveAll(filepath.Join(p.dir, name)); err != nil {
		p.t.Fatal(err)
	}
}

// replayRows are all changes.
var replayRows = []replayRow{
	{"content", func(p *past, n int) { p.write("file.txt", fmt.Sprint(n)) }},
	{"content back", func(p *past, _ int) { p.write("file.txt", "1") }},
	{"content in a directory", func(p *past, n int) { p.write("dir/sub/c", fmt.Sprint(n)) }},
	{"executable bit", func(p *past, _ int) { p.chmod("dir/a", 0o644, 0o755) }},
	{"mode of a directory", func(p *past, _ int) { p.chmod("dir/sub", 0o755, 0o700) }},
	{"mtime", func(p *past, n int) {
		at := time.Unix(int64(1e9+n), 0)
		for _, name := range []string{"file.txt", "dir", "dir/a", "small.tar"} {
			if err := os.Chtimes(filepath.Join(p.dir, name), at, at); err != nil {
				p.t.Fatal(err)
			}
		}
	}},
	{"link target", func(p *past, n int) { p.link("dir/link", []string{"a", "b", "sub"}[n%3]) }},
	{"file added", func(p *past, n int) { p.write(fmt.Sprintf("dir/new%d", n), "x") }},
	{"file renamed in a directory", func(p *past, n int) {
		p.remove("dir/b")
		p.write(fmt.Sprintf("dir/b%d", n), "1")
	}},
	{"file removed", func(p *past, _ int) {
		if p.exists("dir/gone") {
			p.remove("dir/gone")
		} else {
			p.write("dir/gone", "x")
		}
	}},
	{"ignored file", func(p *past, n int) { p.write("skipped/x", fmt.Sprint(n)) }},
	{"ignored file added", func(p *past, n int) { p.write(fmt.Sprintf("skipped/%d", n), "x") }},
	{"file outside the sources", func(p *past, n int) { p.write("README", fmt.Sprint(n)) }},
	{"file that matches a pattern", func(p *past, n int) { p.write(fmt.Sprintf("%d.cfg", n), "x") }},
	{"excluded file", func(p *past, n int) { p.write("logs/a.log", fmt.Sprint(n)) }},
	{"file that is not excluded", func(p *past, n int) { p.write("logs/a", fmt.Sprint(n)) }},
	{"ignore file that moves no file", func(p *past, n int) { p.write(".dockerignore", fmt.Sprintf("# %d\n.git\nskipped\n", n)) }},
	{"ignore file that moves files", func(p *past, n int) {
		p.write(".dockerignore", ".git\nskipped\n"+[]string{"other.txt\n", "logs/a\n", "dir/sub\n"}[n%3])
	}},
	{"ignore file that ignores itself", func(p *past, n int) { p.write(".dockerignore", fmt.Sprintf("# %d\n.git\nskipped\n.dockerignore\n", n)) }},
	{"comment in the Dockerfile", func(p *past, n int) { p.values["comment"] = fmt.Sprint(n) }},
	{"ENV value", func(p *past, n int) { p.values["env"] = fmt.Sprint(n) }},
	{"ENV order", func(p *past, _ int) { p.flip("order", "ENV R=1\nENV S=2", "ENV S=2\nENV R=1") }},
	{"ARG default", func(p *past, n int) { p.values["arg"] = fmt.Sprint(n) }},
	{"overridden ENV", func(p *past, n int) { p.values["override"] = fmt.Sprintf("ENV O=%d\nENV O=9", n) }},
	{"ENV split", func(p *past, _ int) { p.flip("pair", "ENV P=1 Q=2", "ENV P=1\nENV Q=2") }},
	{"ARG becomes ENV", func(p *past, _ int) { p.flip("above", "ARG Z=1\n", "ENV Z=1\n") }},
	{"predefined ARG", func(p *past, _ int) { p.flip("above", "ARG TARGETARCH\n", "") }},
	{"proxy ARG", func(p *past, n int) { p.values["above"] = fmt.Sprintf("ARG HTTP_PROXY=http://127.0.0.1:%d\n", 1000+n) }},
	{"late ARG", func(p *past, n int) { p.values["late"] = fmt.Sprint(n) }},
	{"ARG in another stage", func(p *past, n int) { p.values["toolarg"] = fmt.Sprint(n) }},
	{"USER", func(p *past, _ int) { p.flip("user", "USER 0", "USER 1") }},
	{"SHELL", func(p *past, _ int) { p.flip("shell", `SHELL ["/bin/sh", "-ec"]`, `SHELL ["/bin/sh", "-xc"]`) }},
	{"WORKDIR", func(p *past, n int) { p.values["workdir"] = fmt.Sprintf("WORKDIR /w%d", n) }},
	{"WORKDIR /", func(p *past, _ int) { p.flip("workdir", "WORKDIR /", "") }},
	{"LABEL, EXPOSE, CMD and others", func(p *past, n int) {
		p.values["config"] = []string{"LABEL l=%d", "EXPOSE 1%d", "CMD [\"%d\"]", "VOLUME /v%d", "HEALTHCHECK CMD true %d", "STOPSIGNAL 9\nLABEL x=%d", "ONBUILD RUN %d"}[n%7]
		p.values["config"] = fmt.Sprintf(p.values["config"], n)
	}},
	{"read file of a bind mount", func(p *past, n int) { p.write("mnt/read", fmt.Sprint(n)) }},
	{"unread file of a bind mount", func(p *past, n int) { p.write("mnt/unread", fmt.Sprint(n)) }},
	{"secret mount", func(p *past, _ int) { p.flip("secret", ",required", "") }},
	{"cache id", func(p *past, n int) { p.values["cache"] = fmt.Sprintf("id=c%d,", n) }},
	{"cache id spelled out", func(p *past, _ int) { p.flip("cache", "id=/c,", "") }},
	{"cache sharing", func(p *past, _ int) { p.flip("cache", "sharing=locked,", "sharing=private,") }},
	{"network", func(p *past, _ int) { p.flip("network", "none", "default") }},
	{"mounts reordered", func(p *past, _ int) {
		p.flip("twomounts", "--mount=type=tmpfs,target=/y --mount=type=tmpfs,target=/x", "--mount=type=tmpfs,target=/x --mount=type=tmpfs,target=/y")
	}},
	{"parent changed", func(p *past, n int) { p.values["unrelated"] = fmt.Sprintf("RUN true %d", n) }},
	{"copied from a stage", func(p *past, n int) { p.write("tool.txt", fmt.Sprint(n)) }},
	{"stage renamed", func(p *past, n int) { p.values["tool"] = fmt.Sprintf("tool%d", n) }},
	{"unused stage", func(p *past, n int) { p.values["unused"] = fmt.Sprint(n) }},
	{"FROM stage", func(p *past, _ int) { p.flip("finalbase", "root", "scratch") }},
	{"source of the same content", func(p *past, _ int) { p.flip("file", "same.txt", "other.txt") }},
	{"source as a pattern", func(p *past, _ int) { p.flip("file", "same.tx[t]", "same.txt") }},
	{"source spelled differently", func(p *past, n int) { p.values["file"] = []string{"file.txt", "./file.txt", "/file.txt"}[n%3] }},
	{"directory with a slash", func(p *past, _ int) { p.flip("dir", "dir/", "dir") }},
	{"destination spelled differently", func(p *past, _ int) { p.flip("dest", "g/f", "/g/f") }},
	{"flags of COPY", func(p *past, n int) { p.values["excluded"] = []string{"", "--chown=0:0 ", "--chmod=644 "}[n%3] }},
	{"pattern", func(p *past, _ int) { p.flip("pattern", "one.cfg two.cfg", "two.cfg one.cfg") }},
	{"tar", func(p *past, n int) { p.tar("small.tar", fmt.Sprint(n)) }},
	{"text of RUN that stays", func(p *past, n int) {
		p.values["text"] = []string{"RUN true a \\\n  b", "run true a \\\n# c\n  b", "RUN   true a \\\n\n  b", "RUN true a   b  ", `RUN ["/bin/sh", "-c", "true a   b"]`}[n%5]
	}},
	{"text of RUN that changes", func(p *past, n int) {
		p.values["text"] = []string{"RUN true a \\\n   b", "RUN <<EOF\ntrue a\n# c\nEOF", "RUN <<EOF\ntrue a\nEOF", "RUN true a"}[n%4]
	}},
	{"delimiter of a heredoc", func(p *past, n int) {
		p.values["text"] = fmt.Sprintf("RUN <<EOF%d\ntrue a\nEOF%d", n, n)
		p.values["copytext"] = fmt.Sprintf("COPY <<EOF%d /doc\none\nEOF%d", n, n)
	}},
	{"content of a heredoc", func(p *past, n int) { p.values["copytext"] = fmt.Sprintf("COPY <<EOF /doc\n%d\nEOF", n) }},
	{"nothing", func(*past, int) {}},
}

// numbered matches the place of a step, as in `[build 2/3] RUN true`.
var numbered = regexp.MustCompile(`^\[(?:(\S+) +)?(\d+)/\d+\] `)

// numberedStep is the place of a step in its stage, from 1. Stages that are built from another have no step for that. WORKDIR / has no
// number, although BuildKit counts it in the total.
type numberedStep struct {
	stage  string
	number int
}

// cachedSteps are the steps that BuildKit lists, and whether they came from the cache. What it need not look at is not listed.
func cachedSteps(r result) map[numberedStep]bool {
	out := map[numberedStep]bool{}
	for _, s := range r.steps {
		m := numbered.FindStringSubmatch(s.name)
		if m == nil {
			continue
		}
		at := numberedStep{stage: m[1]}
		at.number, _ = strconv.Atoi(m[2]) // they are digits
		before, known := out[at]
		switch {
		case strings.Contains(s.name, " --link "):
			out[at] = s.cached || before // it is two: what it copies, and the layers below with that on top
		default:
			out[at] = s.cached && (before || !known)
		}
	}
	return out
}

// testReplay builds a generated history and compares the steps that BuildKit took from its cache with the replay. REPLAY_COMMITS is the
// number of commits for each row of the table; 0 builds a sample of 40 in all.
func testReplay(t *testing.T, e *engine) {
	t.Helper()
	if e.noRun != "" {
		t.Skipf("skipped: no RUN: %s", e.noRun)
	}
	each, err := strconv.Atoi(os.Getenv("REPLAY_COMMITS"))
	if err != nil {
		each = 0
	}
	random := rand.New(rand.NewPCG(16, 1))
	var rows []int
	for i := range replayRows {
		for range max(each, 1) {
			rows = append(rows, i)
		}
	}
	random.Shuffle(len(rows), func(i, k int) { rows[i], rows[k] = rows[k], rows[i] })
	if each == 0 {
		rows = rows[:40]
	}
	if out, err := exec.Command(e.buildctl, "--addr", e.address, "prune", "--all").CombinedOutput(); err != nil {
		t.Fatalf("prune: %v\n%s", err, out)
	}
	p := newPast(t, e)
	secret := filepath.Join(t.TempDir(), "secret")
	var built []map[numberedStep]bool
	build := func(subject string) bool {
		p.write("Dockerfile", p.dockerfile())
		p.git("add", "-A")
		p.git("commit", "-q", "--allow-empty", "-m", subject)
		id := p.git("rev-parse", "HEAD")
		writeFile(t, secret, id)
		r := e.buildIn(t, p.dir, p.dir, "--secret", "id=s,src="+secret, "--opt", "build-arg:REV="+id, "--opt", "build-arg:UNDECLARED="+id)
		if r.failure != "" {
			t.Errorf("%s: %s", subject, r.failure)
			return false
		}
		built = append(built, cachedSteps(r))
		return true
	}
	if !build("first") {
		return
	}
	if each > 0 {
		t.Logf("%d commits to build", len(rows))
	}
	for n, row := range rows {
		replayRows[row].change(p, n+2)
		if !build(replayRows[row].name) {
			return
		}
	}
	compareReplay(t, p, rows, built[1:])
}

// compareReplay compares what was built with the replay.
func compareReplay(t *testing.T, p *past, rows []int, built []map[numberedStep]bool) {
	t.Helper()
	type fact struct {
		step  *plan.Step
		state replay.State
	}
	told := make([][]fact, len(built))
	name := filepath.Join(p.dir, "Dockerfile")
	r := rebuild.New(rebuild.Options{
		AsCommitted: true, Changing: []string{"REV"}, History: history.Options{Commits: history.MaxCommits},
		Trace: func(commit int, step *plan.Step, state replay.State) {
			told[commit] = append(told[commit], fact{step, state})
		},
	}, []string{name})
	defer r.Close()
	c, err := buildcontext.New(os.DirFS(p.dir), "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	f := parser.Parse("Dockerfile", []byte(p.dockerfile()))
	if _, err := r.Replay(t.Context(), rebuild.Build{Name: name, Dir: p.dir, File: f, Context: c}); err != nil {
		t.Fatal(err)
	}
	pairs, wrong, unknown := map[string]int{}, 0, 0
	for i, facts := range told {
		row := replayRows[rows[i]].name
		seen := map[string]int{}
		for _, x := range facts {
			stage := x.step.Stage.Name
			seen[stage]++
			cached, ok := built[i][numberedStep{stage, seen[stage]}]
			switch {
			case x.state == replay.Unknown:
				unknown++
				continue
			case (x.state == replay.Kept) != (cached || !ok):
				wrong++
				t.Errorf("commit %d, %s: [%s] %s: BuildKit took it from the cache: %v, the replay says %v",
					i+1, row, stage, strings.Join(strings.Fields(x.step.Instruction.Text.String), " "), cached, x.state == replay.Kept)
			}
			pairs[row]++
		}
	}
	total := 0
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		t.Logf("%4d pairs: %s", pairs[name], name)
		total += pairs[name]
	}
	t.Logf("%d commits, %d pairs of a commit and a step in %d rows: %d wrong; %d more are unknown", len(built), total, len(pairs), wrong, unknown)
}
