package download

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/shell"
)

// Use is what the script of a download makes of the file.
type Use int

// The uses.
const (
	Data    Use = iota // nothing that we know
	Key                // it is trusted as a key or a certificate
	Archive            // it is unpacked, or installed as a package
	Program            // it is run or may be run
)

// Use is what commands of the script make of the file. What goes straight into an interpreter is Data.
func (d *Download) Use() Use {
	c := d.Command
	if d.Output == "-" || d.Output == "" && c.PipeTo != nil {
		if c.PipeTo == nil {
			return Data
		}
		return reads(c.PipeTo)
	}
	name := d.File()
	switch {
	case name == "" || d.Output == "/dev/null":
		return Data
	case InBin(d.Output):
		return Program
	case inTrustStore(d.Output):
		return Key
	}
	for _, other := range c.Script.Root().Commands {
		if other.Span.Start <= c.Span.End {
			continue
		}
		if other.Name == name {
			return Program
		}
		use := reads(other)
		if use == Data && runs(other) {
			use = Program
		}
		if use != Data && mentions(other, name) {
			return use
		}
	}
	switch path.Ext(name) {
	case ".so", ".jar", ".war", ".phar":
		return Program
	}
	return Data
}

// reads is what c, if it unpacks or installs archives or adds keys, makes of its input.
func reads(c *shell.Command) Use {
	switch c.Name {
	case "tar", "bsdtar", "unzip", "cpio", "gunzip", "unxz", "rpm2cpio", "dpkg", "rpm":
		return Archive
	case "apt-key":
		return Key
	case "gpg":
		if c.Has("--dearmor", "--import") {
			return Key
		}
	case "keytool":
		if c.Has("-import", "-importcert") {
			return Key
		}
	}
	return Data
}

// runs reports whether c runs a file of its arguments, or makes it a program.
func runs(c *shell.Command) bool {
	switch c.Name {
	case "sh", "bash", "python", "python3", "perl", "php", "install":
		return true
	case "chmod":
		return slices.ContainsFunc(c.Operands(), func(w shell.Word) bool {
			return strings.HasPrefix(w.Text, "+") && strings.Contains(w.Text, "x") || strings.Contains(w.Text, "+x") ||
				strings.Contains(w.Text, "=rx") || strings.Contains(w.Text, "rwx") ||
				strings.Trim(w.Text, "01234567") == "" && strings.ContainsAny(w.Text, "1357")
		})
	case "mv", "cp":
		words := c.Operands()
		return len(words) > 1 && InBin(words[len(words)-1].Text)
	}
	return false
}

// mentions reports whether an argument of c is the file called name, in any directory, or a pattern for it.
func mentions(c *shell.Command, name string) bool {
	return slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
		base := path.Base(w.Text)
		if base == name || w.Text == name {
			return true
		}
		match, err := path.Match(base, name)
		return err == nil && match && len(base) > 1
	})
}

// File is the name of the file that d writes, "" if it is not known.
func (d *Download) File() string {
	if d.Output != "" && d.Output != "-" {
		return path.Base(d.Output)
	}
	if len(d.URLs) == 0 {
		return ""
	}
	return NameOf(d.URLs[0])
}

// NameOf is the last part of the path in url, "" if it has none.
func NameOf(url string) string {
	url, _, _ = strings.Cut(url, "?")
	_, rest, _ := strings.Cut(url, "://")
	if !strings.Contains(rest, "/") {
		return ""
	}
	return rest[strings.LastIndexByte(rest, '/')+1:]
}

// inTrustStore reports whether a file is a certificate that programs trust.
func inTrustStore(file string) bool {
	return strings.HasPrefix(file, "/usr/local/share/ca-certificates/") || strings.HasPrefix(file, "/etc/pki/ca-trust/source/anchors/")
}

// InBin reports whether file is in a directory of programs, or is one.
func InBin(file string) bool {
	return strings.Contains(file, "/bin/") || strings.HasSuffix(file, "/bin") || strings.Contains(file, "/sbin/")
}
