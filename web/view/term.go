package view

import (
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/web/state"
)

// Term is the terminal.
type Term struct {
	Entries []Entry
	Dropped int // older entries that are not shown
	Dir     string
	Prompt  string
	Typed   string
	Rev     int
	Busy    bool
	Choices string
	Pending string // lines typed before this one, that belong to it
}

// An Entry is one command with its output as it is shown.
type Entry struct {
	ID     int
	Prompt string
	Line   string
	Left   string // what of the output is not shown, as a line of its own; "" when all is
	Output string
	Note   string
	Exit   string // "exit 1", "" when it ended well
	Busy   bool
}

// The terminal shows this many commands and, of each, this many lines at most;
// the rest is still in its state, and scrolling through it would not be quick.
const (
	shownEntries = 60
	shownLines   = 400
)

// NewTerm lays the terminal out.
func NewTerm(s *state.State) Term {
	t := &s.Term
	v := Term{Dir: tilde(t.Dir), Prompt: prompt(t.Prompt), Typed: t.Typed, Rev: t.Rev, Busy: t.Queue > 0}
	from := max(0, len(t.Entries)-shownEntries)
	v.Dropped = from
	if t.Pending != "" {
		v.Pending, v.Prompt = strings.TrimSuffix(t.Pending, "\n"), ">"
	}
	for _, e := range t.Entries[from:] {
		row := Entry{ID: e.ID, Prompt: prompt(e.Prompt), Line: e.Line, Note: e.Note, Busy: e.ID == t.Running}
		row.Left, row.Output = tail(e.Output, e.Cut)
		if e.Silent {
			row.Prompt = "·"
		}
		if e.Done && e.Exit != 0 {
			row.Exit = "exit " + strconv.Itoa(e.Exit)
		}
		v.Entries = append(v.Entries, row)
	}
	if n := len(t.Choices); n > 0 {
		words := make([]string, 0, n)
		for _, c := range t.Choices[:min(n, 60)] {
			words = append(words, c[strings.LastIndexByte(strings.TrimRight(c, " "), ' ')+1:])
		}
		v.Choices = strings.Join(words, "   ")
	}
	return v
}

func prompt(p string) string {
	if p = strings.TrimSpace(p); p == "" || strings.HasPrefix(p, "~") || strings.HasPrefix(p, "/") && strings.HasSuffix(p, "$") {
		return "$" // the directory stands above
	}
	return p
}

func tilde(dir string) string {
	if rest, ok := strings.CutPrefix(dir, engine.Home); ok {
		return "~" + rest
	}
	return dir
}

// tail is the last lines of an output, which are not copied (it is asked for at
// every picture), and a line that says what is left out before them.
func tail(out string, cut int) (left, shown string) {
	out = strings.TrimSuffix(out, "\n")
	at := len(out)
	for range shownLines {
		if at = strings.LastIndexByte(out[:at], '\n'); at < 0 {
			break
		}
	}
	if at >= 0 {
		cut, out = cut+at, out[at+1:]
	}
	if cut > 0 {
		left = "… " + thousands(cut) + " bytes before this are not shown\n"
	}
	return left, out
}
