package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// LockCommand is the command that writes the lock file that call lacks; "" if call needs none or has one.
func (f *Facts) LockCommand(call *shell.Call) string {
	in := f.Setting(call)
	if in == nil || in.Lock != "" || in.Manager.Lock == nil || f.LockFromElsewhere(call) {
		return ""
	}
	lock := in.Manager.Lock
	if !of(lock.Verbs, call.Verb.Text) || call.Command.Has(lock.OffFlags...) || f.saysLock(in, lock.Settings) {
		return ""
	}
	if len(lock.MadeBy) > 0 && mentions(string(f.p.File.Bytes), lock.MadeBy) {
		return ""
	}
	if lock.Shared && f.otherLock(in) {
		return ""
	}
	if lock.Library != nil {
		src, err := f.p.Context().Read(in.Manifest)
		if err != nil || lock.Library(string(src)) {
			return ""
		}
	}
	return lock.Write
}

// LockFromElsewhere reports whether a lock file of call may come into the image by another way than a COPY from the
// build context: from a stage that prunes a workspace, from another image, by a mount, or by a command that names it.
func (f *Facts) LockFromElsewhere(call *shell.Call) bool {
	at, step, locks := call.Dir(), call.Command.Script.Step, Manager(call).Locks()
	if !at.Known || f.mountsLock(step, at.Text, locks) || mentions(step.Instruction.Text.String, locks) {
		return true
	}
	for before := range step.Before() {
		switch {
		case before.Copy != nil:
			if f.copiesLock(before, at.Text, locks) {
				return true
			}
		case before.Instruction.Name == "RUN":
			if mentions(before.Instruction.Text.String, locks) {
				return true
			}
		}
	}
	return false
}

// copiesLock reports whether a COPY or ADD may bring one of locks to dir from another place than the build context.
func (f *Facts) copiesLock(step *plan.Step, dir string, locks []string) bool {
	for _, src := range step.Copy.Sources {
		if step.Copy.From == nil && !src.Remote && !src.Heredoc {
			continue
		}
		if !src.Path.Known || !step.Copy.To.Known {
			return true
		}
		to := step.Destination()
		_, within := relative(to, dir) // what is copied may be the directory, or one above it
		for _, lock := range locks {
			matched, err := path.Match(path.Base(src.Path.Text), lock)
			if to == path.Join(dir, lock) || within && (matched || err != nil || path.Ext(src.Path.Text) == "") {
				return true
			}
		}
	}
	return false
}

// mountsLock reports whether step mounts files at dir, or at one of locks in it, from elsewhere than the build context.
func (f *Facts) mountsLock(step *plan.Step, dir string, locks []string) bool {
	return slices.ContainsFunc(step.Mounts, func(m plan.Mount) bool {
		if m.Type != "bind" || m.From == nil {
			return false
		}
		_, within := relative(m.Target.Text, dir)
		return !m.Target.Known || within || slices.ContainsFunc(locks, func(lock string) bool {
			return path.Base(m.Target.Text) == lock
		})
	})
}

// saysLock reports whether the file called name beside the manifest has a setting on lock files.
func (f *Facts) saysLock(in *Setting, name string) bool {
	if name == "" {
		return false
	}
	src, err := f.p.Context().Read(path.Join(in.Dir, name))
	return err == nil && strings.Contains(string(src), "lock")
}

// otherLock reports whether a lock file of any manager of the same family is beside the manifest, even if it is
// excluded from the build context.
func (f *Facts) otherLock(in *Setting) bool {
	for _, m := range ecosystem.All() {
		if m.Family != in.Manager.Family {
			continue
		}
		for _, name := range m.Locks() {
			if full := path.Join(in.Dir, name); f.p.Context().Has(full) || f.p.Context().Hides(full) {
				return true
			}
		}
	}
	return false
}

// Modern reports whether the lock file, or a file beside it, is of the manager's newer edition.
func (f *Facts) Modern(in *Setting) bool {
	if in.Manager.Lock == nil {
		return false
	}
	for _, mark := range in.Manager.Lock.Modern {
		full := path.Join(path.Dir(in.Lock), mark.File)
		if mark.Text == "" {
			if f.p.Context().Has(full) {
				return true
			}
			continue
		}
		if src, err := f.p.Context().Read(full); err != nil || strings.Contains(string(src), mark.Text) {
			return true
		}
	}
	return false
}
