//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peak is the maximum resident set size of a finished process, in bytes.
func peak(s *os.ProcessState) (int64, bool) {
	u, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, false
	}
	if runtime.GOOS == "darwin" {
		return u.Maxrss, true
	}
	return u.Maxrss * 1024, true
}
