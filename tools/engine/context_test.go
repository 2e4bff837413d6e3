package engine_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/google/go-cmp/cmp"
)

// contextFiles are the contents of the build context; ` -> ` is a link, a trailing slash an empty directory.
var contextFiles = []string{
	"Readme.md", "readme.txt", "README", "a.txt", "b.txt", "c.log", ".hidden", ".env", ".env.local", "!bang", "#hash", "with blank.txt", "two  blanks",
	"star*name", "q?mark", "[ab]", "a", "b", "ab", "back\\slash", "-dash", "ümlaut.txt", "$dollar", "trailing.", "comma,name", "quote'name",
	"docs/index.md", "docs/deep/page.md", "docs/deep/page.txt", "docs/deep/down/last.md", "docs/Upper.MD",
	"src/main.go", "src/main_test.go", "src/pkg/one.go", "src/pkg/one_test.go", "src/pkg/sub/two.go", "src/vendor/lib.go", "src/pkg/vendor/lib2.go",
	"node_modules/m/index.js", "web/node_modules/n/index.js", "web/app.js", "web/app.min.js", "web/node_modules/keep.txt",
	"build/out.bin", "build/keep/me", "build/keep/not", "build/.gitkeep", "x/build/out2.bin", "x/y/z/deep.txt", "x/y/deep2.txt",
	"dir with blank/file in it", "dir with blank/other", "empty/", "only/empty/", ".git/HEAD", ".git/config", "sub/.git/HEAD2",
	"links/file -> ../a.txt", "links/beside -> file", "links/dir -> ../docs", "links/x/dir2 -> ../../src", "links/y/file2 -> ../../b.txt", "links/root -> /readme.txt",
	"broken/dangling -> nowhere", "broken/outside -> ../../../etc/outside", "broken/plain",
}

// ignoreFiles are the ignore files to build with.
var ignoreFiles = []struct{ name, file, text string }{
	{"plain", ".dockerignore", "node_modules\nc.log\nbuild/\ndocs/deep\n.git\n"},
	{"slashes", ".dockerignore", "/a.txt\n/docs/\n./b.txt\nsrc/../c.log\n//x//y//\n"},
	{"comments and blanks", ".dockerignore", "# *\n\n   a.txt   \n\t b.txt\n#hash\n  # c.log\n\\#hash\n"},
	{"byte order mark and CRLF", ".dockerignore", "\ufeffa.txt\r\n*.log\r\n\r\n!c.log\r\ndocs\r\n"},
	{"depth", ".dockerignore", "*.md\n*/*.md\n*/*/*.txt\n"},
	{"any depth", ".dockerignore", "**/node_modules\n**/*.md\n**/build\nsrc/**/vendor\n"},
	{"any depth below", ".dockerignore", "docs/**\nx/**/deep.txt\nsrc/**/*_test.go\n"},
	{"all but", ".dockerignore", "*\n!src\n!*.txt\n!docs/deep/page.md\n"},
	{"all but at any depth", ".dockerignore", "**\n!**/*.go\n!build/keep/me\n!README\n"},
	{"exceptions of exceptions", ".dockerignore", "docs\n!docs/deep\ndocs/deep/down\n!docs/deep/down/last.md\nsrc/*\n!src/pkg\nsrc/pkg/*_test.go\n"},
	{"exception first", ".dockerignore", "!a.txt\n*.txt\n!docs\ndocs/deep\n"},
	{"exception of a folder", ".dockerignore", "**/*.md\n!docs\nbuild/*\n!build/keep\n"},
	{"exception below any depth", ".dockerignore", "web/node_modules\nnode_modules\n!**/keep.txt\n"},
	{"classes", ".dockerignore", "[ab].txt\n[A-Z]*\n[^.]*.log\nx/[a-y]/z\n"},
	{"question marks", ".dockerignore", "?\n??.txt\n?.txt\nsrc/????.go\n"},
	{"escapes", ".dockerignore", "star\\*name\nq\\?mark\n\\[ab\\]\n\\!bang\nback\\\\slash\n"},
	{"blanks inside", ".dockerignore", "with blank.txt\ndir with blank/file*\ntwo  blanks\n"},
	{"case", ".dockerignore", "readme\nREADME.MD\ndocs/upper.md\n"},
	{"hidden", ".dockerignore", ".*\n!.env\n**/.git\n"},
	{"links", ".dockerignore", "links/dir\nlinks/file\nbroken/d*\na.txt\ndocs/deep\n"},
	{"itself", ".dockerignore", "Dockerfile*\n.dockerignore\n"},
	{"of the Dockerfile", "Dockerfile.dockerignore", "src\n*.txt\n"},
	{"other characters", ".dockerignore", "$dollar\nümlaut.txt\n-dash\ntrailing.\ncomma,name\nquote'name\n"},
	{"root", ".dockerignore", ".\n/\n"},
	{"outside", ".dockerignore", "../*\n../a.txt\n!../b.txt\n"},
	{"spaced exception", ".dockerignore", "*.txt\n! a.txt\n!/b.txt\n!./readme.txt\n"},
	{"middle", ".dockerignore", "*/node_modules\nx/*/z\n*c/*g\n**/y/**\n"},
	{"folder contents", ".dockerignore", "src/*\nbuild/**\n!build/keep/**\nweb/**/*.js\n!web/*.js\n"},
}

