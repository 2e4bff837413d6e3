package app

import (
	"path"
	"regexp"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/lazy"
)

// Write is a place in the sources that writes to a file or a directory.
type Write struct {
	File string // in the build context
	Line int    // from 1
	Path string // what it writes to; "" if the source works that out
	Dir  bool   // it makes a directory
}

// Writes are the places in the sources that write, as far as a call shows it. complete is false if some source of the
// application was not read, or if there is none, so that it may write anywhere.
func (a *App) Writes() (writes []Write, complete bool) { return a.writes() }

func (a *App) findWrites() (writes []Write, complete bool) {
	a.walk()
	complete = !a.cut && !a.unread && len(a.sources)+len(a.others) > 0
	for _, names := range [][]string{a.sources, a.others, a.settings, a.dotenv} {
		for _, name := range names {
			found, err := fileWrites.Of(a.ctx, name)
			complete = complete && err == nil && found.whole
			if len(found.writes) > 0 && !a.onlyAtWork(name) {
				writes = append(writes, found.writes...)
			}
		}
	}
	return writes, complete
}

// onlyAtWork reports whether the file called name only runs at work: it sets up a build tool, is run once when somebody makes an application
// from a template, or the scripts of the package.json beside it run it before, for or after tests and nowhere else.
func (a *App) onlyAtWork(name string) bool {
	dir, base := path.Split(name)
	if lower := strings.ToLower(base); strings.HasPrefix(lower, "gulpfile.") || strings.HasPrefix(lower, "gruntfile.") ||
		base == "template.rb" || strings.HasPrefix(dir, "remix.init/") || strings.Contains(dir, "/remix.init/") {
		return true
	}
	found := false
	for script, command := range a.packageJSON(path.Join(dir, "package.json")).Scripts {
		if !strings.Contains(command, base) {
			continue
		}
		if !strings.Contains(script, "test") && !strings.Contains(script, "lint") && !strings.Contains(script, "coverage") {
			return false
		}
		found = true
	}
	return found
}

// foundWrites are the writes in one file.
type foundWrites struct {
	writes []Write
	whole  bool // the file is not too long to be read
}

var fileWrites = buildcontext.NewFileFact(func(src []byte, name string) foundWrites {
	if len(src) == buildcontext.MaxRead {
		return foundWrites{}
	}
	return foundWrites{writesIn(name, string(src)), true}
})

func writesIn(name, src string) (out []Write) {
	const enough = 20
	pattern := writers.Get()[path.Ext(name)]
	if pattern == nil {
		pattern = writers.Get()[""]
	}
	for _, m := range pattern.FindAllStringSubmatchIndex(src, enough) {
		start := strings.LastIndexByte(src[:m[0]], '\n') + 1
		if line := strings.TrimSpace(src[start:m[0]]); strings.HasPrefix(line, "//") || strings.HasPrefix(line, "#") ||
			strings.HasPrefix(line, "*") {
			continue
		}
		w := Write{File: name, Line: strings.Count(src[:m[0]], "\n") + 1}
		w.Dir = makesDir.Get().MatchString(src[m[0]:m[1]])
		for i := 2; i < len(m); i += 2 {
			if m[i] >= 0 {
				w.Path = src[m[i]:m[i+1]]
			}
		}
		out = append(out, w)
	}
	// The button of an Interface writes below the working directory. Source: https://www.gradio.app/docs/gradio/interface.
	if m := flagging.Get().FindStringIndex(src); m != nil && path.Ext(name) == ".py" && !strings.Contains(src, `"never"`) &&
		!strings.Contains(src, `'never'`) {
		out = append(out, Write{File: name, Line: strings.Count(src[:m[0]], "\n") + 1, Path: "flagged"})
	}
	return out
}

var (
	flagging = lazy.Regexp{Expr: `\b(?:gr|gradio)\.Interface\(`}
	makesDir = lazy.Regexp{Expr: `(?i)mk_?dir|makedirs|ensureDir|create_?dir|diskStorage|MulterModule`}
	dataFile = lazy.Regexp{Expr: "[\"'`](/[\\w.-]+(?:/[\\w.-]+)+)[\"'`]"}
)

// DataFile is the file to which the source called name writes, if it mentions only one absolute path, which is that of
// a data file, and makes directories that do not exist; "" if not.
func (a *App) DataFile(name string) string {
	src, err := a.ctx.Read(name)
	if err != nil || !makesDir.Get().Match(src) {
		return ""
	}
	found := ""
	for _, m := range dataFile.Get().FindAllStringSubmatch(string(src), -1) {
		if found != "" && m[1] != found {
			return ""
		}
		found = m[1]
	}
	switch path.Ext(found) {
	case ".db", ".sqlite", ".sqlite3", ".json", ".log", ".csv":
		return found
	}
	return ""
}

