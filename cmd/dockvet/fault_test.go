//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// These tests drive the program over repositories that are made to harm whoever checks them. Each part of a TestFault
// fails on the version that had the fault: see tools/faults.sh, which names another program in DOCKVET_BINARY. What they
// make is harmless: pipes that nobody writes to, links and files of the test's own directory.

const (
	faultTime   = 10 * time.Second
	faultMemory = "4194304" // KiB of address space, most of which Go never touches
	secret      = "t0p-s3cret"
)

// dockvetProgram is the program to test.
func dockvetProgram(t *testing.T) string {
	t.Helper()
	if name := os.Getenv("DOCKVET_BINARY"); name != "" {
		return name
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "dockvet") // the test is dockvet under that name: see TestMain
	if err := os.Symlink(self, name); err != nil {
		t.Fatal(err)
	}
	return name
}

// world is a directory with a repository, repo, and with files around it that are none of its business.
type world struct {
	t   *testing.T
	dir string
}

func newWorld(t *testing.T, files map[string]string) world {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := world{t, dir}
	w.make("repo/.git/HEAD", "ref: refs/heads/main\n")
	for name, text := range files {
		w.make(name, text)
	}
	return w
}

func (w world) path(name string) string { return filepath.Join(w.dir, filepath.FromSlash(name)) }

// make makes a file; a text that begins with "->" makes a link, with "->=" an absolute one, and "|" a pipe.
func (w world) make(name, text string) {
	w.t.Helper()
	full := w.path(name)
	err := os.MkdirAll(filepath.Dir(full), 0o755)
	if target, ok := strings.CutPrefix(text, "->"); ok {
		if inside, ok := strings.CutPrefix(target, "="); ok {
			target = w.path(inside)
		}
		err = errors.Join(err, os.Symlink(target, full))
	} else if text == "|" {
		err = errors.Join(err, syscall.Mkfifo(full, 0o644))
	} else {
		err = errors.Join(err, os.WriteFile(full, []byte(text), 0o644))
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w world) read(name string) string {
	w.t.Helper()
	data, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}

// outcome is what a run of the program did.
type outcome struct {
	code     int
	out, err string
}

// run runs dockvet in repo. A run that takes too long or is killed for its memory fails the test.
func (w world) run(args ...string) outcome {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), faultTime)
	defer cancel()
	shell := append([]string{"-c", `ulimit -v "$0"; exec "$@"`, faultMemory, dockvetProgram(w.t)}, args...)
	cmd := exec.CommandContext(ctx, "sh", shell...)
	cmd.Dir = w.path("repo")
	cmd.WaitDelay = time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // the exit code says it
	code := -1
	if cmd.ProcessState != nil {
		code = cmd.ProcessState.ExitCode()
	}
	o := outcome{code, out.String(), errs.String()}
	if ctx.Err() != nil {
		w.t.Errorf("dockvet %s: still running after %s", strings.Join(args, " "), faultTime)
	} else if code < 0 || code > exitTrouble || strings.Contains(o.err, "goroutine ") {
		w.t.Errorf("dockvet %s: exit code %d\n%.600s", strings.Join(args, " "), code, o.err)
	}
	return o
}

// silent fails the test if the secret was printed.
func (w world) silent(o outcome) {
	w.t.Helper()
	if strings.Contains(o.out+o.err, secret) {
		w.t.Errorf("text of an outside file is printed\n%s\n%s", o.out, o.err)
	}
}

func contains(t *testing.T, text, want string) {
	t.Helper()
	if !strings.Contains(text, want) {
		t.Errorf("`%s` is not in:\n%s", want, text)
	}
}

const (
	plainDockerfile = "FROM debian:12\nCOPY . /app\nCMD [\"/app/run.sh\"]\n"
	nodeDockerfile  = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"npm\", \"start\"]\n"
)

