package security

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/download"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/publisher"
	"github.com/dockvet/dockvet/internal/vanished"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnverifiedDownload reports downloads that become programs, archives or keys although nothing verifies a checksum or a
// signature afterwards, in this script or a later one of the stage. It has a doubt unless they come over plain HTTP or are
// of a certain release, whose checksum is known when it is chosen. What goes straight into an interpreter is for
// pipe-to-shell. Downloads of one stage are one finding.
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
		}, "ADD"),
		lint.OnRun(func(p *lint.Pass, s *shell.Script) {
			var plain, released, own, keys, other, unknown, insecure []*download.Download
			for _, c := range s.Commands {
				d := download.Of(c)
				if d == nil || len(d.URLs) == 0 || slices.ContainsFunc(d.URLs, download.Own) || verifiedLater(p, c) {
					continue
				}
				switch use := d.Use(); {
				case use == download.Data:
				case slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return checksumless(p, s.Step, w.Text) != "" }):
					unknown = append(unknown, d)
				case slices.ContainsFunc(d.URLs, isPlain):
					plain = append(plain, d)
				case d.Insecure != nil:
					insecure = append(insecure, d)
				case slices.ContainsFunc(d.URLs, func(url string) bool { return publisher.Serves(p, url) }):
					own = append(own, d)
				case use == download.Key:
					keys = append(keys, d)
				case d.Released():
					released = append(released, d)
				default:
					other = append(other, d)
				}
			}
			reportDownloads(p, plain, "")
			reportDownloads(p, released, developing(p))
			reportDownloads(p, own, ownServer)
			for i, d := range unknown {
				for _, w := range d.Command.Args() {
					if why := checksumless(p, s.Step, w.Text); why != "" {
						reportDownloads(p, unknown[i:i+1], why)
					}
				}
			}
			reportDownloads(p, keys, "HTTPS authenticates the server")
			reportDownloads(p, other, "HTTPS authenticates the server")
			reportDownloads(p, insecure, "`tls-verification-off` reports this download, too")
		}),
	),
}

// ownServer is the doubt of a download over HTTPS from whoever publishes the image.
const ownServer = "HTTPS authenticates the server, and the file has the same publisher as the image"

// moves reports whether the file at url is another one after the next release or push, so that it has no fixed checksum.
func moves(url string) bool {
	return (strings.Contains(url, "/releases/latest/") || strings.Contains(url, "github")) && moving.Get().MatchString(url)
}

// moving matches the address of the latest release, or of a branch, at GitHub.
var moving = lazy.Regexp{
	Expr: `/releases/latest/download/|^https://(github\.com/[^/]+/[^/]+/(archive|raw)/|raw\.githubusercontent\.com/[^/]+/[^/]+/|` +
		`codeload\.github\.com/[^/]+/[^/]+/[a-z.]+/)(refs/heads/|(main|master|develop|HEAD)([./]|$))`,
}

// plainScheme is the first unencrypted scheme in urls, "" if there is none.
func plainScheme(urls []string) string {
	for _, url := range urls {
		if isPlain(url) {
			scheme, _, _ := strings.Cut(url, "://")
			return strings.ToUpper(scheme)
		}
	}
	return ""
}

func isPlain(url string) bool {
	return strings.HasPrefix(url, "http://") || strings.HasPrefix(url, "ftp://")
}

// chosenAtBuild reports whether url contains an ARG of step that has no default, so that the file cannot know the checksum.
// Arguments that only name the platform do not count.
func chosenAtBuild(step *plan.Step, url string) bool {
	if !strings.Contains(url, "://") {
		return false
	}
	for _, found := range urlVariable.Get().FindAllStringSubmatch(url, -1) {
		v := step.Env.Lookup(found[1] + found[3]) // one of them is empty
		if v != nil && v.Arg && !v.Set && found[2] == "" && !platformName.Get().MatchString(v.Name) {
			return true
		}
	}
	return false
}

