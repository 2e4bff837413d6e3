package engine_test

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

// tool takes the place of each program that needs the network or a compiler. What it writes depends on the files that such a program
// reads, so an image shows what a step has seen. Installations also write a cache, and `go build` fails without the modules.
const tool = `#!/bin/sh
set -e
sum() { for f in "$@"; do if [ -f "$f" ]; then sha256sum "$f"; fi; done; }
sources() { find . -type f \( -name '*.js' -o -name '*.ts*' -o -name '*.go' -o -name '*.vue' -o -name '*.json' \) | grep -v /made/ | sort | xargs sha256sum; }
cache() { { mkdir -p "$1" && echo x > "$1/x"; } 2>/dev/null || :; } # only root can
made() { mkdir -p "$1/made"; cat > "$1/made/$2"; }
name=${0##*/}
case "$name $*" in
*" cache clean"*|*" -v"*|corepack*) ;;
adduser*|useradd*) for a; do n=$a; done; echo "$n:x:1001:1001::/home/$n:/bin/sh" >> /etc/passwd ;;
addgroup*|groupadd*) for a; do n=$a; done; echo "$n:x:1001:" >> /etc/group ;;
"npm install -g "*|"npm add -g "*) mkdir -p /usr/lib/tools; for a; do case $a in [a-z]*) ln -sf /bin/tool /usr/bin/${a%%@*}; echo $a > /usr/lib/tools/${a%%@*};; esac; done ;;
"apk "*|"apt-get "*) mkdir -p /usr/lib/packages; for a; do case $a in [a-z]*) echo $a > /usr/lib/packages/$a;; esac; done ;;
"npm run "*|"yarn build"*|"yarn patch-package"*|"turbo run "*|"npx "*|"pnpm run "*)
	for d in $OUTPUTS .; do sources | made $d built; done ;;
"turbo prune "*) mkdir -p out/full out/json; cp package.json out/json; cp package-lock.json out; cp package.json out/full; sources | made out/full pruned; for d in $OUTPUTS; do echo x | made out/full/$d pruned; done ;;
"bundle install"*) mkdir -p /usr/local/bundle; sum Gemfile Gemfile.lock > /usr/local/bundle/installed ;;
"go mod download"*) mkdir -p /go/pkg/mod; sum go.mod go.sum > /go/pkg/mod/modules ;;
"go build "*|"go install "*)
	out=built; while [ $# -gt 0 ]; do if [ "$1" = -o ]; then out=$2; fi; shift; done
	if [ ! -f /go/pkg/mod/modules ]; then echo "no modules" >&2; exit 1; fi
	cache /root/.cache/go-build; mkdir -p "$(dirname "$out")"
	{ cat /go/pkg/mod/modules; sources; echo "$REVISION"; } > $out; chmod 755 $out ;;
*) # an installation of the application's packages
	mkdir -p node_modules; cache /root/.npm; cache /usr/local/share/.cache/yarn
	sum package.json package-lock.json yarn.lock pnpm-lock.yaml .npmrc > node_modules/.installed; echo "$*" >> node_modules/.installed ;;
esac
`

// toolNames are the names of tool.
var toolNames = []string{"npm", "npx", "yarn", "pnpm", "corepack", "bundle", "go", "apk", "apt-get", "turbo", "adduser", "useradd", "addgroup", "groupadd"}

// testOrders builds real images before and after the best proposal of a replay, with tool in place of the programs that need the network,
// and compares the files of the images. The variable ORDERS adds clones of repositories, each as `DIRECTORY=DOCKERFILE`, with `:` between.
func testOrders(t *testing.T, e *engine) {
	t.Helper()
	if e.noRun != "" {
		t.Skipf("skipped: no RUN: %s", e.noRun)
	}
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	dockvet := filepath.Join(t.TempDir(), "dockvet")
	build := exec.Command("go", "build", "-o", dockvet, "./cmd/dockvet")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	base := e.toolBase(t)
	names, err := filepath.Glob("testdata/orders/*.txtar")
	if err != nil || len(names) < 5 {
		t.Fatal("no cases", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			p := &past{t: t, dir: t.TempDir()}
			p.git("init", "-q", "-b", "main")
			for _, f := range archive.Files {
				p.write(f.Name, string(f.Data))
			}
			p.git("add", "-A")
			p.git("commit", "-qm", "first")
			for i := range 4 {
				for file := range strings.FieldsSeq(string(archive.Comment)) {
					data, err := os.ReadFile(filepath.Join(p.dir, file))
					if err != nil {
						t.Fatal(err)
					}
					p.write(file, string(data)+strings.Repeat(" ", i)+"\n")
				}
				p.git("add", "-A")
				p.git("commit", "-qm", "more")
			}
			e.order(t, dockvet, base, p.dir, "Dockerfile")
		})
	}
	for _, project := range filepath.SplitList(os.Getenv("ORDERS")) {
		dir, file, _ := strings.Cut(project, "=")
		t.Run(filepath.Base(dir), func(t *testing.T) { e.order(t, dockvet, base, dir, file) })
	}
}

