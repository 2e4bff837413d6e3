// Package lsp is a language server for Dockerfiles: what check finds, while a file is being written.
//
// Messages are worked off one after the other, in the order in which they come, so that an answer is always about the text that the
// client had when it asked. The goroutine that reads them only looks ahead for what makes queued work pointless.
package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"slices"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"
)

// Options are what a server is given from outside.
type Options struct {
	Version string
	Dir     string           // the working directory, an absolute path
	Now     func() time.Time // the day to compare dates with
	// Alive reports whether the process with that number runs; nil: it is not looked at. A client may die without closing the stream.
	Alive func(process int) bool
	// Delay is how long the client must have been idle before diagnostics are pushed to it.
	Delay time.Duration
}

// ErrNoShutdown says that the client left without a shutdown request.
var ErrNoShutdown = errors.New("the client left without a shutdown request")

// Serve talks to the client at in and out until it leaves.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := newServer(o)
	worked := make(chan struct{})
	stream := newStream(in, out, func() {
		s.queue.close()
		<-worked
	})
	s.conn = jsonrpc2.NewConn(ctx, stream, s, jsonrpc2.SetLogger(log.New(io.Discard, "", 0)))
	go func() {
		<-s.conn.DisconnectNotify()
		s.queue.close()
	}()
	s.work(ctx)
	close(worked)
	_ = s.conn.Close() // it may have been closed before
	if s.state != left {
		return ErrNoShutdown
	}
	return nil
}

// state is where a connection is in its life.
type state int

const (
	fresh    state = iota // initialize has not come
	running               // it has
	stopping              // shutdown has come
	left                  // exit has come after shutdown
)

type server struct {
	options Options
	conn    *jsonrpc2.Conn
	queue   queue

	// The rest belongs to the goroutine that works.
	state    state
	client   capabilities
	utf8     bool
	pull     bool // the client asks for diagnostics
	docs     map[uri]*document
	roots    []*root
	loose    map[string]*root // by directory: for files that are in none of roots
	settings settings
	rules    []*lint.Rule
	index    lint.Index
	serial   int             // of the last analysis
	told     map[string]bool // what was told the client and need not be told again
	timer    *time.Timer     // ends in a push of diagnostics
	// refreshing ends in a request to ask for diagnostics again.
	refreshing *time.Timer
}

func newServer(o Options) *server {
	all := rules.All()
	s := &server{
		options: o, docs: map[uri]*document{}, loose: map[string]*root{}, rules: all, index: lint.NewIndex(all), told: map[string]bool{},
	}
	s.queue.init()
	return s
}

// job is one message to work off, or a push of diagnostics.
type job struct {
	request *jsonrpc2.Request // nil for a push
	ctx     context.Context
	cancel  context.CancelFunc
	stale   bool // ctx was cancelled because the text has changed
}

// queue holds the jobs between the goroutine that reads and the one that works.
type queue struct {
	mu     sync.Mutex
	ready  sync.Cond
	list   []*job // the first one may be at work
	closed bool
}

func (q *queue) init() { q.ready.L = &q.mu }

func (q *queue) add(j *job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.list = append(q.list, j)
		q.ready.Signal()
	}
}

// next waits for the first job, which stays in the list until it is done; nil once the queue is closed and empty.
func (q *queue) next() *job {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.list) == 0 && !q.closed {
		q.ready.Wait()
	}
	if len(q.list) == 0 {
		return nil
	}
	return q.list[0]
}

func (q *queue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) > 0 {
		q.list[0].cancel()
		q.list[0] = nil
		q.list = q.list[1:]
	}
	if len(q.list) == 0 {
		q.list = nil // the array would only grow at its end
	}
}

// close ends the queue. What is in it is cancelled, but still worked off: it may be the end of the protocol.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.list {
		j.cancel()
	}
	q.closed = true
	q.ready.Broadcast()
}

// cancel cancels the jobs that which accepts.
func (q *queue) cancel(stale bool, which func(*job) bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.list {
		if which(j) {
			j.stale = stale
			j.cancel()
		}
	}
}

