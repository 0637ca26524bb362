package content

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// stream is a body that can only be read from its start.
func stream(s string) Body {
	return Recipe(int64(len(s)), func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil })
}

// counted is a stream that can be opened at an offset.
type counted struct {
	Body
	s     string
	opens []int64
}

func (c *counted) OpenAt(off int64) (io.ReadCloser, error) {
	c.opens = append(c.opens, off)
	return io.NopCloser(strings.NewReader(c.s[off:])), nil
}

func all(t *testing.T, b Body) string {
	t.Helper()
	p, err := ReadAll(b, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}

func TestEveryKindReadsAlike(t *testing.T) {
	const s = "0123456789abcdef"
	for name, b := range map[string]Body{
		"literal":          String(s),
		"reader at":        FromReaderAt(strings.NewReader(s), 16),
		"longer reader at": FromReaderAt(strings.NewReader(s+"more"), 16),
		"recipe":           stream(s),
		"slice of literal": Slice(String("xx"+s+"yy"), 2, 16),
		"slice of recipe":  Slice(stream("xx"+s+"yy"), 2, 16),
		"slice of slice":   Slice(Slice(FromReaderAt(strings.NewReader("abc"+s+"d"), 20), 1, 19), 2, 16),
		"rope":             Concat(String("0123"), stream("456789"), Empty, FromReaderAt(strings.NewReader("abcdef"), 6)),
		"slice of rope":    Slice(Concat(stream("x0123"), String("456789abc"), stream("defyy")), 1, 16),
		"opener":           Slice(&counted{stream("xx" + s), "xx" + s, nil}, 2, 16),
	} {
		t.Run(name, func(t *testing.T) {
			if b.Size() != 16 || all(t, b) != s {
				t.Fatalf("%d bytes: %q", b.Size(), all(t, b))
			}
			rc, err := b.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer rc.Close()
			if err := iotest.TestReader(rc, []byte(s)); err != nil {
				t.Error(err)
			}
			for off := int64(0); off <= 17; off++ {
				p := make([]byte, 5)
				n, err := ReadAt(b, p, off)
				want := s[min(off, 16):min(off+5, 16)]
				if string(p[:n]) != want || (n < 5) != (err != nil) || err != nil && err != io.EOF {
					t.Errorf("at %d: %q, %v; want %q", off, p[:n], err, want)
				}
			}
			if _, err := ReadAt(b, make([]byte, 1), -1); err == nil || err == io.EOF {
				t.Errorf("at -1: %v", err)
			}
		})
	}
}

func TestHole(t *testing.T) {
	z := Zero(1 << 40)
	if Stored(z) != 0 || Held(z) != 0 || z.Size() != 1<<40 || !IsHole(z) {
		t.Error("a hole takes room")
	}
	p := []byte{1, 2, 3}
	if n, err := ReadAt(z, p, 1<<40-2); n != 2 || err != io.EOF || p[0] != 0 || p[1] != 0 {
		t.Error(n, err, p)
	}
	if _, err := ReadAll(z, 1<<20); err == nil {
		t.Error("read a terabyte")
	}
	if b := Concat(Zero(3), Zero(4)); !IsHole(b) || b.Size() != 7 {
		t.Error("holes do not join")
	}
}

func TestShortSourcesAreErrors(t *testing.T) {
	short := Recipe(10, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("abc")), nil })
	for name, b := range map[string]Body{
		"reader at": FromReaderAt(strings.NewReader("abc"), 10), "slice": Slice(FromReaderAt(strings.NewReader("abc"), 20), 1, 10), "slice of recipe": Slice(short, 1, 9),
	} {
		rc, err := b.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(rc); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := ReadAll(b, 100); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenerAtIsUsed(t *testing.T) {
	c := &counted{stream("0123456789"), "0123456789", nil}
	all(t, Slice(c, 4, 3))
	ReadAt(c, make([]byte, 2), 7)
	if len(c.opens) != 2 || c.opens[0] != 4 || c.opens[1] != 7 {
		t.Errorf("opened at %v", c.opens)
	}
}

func TestAsRandom(t *testing.T) {
	for name, test := range map[string]struct {
		b    Body
		want bool
	}{
		"literal": {String("abc"), true}, "hole": {Zero(3), true}, "recipe": {stream("abc"), false}, "slice of recipe": {Slice(stream("abc"), 1, 1), false},
		"rope": {Concat(String("a"), Zero(5)), true}, "rope of recipe": {Concat(String("a"), stream("b")), false},
		"slice of reader at": {Slice(FromReaderAt(strings.NewReader("abc"), 3), 1, 1), true},
	} {
		if _, got := AsRandom(test.b); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSmallAppendsAreGathered(t *testing.T) {
	b := Empty
	for range 10_000 {
		b = Splice(b, b.Size(), []byte("line\n"))
	}
	if n := len(Parts(b)); n != 1 || b.Size() != 50_000 || Held(b) != 50_000 {
		t.Errorf("%d parts of %d bytes", n, b.Size())
	}
}

// TestSpliceIsPwrite holds Splice, Resize, Slice and Concat against plain bytes.
func TestSpliceIsPwrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(t, "start")
		var b Body = stream(string(model))
		if rapid.Bool().Draw(t, "literal") {
			b = Bytes(bytes.Clone(model))
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			before, was := b, bytes.Clone(model)
			switch rapid.IntRange(0, 3).Draw(t, "op") {
			case 0:
				off := rapid.IntRange(0, len(model)+700).Draw(t, "off")
				p := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 0, 0, 1, 2}), 0, 600).Draw(t, "p")
				b = Splice(b, int64(off), p)
				if end := off + len(p); len(p) > 0 && end > len(model) {
					model = append(model, make([]byte, end-len(model))...)
				}
				if len(p) > 0 {
					copy(model[off:], p)
				}
			case 1:
				n := rapid.IntRange(0, len(model)+600).Draw(t, "n")
				b = Resize(b, int64(n))
				model = append(model, make([]byte, 600)...)[:n]
			case 2:
				off := rapid.IntRange(0, len(model)).Draw(t, "off")
				n := rapid.IntRange(0, len(model)-off).Draw(t, "n")
				b, model = Slice(b, int64(off), int64(n)), bytes.Clone(model[off:off+n])
			case 3:
				if len(model) > 10_000 {
					continue
				}
				b, model = Concat(b, b), append(bytes.Clone(model), model...)
			}
			for _, c := range []struct {
				b    Body
				want []byte
			}{{b, model}, {before, was}} {
				got, err := ReadAll(c.b, 1<<20)
				if err != nil || !bytes.Equal(got, c.want) {
					t.Fatalf("have %q, %v, want %q", got, err, c.want)
				}
			}
			if Stored(b) > b.Size() {
				t.Fatal("stores more than its size")
			}
		}
	})
}

