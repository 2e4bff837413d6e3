//go:build !unix

package main

func (*builder) fifo(string) error { return errUnsupported }
