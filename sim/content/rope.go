package content

import (
	"io"
	"sort"
)

type rope struct {
	parts []Body
	ends  []int64 // ends[i] is the offset just after parts[i]
}

// Concat is the bodies one after another. Neighbouring holes become one, and neighbouring written zeros; empty
// bodies vanish, ropes are flattened.
func Concat(bodies ...Body) Body {
	r := &rope{}
	for _, b := range bodies {
		r.push(b)
	}
	switch len(r.parts) {
	case 0:
		return Empty
	case 1:
		return r.parts[0]
	}
	return r
}

func (r *rope) push(b Body) {
	switch b := b.(type) {
	case *rope:
		for _, p := range b.parts {
			r.push(p)
		}
		return
	case zeros:
		if n := len(r.parts); n > 0 {
			if z, ok := r.parts[n-1].(zeros); ok {
				r.parts[n-1] = z + b
				r.ends[n-1] += int64(b)
				return
			}
		}
	case written:
		if n := len(r.parts); n > 0 {
			if z, ok := r.parts[n-1].(written); ok {
				r.parts[n-1] = written{z.zeros + b.zeros}
				r.ends[n-1] += b.Size()
				return
			}
		}
	}
	if b.Size() == 0 {
		return
	}
	r.parts = append(r.parts, b)
	r.ends = append(r.ends, r.Size()+b.Size())
}

func (r *rope) Size() int64 {
	if len(r.ends) == 0 {
		return 0
	}
	return r.ends[len(r.ends)-1]
}

func (r *rope) slice(off, size int64) Body {
	out := &rope{}
	for i := r.find(off); i < len(r.parts) && size > 0; i++ {
		start := r.ends[i] - r.parts[i].Size()
		n := min(size, r.ends[i]-off)
		out.push(Slice(r.parts[i], off-start, n))
		off, size = off+n, size-n
	}
	return Concat(out)
}

// find is the part that holds the byte at off.
func (r *rope) find(off int64) int {
	return sort.Search(len(r.ends), func(i int) bool { return r.ends[i] > off })
}

func (r *rope) Open() (io.ReadCloser, error) { return &ropeReader{parts: r.parts}, nil }

func (r *rope) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errNegative
	}
	n := 0
	for i := r.find(off); i < len(r.parts) && n < len(p); i++ {
		start := r.ends[i] - r.parts[i].Size()
		want := min(int64(len(p)-n), r.ends[i]-off)
		m, err := ReadAt(r.parts[i], p[n:n+int(want)], off-start)
		n, off = n+m, off+int64(m)
		if int64(m) < want {
			return n, unexpected(err)
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

type ropeReader struct {
	parts []Body
	cur   io.ReadCloser
}

func (r *ropeReader) Read(p []byte) (int, error) {
	for {
		if r.cur == nil {
			if len(r.parts) == 0 {
				return 0, io.EOF
			}
			rc, err := r.parts[0].Open()
			if err != nil {
				return 0, err
			}
			r.cur, r.parts = rc, r.parts[1:]
		}
		n, err := r.cur.Read(p)
		if err == io.EOF {
			r.cur.Close()
			r.cur, err = nil, nil
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

func (r *ropeReader) Close() error {
	if r.cur == nil {
		return nil
	}
	return r.cur.Close()
}