var (
	urlVariable  = lazy.Regexp{Expr: `[$](?:[{]([A-Za-z_][A-Za-z0-9_]*)(:?[-+])?|([A-Za-z_][A-Za-z0-9_]*))`}
	platformName = lazy.Regexp{Expr: `^(TARGET|BUILD)(PLATFORM|OS|ARCH|VARIANT)`}
)

// developing says that an image for development may trust HTTPS; "" for another image.
func developing(p *lint.Pass) string {
	if p.Plan.ForDevelopment() {
		return "HTTPS authenticates the server, and the image seems to be for development"
	}
	return ""
}

// verifying is how to verify what, in a step.
func verifying(step *plan.Step, what string) string {
	if step.Stage != nil && step.Stage.Windows() {
		return what
	}
	return what + ", as in `echo \"$SHA256  file\" | sha256sum -c`"
}

func reportDownloads(p *lint.Pass, list []*download.Download, doubt string) {
	if len(list) == 0 {
		return
	}
	first := list[0]
	file := first.File()
	if path.Ext(file) == "" && strings.Contains(first.URLs[0], file+"?") { // a script of the server
		file = ""
	}
	f := reportDownload(p, first.Command.Span, "`"+first.Command.Name+"`", file, plainScheme(first.URLs)).
		Doubting("%s", doubt)
	verify, also := "verify the file in the same RUN", "and "
	if len(list) > 1 {
		verify = "verify each file in the same RUN"
	}
	if first.Output == "-" || first.Output == "" && first.Command.PipeTo != nil {
		verify, also = "save the download to a file, and verify the file before use", ""
	}
	verify = verifying(first.Command.Script.Step, verify)
	f.Advise("%s", verify)
	key := first.Use() == download.Key
	if key {
		f.Advise("before the key is used, compare its fingerprint with the one that its owner publishes")
	}
	if slices.ContainsFunc(first.Command.Args(), func(w shell.Word) bool { return chosenAtBuild(first.Command.Script.Step, w.Text) }) {
		f.Advise("each build chooses the version, so pass the checksum as another `ARG`, %s%s", also, verify)
	}
	if i := slices.IndexFunc(list, func(d *download.Download) bool { return slices.ContainsFunc(d.URLs, moves) }); i >= 0 {
		if len(list) == 1 {
			f.Advise("name a release or a commit in the URL, because the file at this URL changes, %s%s", also, verify)
		} else {
			f.Advise("%s; if a URL contains a branch or the latest release, name a release or a commit instead", f.Help)
		}
	}
	for _, d := range list[1:] {
		f.Relate(d.Command.Span, "here too")
	}
	type group struct {
		stage                *plan.Stage
		plain, insecure, key bool
	}
	p.Repeat(f, group{first.Command.Script.Step.Stage, isPlain(first.URLs[0]), first.Insecure != nil, key})
}

// reportDownload reports a download over scheme, "" for an encrypted one.
func reportDownload(p *lint.Pass, span parser.Span, by, file, scheme string) *lint.Finding {
	if file == "" {
		file = "a file"
	} else {
		file = "`" + file + "`"
	}
	f := p.Report(span, "%s downloads %s, and nothing verifies it", by, file)
	if scheme != "" {
		return f.Because("the file comes over plain %s, so anyone on the network path can replace it", scheme)
	}
	return f.Because("if the server ever sends a different file, nothing in the build notices")
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
		name := download.NameOf(url)
		if !src.Path.Known {
			name = download.NameOf(src.Word.Value)
		}
		if !isProgram(name) && !download.InBin(s.Destination()) || verifiedAfter(p, s) {
			continue
		}
		f := reportDownload(p, src.Word.Full(), "`ADD`", name, plainScheme([]string{url}))
		f.Advise("add `--checksum=sha256:…`")
		if moves(url) {
			f.Advise("name a release or a commit in the URL, because the file at this URL changes, and add `--checksum=sha256:…`")
		}
		if chosenAtBuild(s, src.Word.Value) {
			f.Advise("each build chooses the version, so pass the checksum as another `ARG`, and add `--checksum=sha256:$SHA256`")
		}
		if strings.Contains(src.Word.Value, "TARGET") {
			f.Advise("download the file in a RUN, and verify it there with the checksum for the platform")
		}
		switch {
		case plain:
		case publisher.Serves(p, url):
			f.Doubting("%s", ownServer)
		case !src.Path.Known && !download.IsRelease(src.Word.Value):
			f.Doubting("the address is only known during the build")
		case !download.IsRelease(src.Word.Value) && !download.IsRelease(url):
			f.Doubting("HTTPS authenticates the server")
		default:
			f.Doubting("%s", developing(p))
		}
		if why := checksumless(p, s, src.Word.Value); why != "" {
			f.Doubting("%s", why)
		}
	}
}

