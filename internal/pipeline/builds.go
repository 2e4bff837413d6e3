package pipeline

import (
	"strings"

	"github.com/dockvet/dockvet/report"
)

// builds keeps builds in little memory: those of very many Dockerfiles differ in nothing but the Dockerfile and the context.
type builds struct {
	list     []keptBuild
	contexts []string       // the same one only once in a row, since a directory often has several Dockerfiles
	rests    []report.Build // without a Dockerfile and a context
	known    map[plainBuild]int32
}

type keptBuild struct {
	dockerfile    string
	context, rest int32 // in builds.contexts, in builds.rests
}

// plainBuild is all that is to be said of a build which no file describes.
type plainBuild struct {
	kind, builder, reason, target string
	assumed, targetOpen           bool
}

func (k *builds) add(list []report.Build) {
	for i := range list {
		b := &list[i]
		if n := len(k.contexts); n == 0 || k.contexts[n-1] != b.Context {
			k.contexts = append(k.contexts, b.Context)
		}
		k.list = append(k.list, keptBuild{b.Dockerfile, int32(len(k.contexts) - 1), k.rest(b)})
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
		b.Dockerfile, b.Context = x.dockerfile, k.contexts[x.context]
		if !yield(b) {
			return
		}
	}
}
