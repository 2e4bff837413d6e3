//go:build !linux

package main

import "os"

// peak is not known on this system.
func peak(*os.ProcessState) int64 { return 0 }

// resident is not known on this system.
func resident(int) int64 { return 0 }
