// Package oracle finds out from BuildKit itself, without a daemon or a network, what a Dockerfile builds.
package oracle

import (
	"context"
	"encoding/json"
	"strings"

	dockerfile "github.com/dockvet/dockvet/parser"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"google.golang.org/protobuf/proto"
)

// probe is the configuration of every base image in one compilation. Two builds are only the same if they are for
// every probe. With args, everything that the Dockerfile declares is also set with --build-arg.
type probe struct {
	config ocispecs.ImageConfig
	args   bool
}

func probes() []probe {
	return []probe{
		{ocispecs.ImageConfig{Env: []string{"PATH=/usr/bin:/bin"}}, false},
		{ocispecs.ImageConfig{Env: []string{"PATH=/usr/bin:/bin"}}, true},
		{ocispecs.ImageConfig{
			Env:  []string{"PATH=/opt/bin", "HOME=/home/x", "VERSION=9", "A=a b", "LANG=C"},
			User: "someone", WorkingDir: "/some/where", Entrypoint: []string{"/entry"}, Cmd: []string{"cmd"}, Labels: map[string]string{"l": "m"},
		}, false},
	}
}

func (p probe) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	image := ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}, Config: p.config}
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		image.Platform = *opt.ImageOpt.Platform
	}
	image.RootFS = ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString(ref)}} // an image without layers counts as scratch
	config, err := json.Marshal(image)
	return ref, digest.FromString(ref), config, err
}

// Builds is what src builds according to BuildKit: the graph and the image configuration, for each stage as the
// target under each probe. It is false if BuildKit rejects src.
func Builds(src []byte) (out []string, ok bool) {
	defer func() {
		if recover() != nil { // BuildKit panics on some malformed files
			out, ok = nil, false
		}
	}()
	f := dockerfile.Parse("Dockerfile", src)
	args := given(f)
	var ends []int // of the stages
	for _, in := range f.Instructions {
		if in.Name == "FROM" {
			ends = append(ends, in.Span.Start)
		}
	}
	if len(ends) == 0 {
		return nil, false
	}
	ends = append(ends[1:], len(src))
	for _, p := range probes() {
		for _, end := range ends {
			var given map[string]string
			if p.args {
				given = args
			}
			one, err := compile(src[:end], p, given)
			if err != nil {
				if end == len(src) && !p.args { // a given argument may not be a valid tag or port
					return nil, false
				}
				one = "refused" // a stage above the target may be broken although the whole file is not
			}
			out = append(out, one)
		}
	}
	return out, true
}

// given sets build arguments for everything that f declares, except what every build sets or what has a special
// meaning.
func given(f *dockerfile.File) map[string]string {
	out := map[string]string{}
	for _, in := range f.Instructions {
		if in.Name != "ARG" {
			continue
		}
		for _, pair := range in.Pairs {
			name := strings.ToLower(pair.Key.Value)
			switch {
			case strings.HasSuffix(name, "_proxy"), name == "source_date_epoch", strings.HasPrefix(name, "buildkit_"), strings.HasPrefix(name, "target"),
				strings.HasPrefix(name, "build") && name != "build":
			default:
				out[pair.Key.Value] = "given-" + name
			}
		}
	}
	return out
}

func compile(src []byte, p probe, args map[string]string) (string, error) {
	ctx := context.Background()
	caps := pb.Caps.CapSet(pb.Caps.All())
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	opt := dockerfile2llb.ConvertOpt{MetaResolver: p, TargetPlatform: &platform, LLBCaps: &caps}
	opt.BuildArgs = args
	opt.BuildPlatforms = []ocispecs.Platform{platform}
	res, err := dockerfile2llb.Dockerfile2LLB(ctx, src, opt)
	if err != nil {
		return "", err
	}
	def, err := res.State.Marshal(ctx, llb.Platform(platform))
	if err != nil {
		return "", err
	}
	graph, err := canonicalGraph(def.Def)
	if err != nil {
		return "", err
	}
	image := *res.Image
	image.History, image.Created = nil, nil
	config, err := json.Marshal(image)
	return graph + "\n" + string(config), err
}

// canonicalGraph is a digest that only depends on what the graph does; hints about which files of a context to send
// first are left out.
func canonicalGraph(ops [][]byte) (string, error) {
	names := map[string]string{}
	last := ""
	for _, data := range ops {
		var op pb.Op
		if err := op.UnmarshalVT(data); err != nil {
			return "", err
		}
		for _, in := range op.Inputs {
			in.Digest = names[in.Digest]
		}
		if src := op.GetSource(); src != nil {
			for name := range src.Attrs {
				if strings.HasPrefix(name, "local.") {
					delete(src.Attrs, name)
				}
			}
		}
		out, err := proto.MarshalOptions{Deterministic: true}.Marshal(&op)
		if err != nil {
			return "", err
		}
		last = digest.FromBytes(out).String()
		names[digest.FromBytes(data).String()] = last
	}
	return last, nil
}