// writers find calls that write, by the ending of a source file; "" is for settings. Their group is the path, if it is
// a literal.
var writers = lazy.Value[map[string]*regexp.Regexp]{Make: func() map[string]*regexp.Regexp {
	const literal = "\\(\\s*[\"'`]([^\"'`$\\\\{}\\n]+)[\"'`]\\s*[,)]|"
	// calls matches the functions with a literal as their first argument, or else with any.
	calls := func(functions, others string) *regexp.Regexp {
		return regexp.MustCompile(`\b(?:` + functions + `)` + literal + `\b(?:` + functions + `)\(|` + others)
	}
	script := calls(
		`(?:writeFile|appendFile|mkdir|mkdtemp|outputFile|ensureDir)(?:Sync)?|createWriteStream|outputJson(?:Sync)?`,
		`\b(?:diskStorage|MulterModule\.register)\(\s*\{\s*dest(?:ination)?:\s*["'`+"`"+`]([^"'`+"`"+`$\\{}\n]+)["'`+"`"+`]|\bdiskStorage\(|`+
			`\b(?:copyFile|rename|cp)(?:Sync)?\(|\bmulter\(|\bDatabase\(|["'](?:better-)?sqlite3?["']|transports\.File\(`,
	)
	java := regexp.MustCompile(
		`\bFiles\.(?:write|newOutput|newBufferedWriter|createFile|createDirector|copy|move)|` +
			`\bnew (?:FileOutputStream|FileWriter|RandomAccessFile)\(|\.transferTo\(|\.mkdirs?\(|\.writeText\(`,
	)
	return map[string]*regexp.Regexp{
		".js": script, ".mjs": script, ".cjs": script, ".ts": script, ".mts": script, ".cts": script, ".jsx": script, ".tsx": script, "": regexp.MustCompile(
			`(?i)sqlite|jdbc:(?:h2:(?:file|~|\.)|derby|hsqldb:file)|"Data Source=|file-name:|logging\.file`,
		),
		".py": calls(
			`os\.makedirs|os\.mkdir|sqlite3\.connect|FileHandler`,
			`\bopen\(\s*["']([^"'{}\n]+)["']\s*,\s*(?:mode\s*=\s*)?["'][bt]?[wax]|\bopen\([^()\n]*,\s*(?:mode\s*=\s*)?["'][bt]?[wax]|`+
				`\.(?:mkdir|write_text|write_bytes|touch|to_csv|savefig)\(|\bshutil\.(?:copy|move)|sqlite:///|backends\.sqlite3|`+
				`\bMEDIA_ROOT\s*[:=]|basicConfig\([^()\n]*filename`,
		),
		".go": calls(
			`os\.Create|os\.MkdirAll|os\.Mkdir|os\.WriteFile|ioutil\.WriteFile`,
			`\bos\.(?:OpenFile|Rename)\(|sql\.Open\("sqlite|\b(?:bolt|bbolt|badger|leveldb|sqlite)\.Open|\blumberjack\.`,
		),
		".rb": regexp.MustCompile(
			`\bFile\.(?:write|open|new)\([^()\n]*,\s*["'][wa]|\bFileUtils\.(?:mkdir|cp|mv|touch)|\bDir\.mkdir|\bIO\.write`),
		".rs": calls(
			`File::create|fs::write|fs::create_dir_all|fs::create_dir`,
			`\bfs::(?:copy|rename)\(|\bOpenOptions\b|\brusqlite\b|"sqlite:|\bsled::open`,
		),
		".cs": calls(
			`Directory\.CreateDirectory|File\.WriteAll\w+|File\.AppendAll\w+|File\.Create|File\.OpenWrite|new StreamWriter`,
			`\bFileMode\.(?:Create|Append|OpenOrCreate)|\bUseSqlite\(|PersistKeysToFileSystem|WriteTo\.File\(`,
		),
		".java": java, ".kt": java, ".scala": java, ".groovy": java,
		".php": regexp.MustCompile(`\b(?:file_put_contents|fopen|mkdir|move_uploaded_file|touch)\(|sqlite`),
	}
}}

// other reports whether a file that is not the source of a server holds code that may write.
func other(name string) bool {
	switch path.Ext(name) {
	case ".cs", ".java", ".kt", ".scala", ".groovy", ".php", ".jsx", ".tsx":
		return true
	}
	return false
}

// foreign reports whether a file, by its name, belongs to an application whose sources are not read, or whose framework
// writes to its own directories.
func foreign(name string) bool {
	switch path.Ext(name) {
	case ".ex", ".exs", ".erl", ".clj", ".fs", ".vb", ".swift", ".hs", ".ml", ".pl", ".lua", ".c", ".cc", ".cpp", ".zig", ".dart", ".cr",
		".jsp", ".cfm", ".ipynb", ".r", ".R":
		return true
	}
	return name == "artisan" || name == "config.ru" || name == "console" || name == "Rakefile"
}
