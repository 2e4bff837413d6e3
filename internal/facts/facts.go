// Package facts describes builds for programs and scripts: what dockvet knows of a Dockerfile, as plain data. The tags of
// its types make the JSON and its schema; scripts see the same names.
package facts

import (
	"time"

	"github.com/dockvet/dockvet/parser"
)

// Version is the version of the JSON. A new field does not change it.
const Version = 1

// Report is what `dockvet facts` prints.
type Report struct {
	Version int    `json:"version" doc:"1. New fields do not change it."`
	Files   []File `json:"files" doc:"The Dockerfiles, by path."`
}

// File is one Dockerfile.
type File struct {
	Path   string  `json:"path" doc:"The path as in reports."`
	Errors []Error `json:"errors" doc:"What BuildKit rejects."`
	Builds []Build `json:"builds" doc:"The ways in which the file is built; at least one."`
}

// Error is something that BuildKit rejects.
type Error struct {
	Message string `json:"message" doc:"What is wrong."`
	Place   Place  `json:"place" doc:"Where."`
}

// Place is a range in the Dockerfile. Lines and columns count from 1, columns in bytes. The end is exclusive.
type Place struct {
	Line      int `json:"line" doc:"The first line, from 1."`
	Column    int `json:"column" doc:"The first column, in bytes from 1."`
	EndLine   int `json:"end_line" doc:"The last line."`
	EndColumn int `json:"end_column" doc:"The column after the last one."`
	span      parser.Span
}

// Span is the range in bytes.
func (p Place) Span() parser.Span { return p.span }

// Build is one way in which a Dockerfile is built.
type Build struct {
	Path      string            `json:"path" doc:"The path of the Dockerfile."`
	Context   *string           `json:"context" doc:"The directory of the build context; null if it is not known."`
	Target    string            `json:"target" doc:"The target that is asked for; empty for the last stage."`
	Arguments map[string]string `json:"arguments" doc:"The build arguments that are passed."`
	Contexts  []string          `json:"contexts" doc:"The names of further build contexts."`
	Platforms []string          `json:"platforms" doc:"The platforms that it is built for, if something says so."`
	Services  []string          `json:"services" doc:"The compose services that run the image."`
	Builder   string            `json:"builder" doc:"buildkit, buildah or kaniko."`
	Source    Source            `json:"source" doc:"What says that it is built like this."`
	Assumed   bool              `json:"assumed" doc:"Whether nothing describes the build, so that the context is assumed."`
	Complete  bool              `json:"complete" doc:"False if there are more than 80,000 commands, words and other things with a place: the rest is not listed."`
	Syntax    *Image            `json:"syntax" doc:"The frontend of # syntax=, or null."`
	Globals   []Instruction     `json:"globals" doc:"The instructions before the first FROM."`
	Stages    []Stage           `json:"stages" doc:"The stages in order."`
	Image     *Result           `json:"image" doc:"What the build makes; null if the target does not exist."`
}

// Source is what describes a build.
type Source struct {
	Kind string  `json:"kind" doc:"The kind of the description, such as compose."`
	File *string `json:"file" doc:"The file; null if none describes the build."`
	Line *int    `json:"line" doc:"The line in it; null if it is the file as a whole."`
}

// Result is the image that a build makes.
type Result struct {
	Stage       int                `json:"stage" doc:"The index of the target."`
	Base        *Image             `json:"base" doc:"The image from a registry that it is built on, through all stages; null if there is none or it is not known."`
	User        *string            `json:"user" doc:"The user, with the group if one is given; null if only the base image decides and it is not known."`
	Directory   *string            `json:"directory" doc:"The working directory; null if it is not known."`
	Environment map[string]*string `json:"environment" doc:"The variables that ENV sets; null if the value is not known."`
	Labels      map[string]*string `json:"labels" doc:"The labels that LABEL sets; null if the value is not known."`
	Ports       []string           `json:"ports" doc:"What EXPOSE names, such as 80/tcp or 8000-8010/udp."`
	Entrypoint  []string           `json:"entrypoint" doc:"The words of ENTRYPOINT; the shell form is one word. Empty if the Dockerfile does not set it."`
	Command     []string           `json:"command" doc:"The words of CMD, likewise."`
}

