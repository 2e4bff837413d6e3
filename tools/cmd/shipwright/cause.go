package main

import (
	"regexp"
	"slices"
	"strings"
)

// cause is what made a build fail, as far as its log tells.
type cause string

// The causes. Those that decidable lists can be known from the Dockerfile.
const (
	parse       cause = "rejected file"
	tag         cause = "base image"
	copying     cause = "copy"
	archive     cause = "moved archive"
	packages    cause = "missing package"
	version     cause = "missing version of a package"
	noUpdate    cause = "no package lists"
	command     cause = "missing command"
	prompt      cause = "prompt"
	endpoint    cause = "endpoint"
	keyserver   cause = "key server"
	signature   cause = "unsigned repository"
	format      cause = "foreign architecture"
	conflict    cause = "unsatisfiable packages"
	failing     cause = "step that always fails"
	toolchain   cause = "toolchain"
	python      cause = "Python build"
	javascript  cause = "npm or yarn"
	ruby        cause = "Ruby build"
	golang      cause = "Go build"
	php         cause = "PHP build"
	java        cause = "Java build"
	rust        cause = "Rust build"
	compile     cause = "compiler or make"
	clone       cause = "git"
	missingFile cause = "missing file"
	daemon      cause = "builder itself"
	other       cause = "other"
)

// decidable reports whether a cause can be known from the Dockerfile.
func decidable(c cause) bool {
	return slices.Contains([]cause{archive, packages, command, tag, parse, prompt, noUpdate, endpoint}, c)
}

// pattern is a sign of a cause in the log from the failing step on.
type pattern struct {
	cause cause
	log   *regexp.Regexp
}

func re(expr string) *regexp.Regexp { return regexp.MustCompile(expr) }

// rejections are the signs in a log whose last line is not that of a command.
var rejections = []pattern{
	{daemon, re(`error during connect|failed to register layer|TLS handshake|toomanyrequests|auth\.docker\.io/token`)},
	{tag, re(`manifest for \S+ not found|manifest unknown|pull access denied|repository \S+ not found|no matching manifest|unauthorized: |` +
		`cannot be used on this platform|Get https?://\S+/v[12]/|no basic auth`)},
	{parse, re(`(?i)parse error|cannot be empty|No build stage|Dockerfile empty|invalid reference format|unknown flag|failed to process|` +
		`unknown instruction|should not be blank|syntax error|VOLUME specified|is not a valid|must have|can.t find uid|WORKDIR|no such user`)},
	{endpoint, re(`ADD failed: (failed to GET|Get)|<html|</html>|status code|bad status`)},
	{copying, re(`COPY failed|ADD failed|no source files|[Ff]orbidden path|When using (COPY|ADD)|lstat `)},
}

var (
	notFound = re(`(?m)(?:^|[\s:\[]|\x1b\[91m)(?:/bin/(?:ba)?sh: (?:line )?(?:\d+: )?|bash: |env: |xargs: |make(?:\[\d+\])?: |/bin/sh: )['‘]?([\w./+-]+)['’]?: (?:command not found|not found|Command not found|No such file or directory)`)
	updates  = re(`(apt|apt-get|aptitude)["',]*\s+(["']?-\S+\s+)*["']?update`)
	gnupg    = re(`gnupg, gnupg2 and gnupg1 do not seem to be installed`)
)

// fetched reports whether the log shows that package lists were fetched.
func fetched(log string) bool {
	return strings.Contains(log, "\nGet:") || strings.Contains(log, "\nHit") || strings.Contains(log, "\nIgn") || strings.Contains(log, "\nErr")
}

// blank is the line of a FROM that is only a variable. The builder of the logs took scratch if it was empty, and failed in
// the first RUN; BuildKit rejects the file.
var blank = re(`(?m)^Step \d+/\d+ : (?i:FROM) \$\{?\w+\}?( (?i:AS) \S+)?\s*$`)

// signs are looked for in order, in the end of the log.
var signs = []pattern{
	{format, re(`exec format error`)},
	{failing, re(`The command '/bin/(?:ba)?sh (?:-o pipefail )?-c exit 1' returned`)},
	{prompt, re(`(?s)(Do you want to continue\??( \[Y/n\])?|Is this ok \[y/\S*\]:?)\s*(\x1b\S*)?\s*(Abort|Exiting|Operation aborted|Is this ok)|EOF when reading|` +
		`Operation aborted\.|Press \[ENTER\] to continue`)},
	{conflict, re(`held broken packages|you must put some 'source' URIs|unmet dependencies`)},
	{version, re(`E: Version '[^']*' for '[^']*' was not found|breaks: world\[`)},
	{packages, re(`Unable to locate package|has no installation candidate|Couldn't find any package by|unsatisfiable constraints|` +
		`Unable to find a match|No match for argument|No package \S+ available|target not found: `)},
	{signature, re(`NO_PUBKEY|is not signed|EXPKEYSIG|public key is not available`)},
	{archive, re(`(?:404\s+Not Found|does not have a Release file|no longer has a Release file|Failed to fetch|HttpError404|` +
		`Cannot find a valid baseurl for repo|All mirrors were|Errno 14|HTTP Error 404)`)},
	{keyserver, re(`keyserver receive failed|gpg: keyserver|gpgkeys: `)},
	{toolchain, re(`bundler requires Ruby version|bundler requires RubyGems|requires Ruby version|invalid option: --no-r|requires ruby version|Your Ruby version is`)},
}

// maxBody bounds what is looked at, in bytes. What a step failed of is at its end.
const maxBody = 24 << 10