func TestBlocks(t *testing.T) {
	const unit = 4096
	for name, tt := range map[string]struct {
		b    Body
		want int64
	}{
		"nothing":           {Empty, 0},
		"a byte":            {String("x"), 1},
		"a hole":            {Zero(1 << 30), 0},
		"written zeros":     {Zeros(2*unit + 1), 3},
		"a tail in a block": {Concat(Zero(1<<20), String("x\n")), 1},
		"two in one block":  {Concat(Zero(unit), String("x"), Zero(100), String("y"), Zero(unit)), 1},
		"over an edge":      {Concat(Zero(unit-1), String("xy")), 2},
		"cut and grown":     {Resize(Resize(Zeros(5*unit), 5000), 5*unit), 2},
		"written into":      {Splice(Resize(Zeros(5000), 5*unit), 3*unit, make([]byte, unit)), 3},
		"dense":             {Dense(Concat(Zero(unit), String("x"))), 2},
		"a window":          {Slice(Concat(Zeros(unit), Zero(unit)), 10, unit), 1},
	} {
		if got := Blocks(tt.b, unit); got != tt.want*unit {
			t.Errorf("%s: %d blocks, want %d", name, got/unit, tt.want)
		}
		d := Dense(tt.b)
		if Stored(d) != d.Size() || d.Size() != tt.b.Size() || Held(d) != Held(tt.b) {
			t.Errorf("%s, dense: %d bytes of %d are stored, %d held", name, Stored(d), d.Size(), Held(d))
		}
	}
}