// TestFaultPipe: nothing waits for a pipe, whatever file of a repository it stands in for.
func TestFaultPipe(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"Dockerfile by name":  {"repo/Dockerfile": "|"},
		"link to a pipe":      {"repo/pipe": "|", "repo/Dockerfile.txt": "->pipe"},
		"dockerignore":        {"repo/.dockerignore": "|", "repo/package.json": "{}"},
		"gitignore":           {"repo/.gitignore": "|"},
		"exclude":             {"repo/.git/info/exclude": "|"},
		"configuration":       {"repo/.dockvet.yaml": "|"},
		"hadolint":            {"repo/.hadolint.yaml": "|"},
		"extends":             {"repo/.dockvet.yaml": "extends: [base.yaml]\n", "repo/base.yaml": "|"},
		"manifest":            {"repo/package.json": "|"},
		"entry script":        {"repo/run.sh": "|", "repo/package.json": "{}", "repo/Dockerfile": plainDockerfile},
		"workspace root":      {"repo/package.json": "|", "repo/app/Dockerfile": nodeDockerfile, "repo/app/package.json": "{}"},
		"link to pipe script": {"repo/pipe": "|", "repo/run.sh": "->pipe", "repo/package.json": "{}", "repo/Dockerfile": plainDockerfile},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, files)
			if _, ok := files["repo/Dockerfile"]; !ok {
				w.make("repo/Dockerfile", nodeDockerfile)
			}
			args := []string{"check", "--profile", "strict"}
			if name == "Dockerfile by name" {
				args = append(args, "Dockerfile")
			}
			w.run(args...)
		})
	}
}

// TestFaultDevice: no device is read, and none fills the memory.
func TestFaultDevice(t *testing.T) {
	for _, name := range []string{".dockerignore", "Dockerfile.dockerignore"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string]string{"repo/Dockerfile": nodeDockerfile, "repo/package.json": "{}"})
			w.make("repo/"+name, "->/dev/zero")
			w.run("check")
		})
	}
	t.Run("sparse", func(t *testing.T) {
		w := newWorld(t, map[string]string{"repo/Dockerfile": nodeDockerfile, "repo/package.json": "{}", "repo/.dockerignore": ""})
		if err := os.Truncate(w.path("repo/.dockerignore"), 8<<30); err != nil {
			t.Skip(err)
		}
		w.run("check")
	})
}

// TestFaultLink: a link that leads out of the repository is a note, and nothing of what it leads to is printed.
func TestFaultLink(t *testing.T) {
	dockerfile := "FROM " + secret + ":latest\nRUN cd /\n"
	for name, x := range map[string]struct {
		files map[string]string
		args  []string
	}{
		"Dockerfile":         {map[string]string{"secret": dockerfile, "repo/Dockerfile": "->../secret"}, nil},
		"Dockerfile by name": {map[string]string{"secret": dockerfile, "repo/Dockerfile": "->../secret"}, []string{"Dockerfile"}},
		"absolute":           {map[string]string{"secret": dockerfile, "repo/Dockerfile": "->=secret"}, nil},
		"directory by name":  {map[string]string{"out/Dockerfile": dockerfile, "repo/dir": "->../out"}, []string{"dir"}},
		"configuration":      {map[string]string{"secret": secret + ": 1\n", "repo/.dockvet.yaml": "->../secret"}, nil},
		"hadolint":           {map[string]string{"secret": secret + ": 1\n", "repo/.hadolint.yaml": "->../secret"}, nil},
		"extends": {map[string]string{
			"secret": secret + ": 1\n", "repo/base.yaml": "->../secret",
			"repo/.dockvet.yaml": "extends: [base.yaml]\n",
		}, nil},
		"extends without a link": {map[string]string{
			"out/secret":         secret + ": 1\n",
			"repo/.dockvet.yaml": "extends: [../out/secret]\n",
		}, nil},
		"extends of --config": {map[string]string{
			"out/secret":   secret + ": 1\n",
			"repo/ci.yaml": "extends: [../out/secret]\n",
		}, []string{"--config", "ci.yaml"}},
		"compose": {map[string]string{
			"secret":            "services: {a: {build: {context: 1, " + secret + ": [}}}\n",
			"repo/compose.yaml": "->../secret",
		}, nil},
		"env": {map[string]string{
			"secret": secret + "\nx=1\n", "repo/.env": "->../secret",
			"repo/compose.yaml": "services: {a: {build: .}}\n",
		}, nil},
		"context": {map[string]string{
			"out/" + secret + "/.env": "A=1\n", "out/" + secret + "/id_rsa": "-----BEGIN RSA PRIVATE KEY-----\n",
			"repo/link": "->../out", "repo/compose.yaml": "services: {a: {build: {context: ./link, dockerfile: ../Dockerfile}}}\n",
		}, nil},
		"--context": {
			map[string]string{"out/" + secret + "/id_rsa": "-----BEGIN RSA PRIVATE KEY-----\n", "repo/link": "->../out"},
			[]string{"--context", "link"},
		},
		"entry script": {map[string]string{
			"secret": "echo " + secret + "\r\necho\r\n", "repo/run.sh": "->../secret", "repo/package.json": "{}",
			"repo/Dockerfile": plainDockerfile,
		}, nil},
		"ignore file": {map[string]string{"secret": "/" + secret + "\n[\n", "repo/.dockerignore": "->../secret", "repo/package.json": "{}"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, x.files)
			if _, err := os.Lstat(w.path("repo/Dockerfile")); err != nil {
				w.make("repo/Dockerfile", "FROM debian:12\nCOPY . /app\n")
			}
			o := w.run(append([]string{"check", "--profile", "strict"}, x.args...)...)
			w.silent(o)
			if !strings.Contains(o.err, "link that leads out of the repository") && !strings.Contains(o.err, "outside the repository") {
				t.Errorf("no note:\n%s", o.err)
			}
		})
	}
}

