package buildcontext

import (
	"cmp"
	"io/fs"
	"strings"

	"github.com/dockvet/dockvet/internal/order"
)

// Part is a file or directory in a context with its size. The figures of a directory include everything in it.
type Part struct {
	Name  string // in the context, "." for the whole
	Dir   bool
	Link  bool
	Sent  Weight   // what the build sees
	Kept  Weight   // what the ignore file keeps out
	By    *Pattern // what ignores it as a whole, or nil
	Below []*Part  // of a directory, the largest first, by what is sent and then by what is ignored
}

// Weight is a number of files, links among them, and the sum of their sizes in bytes.
type Weight struct {
	Files int
	Bytes int64
}

func (w *Weight) add(o Weight) {
	w.Files += o.Files
	w.Bytes += o.Bytes
}

// MaxSurvey bounds how many files a survey looks at.
const MaxSurvey = 1_000_000

// Survey measures everything in the context, ignored or not, and looks at each file for its size. progress, which may
// be nil, is told now and then how many files that were. cut: there are more than MaxSurvey, and the rest is left
// out. A directory that the build sees and that cannot be read is an error, after all others.
func (c *Context) Survey(progress func(files int)) (root *Part, cut bool, err error) {
	s := surveyor{ctx: c, progress: progress}
	root = s.part(&c.root, false)
	if progress != nil {
		progress(s.files)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return root, s.files >= MaxSurvey, c.err
}

type surveyor struct {
	ctx      *Context
	progress func(int)
	files    int
}

// part measures n. above is true if everything above n is ignored, by the same pattern.
func (s *surveyor) part(n *node, above bool) *Part {
	p := &Part{Name: n.name, Dir: n.dir()}
	if !p.Dir {
		s.files++
		if s.progress != nil && s.files%1000 == 0 {
			s.progress(s.files)
		}
		p.Link = n.Type()&fs.ModeSymlink != 0
		w := Weight{1, File{n.name, n.entry}.Size()}
		if p.Sent = w; n.ignored {
			p.Sent, p.Kept = Weight{}, w
		}
	} else {
		whole := above || n.ignored && !s.ctx.reaches(n.name)
		below := s.ctx.list(n)
		for i := range below {
			if s.files >= MaxSurvey {
				break
			}
			b := s.part(&below[i], whole)
			p.Sent.add(b.Sent)
			p.Kept.add(b.Kept)
			p.Below = append(p.Below, b)
		}
		order.By(p.Below, func(a, b *Part) int {
			return cmp.Or(cmp.Compare(b.Sent.Bytes, a.Sent.Bytes), cmp.Compare(b.Kept.Bytes, a.Kept.Bytes), strings.Compare(a.Name, b.Name))
		})
	}
	if n.ignored && p.Sent.Files == 0 && !above {
		p.By = s.ctx.Decider(n.name)
	}
	return p
}
