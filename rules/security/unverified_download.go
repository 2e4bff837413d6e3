package security

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnverifiedDownload reports downloads that become programs, archives or keys although nothing verifies a checksum or a
// signature afterwards, in this script or a later one of the stage. It has a doubt unless they come over plain HTTP.
// What goes straight into an interpreter is for pipe-to-shell. Downloads of one script are one finding.
var UnverifiedDownload = &lint.Rule{
	Name: "unverified-download", Category: lint.Security,
	Summary: "a downloaded program, archive or key is used without a checksum or signature",
	Aliases: []string{"S6474"}, Severity: lint.Warning, Profile: lint.Recommended,
	Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(
		lint.OnStep(func(p *lint.Pass, s *plan.Step) {
			if s.Copy != nil && s.Copy.Add && s.Instruction.Flag("checksum") == nil {
				checkAdd(p, s)
			}
		}),
		lint.OnRun(func(p *lint.Pass, s *shell.Script) {
			var plain, secure []*download.Download
			for _, c := range s.Commands {
				d := download.Of(c)
				if d == nil || len(d.URLs) == 0 || slices.ContainsFunc(d.URLs, download.Own) || verifiedLater(p, c) ||
					!becomes(d) {
					continue
				}
				if slices.ContainsFunc(d.URLs, isPlain) {
					plain = append(plain, d)
				} else {
					secure = append(secure, d)
				}
			}
			reportDownloads(p, plain, true)
			reportDownloads(p, secure, false)
		}),
	),
}

func isPlain(url string) bool {
	return strings.HasPrefix(url, "http://") || strings.HasPrefix(url, "ftp://")
}

func reportDownloads(p *lint.Pass, list []*download.Download, plain bool) {
	if len(list) == 0 {
		return
	}
	first := list[0]
	f := reportDownload(p, first.Command.Span, "`"+first.Command.Name+"`", fileName(first), plain)
	f.Advise("verify it in the same RUN, as in `echo \"$SHA256  file\" | sha256sum -c`, or use `ADD --checksum`")
	for _, d := range list[1:] {
		f.Relate(d.Command.Span, "this one, too")
	}
}

func reportDownload(p *lint.Pass, span parser.Span, by, file string, plain bool) *lint.Finding {
	if file == "" {
		file = "a file"
	} else {
		file = "`" + file + "`"
	}
	f := p.Report(span, "%s downloads %s, and nothing verifies it", by, file)
	if plain {
		return f.Because("it comes over plain HTTP or FTP, so anyone on the network path can replace it")
	}
	f.Because("if the server ever sends something else, nothing in the build notices")
	return f.Doubting("HTTPS authenticates the server")
}

// checkAdd reports the remote sources of s, an ADD without a checksum.
func checkAdd(p *lint.Pass, s *plan.Step) {
	for _, src := range s.Copy.Sources {
		url := src.Path.Text
		plain := isPlain(url)
		if !src.Remote || !plain && !strings.HasPrefix(url, "https://") || strings.Contains(url, ".git") ||
			download.Own(url) || p.Plan.Target == nil {
			continue
		}
		name := urlName(url)
		if !isProgram(name) && !inBin(s.Destination()) {
			continue
		}
		f := reportDownload(p, src.Word.Full(), "`ADD`", name, plain)
		f.Advise("add `--checksum=sha256:…`")
		if !plain && !src.Path.Known {
			f.Doubting("the address is only known during the build")
		}
	}
}

// verifiedLater reports whether a command after c verifies something, in its script or a later one of the stage.
func verifiedLater(p *lint.Pass, c *shell.Command) bool {
	for _, other := range c.Script.Root().Commands {
		if other.Span.Start >= c.Span.Start && verifies(other) {
			return true
		}
	}
	step := c.Script.Step
	if step.OnBuild || step.Stage == nil {
		return false
	}
	for later := range step.After() {
		if s := p.Script(later); s != nil && slices.ContainsFunc(s.Commands, verifies) {
			return true
		}
	}
	return false
}

// verifies reports whether c verifies a checksum or signature. An import of keys does not.
func verifies(c *shell.Command) bool {
	if c.Name == "gpg" && c.Has("--dearmor", "--import", "--recv-keys") {
		return false
	}
	return download.Verifies(c) || strings.Contains(c.Name, "verif") || c.Name == "openssl" && c.Has("-verify", "dgst") ||
		c.Name == "gh" && c.Has("attestation")
}

// becomes reports whether a command of its script uses what d downloads as a program, an archive or a key.
func becomes(d *download.Download) bool {
	c := d.Command
	if d.Output == "-" || d.Output == "" && c.PipeTo != nil {
		return c.PipeTo != nil && unpacks(c.PipeTo)
	}
	name := fileName(d)
	if name == "" || d.Output == "/dev/null" {
		return false
	}
	if inBin(d.Output) {
		return true
	}
	for _, other := range c.Script.Root().Commands {
		if other.Span.Start <= c.Span.End {
			continue
		}
		if other.Name == name || (unpacks(other) || runs(other)) && mentions(other, name) {
			return true
		}
	}
	return false
}

// unpacks reports whether c is a command that unpacks or installs archives, or adds keys.
func unpacks(c *shell.Command) bool {
	switch c.Name {
	case "tar", "bsdtar", "unzip", "cpio", "gunzip", "unxz", "rpm2cpio", "dpkg", "rpm", "apt-key":
		return true
	case "gpg":
		return c.Has("--dearmor", "--import")
	}
	return false
}

// runs reports whether c runs a file of its arguments, or makes it a program.
func runs(c *shell.Command) bool {
	switch c.Name {
	case "sh", "bash", "python", "python3", "perl", "php", "install":
		return true
	case "chmod":
		mode, _ := modeOf(c)
		return strings.Contains(mode.Text, "x") || strings.ContainsAny(mode.Text, "1357")
	case "mv", "cp":
		words := c.Operands()
		return len(words) > 1 && inBin(words[len(words)-1].Text)
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

// fileName is the name of the file that d writes, "" if it is not known.
func fileName(d *download.Download) string {
	if d.Output != "" && d.Output != "-" {
		return path.Base(d.Output)
	}
	return urlName(d.URLs[0])
}

// urlName is the last part of the path in url, "" if it has none.
func urlName(url string) string {
	url, _, _ = strings.Cut(url, "?")
	_, rest, _ := strings.Cut(url, "://")
	if !strings.Contains(rest, "/") {
		return ""
	}
	return rest[strings.LastIndexByte(rest, '/')+1:]
}

// isProgram reports whether name is that of a program, an archive or a key.
func isProgram(name string) bool {
	switch path.Ext(name) {
	case ".gz", ".tgz", ".xz", ".bz2", ".zip", ".zst", ".tar", ".deb", ".rpm", ".apk", ".jar", ".war", ".sh", ".py", ".phar",
		".whl", ".gem", ".so", ".asc", ".gpg", ".bin", ".run":
		return true
	}
	return false
}

// inBin reports whether file is in a directory of programs, or is one.
func inBin(file string) bool {
	return strings.Contains(file, "/bin/") || strings.HasSuffix(file, "/bin") || strings.Contains(file, "/sbin/")
}
