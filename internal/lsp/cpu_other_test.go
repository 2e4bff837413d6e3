//go:build !unix

package lsp

import "time"

// cpu is the processor time that this process has used, 0 if that is not known.
func cpu() time.Duration { return 0 }
