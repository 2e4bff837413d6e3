package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// peak is the largest resident set of a process that has ended, in bytes. Linux counts what this process had when it
// started the other.
func peak(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss << 10
}

// resident is the resident set of a running process, in bytes; 0 if it is not known.
func resident(pid int) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := bytes.Fields(data)
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64) // 0 is right for what cannot be read
	return pages * int64(os.Getpagesize())
}
