package install

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/shell"
)

// LockCommand is the command that writes the lock file that call lacks; "" if call needs none or has one.
func (f *Facts) LockCommand(call *shell.Call) string {
	in := f.Setting(call)
	if in == nil || in.Lock != "" || in.Manager.Lock == nil {
		return ""
	}
	lock := in.Manager.Lock
	if !of(lock.Verbs, call.Verb.Text) || call.Command.Has(lock.OffFlags...) || f.saysLock(in, lock.Settings) {
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
