package view

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/layerlab/layerlab/web/state"
)

// Editor is the Dockerfile pane.
type Editor struct {
	Text     string
	Rev      int
	Jump     int
	Caret    int
	Lines    []Line
	Tag      string
	Running  bool   // a build is at work: it can be stopped
	Ready    bool   // the engine is there
	Next     string // what building the next step would do
	Said     []string
	Palette  bool
	Forecast Forecast
	Key      Key
	Heading  string // of Said
	Alert    string // what is wrong, with its line, "" for nothing
	Steps    []state.PaletteStep
}

// A Line is one line of the Dockerfile with what stands beside and under it.
type Line struct {
	Chip   string
	Kind   string // of the chip: "good", "warn", "bad", "dim"
	Why    string
	Number int // of the layer that the line made, 0 for none
	Tokens []Token
}

// A Token is a part of a line to be coloured. Offsets are in UTF-16 units, as
// the browser counts.
type Token struct {
	From, To int
	Kind     string // "word", "flag", "text", "name", "note"
}

// NewEditor lays the editor out.
func NewEditor(s *state.State) Editor {
	e := &s.Editor
	lines := strings.Split(e.Text, "\n")
	v := Editor{
		Text: e.Text, Rev: e.Rev, Jump: e.Jump, Caret: e.Caret, Lines: make([]Line, len(lines)),
		Forecast: newForecast(&e.Foresight), Key: newKey(&e.Key), Heading: "What the last build did",
		Tag: e.Tag, Running: e.Running, Ready: s.Page.Booted, Palette: e.Palette, Steps: state.Palette,
	}
	numbers := layerNumbers(s)
	stale, last := false, ""
	steps := state.Steps(e.Text)
	statuses := e.Statuses(steps)
	if e.Foresight.On {
		v.Heading = "What the next build would do"
		for _, st := range steps {
			colour(lines, st, v.Lines)
		}
		foresee(e, steps, v.Lines)
		statuses, steps = nil, nil
	}
	if s.Live.Going() && e.Running {
		v.Heading = "What the build is doing"
	}
	for i, st := range steps {
		colour(lines, st, v.Lines)
		l, status := &v.Lines[st.Line-1], statuses[i]
		if status == nil && e.Follows(&s.Live) {
			going(l, st, &s.Live)
			continue
		}
		if status == nil {
			if len(e.Steps) > 0 && !e.Running {
				if !stale {
					l.Chip, l.Kind = "not built yet", "dim"
				}
				if v.Next == "" {
					v.Next = "Build line " + strconv.Itoa(st.Line)
				}
				stale = true
			}
			continue
		}
		annotate(l, st, status, stale)
		if l.Why != "" && l.Why == last {
			l.Why = "" // said of the step above already
		} else if l.Why != "" {
			last = l.Why
		}
		l.Number = numbers[status.DiffID]
	}
	for i, text := range lines {
		if t := strings.TrimSpace(text); strings.HasPrefix(t, "#") {
			v.Lines[i].Tokens = []Token{{0, units(text), "note"}}
		}
	}
	v.mistake(s, lines)
	for i, l := range v.Lines {
		if l.Chip != "" {
			said := "Line " + strconv.Itoa(i+1) + ", " + one(lines[i], 60) + ": " + strings.TrimLeft(l.Chip, "✓↻◇✗≠❄ ")
			if l.Why != "" {
				said += ". " + l.Why
			}
			v.Said = append(v.Said, said)
		}
	}
	return v
}

// mistake shows what is wrong at its line: with what the parser or the last build
// says, or what would end the next one.
func (v *Editor) mistake(s *state.State, lines []string) {
	e := &s.Editor
	x, word, line := e.Error, "✗ mistake", 0
	if x != nil {
		line = x.Line
	}
	switch f := &e.Foresight; {
	case x != nil && x.Build && !f.On:
		word, line = "✗ failed", e.ErrorLine()
	case f.On && f.Error != nil && f.Text == e.Text:
		x, word, line = f.Error, "✗ would fail", f.Error.Line
	case f.On && x != nil && x.Build:
		x = nil
	}
	if x == nil || line < 0 {
		return
	}
	at := max(1, min(line, len(lines)))
	l := &v.Lines[at-1]
	l.Chip, l.Kind, l.Why = word, "bad", x.Msg+hint(s, x.Msg)
	v.Alert = "Line " + strconv.Itoa(at) + ", " + strings.TrimLeft(word, "✗ ") + ": " + l.Why
}