// Stage is one FROM and what follows it.
type Stage struct {
	Index        int           `json:"index" doc:"The number of the stage, from 0."`
	Name         string        `json:"name" doc:"The name in lower case; empty without AS."`
	Base         *Image        `json:"base" doc:"What it is built FROM; null if the file does not have a FROM."`
	Platform     string        `json:"platform" doc:"The value of --platform; empty without it."`
	Final        bool          `json:"final" doc:"Whether it is the target."`
	Shipped      bool          `json:"shipped" doc:"Whether it is the target or one that the target is built FROM."`
	Needed       bool          `json:"needed" doc:"Whether the target needs it."`
	User         *string       `json:"user" doc:"The user in the end; null if it is not known."`
	Directory    *string       `json:"directory" doc:"The working directory in the end; null if it is not known."`
	Instructions []Instruction `json:"instructions" doc:"The instructions after FROM, in order."`
	Place        Place         `json:"place" doc:"Where FROM is."`
}

// Image is what a build takes files from.
type Image struct {
	Text       string  `json:"text" doc:"The reference as it is written."`
	Stage      *int    `json:"stage" doc:"The index of the stage that it names, or null."`
	Scratch    bool    `json:"scratch" doc:"Whether it is scratch."`
	Context    bool    `json:"context" doc:"Whether it is a named build context."`
	Registry   *string `json:"registry" doc:"The registry, such as docker.io; null for what is not an image, and if it is not known."`
	Repository *string `json:"repository" doc:"The repository as the registry knows it, such as library/python; null likewise."`
	Name       *string `json:"name" doc:"The name as people write it, such as python or ghcr.io/astral-sh/uv; null likewise."`
	Tag        *string `json:"tag" doc:"The tag; empty where none is written, null if it is not known."`
	Digest     *string `json:"digest" doc:"The digest; empty where none is written, null if it is not known."`
	Official   bool    `json:"official" doc:"Whether it is a Docker official image."`
	Family     string  `json:"family" doc:"The distribution: debian, alpine, fedora or busybox, for their relatives too; empty if it is not known."`
	User       *string `json:"user" doc:"The user that the image starts as; null if it is not known."`
	Support    []Cycle `json:"support" doc:"The release cycles of what the image has: its product and its distribution, as far as they are known."`
	Place      Place   `json:"place" doc:"Where it is written."`
}

// Cycle is a line of releases that gets fixes together.
type Cycle struct {
	Product string  `json:"product" doc:"The product, such as Python or Debian."`
	Version string  `json:"version" doc:"The cycle, such as 3.9."`
	Ends    *string `json:"ends" doc:"The last day with fixes for everybody, as in 2026-11-28; null if it is not set."`
}

// Instruction is one instruction.
type Instruction struct {
	Name      string       `json:"name" doc:"The name in capitals, such as RUN."`
	Text      string       `json:"text" doc:"What follows the name and the options, with continued lines joined."`
	Flags     []Flag       `json:"flags" doc:"The options."`
	Arguments []Word       `json:"arguments" doc:"The words of FROM, COPY, ADD, ARG, EXPOSE and VOLUME and the elements of a JSON array; for others one word."`
	Pairs     []Pair       `json:"pairs" doc:"What ENV, LABEL and ARG set."`
	JSON      bool         `json:"json" doc:"Whether the arguments are a JSON array."`
	User      *string      `json:"user" doc:"The user in force; null if it is not known."`
	Directory *string      `json:"directory" doc:"The working directory in force; null if it is not known."`
	Shell     []string     `json:"shell" doc:"The shell in force for the shell form."`
	Copy      *Copy        `json:"copy" doc:"What COPY or ADD moves; null for other instructions."`
	Mounts    []Mount      `json:"mounts" doc:"The mounts of RUN."`
	Commands  []Command    `json:"commands" doc:"The commands of RUN in order, also those in subshells, in sh -c and after sudo or env."`
	Trigger   *Instruction `json:"trigger" doc:"What ONBUILD stores, or null."`
	Place     Place        `json:"place" doc:"Where it is, without heredocs."`
}

// Flag is an option of an instruction.
type Flag struct {
	Name  string `json:"name" doc:"The name without dashes."`
	Value string `json:"value" doc:"The value; empty where none is written."`
	Place Place  `json:"place" doc:"Where it is."`
}

