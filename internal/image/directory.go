package image

import (
	"path"
	"strings"
)

// standard are directories that an image with an operating system has.
var standard = [...]string{
	"/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp",
	"/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/share", "/usr/sbin", "/usr/share", "/var",
	"/var/cache", "/var/lib", "/var/log", "/var/tmp",
}

// Standard reports whether every image with an operating system has the directory dir.
func Standard(dir string) bool {
	for _, d := range standard {
		if d == dir {
			return true
		}
	}
	return false
}

// Directory reports whether the image has the directory dir, an absolute path. known is false where that is not known: below the
// standard directories every image has some of its own.
func (i Image) Directory(dir string) (has, known bool) {
	switch {
	case i.tag().windows():
		return false, false
	case Standard(dir):
		return true, true
	}
	top, _, _ := strings.Cut(strings.TrimPrefix(path.Clean(dir), "/"), "/")
	if i.System() {
		return false, !Standard("/"+top) && !strings.HasPrefix(top, "lib")
	}
	switch top {
	case "app", "src", "code", "work", "workspace", "build", "source", "project", "application", "service", "server", "api", "backend",
		"frontend":
		return false, i.Foundation() || i.fact("runtime") != "" && i.Workdir() == "/"
	}
	return false, false
}