// causeOf is the cause that the log of a failed build shows. log begins at the failing step.
func causeOf(b *build, log string) cause {
	if len(log) > 2*maxBody {
		head, _, _ := strings.Cut(log, "\n")
		log = head + "\n" + log[len(log)-2*maxBody:]
	}
	log = noise.ReplaceAllString(log, "")
	last := b.Err[strings.LastIndexByte(strings.TrimSpace(b.Err), '\n')+1:]
	switch {
	case strings.Contains(last, `exec: \"/bin/sh\": stat /bin/sh: no such file`) && blank.MatchString(b.Out):
		return parse
	case strings.Contains(last, "OCI runtime create failed") && strings.Contains(last, "exec: "):
		if strings.Contains(last, "executable file not found") || strings.Contains(last, "no such file") {
			return command
		}
		return other
	case !strings.Contains(b.Err, "returned a non-zero code"):
		for _, p := range rejections {
			if p.log.MatchString(b.Err) {
				return p.cause
			}
		}
		return other
	}
	_, body, _ := strings.Cut(log, "\n")
	if len(body) > maxBody {
		body = body[len(body)-maxBody:]
	}
	for _, p := range signs {
		if !p.log.MatchString(body) {
			continue
		}
		if p.cause == packages && strings.Contains(body, "E: ") && !fetched(b.Out) && !updates.MatchString(b.Out) {
			return noUpdate
		}
		if p.cause == archive && (!aptOrYum.MatchString(body) || !indexFile.MatchString(body)) {
			if poolFile.MatchString(body) {
				return version // lists that are older than the repository
			}
			continue
		}
		return p.cause
	}
	ending := body
	if len(ending) > 6000 {
		ending = ending[len(ending)-6000:]
	}
	if gnupg.MatchString(body) || notFound.MatchString(ending) {
		return command
	}
	for _, p := range endings {
		if p.log.MatchString(ending) {
			return p.cause
		}
	}
	return other
}

var (
	aptOrYum  = re(`apt|InRelease|Packages|Release|repomd|baseurl|yum|dnf`)
	indexFile = re(`does not have a Release file|no longer has a Release file|dists/|Some index files failed|baseurl|repomd|mirror`)
	poolFile  = re(`/pool/`)
	endings   = []pattern{
		{endpoint, re(`Could not resolve host|Name or service not known|unable to resolve host|Temporary failure in name|404: Not Found|ERROR 40\d|ERROR 5\d\d|` +
			`requested URL returned error|Connection refused|Connection timed out|Failed to connect|curl: \(\d+\)|wget: server returned|wget: bad address|` +
			`not in gzip format|Unable to establish SSL|no longer actively supported|invalid magic|oracle-java\S+ .*(fail|error)|HTTPS Required|` +
			`sha\d+sum: WARNING`)},
		{missingFile, re(`cannot stat '|can't open file|Could not open requirements file|: No such file or directory\s*$`)},
		{clone, re(`fatal: |Host key verification failed|Permission denied \(publickey\)`)},
		{javascript, re(`npm ERR!|gyp ERR|yarn|error An unexpected|Cannot find module`)},
		{php, re(`docker-php-ext|composer|phpize|PHP (Fatal|Warning)|/usr/src/php`)},
		{python, re(`setup\.py|Traceback|No matching distribution|pip install|SyntaxError|egg_info|ImportError`)},
		{golang, re(`cannot find package|\.go:\d+|go: |package \S+: |can't load package|/go/src`)},
		{ruby, re(`Bundler|Gem::|bundle |gem install|rake aborted|extconf`)},
		{java, re(`BUILD FAILURE|Could not resolve dependencies|gradle|sbt|lein`)},
		{rust, re(`cargo|rustc|error\[E\d+`)},
		{compile, re(`make(\[\d+\])?: \*\*\*|error: |ninja: build stopped|CMake Error|configure: error`)},
	}
)

// rights are the causes that the findings of a rule state.
var rights = map[string][]cause{
	"vanished-package":          {packages},
	"moved-archive":             {archive},
	"command-not-in-image":      {command},
	"install-without-update":    {noUpdate},
	"failing-step":              {failing},
	"swallowed-instruction":     {command},
	"bashism":                   {command},
	"apt-without-yes":           {prompt},
	"missing-base-tag":          {tag},
	"dead-endpoint":             {endpoint, keyserver, archive, packages, clone, command, signature, compile, other},
	"removed-toolchain-feature": {toolchain, command, php, javascript, ruby, golang},
	"externally-managed-python": {python},
	"incomplete-address":        {endpoint, other, ruby},
}

var quoted = re("`([^`]+)`")

// states reports whether a finding states the cause.
func states(rule, message string, why cause, log string) bool {
	causes, ok := rights[rule]
	if !ok {
		return why == parse
	}
	for _, c := range causes {
		if c != why {
			continue
		}
		if rule == "vanished-package" || rule == "command-not-in-image" {
			m := quoted.FindStringSubmatch(message)
			return m != nil && (strings.Contains(log[min(len(log), 1):], m[1]) || gnupg.MatchString(log))
		}
		if rule == "dead-endpoint" {
			m := quoted.FindStringSubmatch(message)
			if m == nil {
				return strings.Contains(log, "is not currently supported")
			}
			return strings.Contains(log, strings.TrimPrefix(m[1], "ppa:")) || strings.Contains(log, "conda") || strings.Contains(log, "oracle-java")
		}
		return true
	}
	return false
}
