package tools_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/report"
	"golang.org/x/net/html"
)

// TestHTML reads the page with a parser of HTML: it is well-formed, a reader sees the words of the findings, and nothing that a file or a
// name says becomes an element, an attribute or a script.
func TestHTML(t *testing.T) {
	const evil = "a<b>&\"'`x`|</pre></script><script>alert(1)</script><!-- --> ]]> \" onload=\"x ' <img src=x onerror=y> \x00\x1b[1m\u202e\xff"
	all := findings(t)
	all.Findings = all.Findings[:3000]
	all.Version, all.Files = evil, 7
	all.URL = func(r *lint.Rule) string { return "https://dockvet.example/" + r.Name + "?a=\"&b=<c>" }
	source := parser.Parse("<i>\"'&/"+evil+".Dockerfile", []byte("FROM x AS <b>\nRUN "+evil+"\n"))
	for i, f := range all.Findings {
		if i%50 > 0 {
			continue
		}
		f.Message, f.Note, f.Help, f.Doubt, f.Stage = evil, evil, evil, evil, evil
		f.Aliases = []string{evil}
		f.Relate(f.Span, "%s", evil)
		f.RelateFile(evil, 1, "%s", evil)
		f.Offer(lint.Safe, evil, lint.Insert(f.Span.Start, evil), lint.Edit{File: evil, Create: true, Text: evil + "\n"})
	}
	all.Findings = append(all.Findings, &lint.Finding{Rule: all.Findings[0].Rule, Source: source.Source, Span: parser.Span{Start: 18, End: 30}, Message: evil})
	page := write(t, "html", all)
	heads, script := wellFormed(t, page)
	if len(heads) != len(all.Findings) {
		t.Fatalf("%d findings on the page, want %d", len(heads), len(all.Findings))
	}
	signs := strings.NewReplacer("`", "", "\x00", "␀", "\x1b", "␛", "\u202e", "\ufffd", "\xff", "\ufffd", "\n", "␊", "\u200b", "\ufffd", "\ufeff", "")
	for i, head := range heads {
		if want := signs.Replace(all.Findings[i].Message); strings.ReplaceAll(head, "`", "") != want {
			t.Errorf("got  %q\nwant %q", head, want)
		}
	}
	sum := sha256.Sum256([]byte(script))
	if !bytes.Contains(page, []byte("script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")) {
		t.Error("the policy of the page does not allow its script")
	}
	for _, word := range []string{"SCRIPTHASH", ">BODY<", "TITLE<", "http://", "@import", "url(", "javascript:"} {
		if bytes.Contains(write(t, "html", &report.Report{Files: 1}), []byte(word)) {
			t.Errorf("the page has %s", word)
		}
	}
	wellFormed(t, write(t, "html", &report.Report{}))
}

// wellFormed checks that each element is one that the page has and ends where it should, and that no attribute leads out of the page. It
// returns the titles of findings and the script.
func wellFormed(t *testing.T, page []byte) (heads []string, script string) {
	t.Helper()
	elements := strings.Fields(`html head meta title style body header h1 h2 h3 p div b main section button span bdi i form label select option
		output article pre mark dl dt dd details summary code a script footer`)
	attributes := strings.Fields(`lang charset name content http-equiv class type data-dir data-file data-rule data-severity title style id value
		hidden aria-label href rel`)
	z := html.NewTokenizer(bytes.NewReader(page))
	var open []string
	var head strings.Builder
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) || len(open) > 0 {
				t.Errorf("%v, not closed: %v", z.Err(), open)
			}
			// The parser that browsers use must find the same tree: nothing was moved or closed for us.
			if _, err := html.Parse(bytes.NewReader(page)); err != nil {
				t.Error(err)
			}
			return heads, script
		case html.StartTagToken, html.SelfClosingTagToken:
			x := z.Token()
			if !slices.Contains(elements, x.Data) {
				t.Errorf("element %s", x.Data)
			}
			for _, a := range x.Attr {
				switch {
				case !slices.Contains(attributes, a.Key):
					t.Errorf("attribute %s of %s", a.Key, x.Data)
				case a.Key == "href" && !strings.HasPrefix(a.Val, "https://dockvet.example/"):
					t.Errorf("link to %s", a.Val)
				case a.Key == "style" && !strings.HasPrefix(a.Val, "width:"):
					t.Errorf("style %s", a.Val)
				}
			}
			if x.Data != "meta" {
				open = append(open, x.Data)
			}
		case html.EndTagToken:
			x := z.Token()
			if n := len(open); n == 0 || open[n-1] != x.Data {
				t.Fatalf("</%s> in %v", x.Data, open)
			}
			open = open[:len(open)-1]
			if x.Data == "h3" {
				heads = append(heads, head.String())
				head.Reset()
			}
		case html.TextToken:
			text := z.Token().Data
			if slices.Contains(open, "h3") {
				head.WriteString(text)
			}
			if slices.Contains(open, "script") {
				script += text
			}
		case html.CommentToken:
			t.Error("a comment")
		case html.DoctypeToken:
		}
	}
}