// checksumless says why there is no checksum of url, of step, to write down; "" if there is one.
func checksumless(p *lint.Pass, step *plan.Step, url string) string {
	switch {
	case !strings.Contains(url, "://"):
	case vanished.EndpointIn(url, p.Now) != nil:
		return "the server is gone, so the address has to change first"
	case unchosen(step, url) != "":
		return "the default of `" + unchosen(step, url) + "` is a placeholder, so no checksum fits every version that a build may pass"
	case tagArchive.Get().MatchString(url) && argued(step, url):
		return "the host generates this archive and publishes no checksum, and a build may choose another version"
	}
	return ""
}

// tagArchive matches the address of an archive that a code host makes of a tag or commit.
var tagArchive = lazy.Regexp{Expr: `^https://(github\.com/[^/]+/[^/]+/archive/|codeload\.github\.com/|[^/]*gitlab[^/]*/.*/-/archive/)`}

// argued reports whether a build may choose a part of url with an ARG.
func argued(step *plan.Step, url string) bool {
	return slices.ContainsFunc(urlVariable.Get().FindAllStringSubmatch(url, -1), func(found []string) bool {
		v := step.Env.Lookup(found[1] + found[3]) // one of them is empty
		return v != nil && v.Arg && !platformName.Get().MatchString(v.Name)
	})
}

// unchosen is the ARG of step in url whose default is not a version, "" if there is none.
func unchosen(step *plan.Step, url string) string {
	for _, found := range urlVariable.Get().FindAllStringSubmatch(url, -1) {
		v := step.Env.Lookup(found[1] + found[3]) // one of them is empty
		if v == nil || !v.Arg || !v.Set || !v.Value().Known || platformName.Get().MatchString(v.Name) {
			continue
		}
		switch strings.ToLower(v.Value().Text) {
		case "0.0.0", "0.0", "v0.0.0", "x.y.z", "x.x.x", "unset", "undefined", "unknown", "changeme", "none", "null", "todo", "version":
			return v.Name
		case "":
			if strings.Contains(strings.ToLower(v.Name), "version") {
				return v.Name
			}
		}
	}
	return ""
}

// verifiedLater reports whether a command after c verifies something, in its script or a later one of the stage.
func verifiedLater(p *lint.Pass, c *shell.Command) bool {
	for _, other := range c.Script.Root().Commands {
		if other.Span.Start >= c.Span.Start && verifies(other) {
			return true
		}
	}
	return verifiedAfter(p, c.Script.Step)
}

// verifiedAfter reports whether a command in a later step of the stage verifies something.
func verifiedAfter(p *lint.Pass, step *plan.Step) bool {
	if step.OnBuild || step.Stage == nil {
		return false
	}
	for _, later := range step.After() {
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

// isProgram reports whether name is that of a program, an archive or a key.
func isProgram(name string) bool {
	switch path.Ext(name) {
	case ".gz", ".tgz", ".xz", ".bz2", ".zip", ".zst", ".tar", ".deb", ".rpm", ".apk", ".jar", ".war", ".sh", ".py", ".phar",
		".whl", ".gem", ".so", ".asc", ".gpg", ".bin", ".run":
		return true
	}
	return false
}
