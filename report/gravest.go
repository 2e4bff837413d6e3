package report

import (
	"bytes"
	"compress/flate"
	"encoding/binary"

	"github.com/dockvet/dockvet/lint"
)

// gravest holds values for a format that may only have so many of them. Which ones it has is known at the end: all errors, then the first
// warnings, then the first infos. The values are compressed until then, which makes them ten times smaller. What cannot be among them any
// more is dropped early, so memory does not grow with the number of values.
type gravest struct {
	limit  int
	seen   int
	graded [lint.Error + 1]graded
	packer *flate.Writer
}

// graded are the first values of one severity, each after its number among all values and its length.
type graded struct {
	blocks []packed
	open   packed // the last ones, not yet compressed
	n      int    // in all of them
}

// packed are n values.
type packed struct {
	data []byte
	n    int
}

const packedSize = 1 << 16 // bytes, before they are compressed

func (g *gravest) add(severity lint.Severity, value []byte) error {
	g.seen++
	to := &g.graded[severity]
	if to.n >= g.room(severity) {
		return nil
	}
	to.open.data = binary.AppendUvarint(to.open.data, uint64(g.seen))
	to.open.data = binary.AppendUvarint(to.open.data, uint64(len(value)))
	to.open.data = append(to.open.data, value...)
	to.open.n++
	to.n++
	for s := range severity {
		g.graded[s].keep(g.room(s))
	}
	if len(to.open.data) < packedSize {
		return nil
	}
	return g.pack(to)
}

// room is how many values of one severity there may be, as far as it is known.
func (g *gravest) room(severity lint.Severity) int {
	n := g.limit
	for s := severity + 1; s <= lint.Error; s++ {
		n -= g.graded[s].n
	}
	return max(n, 0)
}

// keep drops blocks at the end, as long as n values are left.
func (x *graded) keep(n int) {
	if x.n-x.open.n < n {
		return
	}
	x.n -= x.open.n
	x.open = packed{data: x.open.data[:0]}
	for len(x.blocks) > 0 && x.n-x.blocks[len(x.blocks)-1].n >= n {
		last := len(x.blocks) - 1
		x.n -= x.blocks[last].n
		x.blocks[last] = packed{}
		x.blocks = x.blocks[:last]
	}
}

// pack compresses the last values of x.
func (g *gravest) pack(x *graded) (err error) {
	var out bytes.Buffer
	if g.packer == nil {
		g.packer, err = flate.NewWriter(&out, flate.BestSpeed)
	} else {
		g.packer.Reset(&out)
	}
	if err == nil {
		_, err = g.packer.Write(x.open.data)
	}
	if err == nil {
		err = g.packer.Close()
	}
	x.blocks = append(x.blocks, packed{bytes.Clone(out.Bytes()), x.open.n})
	x.open = packed{data: x.open.data[:0]}
	return err
}

// write gives the values that are left in the order in which they came.
func (g *gravest) write(to func(value []byte) error) error {
	var from [len(g.graded)]unpacker
	for s := range from {
		from[s] = unpacker{of: &g.graded[s], left: min(g.graded[s].n, g.room(lint.Severity(s)))}
		if err := from[s].next(); err != nil {
			return err
		}
	}
	for {
		var first *unpacker
		for s := range from {
			if u := &from[s]; u.number > 0 && (first == nil || u.number < first.number) {
				first = u
			}
		}
		if first == nil {
			return nil
		}
		if err := to(first.value); err != nil {
			return err
		}
		if err := first.next(); err != nil {
			return err
		}
	}
}

// unpacker reads graded values.
type unpacker struct {
	of     *graded
	left   int // values to come
	block  int // to unpack next
	buf    bytes.Buffer
	rest   []byte // of a block
	number uint64 // of value; 0 after the last one
	value  []byte
}

func (u *unpacker) next() error {
	if u.number = 0; u.left == 0 {
		return nil
	}
	u.left--
	if len(u.rest) == 0 {
		if err := u.unpack(); err != nil {
			return err
		}
	}
	number, n := binary.Uvarint(u.rest)
	size, m := binary.Uvarint(u.rest[n:])
	begin := n + m
	end := begin + int(size)
	u.number, u.value, u.rest = number, u.rest[begin:end], u.rest[end:]
	return nil
}

func (u *unpacker) unpack() error {
	if u.block == len(u.of.blocks) {
		u.rest = u.of.open.data
		return nil
	}
	in := bytes.NewReader(u.of.blocks[u.block].data)
	u.of.blocks[u.block].data = nil // each is read once
	u.block++
	u.buf.Reset()
	_, err := u.buf.ReadFrom(flate.NewReader(in))
	u.rest = u.buf.Bytes()
	return err
}