// TestFaultFixLink: --fix neither changes nor creates a file through a link that leads out of the repository.
func TestFaultFixLink(t *testing.T) {
	const outside = "FROM debian:12\nENV a b\nCMD x\n"
	t.Run("Dockerfile", func(t *testing.T) {
		w := newWorld(t, map[string]string{"out": outside, "repo/Dockerfile": "->../out"})
		w.run("check", "--profile", "strict", "--fix", "--unsafe-fixes")
		if w.read("out") != outside {
			t.Errorf("an outside file was fixed:\n%s", w.read("out"))
		}
	})
	t.Run("Dockerfile by name", func(t *testing.T) {
		w := newWorld(t, map[string]string{"out": outside, "repo/Dockerfile": "->../out"})
		w.run("check", "--profile", "strict", "--fix", "--unsafe-fixes", "Dockerfile")
		if w.read("out") != outside {
			t.Errorf("an outside file was fixed:\n%s", w.read("out"))
		}
	})
	for _, how := range []string{"compose", "--context"} {
		t.Run("context of "+how, func(t *testing.T) {
			w := newWorld(t, map[string]string{
				"out/package.json": "{}", "out/node_modules/x/index.js": "", "out/.git/HEAD": "", "repo/link": "->../out",
				"repo/Dockerfile": nodeDockerfile,
			})
			args := []string{"check", "--profile", "strict", "--fix", "--unsafe-fixes"}
			if how == "compose" {
				w.make("repo/compose.yaml", "services: {a: {build: {context: ./link, dockerfile: ../Dockerfile}}}\n")
			} else {
				args = append(args, "--context", "link")
			}
			w.run(args...)
			if _, err := os.Lstat(w.path("out/.dockerignore")); err == nil {
				t.Error("a file was created outside")
			}
		})
	}
}

// TestFaultReport: a report file in the repository is not written through a link that leads out, nor if it is read-only.
func TestFaultReport(t *testing.T) {
	for name, link := range map[string]string{"link": "->../kept", "absolute link": "->=kept"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string]string{"kept": "kept\n", "repo/report.json": link, "repo/Dockerfile": "FROM debian\n"})
			o := w.run("check", "-f", "json", "-o", "report.json")
			contains(t, o.err, "cannot write report.json: it is a link that leads out of the repository")
			if w.read("kept") != "kept\n" {
				t.Error("an outside file was written")
			}
		})
	}
	t.Run("linked directory", func(t *testing.T) {
		w := newWorld(t, map[string]string{"out/x": "", "repo/reports": "->../out", "repo/Dockerfile": "FROM debian\n"})
		w.run("check", "-f", "json", "-o", "reports/new.json")
		if _, err := os.Lstat(w.path("out/new.json")); err == nil {
			t.Error("a file was created outside")
		}
	})
	t.Run("read-only", func(t *testing.T) {
		w := newWorld(t, map[string]string{"repo/report.json": "kept\n", "repo/Dockerfile": "FROM debian\n"})
		if err := os.Chmod(w.path("repo/report.json"), 0o444); err != nil {
			t.Fatal(err)
		}
		o := w.run("check", "-f", "json", "-o", "report.json")
		contains(t, o.err, "cannot write report.json: it is read-only")
		if w.read("repo/report.json") != "kept\n" {
			t.Error("a read-only file was written")
		}
	})
	t.Run("pipe", func(t *testing.T) {
		w := newWorld(t, map[string]string{"repo/report.json": "|", "repo/Dockerfile": "FROM debian\n"})
		contains(t, w.run("check", "-f", "json", "-o", "report.json").err, "pipe that nobody reads")
	})
}