func (q *queue) isStale(j *job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return j.stale
}

// Handle implements jsonrpc2.Handler. It must not wait: nothing is read meanwhile.
func (s *server) Handle(ctx context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) {
	switch r.Method {
	case "$/cancelRequest":
		var p struct{ ID jsonrpc2.ID }
		if err := decode(&p, r.Params); err == nil {
			s.queue.cancel(false, func(j *job) bool { return j.request != nil && !j.request.Notif && j.request.ID == p.ID })
		}
		return
	case "textDocument/didChange":
		s.queue.cancel(true, func(j *job) bool { return j.request == nil || j.request.Method == methodDiagnostic })
	case "exit":
		s.queue.cancel(false, func(j *job) bool { return j.request == nil || !j.request.Notif && j.request.Method != "shutdown" })
	}
	s.enqueue(ctx, r)
}

func (s *server) enqueue(ctx context.Context, r *jsonrpc2.Request) {
	j := &job{request: r}
	j.ctx, j.cancel = context.WithCancel(ctx)
	s.queue.add(j)
}

// work works off the queue until it is closed or the client leaves.
func (s *server) work(ctx context.Context) {
	for s.state != left {
		j := s.queue.next()
		if j == nil {
			return
		}
		switch {
		case j.request == nil:
			_ = s.guard("push", func() error { return s.push(j.ctx) }) // it is logged
		case j.request.Notif:
			if j.request.Method == "exit" && s.state != stopping {
				return
			}
			if err := s.guard(j.request.Method, func() error { return s.notification(ctx, j.request) }); err != nil {
				s.log(messageWarning, "%s: %v", j.request.Method, err)
			}
		default:
			s.answer(ctx, j)
		}
		s.queue.done()
	}
}

// guard turns a panic into an error.
func (s *server) guard(where string, do func() error) (err error) {
	defer func() {
		if what := recover(); what != nil {
			err = fmt.Errorf("bug in dockvet at %s, please report it: %v", where, what)
			s.log(messageError, "%v", err)
		}
	}()
	return do()
}

func (s *server) answer(ctx context.Context, j *job) {
	var result any
	err := j.ctx.Err()
	if err == nil || j.request.Method == "initialize" || j.request.Method == "shutdown" {
		err = s.guard(j.request.Method, func() (err error) {
			result, err = s.request(j.ctx, j.request)
			return err
		})
	}
	if errors.Is(err, context.Canceled) {
		err = &jsonrpc2.Error{Code: codeRequestCancelled, Message: "the request was cancelled"}
		if s.queue.isStale(j) {
			again := json.RawMessage(`{"retriggerRequest":true}`)
			err = &jsonrpc2.Error{Code: codeServerCancelled, Message: "the document has changed", Data: &again}
		}
	}
	if err == nil {
		err = s.conn.Reply(ctx, j.request.ID, result)
	}
	if err == nil {
		return
	}
	reply, ok := errors.AsType[*jsonrpc2.Error](err)
	if !ok {
		reply = &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: err.Error()}
		if _, wrong := errors.AsType[invalidParams](err); wrong {
			reply.Code = jsonrpc2.CodeInvalidParams
		}
	}
	_ = s.conn.ReplyWithError(ctx, j.request.ID, reply) // nobody waits for an answer any more
}

const methodDiagnostic = "textDocument/diagnostic"

