package fsops

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A session runs requests on a system and says what it answers in a form in which
// two systems can be compared: inode numbers by the order in which they appear,
// times by the request that set them, and without what differs from one disk to
// another.
type session struct {
	s      *Server
	begin  func() int64 // before each request: the time from which on it is the request's
	starts []int64      // nanoseconds, by request
	rotate int          // the request that last rotated or remounted
	inos   map[string]int
}

func newSession(sys System, begin func() int64) *session {
	return &session{s: NewServer(sys), begin: begin, inos: map[string]int{}}
}

// modelSession is a session of the model, whose clock says which request it is.
func modelSession(lowers []Lower) *session {
	m := NewModel(lowers, false)
	return newSession(m, func() int64 { return (m.now.Sec + 1) * 1e9 })
}

func (s *session) close() { s.s.fds.closeAll() }

// do is what the request line is answered with.
func (s *session) do(line string) string {
	s.starts = append(s.starts, s.begin())
	raw := s.s.line([]byte(line), int64(len(line)), len(s.starts))
	var answer map[string]any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&answer); err != nil {
		return fmt.Sprintf("an answer that is not JSON: %v: %q", err, raw)
	}
	r, _ := decode([]byte(line))
	if r.op != nil && (r.op.Name == "rotate" || r.op.Name == "remount") {
		s.rotate = len(s.starts)
		s.inos = map[string]int{}
	}
	s.object(answer)
	for _, drop := range []string{"blocks", "bfree", "bavail", "files"} {
		delete(answer, drop)
	}
	out, err := json.Marshal(answer)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// object brings an object of an answer, and those in it, into the common form.
func (s *session) object(o map[string]any) {
	delete(o, "dev")
	delete(o, "blocks")
	if o["type"] == "dir" {
		delete(o, "size")
	}
	if o["whiteout"] == true { // the kernel links one to many names, or makes it in a set-gid directory
		delete(o, "gid")
		delete(o, "nlink")
		delete(o, "mtime")
		delete(o, "mtime_nsec")
	}
	if ino, ok := o["ino"].(json.Number); ok {
		if _, stat := o["nlink"]; stat {
			if s.inos[ino.String()] == 0 {
				s.inos[ino.String()] = len(s.inos) + 1
			}
			o["ino"] = s.inos[ino.String()]
		} else {
			delete(o, "ino")
		}
	}
	if v, ok := s.when(o, "ctime"); ok {
		if v.(int) <= s.rotate {
			v = "old"
		}
		o["ctime"] = v
	}
	for _, name := range []string{"mtime", "atime"} {
		if v, ok := s.when(o, name); ok {
			o[name] = v
		}
	}
	if at, now := o["atime"].(int); s.rotate > 0 && !(now && at > s.rotate) {
		delete(o, "atime") // a layer does not carry it
	}
	delete(o, "sha256")
	for _, v := range o {
		if list, ok := v.([]any); ok {
			s.list(list)
		}
	}
}

func (s *session) list(list []any) {
	for _, v := range list {
		if o, ok := v.(map[string]any); ok {
			s.object(o)
		}
	}
	slices.SortStableFunc(list, func(a, b any) int { return strings.Compare(nameOf(a), nameOf(b)) })
}

// nameOf is the name of a directory's entry, for which there is no order.
func nameOf(v any) string {
	o, _ := v.(map[string]any)
	if o == nil || o["path"] != nil {
		return ""
	}
	return fmt.Sprint(o["name"], o["name_base64"])
}

// when is the request that set a time, or a string for a time that a request gave.
func (s *session) when(o map[string]any, name string) (any, bool) {
	sec, ok := o[name].(json.Number)
	if !ok {
		return nil, false
	}
	n, _ := sec.Int64()
	nsec, _ := o[name+"_nsec"].(json.Number).Int64()
	delete(o, name+"_nsec")
	if n < 1e9 && name != "ctime" || n > 4e9 {
		return fmt.Sprintf("%d.%09d", n, nsec), true
	}
	at, _ := slices.BinarySearchFunc(s.starts, n*1e9+nsec, func(a, t int64) int {
		if a <= t {
			return -1
		}
		return 1
	})
	return at, true
}
