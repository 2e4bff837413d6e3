//go:build linux || darwin || freebsd || netbsd

package disk

import (
	"bytes"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// keepAttributes gives f the extended attributes of old, and returns the names of those that it cannot have. A file
// system without attributes has none.
func keepAttributes(old, f *os.File) (lost []string) {
	from, to := int(old.Fd()), int(f.Fd())
	list := sized(func(buf []byte) (int, error) { return unix.Flistxattr(from, buf) })
	for name := range strings.SplitSeq(string(list), "\x00") {
		if name == "" {
			continue
		}
		value := sized(func(buf []byte) (int, error) { return unix.Fgetxattr(from, name, buf) })
		have := sized(func(buf []byte) (int, error) { return unix.Fgetxattr(to, name, buf) })
		if have != nil && bytes.Equal(value, have) {
			continue
		}
		if value == nil || unix.Fsetxattr(to, name, value, 0) != nil {
			lost = append(lost, name)
		}
	}
	return lost
}

// sized is what get writes into a buffer that is large enough, nil if it fails. Without a buffer it gives the size.
func sized(get func([]byte) (int, error)) []byte {
	n, err := get(nil)
	if err != nil {
		return nil
	}
	buf := make([]byte, n)
	if n == 0 {
		return buf
	}
	if n, err = get(buf); err != nil {
		return nil
	}
	return buf[:n]
}