func (s *server) request(ctx context.Context, r *jsonrpc2.Request) (any, error) {
	switch {
	case r.Method == "initialize" && s.state == fresh:
		return call(r, s.initialize)
	case s.state == fresh:
		return nil, &jsonrpc2.Error{Code: codeServerNotInitialized, Message: "initialize must come first"}
	case s.state == stopping || r.Method == "initialize":
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "`" + r.Method + "` cannot come here"}
	}
	switch r.Method {
	case "shutdown":
		s.state = stopping
		return nil, nil
	case methodDiagnostic:
		return call(r, func(p documentDiagnosticParams) (any, error) { return s.diagnostic(ctx, p) })
	case "textDocument/codeAction":
		return call(r, func(p codeActionParams) (any, error) { return s.codeAction(ctx, p) })
	case "textDocument/hover":
		return call(r, func(p at) (any, error) { return s.hover(ctx, p) })
	case "textDocument/completion":
		return call(r, func(p at) (any, error) { return s.completion(ctx, p) })
	case "textDocument/definition":
		return call(r, s.definition)
	case "textDocument/references":
		return call(r, func(p referenceParams) (any, error) { return s.references(ctx, p) })
	case "textDocument/documentHighlight":
		return call(r, s.documentHighlight)
	case "textDocument/prepareRename":
		return call(r, s.prepareRename)
	case "textDocument/rename":
		return call(r, func(p renameParams) (any, error) { return s.rename(ctx, p) })
	case "textDocument/documentSymbol":
		return call(r, s.documentSymbol)
	case "textDocument/foldingRange":
		return call(r, s.foldingRange)
	case "textDocument/selectionRange":
		return call(r, s.selectionRange)
	case "textDocument/semanticTokens/full", "textDocument/semanticTokens/range":
		return call(r, func(p semanticTokensParams) (any, error) { return s.semanticTokens(p.TextDocument.URI, p.Range) })
	case "textDocument/documentLink":
		return call(r, s.documentLink)
	case "textDocument/inlayHint":
		return call(r, s.inlayHint)
	case "workspace/symbol":
		return call(r, func(p workspaceSymbolParams) (any, error) { return s.workspaceSymbol(ctx, p) })
	case "textDocument/formatting":
		return call(r, s.formatting)
	case "workspace/executeCommand":
		return call(r, s.executeCommand)
	}
	return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "`" + r.Method + "` is not supported"}
}

// call decodes the parameters of r for f.
func call[P any](r *jsonrpc2.Request, f func(P) (any, error)) (any, error) {
	var p P
	if err := decode(&p, r.Params); err != nil {
		return nil, err
	}
	return f(p)
}

func (s *server) notification(ctx context.Context, r *jsonrpc2.Request) error {
	if r.Method == "exit" {
		s.state = left
		return nil
	}
	if s.state != running {
		return nil // the protocol says so
	}
	switch r.Method {
	case "initialized":
		s.initialized(ctx)
	case "textDocument/didOpen":
		return told(r, s.didOpen)
	case "textDocument/didChange":
		return told(r, s.didChange)
	case "textDocument/didSave":
		return told(r, s.didSave)
	case "textDocument/didClose":
		return told(r, s.didClose)
	case "workspace/didChangeWatchedFiles":
		return told(r, s.didChangeWatchedFiles)
	case "workspace/didChangeWorkspaceFolders":
		return told(r, s.didChangeWorkspaceFolders)
	case "workspace/didChangeConfiguration":
		return told(r, func(p didChangeConfigurationParams) error { return s.didChangeConfiguration(ctx, p) })
	}
	return nil
}

// told decodes the parameters of r for f.
func told[P any](r *jsonrpc2.Request, f func(P) error) error {
	var p P
	if err := decode(&p, r.Params); err != nil {
		return err
	}
	return f(p)
}

