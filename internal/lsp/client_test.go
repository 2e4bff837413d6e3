package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"
)

// today is the day of the tests.
func today() time.Time { return time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC) }

// client is an editor that talks to a server in memory. It reads with jsonrpc2's own codec, and not with that of the server.
type client struct {
	t    *testing.T
	dir  string
	conn *jsonrpc2.Conn
	in   *io.PipeWriter // what the server reads
	end  chan error     // what Serve returned
	utf8 bool           // see completed

	mu       sync.Mutex
	news     sync.Cond
	pushed   map[uri]publishDiagnosticsParams
	pushes   map[uri]int
	requests []string // methods that the server has called
	shown    []string // documents that the server has shown
	logs     []string
	answer   func(method string) any // to requests of the server; nil: null
}

type pipe struct {
	io.Reader
	io.WriteCloser
}

// start starts a server and connects to it, without a word. files are written below a directory, which is a repository.
func start(t *testing.T, files map[string]string) *client {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, dir: dir, end: make(chan error, 1), pushed: map[uri]publishDiagnosticsParams{}, pushes: map[uri]int{}}
	c.news.L = &c.mu
	c.write(".git/HEAD", "ref: refs/heads/main\n")
	for name, text := range files {
		c.write(name, text)
	}
	serverIn, clientOut := io.Pipe()
	clientIn, serverOut := io.Pipe()
	go func() {
		err := Serve(context.Background(), serverIn, serverOut, Options{Version: "test", Dir: dir, Now: today, Delay: 5 * time.Millisecond})
		_ = serverOut.Close()
		_ = serverIn.Close()
		c.end <- err
	}()
	c.in = clientOut
	stream := jsonrpc2.NewBufferedStream(pipe{clientIn, clientOut}, jsonrpc2.VSCodeObjectCodec{})
	c.conn = jsonrpc2.NewConn(context.Background(), stream, jsonrpc2.AsyncHandler(c))
	t.Cleanup(func() {
		_ = c.conn.Close()
		_ = clientOut.Close()
		_ = clientIn.Close()
	})
	return c
}

// Handle implements jsonrpc2.Handler.
func (c *client) Handle(ctx context.Context, conn *jsonrpc2.Conn, r *jsonrpc2.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.news.Broadcast()
	switch {
	case r.Method == "textDocument/publishDiagnostics":
		var p publishDiagnosticsParams
		if err := json.Unmarshal(*r.Params, &p); err != nil {
			c.t.Error(err)
		}
		if c.pushed[p.URI].Version == nil || p.Version == nil || *p.Version >= *c.pushed[p.URI].Version {
			c.pushed[p.URI] = p
		}
		c.pushes[p.URI]++
	case r.Method == "window/logMessage":
		var p struct{ Message string }
		if err := json.Unmarshal(*r.Params, &p); err != nil {
			c.t.Error(err)
		}
		c.logs = append(c.logs, p.Message)
	case r.Method == "window/showDocument":
		var p struct{ URI string }
		if err := json.Unmarshal(*r.Params, &p); err != nil {
			c.t.Error(err)
		}
		c.shown = append(c.shown, p.URI)
	case !r.Notif:
		c.requests = append(c.requests, r.Method)
	}
	if !r.Notif {
		var result any
		if c.answer != nil {
			result = c.answer(r.Method)
		}
		if err := conn.Reply(ctx, r.ID, result); err != nil && !errors.Is(err, jsonrpc2.ErrClosed) {
			c.t.Error(err)
		}
	}
}

