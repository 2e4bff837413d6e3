package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/internal/lsp"
)

func (a *app) lsp() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "Serve an editor: findings, fixes and more while you type",
		Long: `Talk to an editor by the Language Server Protocol, on standard input and output. An editor starts this command;
docs/editors.md says how to set one up.

The exit code is 0 if the editor says goodbye, and 1 if it leaves without.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.serve() },
	}
	cmd.Flags().Bool("stdio", true, "accepted because many editors pass it; there is no other way")
	return cmd
}

func (a *app) serve() error {
	dir, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("find the working directory: %w", err)
	}
	const delay = 100 * time.Millisecond // longer than between two keys, shorter than a pause to look
	o := lsp.Options{Version: version(), Dir: dir, Now: time.Now, Alive: alive, Delay: delay}
	const opening = 2 * time.Second // until an editor has the findings of the first file, which should not wait for collections
	time.AfterFunc(opening, newCollector(math.MaxInt).end)
	err = lsp.Serve(context.Background(), a.in, a.out, o)
	if errors.Is(err, lsp.ErrNoShutdown) {
		a.code = exitFindings
		return nil
	}
	return err
}

// alive reports whether the process with that number runs.
func alive(process int) bool {
	p, err := os.FindProcess(process)
	if err != nil {
		return false
	}
	defer func() { _ = p.Release() }() // nothing was done to it
	if runtime.GOOS == "windows" {
		return true // FindProcess has opened it
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}
