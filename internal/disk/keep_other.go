//go:build !unix

package disk

import (
	"io/fs"
	"os"
)

// keepOwner reports true: a new file has the owner and the access list of its directory here.
func keepOwner(_, _ *os.File) bool { return true }

func hardLinked(fs.FileInfo) bool { return false }