// Word is one argument.
type Word struct {
	Text  string  `json:"text" doc:"The text as it is written, without quotes in a shell."`
	Value *string `json:"value" doc:"The text with the variables that the Dockerfile sets; null if it is not known."`
	Place Place   `json:"place" doc:"Where it is."`
}

// Pair is a key and its value.
type Pair struct {
	Key   string  `json:"key" doc:"The key."`
	Set   bool    `json:"set" doc:"Whether there is a value; false only for an ARG without a default."`
	Value *string `json:"value" doc:"The value without quotes and with variables; null if there is none or it is not known."`
	Place Place   `json:"place" doc:"Where it is."`
}

// Copy is what COPY or ADD moves.
type Copy struct {
	Add         bool       `json:"add" doc:"Whether it is ADD."`
	Image       *Image     `json:"image" doc:"What --from names; null for the build context."`
	Sources     []CopyFrom `json:"sources" doc:"The sources."`
	Destination *string    `json:"destination" doc:"The destination; null if it is not known."`
}

// CopyFrom is a source of COPY or ADD.
type CopyFrom struct {
	Text    string  `json:"text" doc:"The source as it is written."`
	Path    *string `json:"path" doc:"The source with variables; null if it is not known."`
	Heredoc bool    `json:"heredoc" doc:"Whether it is a heredoc."`
	Remote  bool    `json:"remote" doc:"Whether it is a URL or a repository."`
	Host    *string `json:"host" doc:"The host of a URL or repository; null for other sources, and if it is not known."`
	Place   Place   `json:"place" doc:"Where it is."`
}

// Mount is a mount of RUN.
type Mount struct {
	Type   string  `json:"type" doc:"bind, cache, tmpfs, secret or ssh."`
	Source string  `json:"source" doc:"The source; empty where none is written."`
	Target *string `json:"target" doc:"The target; null if it is not known."`
	Image  *Image  `json:"image" doc:"What from= names, or null."`
	ID     string  `json:"id" doc:"The id; empty where none is written."`
	Place  Place   `json:"place" doc:"Where it is."`
}

// Command is a command in RUN.
type Command struct {
	Name        string   `json:"name" doc:"The name of the program without its directory; empty if it is not literal."`
	Arguments   []Word   `json:"arguments" doc:"The words after the name."`
	Assignments []Pair   `json:"assignments" doc:"The variables that are set for the command, or by it if it has no name."`
	Pipes       []string `json:"pipes" doc:"The names of the commands that get its output through pipes."`
	Outer       string   `json:"outer" doc:"The name of the command that runs it, such as sudo or sh; empty if the script does."`
	Subshell    bool     `json:"subshell" doc:"Whether it runs in a subshell, a substitution or a function."`
	Directory   *string  `json:"directory" doc:"The directory in which it runs; null if it is not known."`
	URLs        []URL    `json:"urls" doc:"The addresses among the arguments."`
	Packages    *Call    `json:"packages" doc:"What it asks of a package manager, or null."`
	Place       Place    `json:"place" doc:"Where it is."`
}

// URL is an address.
type URL struct {
	Text  string  `json:"text" doc:"The address."`
	Host  *string `json:"host" doc:"The host in lower case; null if it is not known."`
	Place Place   `json:"place" doc:"Where the word is that holds it."`
}

// Call is a call of a package manager.
type Call struct {
	Manager  string    `json:"manager" doc:"The package manager, such as apt-get, pip or npm."`
	Verb     string    `json:"verb" doc:"The command as it is written, such as install."`
	Installs bool      `json:"installs" doc:"Whether it installs."`
	Manifest bool      `json:"manifest" doc:"Whether it takes packages from files of the application."`
	List     []Package `json:"list" doc:"The packages that it names."`
}

// Package is a package that is named on a command line.
type Package struct {
	Name    string `json:"name" doc:"The name."`
	Version string `json:"version" doc:"The version or range as it is written; empty without one."`
	Local   bool   `json:"local" doc:"Whether it is a file, a directory or a URL."`
	Place   Place  `json:"place" doc:"Where it is."`
}

// day is a day as JSON has it, nil for the zero time.
func day(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.Format(time.DateOnly)
	return &text
}