func (c *client) write(name, text string) {
	c.t.Helper()
	full := c.path(name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) path(name string) string { return filepath.Join(c.dir, filepath.FromSlash(name)) }
func (c *client) uri(name string) uri     { return fileURI(c.path(name)) }

// call calls a method and returns the code of its error, 0 without one.
func (c *client) call(method string, params, result any) int64 {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err := c.conn.Call(ctx, method, params, result)
	if e, ok := errors.AsType[*jsonrpc2.Error](err); ok {
		return e.Code
	}
	if err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
	return 0
}

// must is call without an error.
func (c *client) must(method string, params, result any) {
	c.t.Helper()
	if code := c.call(method, params, result); code != 0 {
		c.t.Fatalf("%s: error %d", method, code)
	}
}

func (c *client) notify(method string, params any) {
	c.t.Helper()
	if err := c.conn.Notify(context.Background(), method, params); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
}

// hello initialises the server with a client of the given capabilities.
func (c *client) hello(capabilities string) initializeResult {
	c.t.Helper()
	var r initializeResult
	c.must("initialize", map[string]any{
		"processId": nil, "capabilities": json.RawMessage(capabilities),
		"workspaceFolders": []map[string]string{{"uri": c.uri("."), "name": "test"}},
	}, &r)
	c.notify("initialized", struct{}{})
	return r
}

// puller are the capabilities of a client that asks for diagnostics.
const puller = `{"general":{"positionEncodings":["utf-8","utf-16"]},"textDocument":{"diagnostic":{"relatedInformation":true}}}`

// pusher are those of one that is told.
const pusher = `{"textDocument":{"publishDiagnostics":{"versionSupport":true,"relatedInformation":true}}}`

func (c *client) open(name, text string) {
	c.t.Helper()
	language := ""
	if is, _ := namedForTest(name); is {
		language = "dockerfile"
	}
	c.openAs(c.uri(name), language, text)
}

func (c *client) openAs(u uri, language, text string) {
	c.t.Helper()
	var p didOpenParams
	p.TextDocument.URI, p.TextDocument.LanguageID, p.TextDocument.Version, p.TextDocument.Text = u, language, 1, text
	c.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": u, "languageId": language, "version": 1, "text": text,
	}})
}

func (c *client) change(name string, version int, changes ...change) {
	c.t.Helper()
	list := make([]map[string]any, len(changes))
	for i, x := range changes {
		list[i] = map[string]any{"text": x.Text}
		if x.Range != nil {
			list[i]["range"] = x.Range
		}
	}
	c.notify("textDocument/didChange", map[string]any{
		"textDocument": map[string]any{"uri": c.uri(name), "version": version}, "contentChanges": list,
	})
}

// pulled are the diagnostics that the client asks for.
func (c *client) pulled(name string) []diagnostic {
	c.t.Helper()
	var r documentDiagnosticReport
	c.must(methodDiagnostic, map[string]any{"textDocument": map[string]string{"uri": c.uri(name)}}, &r)
	if r.Kind != "full" || r.Items == nil {
		c.t.Fatalf("report %+v", r)
	}
	return *r.Items
}

// await waits until cond, which is called with the lock, and fails the test if that takes too long.
func (c *client) await(what string, cond func() bool) {
	c.t.Helper()
	timeout := time.AfterFunc(20*time.Second, func() { c.news.Broadcast() })
	defer timeout.Stop()
	begin := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for !cond() {
		if time.Since(begin) > 19*time.Second {
			c.t.Fatalf("no %s; logs %q", what, c.logs)
		}
		c.news.Wait()
	}
}

// awaitPush waits for diagnostics of a version.
func (c *client) awaitPush(name string, version int) []diagnostic {
	c.t.Helper()
	u := c.uri(name)
	c.await("diagnostics of "+name, func() bool {
		p, ok := c.pushed[u]
		return ok && p.Version != nil && *p.Version >= version
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pushed[u].Diagnostics
}

// bye ends the connection as the protocol wants it and returns what Serve returned.
func (c *client) bye() error {
	c.t.Helper()
	c.must("shutdown", nil, nil)
	c.notify("exit", nil)
	return c.ended()
}

func (c *client) ended() error {
	c.t.Helper()
	select {
	case err := <-c.end:
		return err
	case <-time.After(20 * time.Second):
		c.t.Fatal("the server does not end")
		return nil
	}
}
