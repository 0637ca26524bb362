package shell

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// maxPlain is the largest width and precision that package fmt takes.
const maxPlain = 1_000_000

// put writes x by the directive spec, which is as C has it without its verb.
// What is wider than package fmt takes is written piece by piece, so that it is
// counted as it grows; C's limit is the largest int.
func (f *formatter) put(spec string, verb byte, x any) {
	flags := spec[:1+len(spec[1:])-len(strings.TrimLeft(spec[1:], "-+ 0#'"))]
	width, precision, exact := strings.Cut(spec[len(flags):], ".")
	w, errW := sizeOf(width)
	if w < 0 { // from a word for *
		flags, w = flags+"-", -w
	}
	n, errP := sizeOf(precision)
	if errW != nil || errP != nil || w > math.MaxInt32 || n > math.MaxInt32 {
		f.tooWide()
		return
	}
	if w <= maxPlain && n <= maxPlain {
		f.b.WriteString(plain(spec, verb, x))
		return
	}
	left, zero := strings.Contains(flags, "-"), strings.Contains(flags, "0") && verb != 's'
	short := strings.NewReplacer("-", "", "0", "").Replace(flags)
	zeros := int64(0)
	if exact && verb != 's' {
		short += fmt.Sprintf(".%d", min(n, maxPlain))
		zeros = max(0, n-maxPlain)
	}
	if verb == 'g' || verb == 'G' {
		zeros = 0 // it leaves them out
	}
	text := plain(short, verb, x)
	before, after := text, ""
	switch verb {
	case 'f', 'F':
	case 'e', 'E':
		at := strings.LastIndexByte(text, verb)
		before, after = text[:at], text[at:]
	default:
		at := len(text) - len(strings.TrimLeft(text, "+- "))
		before, after = text[:at], text[at:]
	}
	blanks := w - int64(len(text)) - zeros
	switch {
	case left:
	case zero && strings.IndexByte("dxXo", verb) >= 0 && !exact:
		zeros = max(0, blanks)
	default:
		f.fill(' ', blanks)
	}
	f.b.WriteString(before)
	f.fill('0', zeros)
	f.b.WriteString(after)
	if left {
		f.fill(' ', blanks)
	}
}

func sizeOf(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	return strconv.ParseInt(text, 10, 64)
}

// plain is x as package fmt writes it.
func plain(spec string, verb byte, x any) string {
	if f, ok := x.(float64); ok {
		return cFloat(spec, verb, f)
	}
	return fmt.Sprintf(spec+string(verb), x)
}

// fill writes n times c.
func (f *formatter) fill(c byte, n int64) {
	piece := strings.Repeat(string(c), 32<<10)
	for ; n > 0; n -= int64(len(piece)) {
		f.b.WriteString(piece[:min(n, int64(len(piece)))])
		f.p.k.turn(f.ctx)
		io.WriteString(f.p.Stdout, f.b.String())
		f.b.Reset()
	}
}

// tooWide is what is said of a field that C's printf refuses: GNU's program and
// dash say so, busybox and bash print nothing.
func (f *formatter) tooWide() {
	switch {
	case f.p.busybox || isBash(f.p.Args[0]):
	case isDash(f.p.Args[0]):
		f.p.say("xvsnprintf failed")
	default:
		f.status = f.p.say("write error")
	}
}