// TestReportAnywhere: what the user names may be anywhere, and may be a device.
func TestReportAnywhere(t *testing.T) {
	w := newWorld(t, map[string]string{"other/x": "", "link": "->other/report.json", "repo/Dockerfile": "FROM debian\n"})
	for _, name := range []string{w.path("other/report.json"), "../link", "/dev/null", "/dev/stdout", "inside.json"} {
		o := w.run("check", "-f", "json", "-o", name)
		if o.code != exitFindings || o.err != "" {
			t.Errorf("%s: exit code %d\n%s", name, o.code, o.err)
		}
		if name == "/dev/stdout" {
			contains(t, o.out, "latest")
		}
	}
	contains(t, w.read("other/report.json"), "latest")
	if info, err := os.Lstat(w.path("link")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is not a link any more")
	}
}

// TestFaultKept: --fix keeps what a Dockerfile has besides its content, or says that it cannot.
func TestFaultKept(t *testing.T) {
	const before = "FROM debian:12\nENV a b\nCMD x\n"
	fixed := func(t *testing.T, prepare func(name string) error) (world, outcome) {
		t.Helper()
		w := newWorld(t, map[string]string{"repo/Dockerfile": before})
		if err := prepare(w.path("repo/Dockerfile")); err != nil {
			t.Skip(err)
		}
		o := w.run("check", "--profile", "strict", "--fix", "--fix-only", "legacy-key-value")
		contains(t, w.read("repo/Dockerfile"), "ENV a=b")
		return w, o
	}
	t.Run("mode", func(t *testing.T) {
		w, _ := fixed(t, func(name string) error { return os.Chmod(name, 0o751|os.ModeSetuid|os.ModeSetgid) })
		if info, err := os.Stat(w.path("repo/Dockerfile")); err != nil || info.Mode() != 0o751|os.ModeSetuid|os.ModeSetgid {
			t.Errorf("mode %v, error %v", info.Mode(), err)
		}
	})
	t.Run("owner", func(t *testing.T) {
		w, _ := fixed(t, func(name string) error { return os.Chown(name, 1234, 4321) })
		info, err := os.Stat(w.path("repo/Dockerfile"))
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := info.Sys().(*syscall.Stat_t); !ok || s.Uid != 1234 || s.Gid != 4321 {
			t.Errorf("owner %+v", s)
		}
	})
	t.Run("attribute", func(t *testing.T) {
		w, _ := fixed(t, func(name string) error { return unix.Setxattr(name, "user.dockvet", []byte("kept"), 0) })
		buf := make([]byte, 16)
		if n, err := unix.Getxattr(w.path("repo/Dockerfile"), "user.dockvet", buf); err != nil || string(buf[:n]) != "kept" {
			t.Errorf("attribute %q, error %v", buf[:max(n, 0)], err)
		}
	})
	t.Run("hard link", func(t *testing.T) {
		_, o := fixed(t, func(name string) error { return os.Link(name, name+".other") })
		contains(t, o.err, "its other hard links could not be kept")
	})
}

// TestFaultMount: a file that is mounted cannot be replaced, and the answer says what to do.
func TestFaultMount(t *testing.T) {
	t.Run("bind", func(t *testing.T) {
		w := newWorld(t, map[string]string{"out": "FROM debian:12\nENV a b\n", "repo/Dockerfile": ""})
		program := dockvetProgram(t)
		script := `mount --bind "$1" "$2" || exit 77; exec "$3" check --fix --profile strict Dockerfile`
		cmd := exec.CommandContext(t.Context(), "unshare", "--mount", "sh", "-c", script, "sh", w.path("out"), w.path("repo/Dockerfile"), program)
		cmd.Dir = w.path("repo")
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == 77 || strings.Contains(string(out), "unshare") {
			t.Skipf("nothing can be mounted here: %v\n%s", err, out)
		}
		contains(t, string(out), "not fixed: cannot write Dockerfile: it is a mount point")
		if w.read("out") != "FROM debian:12\nENV a b\n" {
			t.Error("the mounted file was written")
		}
	})
}

