package oracle

import (
	"context"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/solver/pb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Rejects reports whether `docker build --check` ends with an error on src. It gets no build context.
func Rejects(src []byte) (rejects bool) {
	defer func() {
		if recover() != nil { // BuildKit panics on some malformed files
			rejects = true
		}
	}()
	ctx := context.Background()
	def, err := llb.Scratch().Marshal(ctx)
	if err != nil {
		return true
	}
	sources := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", src)
	sources.Definition = def // it must not be nil
	caps := pb.Caps.CapSet(pb.Caps.All())
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	opt := dockerfile2llb.ConvertOpt{SourceMap: sources, MetaResolver: probes()[0], TargetPlatform: &platform, LLBCaps: &caps}
	opt.BuildPlatforms = []ocispecs.Platform{platform}
	res, err := dockerfile2llb.DockerfileLint(ctx, src, opt)
	return err != nil || res.Error != nil
}
