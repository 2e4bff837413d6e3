package replay_test

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/history"
	"github.com/dockvet/dockvet/internal/replay"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// past is a history of the files of a repository, each a text; "-> x" is a link, "+x " before it makes a file executable.
func past(t *testing.T, snapshots ...map[string]string) *history.Log {
	t.Helper()
	l := &history.Log{}
	numbers := map[string]int32{}
	entry := func(text string, ok bool) history.Entry {
		if !ok {
			return history.Entry{}
		}
		h := fnv.New64()
		_, _ = h.Write([]byte(text))
		switch {
		case strings.HasPrefix(text, "-> "):
			return history.Entry{Blob: h.Sum64(), Mode: history.Link}
		case strings.HasPrefix(text, "module "):
			return history.Entry{Blob: h.Sum64(), Mode: history.Submodule}
		case strings.HasPrefix(text, "+x "):
			h.Reset()
			_, _ = h.Write([]byte(text[3:]))
			return history.Entry{Blob: h.Sum64(), Mode: history.Executable}
		}
		return history.Entry{Blob: h.Sum64(), Mode: history.Regular}
	}
	number := func(name string) int32 {
		n, ok := numbers[name]
		if !ok {
			n = int32(len(l.Paths))
			numbers[name] = n
			l.Paths = append(l.Paths, name)
			l.Before = append(l.Before, history.Entry{})
		}
		return n
	}
	for name, text := range snapshots[0] {
		l.Before[number(name)] = entry(text, true)
	}
	for i := 1; i < len(snapshots); i++ {
		c := history.Commit{ID: fmt.Sprint(i), Time: time.Unix(int64(i), 0)}
		names := maps.Clone(snapshots[i-1])
		maps.Copy(names, snapshots[i])
		for _, name := range slices.Sorted(maps.Keys(names)) {
			was, had := snapshots[i-1][name]
			is, has := snapshots[i][name]
			if a, b := entry(was, had), entry(is, has); a != b {
				c.Changes = append(c.Changes, history.Change{Path: number(name), Old: a, New: b})
			}
		}
		l.Commits = append(l.Commits, c)
	}
	return l
}

// grow is a history that begins with the files of first and changes some with each further map; a text of "" removes the file.
func grow(first map[string]string, more ...map[string]string) []map[string]string {
	out := []map[string]string{first}
	for _, m := range more {
		next := maps.Clone(out[len(out)-1])
		for name, text := range m {
			if next[name] = text; text == "" {
				delete(next, name)
			}
		}
		out = append(out, next)
	}
	return out
}

type files = map[string]string

// states are what happened to each step, one letter for each commit: k kept, R ran, ? unknown.
func states(r *replay.Result) []string {
	var out []string
	for _, s := range r.Steps {
		line := s.Instruction.Name + " "
		for _, x := range s.States {
			line += string("kR?-"[x])
		}
		out = append(out, line)
	}
	return out
}