// TestFaultEnv: values of `.env` files are used, and never printed.
func TestFaultEnv(t *testing.T) {
	for name, x := range map[string]struct{ env, compose, dockerfile string }{
		"not an assignment": {secret + " x\nA=1\n", "services: {a: {build: .}}\n", ""},
		"not a name":        {"a " + secret + " =1\n", "services: {a: {build: .}}\n", ""},
		"open quote":        {"A='" + secret + "\n", "services: {a: {build: .}}\n", ""},
		"bad variable":      {"A=${9" + secret + "}\n", "services: {a: {build: .}}\n", ""},
		"port":              {"A=" + secret + "\n", "services: {a: {build: ., ports: [\"${A}\"]}}\n", ""},
		"argument": {
			"A=" + secret + "\n", "services: {a: {build: {context: ., args: {IMAGE: \"${A}\"}}}}\n",
			"ARG IMAGE=debian\nFROM ${IMAGE}:latest\nCMD [\"x\"]\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string]string{"repo/.env": x.env, "repo/compose.yaml": x.compose, "repo/secret.env": secret + "\nB=1\n"})
			if x.dockerfile == "" {
				x.dockerfile = "FROM debian:12\n"
			}
			w.make("repo/Dockerfile", x.dockerfile)
			for _, format := range []string{"text", "json", "sarif"} {
				o := w.run("check", "--profile", "strict", "-f", format)
				w.silent(o)
				if name == "argument" && format == "text" {
					contains(t, o.out, "image `***` is used with the moving tag")
				}
			}
		})
	}
}

// TestFaultPrinted: what a repository holds neither steers a terminal nor commands a CI runner.
func TestFaultPrinted(t *testing.T) {
	steers := func(text string) bool {
		return strings.ContainsAny(text, "\x1b\r\a\u202e\u2066\u009b")
	}
	check := func(t *testing.T, o outcome) {
		t.Helper()
		if steers(o.out) || steers(o.err) {
			t.Errorf("control characters are printed: %q\n%q", o.out, o.err)
		}
		for line := range strings.Lines(o.out + o.err) {
			line := strings.TrimSpace(line)
			if strings.Contains(line, "##[") || strings.Contains(line, "##vso[") ||
				strings.HasPrefix(line, "::") && !strings.HasPrefix(line, "::: ") {
				t.Errorf("a runner takes this for a command: %q", line)
			}
		}
	}
	const odd = "\x1b[31m\u202e"
	for name, x := range map[string]struct {
		files map[string]string
		args  []string
	}{
		"error":         {nil, []string{"nothing" + odd}},
		"configuration": {map[string]string{"repo/.dockvet.yaml": "\"a\\e[31m\u202e\": 1\n"}, nil},
		"note":          {map[string]string{"repo/compose.yaml": "services: {a: {build: ., ports: [\"\\e[31m\u202e\"]}}\n"}, nil},
		"difference":    {map[string]string{"repo/Dockerfile": "FROM debian:12\nENV a b\n# \x1b[31m \u202e x\ry\n"}, []string{"--diff"}},
		"difference with commands": {map[string]string{
			"repo/Dockerfile": "FROM debian:12\nENV a b\nRUN <<EOF\n ::error::x\n ##[error]x ##vso[task.x]\nEOF\n",
		}, []string{"--diff"}},
		"frame with commands":   {map[string]string{"repo/Dockerfile": "FROM debian:latest AS ##[error]##vso[task.complete]\n"}, nil},
		"message with commands": {map[string]string{"repo/Dockerfile": "FROM debian:12\nFOO ##[error]x\n##vso[task.complete]\n"}, nil},
		"fixed file":            {map[string]string{"repo/::error::x.Dockerfile": "FROM debian:12\nENV a b\n"}, []string{"--fix"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, x.files)
			if _, ok := x.files["repo/Dockerfile"]; !ok {
				w.make("repo/Dockerfile", "FROM debian:12\nENV a b\n")
			}
			check(t, w.run(append([]string{"check", "--profile", "strict"}, x.args...)...))
		})
	}
	t.Run("SARIF", func(t *testing.T) {
		w := newWorld(t, map[string]string{"repo/Dockerfile": "FROM debian:12\nCOPY --from=a [click](https://example.com/) /\nFOO [click](https://example.com/)\n" +
			"FROM [click](https://example.com/)\n"})
		o := w.run("check", "--profile", "strict", "-f", "sarif")
		if regexp.MustCompile(`(^|[^\\])\[[^\]\[]*[^\\]\]\(https://example`).MatchString(o.out) {
			t.Errorf("a message has a link of the repository:\n%s", regexp.MustCompile(`.*example\.com.*`).FindAllString(o.out, 9))
		}
	})
}
