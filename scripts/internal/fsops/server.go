package fsops

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// MaxLine is the longest line that is understood, in bytes.
const MaxLine = 16 << 20

// A Server answers operations on one system.
type Server struct {
	sys  System
	user User // of requests that say nothing else
	fds  fdTable
}

// NewServer is a server of sys. It begins as root with umask 022.
func NewServer(sys System) *Server {
	return &Server{sys: sys, user: User{Umask: 0o022}, fds: fdTable{sys: sys}}
}

// Serve answers the requests of r, one a line, on w, until r ends. Every line but
// an empty one gets one line of answer, in order. What w cannot take yet is kept,
// so that a client may ask much before it reads. The error is one of r or w: a bad
// request is answered and the service goes on.
func (s *Server) Serve(r io.Reader, w io.Writer) error {
	out := newQueue(w)
	defer s.fds.closeAll()
	in := bufio.NewReaderSize(r, 64<<10)
	for number := 1; ; number++ {
		line, length, err := readLine(in)
		if length > 0 || err == nil {
			if werr := out.put(s.line(line, length, number)); werr != nil {
				return fmt.Errorf("writing an answer: %w", werr)
			}
		}
		if errors.Is(err, io.EOF) {
			return out.close()
		} else if err != nil {
			out.close()
			return fmt.Errorf("reading a request: %w", err)
		}
	}
}

// line is the answer to one line, with its newline; nil for an empty line.
func (s *Server) line(line []byte, length int64, number int) []byte {
	if length > MaxLine {
		err := bad("", "%d bytes, more than the %d that a line may have", length, MaxLine)
		return encode(s.refuse(request{}, number, err))
	}
	if line = bytes.TrimSpace(line); len(line) == 0 {
		return nil
	}
	r, err := decode(line)
	if err != nil {
		return encode(s.refuse(r, number, err))
	}
	return encode(s.answer(r, number))
}

// refuse is the answer to a bad request.
func (s *Server) refuse(r request, number int, err error) *obj {
	o := &obj{}
	if r.id != nil {
		o.set("id", r.id)
	}
	o.set("ok", false)
	o.set("error", fmt.Sprintf("line %d: %v", number, err))
	o.set("line", number)
	var b *badRequest
	if errors.As(err, &b) && b.field != "" {
		o.set("field", b.field)
	}
	return o
}

// answer runs an operation.
func (s *Server) answer(r request, number int) *obj {
	c := &call{s: s, sys: s.sys, request: r, out: &obj{}}
	if m, ok := s.sys.(*Model); ok {
		m.tick(r.op.traced)
	}
	s.sys.Become(c.asked(s.user))
	err := c.run()
	var b *badRequest
	if errors.As(err, &b) {
		return s.refuse(r, number, err)
	}
	o := &obj{}
	if r.id != nil {
		o.set("id", r.id)
	}
	o.set("ok", err == nil)
	if err != nil {
		e := errnoOf(err)
		o.set("errno", e.Name)
		o.set("code", e.Code)
		o.set("message", e.Message)
	} else {
		o.names = append(o.names, c.out.names...)
		o.values = append(o.values, c.out.values...)
	}
	if m, ok := s.sys.(*Model); ok && c.flag("events") {
		o.set("events", eventObjs(m.events, len(m.lowers)))
	}
	return o
}

// run runs the operation. A fault of the service is told like a bad request, so that
// a suite that meets one can go on.
func (c *call) run() (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = bad("op", "%s: %s: %v", c.op.Name, faultText, fault)
		}
	}()
	return c.op.run(c)
}

const faultText = "a fault of the service itself"

func encode(o *obj) []byte {
	b, err := o.MarshalJSON()
	if err != nil { // of what an answer holds, nothing can fail
		panic(err)
	}
	return append(b, '\n')
}

// readLine reads up to the next newline. length is what it had; of a line that is
// longer than MaxLine only that is known.
func readLine(in *bufio.Reader) (line []byte, length int64, err error) {
	for {
		part, err := in.ReadSlice('\n')
		length += int64(len(part))
		switch {
		case length > MaxLine+1:
			line = nil
		case err == nil && line == nil:
			return part, max(0, length-1), nil // as long as the next read is not made
		default:
			line = append(line, part...)
		}
		if err == nil {
			return line, length - 1, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, length, err
		}
	}
}

// A call is an operation under way.
type call struct {
	request
	s   *Server
	sys System
	out *obj // the answer
}

// asked is the user that the request names, u where it says nothing.
func (c *call) asked(u User) User {
	if v, ok := c.values["uid"]; ok {
		u.UID = uint32(v.(int64))
	}
	if v, ok := c.values["gid"]; ok {
		u.GID = uint32(v.(int64))
	}
	if v, ok := c.values["groups"]; ok {
		u.Groups = slices.Clone(v.([]uint32))
	}
	u.Umask = c.mode("umask", u.Umask) & 0o777
	return u
}

// asRoot is what the service itself looks at things with.
func (c *call) asRoot() { c.sys.Become(User{Umask: 0o022}) }

func (c *call) has(name string) bool { _, ok := c.values[name]; return ok }

func (c *call) str(name string) string {
	s, _ := c.values[name].(string)
	return s
}

func (c *call) flag(name string) bool {
	b, _ := c.values[name].(bool)
	return b
}

func (c *call) num(name string, otherwise int64) int64 {
	if n, ok := c.values[name].(int64); ok {
		return n
	}
	return otherwise
}

func (c *call) mode(name string, otherwise uint32) uint32 {
	return uint32(c.num(name, int64(otherwise)))
}

func (c *call) flags(name string) int {
	n, _ := c.values[name].(int)
	return n
}
