//go:build unix

package disk

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives f the owner and group of old, and reports whether it has them.
func keepOwner(old, f *os.File) bool {
	was, ok := ownerOf(old)
	is, known := ownerOf(f)
	if !ok || !known {
		return false
	}
	if was == is {
		return true
	}
	if f.Chown(was.uid, was.gid) == nil {
		return true
	}
	_ = f.Chown(-1, was.gid) // a member of the group may give it away; the caller says what is lost
	return false
}

type owner struct{ uid, gid int }

func ownerOf(f *os.File) (owner, bool) {
	info, err := f.Stat()
	if err != nil {
		return owner{}, false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return owner{}, false
	}
	return owner{int(s.Uid), int(s.Gid)}, true
}

// hardLinked reports whether the file has more names than one.
func hardLinked(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Nlink > 1
}
