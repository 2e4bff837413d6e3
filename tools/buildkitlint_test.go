package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dockvet "github.com/dockvet/dockvet/lint"
	dockerfile "github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

// buildkitDiffers are the checks of BuildKit that are not compared, and why.
var buildkitDiffers = map[string]string{
	"InvalidBaseImagePlatform": "needs the registry, which dockvet does not ask",
	"CopyIgnoredFile":          "needs a build context, which a corpus of Dockerfiles lacks",
}

// buildkitDiffersAt says why it is right that dockvet does not report a finding of BuildKit, "" if it should.
func buildkitDiffersAt(check string, src []byte, line int) (reason string) {
	if check == "InvalidDefinitionDescription" {
		// BuildKit mistakes a comment for a linter for a description.
		lines := strings.Split(string(src), "\n")
		for n := line - 2; n >= 0; n-- {
			text := strings.TrimSpace(lines[n])
			if text == "" {
				continue
			}
			if linterComment.MatchString(text) {
				return "the comment above is for a linter"
			}
			break
		}
	}
	return ""
}

var (
	linterComment = regexp.MustCompile(`^#\s*(hadolint|dockvet) `)
	// checkComment matches comments that configure BuildKit's checks. They are neutralised for both sides.
	checkComment = regexp.MustCompile(`(?mi)^(\s*#\s*)(check\s*=)`)
)

// TestBuildKitAgrees checks that the findings with the code of one of BuildKit's checks are the same as BuildKit's
// own, by file and check, over the corpus. Files that BuildKit cannot build are skipped, since it stops at the first
// error.
func TestBuildKitAgrees(t *testing.T) {
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	names, err := tree.Files(tree.CorpusDir(root, ""))
	if errors.Is(err, os.ErrNotExist) || len(names) == 0 {
		t.Skipf("NO CORPUS at %s: dockvet is not held against BuildKit's own checks", tree.CorpusDir(root, ""))
	}
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string]bool{}
	on := map[string]dockvet.Setting{}
	for _, r := range rules.All() {
		for _, a := range r.Aliases {
			if dockvet.Tool(a) == "buildkit" {
				covered[a] = true
				on[r.Name] = dockvet.Setting{On: true}
			}
		}
	}
	linter := dockvet.New(rules.All(), dockvet.Settings{
		Profile: dockvet.Strict, Rules: on, NoComments: true, Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
	})
	judged, stopped, both, missing := 0, 0, 0, map[string]int{}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		src = checkComment.ReplaceAll(bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")), []byte("${1}hadolint $2"))
		src = append([]byte("# check=experimental=all\n"), src...)
		theirs, ok := buildkitChecks(src)
		if !ok {
			stopped++
			continue
		}
		judged++
		ours := map[string]bool{}
		for _, f := range linter.Lint(dockvet.Build{Plan: plan.New(dockerfile.Parse(name, src), plan.Options{})}) {
			for _, a := range f.Aliases {
				if dockvet.Tool(a) == "buildkit" && buildkitDiffers[a] == "" {
					ours[a] = true
				}
			}
		}
		for check, line := range theirs {
			switch {
			case buildkitDiffers[check] != "" || buildkitDiffersAt(check, src, line) != "":
			case !covered[check]:
				missing[check]++
			case !ours[check]:
				t.Errorf("%s:%d: BuildKit alone says %s", name, line-1, check)
			default:
				both++
			}
		}
		for check := range ours {
			if _, ok := theirs[check]; !ok {
				t.Errorf("%s: dockvet alone says %s", name, check)
			}
		}
	}
	for check, n := range missing {
		t.Errorf("no rule has the code %s, which BuildKit says of %d files", check, n)
	}
	t.Logf("%d files judged, %d that BuildKit cannot build, %d pairs of file and check agree", judged, stopped, both)
	if judged < len(names)/2 {
		t.Errorf("BuildKit stopped on %d of %d files: the image resolver of this test is broken", stopped, len(names))
	}
}

// buildkitChecks are the checks with findings, each with the first line of one finding; false if the build fails.
func buildkitChecks(src []byte) (checks map[string]int, ok bool) {
	defer func() {
		if recover() != nil { // BuildKit panics on some malformed files
			checks, ok = nil, false
		}
	}()
	def, err := llb.Scratch().Marshal(context.Background())
	if err != nil {
		return nil, false
	}
	sources := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", src)
	sources.Definition = def // it must not be nil
	caps := pb.Caps.CapSet(pb.Caps.All())
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	opt := dockerfile2llb.ConvertOpt{SourceMap: sources, MetaResolver: images{}, TargetPlatform: &platform, LLBCaps: &caps}
	opt.BuildPlatforms = []ocispecs.Platform{platform}
	var res *lint.LintResults
	res, err = dockerfile2llb.DockerfileLint(context.Background(), src, opt)
	if err != nil || res.Error != nil {
		return nil, false
	}
	checks = map[string]int{}
	for _, w := range res.Warnings {
		line := 0
		if w.Location != nil && len(w.Location.Ranges) > 0 {
			line = int(w.Location.Ranges[0].Start.Line)
		}
		if buildkitDiffersAt(w.RuleName, src, line) != "" {
			continue
		}
		checks[w.RuleName] = line
	}
	return checks, true
}

// images resolves every image to one that only sets PATH, and APP_UID if it is one of .NET.
type images struct{}

func (images) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	image := ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}}
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		image.Platform = *opt.ImageOpt.Platform
	}
	image.Config.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	if strings.HasPrefix(ref, "mcr.microsoft.com/dotnet/") {
		image.Config.Env = append(image.Config.Env, "APP_UID=1654")
	}
	image.RootFS = ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString(ref)}} // an image without layers counts as scratch
	config, err := json.Marshal(image)
	return ref, digest.FromString(ref), config, err
}

// TestReleaseHoldsNoBuilder checks that the program does not link the code that turns a Dockerfile into a build,
// which is larger than everything else together.
func TestReleaseHoldsNoBuilder(t *testing.T) {
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-deps", "./cmd/dockvet")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, tree.Module+"/rules") {
		t.Fatal("the list of packages lacks the rules")
	}
	for _, pkg := range deps {
		if strings.HasPrefix(pkg, "github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb") || pkg == "github.com/moby/buildkit/client/llb" ||
			pkg == "google.golang.org/grpc" {
			t.Errorf("cmd/dockvet links %s", pkg)
		}
	}
}
