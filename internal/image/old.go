package image

import "github.com/dockvet/dockvet/plan"

// The questions below are those of callers that are about to ask Of themselves.

func DefaultUser(r plan.Ref) (string, bool) { return Of(r).User() }
func DropsRoot(r plan.Ref) bool             { return Of(r).DropsRoot() }
func SpareUser(r plan.Ref) string           { return Of(r).SpareUser() }
func Exposes(r plan.Ref) (int, bool)        { return Of(r).Port() }
func Entrypoint(r plan.Ref) Entry           { return Of(r).Entry() }
func Lacks(r plan.Ref, program string) bool { return Of(r).Lacks(program) }
func Shellless(r plan.Ref) bool             { return Of(r).Shellless() }
func Shell(r plan.Ref) string               { return Of(r).Shell() }