func (s *server) initialize(p initializeParams) (any, error) {
	s.state = running
	s.client = p.Capabilities
	s.utf8 = slices.Contains(p.Capabilities.General.PositionEncodings, "utf-8")
	s.pull = p.Capabilities.TextDocument.Diagnostic != nil
	if len(p.InitializationOptions) > 0 {
		if err := s.settings.read(p.InitializationOptions); err != nil {
			s.log(messageWarning, "initializationOptions: %v", err)
		}
	}
	list := p.WorkspaceFolders
	if len(list) == 0 && p.RootURI != nil {
		list = []workspaceFolder{{URI: *p.RootURI}}
	}
	if len(list) == 0 && p.RootPath != nil && *p.RootPath != "" {
		list = []workspaceFolder{{URI: fileURI(*p.RootPath)}}
	}
	for _, f := range list {
		s.addRoot(f)
	}
	if p.ProcessID != nil && s.options.Alive != nil {
		s.watch(*p.ProcessID)
	}
	r := initializeResult{ServerInfo: serverInfo{"dockvet", s.options.Version}}
	c := &r.Capabilities
	c.PositionEncoding = "utf-16"
	if s.utf8 {
		c.PositionEncoding = "utf-8"
	}
	c.TextDocumentSync.OpenClose, c.TextDocumentSync.Change, c.TextDocumentSync.Save.IncludeText = true, incremental, true
	c.Workspace.WorkspaceFolders.Supported, c.Workspace.WorkspaceFolders.ChangeNotifications = true, true
	c.HoverProvider, c.DefinitionProvider, c.ReferencesProvider, c.DocumentHighlightProvider = true, true, true, true
	c.DocumentSymbolProvider, c.FoldingRangeProvider, c.FormattingProvider = true, true, true
	c.RenameProvider.PrepareProvider = true
	c.SelectionRangeProvider, c.InlayHintProvider, c.WorkspaceSymbolProvider = true, true, true
	c.SemanticTokensProvider.Full, c.SemanticTokensProvider.Range = true, true
	c.SemanticTokensProvider.Legend.TokenTypes, c.SemanticTokensProvider.Legend.TokenModifiers = tokenTypes(), tokenModifiers()
	c.CompletionProvider.TriggerCharacters = []string{"$", "{", "-", "=", ",", ":", "/", "\""}
	if p.Capabilities.TextDocument.CodeAction.LiteralSupport != nil {
		c.CodeActionProvider = &codeActionOptions{[]string{kindQuickFix, kindFixAll}}
		c.ExecuteCommandProvider = &executeCommandOptions{[]string{commandExplain}}
	}
	if s.pull {
		c.DiagnosticProvider = &diagnosticOptions{Identifier: "dockvet", InterFileDependencies: true}
	}
	return r, nil
}

// watch ends the server once the process of the client has died.
func (s *server) watch(process int) {
	const every = 5 * time.Second
	var look func()
	look = func() {
		if !s.options.Alive(process) {
			s.queue.close()
			return
		}
		time.AfterFunc(every, look)
	}
	time.AfterFunc(every, look)
}

// initialized asks the client to tell what changes on the disk, and for its settings.
func (s *server) initialized(ctx context.Context) {
	var list []registration
	if s.client.Workspace.DidChangeWatchedFiles.DynamicRegistration {
		type watcher struct {
			GlobPattern string `json:"globPattern"`
		}
		// Every file may be part of a build context.
		list = append(list, registration{"files", "workspace/didChangeWatchedFiles", struct {
			Watchers []watcher `json:"watchers"`
		}{[]watcher{{"**/*"}}}})
	}
	if s.client.Workspace.DidChangeConfiguration.DynamicRegistration {
		list = append(list, registration{"settings", "workspace/didChangeConfiguration", map[string]string{"section": "dockvet"}})
	}
	if len(list) > 0 {
		s.ask(ctx, "client/registerCapability", map[string]any{"registrations": list})
	}
	s.askSettings(ctx)
}

// ask sends a request whose answer does not matter.
func (s *server) ask(ctx context.Context, method string, params any) {
	_, _ = s.conn.DispatchCall(ctx, method, params) // a client that is gone is noticed elsewhere
}

// show has the client show text to the user.
func (s *server) show(text string) {
	params := struct {
		Type    int    `json:"type"`
		Message string `json:"message"`
	}{messageInfo, text}
	_ = s.conn.Notify(context.Background(), "window/showMessage", params) // a client that is gone is noticed elsewhere
}

func (s *server) log(kind int, format string, args ...any) {
	params := struct {
		Type    int    `json:"type"`
		Message string `json:"message"`
	}{kind, "dockvet: " + fmt.Sprintf(format, args...)}
	_ = s.conn.Notify(context.Background(), "window/logMessage", params) // there is nowhere left to complain
}

// later works off a notification as if the client had sent it.
func (s *server) later(ctx context.Context, method string, params any) {
	r := &jsonrpc2.Request{Method: method, Notif: true}
	if err := r.SetParams(params); err == nil {
		s.enqueue(ctx, r)
	}
}
