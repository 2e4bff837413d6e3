package pipeline

import (
	"strings"

	"github.com/dockvet/dockvet/report"
)

// builds keeps builds in little memory: those of very many Dockerfiles differ in nothing but the Dockerfile and the context.
type builds struct {
	list  []keptBuild
	rests []report.Build // without a Dockerfile and a context
	known map[plainBuild]int32
}

type keptBuild struct {
	dockerfile, context string
	rest                int32 // in builds.rests
}

// plainBuild is all that is to be said of a build which no file describes.
type plainBuild struct {
	kind, builder, reason, target string
	assumed, targetOpen           bool
}

func (k *builds) add(list []report.Build) {
	for i := range list {
		b := &list[i]
		k.list = append(k.list, keptBuild{b.Dockerfile, b.Context, k.rest(b)})
	}
}

// rest is the number in k.rests for b.
func (k *builds) rest(b *report.Build) int32 {
	key := plainBuild{b.Kind, b.Builder, b.Reason, b.Target, b.Assumed, b.TargetOpen}
	plain := b.File == "" && len(b.Args)+len(b.Contexts)+len(b.Platforms)+len(b.Services) == 0
	if i, ok := k.known[key]; plain && ok {
		return i
	}
	rest := *b
	rest.Dockerfile, rest.Context = "", ""
	rest.Target = strings.Clone(b.Target) // otherwise it keeps the text of the whole Dockerfile
	k.rests = append(k.rests, rest)
	i := int32(len(k.rests) - 1)
	if plain {
		if k.known == nil {
			k.known = map[plainBuild]int32{}
		}
		key.target = rest.Target
		k.known[key] = i
	}
	return i
}

func (k *builds) all(yield func(report.Build) bool) {
	for _, x := range k.list {
		b := k.rests[x.rest]
		b.Dockerfile, b.Context = x.dockerfile, x.context
		if !yield(b) {
			return
		}
	}
}
