package oracle

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/solver/pb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Build is how one build is started: what its base images set, its build arguments and its platform.
type Build struct {
	Env      []string // besides PATH
	Workdir  string   // of the base images
	Args     map[string]string
	Platform ocispecs.Platform // linux/amd64 if it is zero
}

// Refusal is why BuildKit's frontend rejects a Dockerfile. Lines are the first lines of the instructions that it names,
// from 1; none if it does not say.
type Refusal struct {
	Message string
	Lines   []int
}

// Refuses is what BuildKit's frontend says against building the last stage of src; ok is false if it builds.
func Refuses(src []byte, b Build) (refusal Refusal, ok bool) {
	defer func() {
		if what := recover(); what != nil {
			refusal, ok = Refusal{Message: fmt.Sprintf("panic: %v", what)}, true
		}
	}()
	if b.Platform.OS == "" {
		b.Platform = ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	}
	ctx := context.Background()
	caps := pb.Caps.CapSet(pb.Caps.All())
	images := probe{config: ocispecs.ImageConfig{Env: append([]string{"PATH=/usr/bin:/bin"}, b.Env...), WorkingDir: b.Workdir}}
	opt := dockerfile2llb.ConvertOpt{MetaResolver: images, TargetPlatform: &b.Platform, LLBCaps: &caps}
	opt.BuildArgs = b.Args
	opt.BuildPlatforms = []ocispecs.Platform{{OS: "linux", Architecture: "amd64"}}
	res, err := dockerfile2llb.Dockerfile2LLB(ctx, src, opt)
	if err == nil {
		_, err = res.State.Marshal(ctx, llb.Platform(b.Platform))
	}
	if err == nil {
		return Refusal{}, false
	}
	refusal.Message = strings.TrimSpace(err.Error())
	if at, found := errors.AsType[*parser.LocationError](err); found {
		for _, ranges := range at.Locations {
			for _, r := range ranges {
				if r.Start.Line > 0 {
					refusal.Lines = append(refusal.Lines, r.Start.Line)
				}
			}
		}
	}
	return refusal, true
}
