// Package download reads the commands that fetch files over the network in a build.
package download

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Download is a call of curl or wget.
type Download struct {
	Command  *shell.Command
	URLs     []string    // as far as the values of variables are known, else as written
	Output   string      // the file it writes, as written; "" if the URL or the server names it
	Insecure *shell.Word // the option that switches off the check of the server's certificate, or nil
	Login    *shell.Word // the user and password for the server, or nil
}

// Of is what c downloads, nil if it is another command.
func Of(c *shell.Command) *Download {
	if c.Name != "curl" && c.Name != "wget" {
		return nil
	}
	if d := downloads.Of(c.Script)[c]; d != nil {
		return d
	}
	return read(c)
}

// downloads are those of a script, which several rules ask for.
var downloads = shell.NewAnalysis(func(s *shell.Script) map[*shell.Command]*Download {
	out := map[*shell.Command]*Download{}
	for _, c := range s.Commands {
		if d := read(c); d != nil {
			out[c] = d
		}
	}
	return out
})

func read(c *shell.Command) *Download {
	var letters string
	var long []string
	switch c.Name {
	case "curl":
		letters, long = curlLetters, curlLong[:]
	case "wget":
		letters, long = wgetLetters, wgetLong[:]
	default:
		return nil
	}
	d := &Download{Command: c}
	words := c.Words
	for i := 1; i < len(words); i++ {
		w := words[i]
		switch {
		case strings.HasPrefix(w.Text, "--"):
			name, value, inline := strings.Cut(w.Text, "=")
			switch {
			case c.Name == "curl" && name == "--insecure",
				c.Name == "wget" && strings.HasPrefix(name, "--no-check-c"):
				d.Insecure = &words[i]
			case !slices.Contains(long, name):
			case inline:
				w.Text = value
				d.take(name, w)
			case i+1 < len(words):
				i++
				d.take(name, words[i])
			}
		case len(w.Text) > 1 && w.Text[0] == '-':
			i = d.cluster(i, letters)
		default:
			d.URLs = append(d.URLs, expand(c, w))
		}
	}
	return d
}

// cluster reads the short flags in the word at index i, and returns the index of the last word that belongs to them.
// letters are those with a value.
func (d *Download) cluster(i int, letters string) int {
	words := d.Command.Words
	w := words[i]
	for at := 1; at < len(w.Text); at++ {
		letter := w.Text[at]
		if letter == 'k' && d.Command.Name == "curl" {
			d.Insecure = &words[i]
		}
		if strings.IndexByte(letters, letter) < 0 {
			continue
		}
		if at+1 < len(w.Text) {
			w.Text = w.Text[at+1:]
			d.take("-"+string(letter), w)
		} else if i+1 < len(words) {
			i++
			d.take("-"+string(letter), words[i])
		}
		break
	}
	return i
}

// take notes the value of an option.
func (d *Download) take(name string, value shell.Word) {
	switch {
	case d.Command.Name == "wget" && (name == "-O" || name == "--output-document"),
		d.Command.Name == "curl" && (name == "-o" || name == "--output"):
		d.Output = value.Text
	case name == "-u" && d.Command.Name == "curl", name == "--user" && d.Command.Name == "curl", name == "--password",
		name == "--http-password", name == "--ftp-password":
		d.Login = &value
	case name == "--url":
		d.URLs = append(d.URLs, expand(d.Command, value))
	}
}

// URL is an address among the arguments of a command.
type URL struct {
	Text string
	Host plan.Value
	Span parser.Span // of the word that holds it
}

// URLs are the addresses in the arguments of c, whatever c is: those with a scheme, what curl and wget take for one
// without, and repositories such as git@host.example:group/name for git. Options such as --index-url=https://… may hold
// one. The host is unknown if it depends on the build.
func URLs(c *shell.Command) []URL {
	var out []URL
	d := Of(c)
	for _, word := range c.Args() {
		text := expand(c, word)
		before, rest, hasScheme := strings.Cut(text, "://")
		switch {
		case d != nil && slices.Contains(d.URLs, text):
		case hasScheme && rest != "":
			text = text[strings.LastIndexAny(before, "=@ ")+1:]
		case c.Name == "git" && scp(text):
		default:
			continue
		}
		if host := Host(text); host != "" {
			out = append(out, URL{text, plan.Value{Text: host, Known: !strings.ContainsAny(host, "$`")}, word.Span})
		}
	}
	return out
}

// scp reports whether text is a repository such as git@host.example:group/name.
func scp(text string) bool {
	host, path, ok := strings.Cut(text, ":")
	return ok && path != "" && !strings.HasPrefix(path, "//") && strings.Contains(host, "@") && !strings.Contains(host, "/")
}

// expand is the text of w with the variables whose values the Dockerfile sets.
func expand(c *shell.Command, w shell.Word) string {
	if w.Literal || c.Script.Step == nil || c.Script.Step.Env == nil {
		return w.Text
	}
	if v := c.Script.Step.Env.Expand(w.Text); v.Known {
		return v.Text
	}
	return w.Text
}

