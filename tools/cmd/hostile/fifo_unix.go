//go:build unix

package main

import "syscall"

// fifo makes a pipe that nobody writes to.
func (b *builder) fifo(name string) error { return syscall.Mkfifo(b.path(name), 0o644) }
