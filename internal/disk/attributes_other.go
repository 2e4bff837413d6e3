//go:build !(linux || darwin || freebsd || netbsd)

package disk

import "os"

// keepAttributes keeps none: there are none here, or no common way to read them.
func keepAttributes(_, _ *os.File) (lost []string) { return nil }