// The options with a value, short and long. Sources: https://curl.se/docs/manpage.html,
// https://www.gnu.org/software/wget/manual/wget.html.
const (
	curlLetters = "AbcCdDeEFhHKmoPQrtTuUwxXyYz"
	wgetLetters = "aABDeIiloOPQRtTUwX"
)

var (
	curlLong = [...]string{
		"--cacert", "--capath", "--cert", "--config", "--connect-timeout", "--cookie", "--cookie-jar", "--data",
		"--data-raw", "--data-binary", "--form", "--header", "--key", "--limit-rate", "--max-redirs", "--max-time",
		"--output", "--output-dir", "--proto", "--proto-redir", "--proxy", "--proxy-user", "--range", "--referer",
		"--request", "--resolve", "--retry", "--retry-delay", "--retry-max-time", "--upload-file", "--url", "--user",
		"--user-agent", "--write-out", "--speed-limit", "--speed-time", "--tls-max", "--ciphers", "--max-filesize",
		"--data-urlencode", "--form-string", "--oauth2-bearer", "--interface", "--pass",
	}
	wgetLong = [...]string{
		"--output-document", "--output-file", "--append-output", "--tries", "--timeout", "--user", "--password",
		"--http-user", "--http-password", "--ftp-user", "--ftp-password", "--header", "--referer", "--user-agent",
		"--directory-prefix", "--ca-certificate", "--ca-directory", "--post-data", "--method", "--body-data", "--wait",
		"--waitretry", "--input-file", "--execute", "--accept", "--reject", "--level", "--cut-dirs",
	}
)

// Released reports whether d is of a certain release of something, as IsRelease has it.
func (d *Download) Released() bool {
	return slices.ContainsFunc(d.URLs, IsRelease) ||
		slices.ContainsFunc(d.Command.Args(), func(w shell.Word) bool { return IsRelease(w.Text) })
}

// IsRelease reports whether url names a release of something: a version, or a variable with one.
func IsRelease(url string) bool {
	_, rest, ok := strings.Cut(url, "://")
	if !ok || strings.Contains(url, "/latest/") {
		return false
	}
	_, file, _ := strings.Cut(rest, "/")
	return version.Get().MatchString(strings.ReplaceAll(file, "x86_64", ""))
}

var version = lazy.Regexp{Expr: `[0-9][._][0-9]|[$][{(]?[A-Za-z_]*(?i:ver|release|tag)`}

// Own reports whether url is on the machine that asks for it, so that nobody else can answer.
func Own(url string) bool {
	host := Host(url)
	return host == "localhost" || host == "::1" || host == "0.0.0.0" || strings.HasPrefix(host, "127.")
}

// Private reports whether host is one of a private network by its name or address.
func Private(host string) bool {
	if !strings.Contains(host, ".") {
		return true
	}
	for _, prefix := range [...]string{"10.", "192.168.", "172.16.", "172.17.", "172.18.", "169.254."} {
		if strings.HasPrefix(host, prefix) {
			return true
		}
	}
	for _, suffix := range [...]string{".local", ".lan", ".internal", ".corp", ".intranet", ".svc", ".cluster.local"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return false
}

// Host is the name or address in url, which may lack its scheme, without the port, in lower case.
func Host(url string) string {
	if scp(url) {
		url, _, _ = strings.Cut(url, ":")
	}
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	if i := strings.IndexAny(url, "/?#"); i >= 0 {
		url = url[:i]
	}
	if i := strings.LastIndexByte(url, '@'); i >= 0 {
		url = url[i+1:]
	}
	if strings.HasPrefix(url, "[") {
		url, _, _ = strings.Cut(url[1:], "]")
		return strings.ToLower(url)
	}
	url, _, _ = strings.Cut(url, ":")
	return strings.ToLower(url)
}

// Verified reports whether a command after c in its script verifies checksums or signatures.
func Verified(c *shell.Command) bool {
	return slices.ContainsFunc(c.Script.Root().Commands, func(other *shell.Command) bool {
		return other.Span.Start >= c.Span.Start && Verifies(other)
	})
}

// Verifies reports whether c compares a checksum or verifies a signature, as far as its name tells.
func Verifies(c *shell.Command) bool {
	switch c.Name {
	case "md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum", "shasum",
		"gpg", "gpgv", "cosign", "minisign":
		return true
	}
	// apk verifies the signature of a file, too.
	if m := ecosystem.Of(c.Name); m != nil && m.Family == ecosystem.Apk {
		return slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return path.Ext(w.Text) == ".apk" }) &&
			!slices.ContainsFunc(m.Offs(), func(o ecosystem.Off) bool { return o.Signature && c.Has(o.Flags...) })
	}
	return false
}