func isFrom(step string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(step), " ")
	return strings.EqualFold(word, "FROM")
}

// hint is what helps on after a failure that is the simulator's and not the
// Dockerfile's, with a space before it, or nothing.
func hint(s *state.State, failure string) string {
	if s.World == nil || !strings.Contains(failure, "failed to resolve source metadata") {
		return ""
	}
	names := []string{"scratch"}
	for _, im := range s.World.Images {
		names = append(names, im.Names...)
	}
	return " (Nothing is pulled here: FROM finds " + strings.Join(names, ", ") + " and every image that you open from a file.)"
}

// annotate puts the chip beside a step and the reason under it.
func annotate(l *Line, st state.TextStep, status *state.StepStatus, stale bool) {
	switch {
	case isFrom(st.Text):
		l.Chip, l.Kind = "base", "dim"
	case status.ConfigOnly:
		l.Chip, l.Kind = "◇ config only", "dim"
	case status.Hit:
		l.Chip, l.Kind = "✓ cached", "good"
	default:
		l.Chip, l.Kind = "↻ built", "warn"
		if status.DiffID != "" {
			l.Chip += " · " + Bytes(status.Size)
		}
		if status.Took > 0 {
			l.Chip += " · " + Seconds(status.Took)
		}
		l.Why = sentence(status.Reason)
	}
	if stale {
		word, _, _ := strings.Cut(strings.TrimLeft(l.Chip, "✓↻◇ "), " ·")
		if l.Kind != "dim" {
			word = "was " + word
		}
		l.Chip, l.Kind, l.Why = word, "dim", ""
	}
}

// going is what stands beside a step of a build that has not come to its end.
func going(l *Line, st state.TextStep, live *state.Live) {
	d := &live.Doing
	if d.Line != st.Line {
		if _, planned := live.Phases()[st.Line]; planned {
			l.Chip, l.Kind = "waits", "dim"
		}
		return
	}
	l.Chip, l.Kind = livePhase(d)
	if d.Phase == state.Comparing && d.Compared.Line != d.Line {
		l.Chip = "compares"
	}
	if d.Compared.Line == d.Line && !d.Compared.Hit {
		l.Why = sentence(d.Compared.Reason)
	}
}

// sentence is a remark with a capital and a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	if s = string(r); !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// layerNumbers is the shown image's layers by DiffID.
func layerNumbers(s *state.State) map[string]int {
	out := map[string]int{}
	if im := s.Shown(); im != nil {
		for _, l := range im.Layers {
			out[l.DiffID] = l.Number
		}
	}
	return out
}

// colour finds the tokens of a step.
func colour(lines []string, st state.TextStep, out []Line) {
	for n := st.Line; n <= st.EndLine; n++ {
		text := lines[n-1]
		var tokens []Token
		at := 0
		if n == st.Line {
			at = len(text) - len(strings.TrimLeft(text, " \t"))
			end := at + strings.IndexAny(text[at:]+" ", " \t")
			tokens = append(tokens, token(text, at, end, "word"))
			at = end
		}
		out[n-1].Tokens = append(tokens, inLine(text, at)...)
	}
}

// inLine finds flags, quoted texts and variables from a byte offset on.
func inLine(text string, at int) []Token {
	var out []Token
	for i := at; i < len(text); {
		switch c := text[i]; {
		case c == '"' || c == '\'':
			end := i + 1
			for end < len(text) && text[end] != c {
				if text[end] == '\\' && c == '"' {
					end++
				}
				end++
			}
			end = min(end+1, len(text))
			out = append(out, token(text, i, end, "text"))
			i = end
		case c == '$' && i+1 < len(text):
			end := i + 1
			if text[end] == '{' {
				end += strings.IndexByte(text[end:]+"}", '}') + 1
			} else {
				for end < len(text) && (text[end] == '_' || text[end] >= '0' && text[end] <= '9' || text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z') {
					end++
				}
			}
			end = min(end, len(text))
			out = append(out, token(text, i, end, "name"))
			i = max(end, i+1)
		case c == '-' && strings.HasPrefix(text[i:], "--") && (i == 0 || text[i-1] == ' '):
			end := i + strings.IndexAny(text[i:]+" ", " \t=")
			out = append(out, token(text, i, end, "flag"))
			i = end
		default:
			i++
		}
	}
	return out
}

func token(text string, from, to int, kind string) Token {
	return Token{units(text[:from]), units(text[:to]), kind}
}

// units is the length of a text in UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