// core are COPY instructions, without the word COPY and the destination, for each of the ignoreFiles.
var core = []string{
	".", "*", "*.txt", "*/*.md", "docs", "build", ".git", "web/*", "nothing", `["dir with blank"]`, "links/*", "--parents **/*.go",
}

// copies are COPY instructions for a context without an ignore file.
var copies = []string{
	".", "/", "./", "..", "../..", "a.txt", "/a.txt", "./a.txt", "../a.txt", "docs", "docs/", "/docs/deep/", "docs/../src", "src", "src/pkg", "x", "x/y/z", "build", "build/keep",
	"a.txt b.txt", "docs src", "*", "*.txt", "*.md", "*/*.md", "*/*", "*/", "docs/*", "docs/*.md", "docs/*/*.md", "docs/*/*", "src/*.go", "src/*/*.go", "**", "**/*.go", "docs/**", "*.none",
	"[ab].txt", "[^a].txt", "[A-Z]*", "?", "??", "?.txt", "[[]ab]", "star\\*name", "star*", "q\\?mark", "back*", ".*", ".env*", ".git", "*/.git", "nothing", "nothing*", "docs/nothing", "a.txt/x",
	"readme", "README", "Docs", "empty", "empty/", "only", "node_modules", "web", "web/node_modules", "web/*", "x/*/*", "*/build", "dir*/*", "ümlaut.txt", "\\$dollar", "*name",
	`["with blank.txt"]`, `["dir with blank"]`, `["dir with blank/file in it", "two  blanks"]`, `["a.txt"]`, `["*blank*"]`, `["\\[ab]"]`, `with\ blank.txt`, `'a.txt'`,
	"Dockerfile", "Dockerfile*", ".dockerignore", "*ignore", "*.dockerignore",
	"links", "links/x", "links/file", "links/beside", "links/dir", "links/dir/", "links/root", "links/dir/index.md", "links/dir/*", "links/dir/deep", "links/x/dir2/main.go", "links/x/dir2/pkg", "links/*/file2",
	"links/f*", "links/*", "links/x/*", "broken", "broken/*", "broken/dangling", "broken/outside", "broken/f*",
	"--exclude=*.md docs", "--exclude=**/*.md docs", "--exclude=deep docs", "--exclude=docs/deep docs", "--exclude=**/*_test.go --exclude=vendor src", "--exclude=*.txt .", "--exclude=a* *.txt",
	"--exclude=* --exclude=!main.go src", "--exclude=docs *", "--exclude=deep *", "--exclude=a.txt a.txt", "--exclude=/deep docs", "--exclude=node_modules web x",
	"--parents docs/deep", "--parents docs/*/page.md", "--parents **/*.go", "--parents docs/**/*.md", "--parents ./src/./pkg", "--parents x/y/./z", "--parents *.txt", "--parents .", "--parents nothing",
	"--parents src/**/vendor", "--parents **/build", "--parents */./*.js", "--parents a.txt docs/index.md", "--parents --exclude=**/*_test.go src", "--parents --exclude=src/pkg src", "--parents **/node_modules/**",
	"--parents links/dir/index.md", "--parents links/dir", "--parents links", "--parents links/*", "--link docs", "--chmod=600 docs",
	"$DIR", "${DIR}/deep", "$DIR/*.md",
}

// differs are the copies for which buildcontext is known to differ from BuildKit, and why.
var differs = map[string]string{
	"links/dir":            followed,
	"links/dir/":           followed,
	"links/dir/index.md":   followed,
	"links/dir/*":          followed,
	"links/dir/deep":       followed,
	"links/x/dir2/main.go": followed,
	"links/x/dir2/pkg":     followed,
	"links/*":              followed,
	"links/x/*":            followed,
	"links/*/file2":        "BuildKit is not sent what a link points to that a pattern with a folder names",
	"broken/*":             broken,
	"broken/dangling":      broken,
	"broken/outside":       broken,
	"*/*":                  broken,
	"--parents .":          "BuildKit takes this for a path that does not exist",
}

const (
	followed = "BuildKit follows a link to a folder; for buildcontext a link is a file"
	broken   = "BuildKit refuses a link to nothing; for buildcontext a link is a file"
)

