// Package publisher knows what a Dockerfile says about who publishes its image: its labels, MAINTAINER, and the address of
// its own repository in the comments at its top.
package publisher

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// shortest is how long a name must be to be somebody's, and not a word that happens to be in a label.
const shortest = 4

// Named reports whether a label or MAINTAINER has the word owner, the name of an account at a registry, in lower case.
func Named(p *lint.Pass, owner string) bool {
	return len(owner) >= shortest && slices.ContainsFunc(p.File.Instructions, func(in *parser.Instruction) bool {
		return credits(in) && slices.Contains(strings.FieldsFunc(strings.ToLower(aboutOwner(in)), func(r rune) bool {
			return r != '-' && r != '_' && (r < '0' || r > '9' && r < 'a' || r > 'z')
		}), owner)
	})
}

// aboutOwner is the text of in without the labels that say what the image is and not whose it is.
func aboutOwner(in *parser.Instruction) string {
	if in.Name != "LABEL" {
		return in.Text.String
	}
	var out strings.Builder
	for _, pair := range in.Pairs {
		switch key := strings.ToLower(pair.Key.Value); key[strings.LastIndexByte(key, '.')+1:] {
		case "title", "description", "summary", "name", "version":
		default:
			out.WriteString(pair.Key.Value + " " + pair.Value.String + " ")
		}
	}
	return out.String()
}

func credits(in *parser.Instruction) bool { return in.Name == "LABEL" || in.Name == "MAINTAINER" }

// accounts are the accounts that the Dockerfile's repository may belong to, in lower case.
var accounts = lint.NewFact(func(p *lint.Pass) []string {
	out := slices.Clone(p.Accounts())
	for _, in := range p.File.Instructions {
		if credits(in) {
			for _, url := range repositories(in.Text.String) {
				account, _, _ := strings.Cut(url, "/")
				out = append(out, account)
			}
		}
	}
	for _, c := range p.File.Comments {
		if len(p.File.Instructions) > 0 && c.Span.Start > p.File.Instructions[0].Span.Start {
			break
		}
		for _, url := range repositories(c.Text) {
			// Another address tells where the program comes from.
			if account, name, _ := strings.Cut(url, "/"); strings.Contains(name, "docker") {
				out = append(out, account)
			}
		}
	}
	return slices.DeleteFunc(out, func(account string) bool { return len(account) < shortest })
})

// holders is what the comments at the top say of who holds the copyright: their letters and digits, in lower case.
var holders = lint.NewFact(func(p *lint.Pass) string {
	var out strings.Builder
	for _, c := range p.File.Comments {
		if len(p.File.Instructions) > 0 && c.Span.Start > p.File.Instructions[0].Span.Start {
			break
		}
		if text := strings.ToLower(c.Text); strings.Contains(text, "copyright") {
			out.WriteString(squeezed(text))
		}
	}
	return out.String()
})

// squeezed is text without what is neither a letter nor a digit.
func squeezed(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' && r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, text)
}

// repositories are what follows `github.com/` in text, in lower case: an account, and most often a repository.
func repositories(text string) []string {
	var out []string
	for i, part := range strings.Split(strings.ToLower(text), "github.com/") {
		if i > 0 {
			end := strings.IndexFunc(part, func(r rune) bool {
				return r != '-' && r != '_' && r != '.' && r != '/' && (r < '0' || r > '9' && r < 'a' || r > 'z')
			})
			if end >= 0 {
				part = part[:end]
			}
			out = append(out, part)
		}
	}
	return out
}

// Serves reports whether the publisher also serves url: a file of a repository of the same GitHub account, or of one that
// has the name of who holds the copyright, or of a host that has the account's name.
func Serves(p *lint.Pass, url string) bool {
	_, rest, ok := strings.Cut(strings.ToLower(url), "://")
	if !ok {
		return false
	}
	host, path, _ := strings.Cut(rest, "/")
	first, _, _ := strings.Cut(path, "/")
	code := host == "github.com" || host == "raw.githubusercontent.com" || host == "api.github.com" || host == "codeload.github.com"
	if host == "api.github.com" {
		_, path, _ = strings.Cut(path, "/")
		first, _, _ = strings.Cut(path, "/")
	}
	const long = 8 // shorter names are part of others
	if name := squeezed(first); code && len(name) >= long && strings.Contains(holders.Of(p), name) {
		return true
	}
	return slices.ContainsFunc(accounts.Of(p), func(account string) bool {
		if code {
			return first == account
		}
		return slices.ContainsFunc(strings.Split(host, "."), func(label string) bool {
			return strings.ReplaceAll(label, "-", "") == strings.ReplaceAll(account, "-", "")
		})
	})
}