// toolBase is an image with tool under all its names, in an OCI layout, and its digest.
func (e *engine) toolBase(t *testing.T) (layout [2]string) {
	t.Helper()
	dir, dest := t.TempDir(), t.TempDir()
	e.rootfs(t, filepath.Join(dir, "rootfs.tar"))
	writeFile(t, filepath.Join(dir, "tool"), tool)
	text := "FROM scratch\nADD rootfs.tar /\nCOPY --chmod=755 tool /bin/tool\nENV PATH=/bin:/usr/bin OUTPUTS=\"" + outputs + "\"\n" +
		"RUN [\"/bin/busybox\", \"mkdir\", \"-p\", \"/usr/bin\", \"/usr/sbin\", \"/sbin\", \"/etc\"]\nRUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\n" +
		"RUN printf 'root:x:0:0::/root:/bin/sh\\nnode:x:1000:1000::/home/node:/bin/sh\\n' > /etc/passwd; printf 'root:x:0:\\nnode:x:1000:\\n' > /etc/group\n" +
		"RUN for n in " + strings.Join(toolNames, " ") + "; do ln -sf tool /bin/$n; done\n"
	if r := e.build(t, dir, text, "--output", "type=oci,tar=false,dest="+dest); r.failure != "" {
		t.Fatalf("no base image: %s", r.failure)
	}
	digest, _ := image(t, dest)
	return [2]string{dest, digest}
}

// outputs are directories that a build makes.
const outputs = "dist build assets public generated prisma scripts .next/standalone .next/static server/views excalidraw-app/build apps/remix/build apps/remix/public packages/prisma packages/prisma/migrations packages/prisma/schema.prisma packages/tailwind-config"

// pinned matches the digest of an image.
var pinned = regexp.MustCompile(`@sha256:[0-9a-f]{64}`)

// order builds a Dockerfile of the repository dir as it is, and with the best proposal for it, and compares the files.
func (e *engine) order(t *testing.T, dockvet string, base [2]string, dir, file string) {
	t.Helper()
	cmd := exec.Command(dockvet, "replay", "-q", "--format=json", "--min-gain=0.01", file)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var shown struct {
		Builds []struct {
			Context   string
			Target    string
			Proposals []struct {
				Title string
				Gain  float64
				Diff  string
			}
		}
	}
	if err := json.Unmarshal(out, &shown); err != nil {
		t.Fatal(err)
	}
	if len(shown.Builds) == 0 || len(shown.Builds[0].Proposals) == 0 {
		t.Fatalf("no proposal\n%s", out)
	}
	b := shown.Builds[0]
	best := b.Proposals[0]
	after := t.TempDir()
	if err := os.CopyFS(after, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	apply := exec.Command("git", "apply", "-")
	apply.Dir, apply.Stdin = after, strings.NewReader(best.Diff)
	if out, err := apply.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, best.Diff)
	}
	ignored := append(added(best.Diff), filepath.Base(file), ".dockerignore")
	var images []map[string]string
	for _, where := range []string{dir, after} {
		src, err := os.ReadFile(filepath.Join(where, file))
		if err != nil {
			t.Fatal(err)
		}
		src = pinned.ReplaceAll(src, nil)
		options := []string{"--oci-layout", "base=" + base[0], "--output", "type=tar,dest=" + filepath.Join(t.TempDir(), "files.tar")}
		if _, err := strconv.Atoi(b.Target); err != nil {
			options = append(options, "--opt", "target="+b.Target)
		}
		for _, s := range plan.New(parser.Parse("Dockerfile", src), plan.Options{}).Stages {
			if s.Base.External() {
				options = append(options, "--opt", "context:"+s.Base.Value.Text+"=oci-layout://base@"+base[1])
			}
		}
		r := e.build(t, filepath.Join(where, b.Context), string(src), options...)
		if r.failure != "" {
			t.Fatalf("%s\n%s", r.failure, src)
		}
		images = append(images, tarFiles(t, strings.TrimPrefix(options[3], "type=tar,dest="), ignored))
	}
	if diff := cmp.Diff(images[0], images[1]); diff != "" {
		t.Errorf("%s: other files (-before +after)\n%s\n%s", best.Title, diff, best.Diff)
	}
	t.Logf("%s, %.1f %% less: %d files are the same, apart from %q", best.Title, 100*best.Gain, len(images[0]), ignored)
}

// added are the lines that a diff adds to an ignore file.
func added(diff string) (lines []string) {
	name := ""
	for line := range strings.Lines(diff) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "+++ "):
			name = line
		case strings.HasPrefix(line, "+") && strings.HasSuffix(name, ".dockerignore"):
			lines = append(lines, line[1:])
		}
	}
	return lines
}

// tarFiles are the entries of an image but those that ignored matches, each with its mode, owner and content.
func tarFiles(t *testing.T, name string, ignored []string) map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	out := map[string]string{}
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(strings.Trim(h.Name, "/"), "/")
		if slices.ContainsFunc(ignored, func(pattern string) bool {
			return slices.ContainsFunc(parts, func(part string) bool {
				ok, err := path.Match(pattern, part)
				return ok && err == nil
			})
		}) {
			continue
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, r); err != nil {
			t.Fatal(err)
		}
		out[h.Name] = fmt.Sprintf("%c %o %d:%d %s %x", h.Typeflag, h.Mode, h.Uid, h.Gid, h.Linkname, sum.Sum(nil))
	}
}