// testContext builds copies with each of the ignoreFiles, and compares what is in the image with what buildcontext
// predicts.
func testContext(t *testing.T, e *engine) {
	t.Helper()
	var equal, files, refused atomic.Int64
	t.Run("ignore", func(t *testing.T) {
		check := func(name, file, text string, list []string) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				writeContext(t, dir)
				if file != "" {
					writeFile(t, filepath.Join(dir, file), text)
				}
				for _, c := range list {
					reason := differs[c]
					if reason != "" && file != "" {
						continue
					}
					want, exists, got, failure := e.both(t, dir, c)
					diff := cmp.Diff(want, got)
					switch same := diff == "" && exists == (failure == ""); {
					case same && reason != "":
						t.Errorf("COPY %s: dockvet and BuildKit agree, take it out of the exceptions", c)
					case same:
						equal.Add(1)
						files.Add(int64(len(got)))
						if failure != "" {
							refused.Add(1)
						}
					case reason == "":
						t.Errorf("COPY %s: dockvet says it exists: %v, BuildKit: %q; files (-dockvet +BuildKit)\n%s", c, exists, failure, diff)
					}
				}
			})
		}
		for part := range slices.Chunk(slices.Concat(core, copies), 20) {
			check("nothing", "", "", part)
		}
		for _, ignore := range ignoreFiles {
			check(ignore.name, ignore.file, ignore.text, core)
		}
	})
	t.Logf("%d COPY instructions equal with %d files in all, %d of them refused by both; %d known to differ",
		equal.Load(), files.Load(), refused.Load(), len(differs))
}

// both is what dockvet and BuildKit say about one COPY of the context in dir.
func (e *engine) both(t *testing.T, dir, words string) (want []string, exists bool, got []string, failure string) {
	t.Helper()
	src := "FROM scratch\nARG DIR=docs\nCOPY " + words + " /out/\n"
	if inner, ok := strings.CutSuffix(words, `"]`); ok && strings.HasPrefix(words, "[") {
		src = "FROM scratch\nCOPY " + inner + `", "/out/"]` + "\n"
	}
	writeFile(t, filepath.Join(dir, "Dockerfile"), src)
	want, exists = predict(t, dir, src)
	got, failure = e.copied(t, dir)
	if len(want) == 0 && strings.ContainsAny(words, wild) {
		// Whether a pattern may match nothing depends on which directories happen to be sent.
		exists = failure == ""
	}
	return want, exists, got, failure
}

// wild are the characters that make a source a wildcard.
const wild = `*?[\`

// writeContext writes contextFiles. Each file contains its name.
func writeContext(t *testing.T, dir string) {
	t.Helper()
	for _, f := range contextFiles {
		name, target, link := strings.Cut(f, " -> ")
		switch full := filepath.Join(dir, name); {
		case link:
			if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, full); err != nil {
				t.Fatal(err)
			}
		case strings.HasSuffix(name, "/"):
			if err := os.MkdirAll(full, 0o755); err != nil {
				t.Fatal(err)
			}
		default:
			writeFile(t, full, name)
		}
	}
}

// predict is what dockvet expects the COPY at the end of a Dockerfile to copy, as identify describes each file; false
// if the build fails because something is missing.
func predict(t *testing.T, dir, src string) (files []string, exists bool) {
	t.Helper()
	c, err := buildcontext.New(os.DirFS(dir), "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	steps := plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{}).Stages[0].Steps
	step := steps[len(steps)-1]
	for _, s := range step.Copy.Sources {
		taken, ok := c.Transfer(step, s)
		if !ok {
			t.Fatalf("not known: %s", src)
		}
		if !strings.ContainsAny(s.Path.Text, wild) && (!taken.Exists || taken.Ignored) {
			return nil, false
		}
		for _, f := range taken.Files {
			name := filepath.Join(dir, f.Name)
			// BuildKit follows a link that the source names within the context.
			if target, err := os.Readlink(name); err == nil && step.Instruction.Flag("parents") == nil && slices.Contains(taken.Names, f.Name) {
				if !path.IsAbs(target) {
					target = path.Join(path.Dir(f.Name), target)
				}
				if followed, err := filepath.EvalSymlinks(filepath.Join(dir, target)); err == nil {
					name = followed
				}
			}
			files = append(files, identify(t, name))
		}
	}
	slices.Sort(files)
	return slices.Compact(files), true
}

// copied is what BuildKit copies with the Dockerfile in dir.
func (e *engine) copied(t *testing.T, dir string) (files []string, failure string) {
	t.Helper()
	out := t.TempDir()
	r := e.buildIn(t, dir, dir, "--output", "type=local,dest="+out)
	err := filepath.WalkDir(out, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, identify(t, name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return slices.Compact(files), r.failure
}

// identify distinguishes a file of the context from all others, wherever it is copied to.
func identify(t *testing.T, name string) string {
	t.Helper()
	if target, err := os.Readlink(name); err == nil {
		return "-> " + target
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return name
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(string(data), "\n") {
		return fmt.Sprintf("%.30q", data)
	}
	return path.Clean(string(data))
}
