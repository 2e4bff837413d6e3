package report

import (
	"encoding/binary"
	"math/bits"
)

// squeeze appends text to out in a shorter form: what is new of it and where it repeats what came before, one after the other, each after
// its length. Text that repeats itself becomes ten times shorter, with a fraction of the code of package compress/flate.
func squeeze(out, text []byte) []byte {
	const shortest, width = 6, 13
	var last [1 << width]int32 // where a sequence of bytes began, plus one, by a hash of it
	from := 0                  // of what is new
	for i := 0; i+8 <= len(text); {
		hash := binary.LittleEndian.Uint64(text[i:]) << (64 - 8*shortest) * 0x9e3779b97f4a7c15 >> (64 - width)
		at := int(last[hash]) - 1
		last[hash] = int32(i) + 1
		n := 0
		if at >= 0 {
			n = alike(text[at:], text[i:])
		}
		if n < shortest {
			i++
			continue
		}
		out = binary.AppendUvarint(out, uint64(i-from))
		out = append(out, text[from:i]...)
		out = binary.AppendUvarint(out, uint64(n))
		out = binary.AppendUvarint(out, uint64(i-at))
		i += n
		from = i
	}
	out = binary.AppendUvarint(out, uint64(len(text)-from))
	return append(out, text[from:]...)
}

// alike is how many bytes a and b, the shorter one, have in common at the beginning.
func alike(a, b []byte) int {
	n := 0
	for n+8 <= len(b) {
		if x := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); x != 0 {
			return n + bits.TrailingZeros64(x)/8
		}
		n += 8
	}
	for n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// unsqueeze appends what was squeezed to out.
func unsqueeze(out, data []byte) []byte {
	number := func() int {
		x, n := binary.Uvarint(data)
		data = data[n:]
		return int(x)
	}
	for {
		n := number()
		out = append(out, data[:n]...)
		if data = data[n:]; len(data) == 0 {
			return out
		}
		length, back := number(), number()
		for at := len(out) - back; length > 0; {
			n := min(length, len(out)-at)
			out = append(out, out[at:at+n]...)
			at += n
			length -= n
		}
	}
}