func run(t *testing.T, dockerfile, ignore, dir string, changing []string, l *history.Log) *replay.Result {
	t.Helper()
	name := ""
	if ignore != "" {
		name = ".dockerignore"
	}
	c, err := buildcontext.Bare(name, []byte(ignore))
	if err != nil {
		t.Fatal(err)
	}
	f := parser.Parse("Dockerfile", []byte(dockerfile))
	again := func(args map[string]string) *plan.Plan {
		all := map[string]string{}
		for _, name := range changing {
			all[name] = "a commit"
		}
		maps.Copy(all, args)
		return plan.New(f, plan.Options{Args: all})
	}
	r, err := replay.Run(t.Context(), l, &replay.Build{Plan: again(nil), Context: c, Dir: dir, Changing: changing, Again: again}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRun(t *testing.T) {
	first := files{"a.txt": "1", "d/x": "1", "d/sub/y": "1", "package.json": "1", "README.md": "1", "Dockerfile": "1"}
	for _, c := range []struct {
		name, dockerfile, ignore string
		dir                      string
		changing                 []string
		more                     []map[string]string
		want                     string
	}{
		{
			name: "content, mode, a file that is not copied, and back again", dockerfile: "FROM b\nCOPY a.txt /\nRUN x\n",
			more: []map[string]string{{"a.txt": "2"}, {"a.txt": "+x 2"}, {"README.md": "2"}, {"a.txt": "1"}},
			want: "COPY RRkk|RUN RRkk",
		},
		{
			name: "manifest first", dockerfile: "FROM b\nCOPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm run build\n",
			more: []map[string]string{{"a.txt": "2"}, {"package.json": "2"}, {}},
			want: "COPY kRk|RUN kRk|COPY RRk|RUN RRk",
		},
		{
			name: "ignored files, directories that only hold those, and renames", dockerfile: "FROM b\nCOPY . .\n", ignore: "*.md\n**/*.log\n",
			more: []map[string]string{{"README.md": "2"}, {"d/new.log": "1"}, {"e/new.log": "1"}, {"e/new.log": ""}, {"a.txt": "", "b.txt": "1"}},
			want: "COPY kkRkR",
		},
		{
			name: "link, exclude, and a pattern", dockerfile: "FROM b\nCOPY --link *.txt /t/\nCOPY --exclude=*.log d /d\nRUN x\n",
			more: []map[string]string{{"b.txt": "1"}, {"d/new.log": "1"}, {"d/new": "1"}, {"d/b.txt": "1"}},
			want: "COPY Rkkk|COPY RkRR|RUN RkRR",
		},
		{
			name: "a linked copy does not depend on what is above it", dockerfile: "FROM b\nCOPY a.txt /\nCOPY --link d /d\nRUN x\n",
			more: []map[string]string{{"a.txt": "2"}, {"d/x": "2"}},
			want: "COPY Rk|COPY kR|RUN RR",
		},
		{
			name: "copied from a stage", dockerfile: "FROM b AS one\nCOPY a.txt /\nRUN x\nFROM b\nCOPY d /d\nCOPY --from=one /o /o\nRUN y\n",
			more: []map[string]string{{"a.txt": "2"}, {"README.md": "2"}, {"d/x": "2"}, {"a.txt": "1"}},
			want: "COPY Rkkk|RUN Rkkk|COPY kkRk|COPY ?kR?|RUN ?kR?",
		},
		{
			name: "a path of a stage that its later steps do not touch",
			dockerfile: "FROM b AS one\nCOPY a.txt /\nRUN x\nCOPY d /d/\nRUN rm -rf /d/x && chmod -R 755 /d\n" +
				"FROM b\nCOPY --from=one /o /o\nRUN --mount=from=one,source=/o,target=/m y\nCOPY --from=one /d /d\n",
			more: []map[string]string{{"d/x": "2"}, {"a.txt": "2"}},
			want: "COPY kR|RUN kR|COPY RR|RUN RR|COPY k?|RUN k?|COPY ??",
		},
		{
			name:       "a path that may be touched",
			dockerfile: "FROM b AS one\nRUN x\nCOPY d /o/d/\nRUN rm -rf $HOME\nFROM b\nCOPY --from=one /p /p\nFROM b\nCOPY --from=0 /o /o\nCOPY --from=1 /p /p\n",
			more:       []map[string]string{{"d/x": "2"}},
			want:       "RUN k|COPY R|RUN R|COPY ?|COPY ?|COPY ?",
		},
		{
			name: "links of distributions", dockerfile: "FROM b AS one\nRUN x\nCOPY d /bin/\nFROM b\nCOPY --from=one /usr/bin/o /o\nCOPY --from=one /usr/lib/o /p\n",
			more: []map[string]string{{"d/x": "2"}},
			want: "RUN k|COPY R|COPY ?|COPY ?",
		},
		{
			name: "mounts", dockerfile: "FROM b\nRUN --mount=target=/src,source=d x\nRUN --mount=type=cache,target=/c y\n",
			more: []map[string]string{{"a.txt": "2"}, {"d/sub/y": "2"}},
			want: "RUN kR|RUN kR",
		},
		{
			name: "a changing argument", dockerfile: "FROM b\nRUN w\nARG REVISION\nCOPY a.txt /\nRUN x\nENV REVISION=1\nRUN y\n", changing: []string{"REVISION"},
			more: []map[string]string{{"README.md": "2"}, {"a.txt": "2"}},
			want: "RUN kk|COPY kR|RUN RR|RUN RR",
		},
		{
			name: "an argument that a later ENV overrides", dockerfile: "FROM b\nARG REVISION\nENV REVISION=1\nRUN y\n", changing: []string{"REVISION"},
			more: []map[string]string{{"README.md": "2"}},
			want: "RUN k",
		},
		{
			name: "what git does not have, a link, .git, and a submodule", dockerfile: "FROM b\nCOPY dist /\nFROM b\nCOPY l /\nFROM b\nCOPY . .\nCOPY --from=0 / /\nCOPY --from=1 / /\n",
			more: []map[string]string{{"l": "-> d"}, {"m": "module 1"}, {}, {"m": "module 2"}},
			want: "COPY ????|COPY R???|COPY R???|COPY R???|COPY R???",
		},
		{
			name: "a context in a directory", dockerfile: "FROM b\nWORKDIR /\nWORKDIR /x\nCOPY . .\n", dir: "d",
			more: []map[string]string{{"a.txt": "2"}, {"d/x": "2"}, {"dd/x": "2"}},
			want: "WORKDIR kkk|COPY kRk",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := c.dir
			if dir == "" {
				dir = "."
			}
			ignore := c.ignore
			if c.name[:4] != "what" && dir == "." {
				ignore += ".git\n"
			}
			r := run(t, c.dockerfile, ignore, dir, c.changing, past(t, grow(first, c.more...)...))
			if got := strings.Join(states(r), "|"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestCauses(t *testing.T) {
	first := files{"a.txt": "1", "package.json": "1"}
	l := past(t, grow(first, files{"a.txt": "2"}, files{"a.txt": "3", "package.json": "2"}, files{"b": "1"}, files{})...)
	r := run(t, "FROM b\nARG REV\nCOPY package.json .\nCOPY . .\nRUN npm ci\n", ".git\n", ".", []string{"REV"}, l)
	want := [][]replay.Cause{
		{{Path: "package.json", Commits: 1}},
		{{Path: "a.txt", Commits: 2}, {Path: "b", Commits: 1}, {Path: "package.json", Commits: 1}},
		{{Path: "--build-arg REV", Commits: 4}, {Path: "a.txt", Commits: 2}, {Path: "b", Commits: 1}, {Path: "package.json", Commits: 1}},
	}
	for i, s := range r.Steps {
		if got := r.Causes(s); !slices.Equal(got, want[i]) {
			t.Errorf("%s: %v", s.Instruction.Name, got)
		}
	}
	scripts := new(shell.Scripts)
	costs := replay.CostsOf(r, scripts, nil)
	total, each := costs.Per(r)
	if costs.Kinds[2] != replay.Install || each[2] != 11 || total < 11 {
		t.Errorf("%v cost %v, %v in all", costs.Kinds, each, total)
	}
	compiles := run(t, "FROM b\nCOPY . .\nRUN npm run build\n", ".git\n", ".", nil, l)
	costs = replay.CostsOf(compiles, scripts, nil)
	if total, _ := costs.Per(compiles); costs.Kinds[1] != replay.Compile || costs.Floor(compiles, scripts) != total {
		t.Errorf("%v cost %v and at least %v", costs.Kinds, total, costs.Floor(compiles, scripts))
	}
	costs = replay.CostsOf(r, scripts, nil)
	// The installation is needed once, COPY . . three times and the manifest once.
	if floor := costs.Floor(r, scripts); fmt.Sprintf("%.3f", floor) != fmt.Sprintf("%.3f", (11+0.3+0.1)/4) {
		t.Errorf("floor %v", floor)
	}
	if f, _, _ := costs.Files(r, 1); len(f) != 1 || f[0].Path != "--build-arg REV" || f[0].Commits != 4 {
		t.Errorf("%v", f)
	}
}

// TestFirst names the step because of which others run, and the stages that another ignore file takes files from.
func TestFirst(t *testing.T) {
	l := past(t, grow(files{"package.json": "1", "src/a": "1", "doc/a": "1"}, files{"src/a": "2"}, files{"package.json": "2"}, files{"doc/a": "2"})...)
	const text = "FROM b AS base\nWORKDIR /app\nCOPY package.json ./\nRUN npm ci\nFROM base\nCOPY . .\nRUN npm run build\nCOPY --link src src\nRUN x\n"
	r := run(t, text, "", ".", nil, l)
	for n, want := range [][2]int{{0, 0}, {1, 1}, {1, 1}, {3, 2}, {3, 2}, {5, 1}, {3, 2}} {
		if first, commits := r.First(n); first != want[0] || commits != want[1] {
			t.Errorf("step %d: %d in %d commits, want %v", n, first, commits, want)
		}
	}
	lost := r.Lost(run(t, text, "doc\n", ".", nil, l))
	if len(lost) != 1 || lost[0].Index != 1 {
		t.Errorf("%d stages have no doc/a", len(lost))
	}
	if lost := r.Lost(r); len(lost) != 0 {
		t.Errorf("%d stages lost files", len(lost))
	}
}

func TestReadTimings(t *testing.T) {
	f := parser.Parse("Dockerfile", []byte("FROM b AS one\nARG X=1\nCOPY  a.txt \\\n  /dir$X/\nRUN   npm ci && \\\n  true\nWORKDIR /none\n"))
	steps := plan.New(f, plan.Options{}).Stages[0].Steps
	const plain = "#5 [one 2/3] COPY a.txt /dir1/\n#5 DONE 0.1s\n\n#6 [one 3/3] RUN npm ci &&   true\n#6 0.5 output DONE 7s\n#6 CACHED\n#6 DONE 34.2s\n"
	const raw = `{"vertexes":[{"digest":"a","name":"[one 2/3] COPY a.txt /dir1/","started":"2026-01-01T00:00:00Z"}]}` + "\n" +
		`{"vertexes":[{"digest":"a","name":"[one 2/3] COPY a.txt /dir1/","started":"2026-01-01T00:00:00Z","completed":"2026-01-01T00:00:00.1Z"},` +
		`{"digest":"b","name":"[one 3/3] RUN npm ci \u0026\u0026   true","started":"2026-01-01T00:00:00Z","completed":"2026-01-01T00:00:34.2Z"},` +
		`{"digest":"c","name":"[one 4/4] WORKDIR /none","cached":true,"started":"2026-01-01T00:00:00Z","completed":"2026-01-01T00:00:00Z"}]}` + "\n"
	for name, text := range map[string]string{"plain": plain, "raw": raw, "prefixed": "2026-01-01T00:00:00Z " + strings.ReplaceAll(plain, "\n#", "\n2026-01-01T00:00:00Z #")} {
		timings, err := replay.ReadTimings([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		r := &replay.Result{}
		for _, s := range steps[1:] {
			r.Steps = append(r.Steps, &replay.Step{Step: s})
		}
		c := replay.CostsOf(r, new(shell.Scripts), timings)
		if !slices.Equal(c.Each, []float64{0.1, 34.2, 0}) || !slices.Equal(c.Untimed, []int{2}) {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if _, err := replay.ReadTimings([]byte("nothing")); err == nil {
		t.Error("no error")
	}
}

// TestRunAgain holds runs that use what an earlier one found out about the same history to runs that do not.
func TestRunAgain(t *testing.T) {
	l := past(t, grow(files{"app/a": "1", "app/d/b": "1", "b": "1"}, files{"app/a": "2"}, files{"app/d/b": "2"}, files{"app/d/b": ""}, files{"b": "2"})...)
	b := &replay.Build{}
	for _, dir := range []string{".", "app", "."} {
		for _, src := range []string{"FROM b\nCOPY . .\n", "FROM b\nCOPY a .\nCOPY d d\n", "FROM b\nCOPY --exclude=a . .\n", "FROM b\nCOPY app/d /\n"} {
			for _, ignore := range []string{"d\n", "a\n", "*/d/b\n", "d\n"} {
				c, err := buildcontext.Bare(".dockerignore", []byte(ignore))
				if err != nil {
					t.Fatal(err)
				}
				b.Plan, b.Context, b.Dir = plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{}), c, dir
				for range 2 {
					got, err := replay.Run(t.Context(), l, b, nil)
					if err != nil {
						t.Fatal(err)
					}
					want := run(t, src, ignore, dir, nil, l)
					if !slices.Equal(states(got), states(want)) {
						t.Errorf("%q of %s without %q: %v, want %v", src, dir, ignore, states(got), states(want))
					}
				}
			}
		}
	}
}
