package lsp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
)

// maxMessage bounds a message, in bytes. A Dockerfile has at most 1 MiB, and JSON escapes at most double real text.
const maxMessage = 64 << 20

// maxHeader bounds a line of a header, in bytes.
const maxHeader = 4 << 10

// stream is a jsonrpc2.ObjectStream of messages with a header, as LSP has them. jsonrpc2's own ends the connection at the
// first message that is not valid. This one answers it with an error and reads on: the header says where the next begins.
type stream struct {
	in    *bufio.Reader
	out   io.Writer
	ended func() // is called when nothing is left to read, and before jsonrpc2 is told, which would not write any more

	mu sync.Mutex // of out
}

func newStream(in io.Reader, out io.Writer, ended func()) *stream {
	return &stream{in: bufio.NewReader(in), out: out, ended: ended}
}

// ReadObject implements jsonrpc2.ObjectStream.
func (s *stream) ReadObject(v any) error {
	for {
		body, err := s.read()
		if err != nil {
			s.ended()
			return err
		}
		err = json.Unmarshal(body, v)
		if err == nil {
			return nil
		}
		if err := s.refuse(body, err); err != nil {
			return err
		}
	}
}

// read is the body of the next message.
func (s *stream) read() ([]byte, error) {
	size := -1
	for {
		line, err := s.line()
		if err != nil {
			return nil, err
		}
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			if size, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || size < 0 || size > maxMessage {
				return nil, fmt.Errorf("the length of a message is `%s`; it must be a number up to %d", strings.TrimSpace(value), maxMessage)
			}
		}
	}
	if size < 0 {
		return nil, errors.New("a message has no Content-Length, so its end is not known")
	}
	// What is announced may never come, so no more than what has come is allocated.
	var body bytes.Buffer
	if n, err := io.CopyN(&body, s.in, int64(size)); err != nil {
		return nil, fmt.Errorf("a message ends after %d of %d bytes: %w", n, size, err)
	}
	return body.Bytes(), nil
}

// line is the next line of a header, without its end.
func (s *stream) line() (string, error) {
	var line []byte
	for {
		part, err := s.in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return strings.TrimRight(string(line), "\r\n"), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", err
		case len(line) > maxHeader:
			return "", fmt.Errorf("a line of a header is longer than %d bytes", maxHeader)
		}
	}
}

// refuse answers a message that jsonrpc2 cannot read. What may itself be an answer gets none.
func (s *stream) refuse(body []byte, why error) error {
	e := jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "not a request, notification or response: " + why.Error()}
	var message struct {
		ID            json.RawMessage
		Result, Error any
	}
	if !json.Valid(body) {
		e = jsonrpc2.Error{Code: jsonrpc2.CodeParseError, Message: "not JSON: " + why.Error()}
	} else if err := json.Unmarshal(body, &message); err == nil && (message.Result != nil || message.Error != nil) {
		return nil
	}
	id := message.ID
	if len(id) == 0 || id[0] == '{' || id[0] == '[' {
		id = json.RawMessage("null")
	}
	return s.WriteObject(struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   jsonrpc2.Error  `json:"error"`
	}{"2.0", id, e})
}

// WriteObject implements jsonrpc2.ObjectStream.
func (s *stream) WriteObject(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	message := append([]byte("Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"), body...)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = s.out.Write(message)
	return err
}

// Close implements jsonrpc2.ObjectStream. The streams are the caller's.
func (s *stream) Close() error { return nil }
