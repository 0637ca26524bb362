package ui

import (
	"strings"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/event"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// surface is the text of the Dockerfile: an editable element with one child for
// each line. The browser edits it, so that caret, input methods, selection and
// undo are its own; what stands beside and under a line are attributes of it that
// the style sheet draws, and colours are highlights over the text. Nothing of
// that touches the text, and vecty never touches the lines.
type surface struct {
	vecty.Core
	V    view.Editor `vecty:"prop"`
	app  *App
	html *vecty.HTML
	rev  int
	size int // lines that have attributes
	last []view.Line
}

// SkipRender always holds: the lines are the browser's. It is where new remarks
// are put on them.
func (s *surface) SkipRender(vecty.Component) bool {
	s.sync()
	return true
}

// Mount writes the text for the first time.
func (s *surface) Mount() {
	s.rev = -1
	s.app.surface = s
	s.sync()
}

// Render paints the empty element.
func (s *surface) Render() vecty.ComponentOrHTML {
	s.html = div("code", attr("id", "dockerfile"), attr("contenteditable", "true"), attr("role", "textbox"), attr("aria-multiline", "true"),
		attr("aria-label", "Dockerfile"), attr("spellcheck", "false"), attr("autocapitalize", "off"), attr("autocorrect", "off"), attr("tabindex", "0"),
		vecty.Markup(vecty.Data("input", "dockerfile"), vecty.Data("keys", "dockerfile"), vecty.Data("do", "caret"),
			event.Paste(s.app.on(s.paste)), event.KeyUp(s.app.on(s.moved))))
	return s.html
}

// typed is the text after the person changed it. Lines that came in another
// shape than one child each are put in order.
func typed(o occasion) action.Action {
	s := o.app.surface
	lines, regular := readLines(o.at)
	if !regular && !o.ev.Value.Get("isComposing").Truthy() {
		s.rewrite(o.at, lines)
	}
	text := strings.Join(lines, "\n")
	s.V.Text = text
	return action.EditDockerfile{Text: text}
}

// readLines is the lines of the surface. regular says that each is one child.
func readLines(root node) (lines []string, regular bool) {
	regular = true
	for n := root.get("firstChild"); n.ok(); n = n.get("nextSibling") {
		if n.int("nodeType") != 1 || n.str("nodeName") != "DIV" {
			regular = false
			if n.str("nodeName") == "BR" {
				if !n.get("nextSibling").ok() && len(lines) > 0 {
					continue
				}
				lines = append(lines, "")
				continue
			}
		}
		t := n.str("textContent")
		if k := n.int("childElementCount"); k > 0 && (t != "" || k > 1) {
			regular = false
			if n.str("innerText") != "" {
				t = n.str("innerText")
			}
		}
		t = strings.ReplaceAll(strings.ReplaceAll(t, "\u00a0", " "), "\r", "")
		if strings.Contains(t, "\n") {
			regular = false
			t = strings.TrimSuffix(t, "\n")
		}
		lines = append(lines, strings.Split(t, "\n")...)
	}
	if len(lines) == 0 {
		return []string{""}, false
	}
	return lines, regular
}

// rewrite makes the surface's children anew and puts the caret at the end of
// what it stood in.
func (s *surface) rewrite(root node, lines []string) {
	before := caretText(root)
	setLines(root, lines)
	s.size, s.last = 0, nil
	if before < 0 {
		return
	}
	at := root.get("firstChild")
	for i := 0; i < len(lines); i++ {
		if n := units16(lines[i]); before <= n || i == len(lines)-1 {
			setCaret(root, at, min(before, n))
			return
		}
		before -= units16(lines[i]) + 1
		at = at.get("nextSibling")
	}
}

// setLines replaces the surface's children by one for each line.
func setLines(root node, lines []string) {
	doc := root.document()
	root.set("textContent", "")
	for _, l := range lines {
		d := doc.call("createElement", "div")
		if l == "" {
			d.call("appendChild", doc.call("createElement", "br"))
		} else {
			d.set("textContent", l)
		}
		root.call("appendChild", d)
	}
}

// caretText is how many UTF-16 units of text, with one for each line's end, are
// before the caret; -1 when it is not in the surface.
func caretText(root node) int {
	sel := root.document().call("getSelection")
	if !sel.ok() || sel.int("rangeCount") == 0 || !root.call("contains", sel.get("focusNode")).ok() {
		return -1
	}
	r := root.document().call("createRange")
	r.call("selectNodeContents", root)
	r.call("setEnd", sel.get("focusNode"), sel.int("focusOffset"))
	box := root.document().call("createElement", "div")
	box.call("appendChild", r.call("cloneContents"))
	lines, _ := readLines(box)
	return units16(strings.Join(lines, "\n"))
}

func setCaret(root, line node, offset int) {
	at := line.get("firstChild")
	if !at.ok() || at.int("nodeType") != 3 {
		at, offset = line, 0
	}
	root.document().call("getSelection").call("collapse", at, offset)
}

func units16(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// sync brings text and remarks onto the surface.
func (s *surface) sync() {
	root := nodeOf(s.html)
	if s.V.Rev != s.rev {
		s.replace(root)
		s.rev = s.V.Rev
	}
	n := root.get("firstChild")
	for i, l := range s.V.Lines {
		if !n.ok() {
			break
		}
		if i >= len(s.last) || i >= s.size || s.last[i].Chip != l.Chip || s.last[i].Kind != l.Kind || s.last[i].Why != l.Why || n.data("chip") != l.Chip {
			remark(n, l)
		}
		if now := i+1 == s.V.Caret; now != n.call("hasAttribute", "data-now").ok() {
			if now {
				n.call("setAttribute", "data-now", "")
			} else {
				n.call("removeAttribute", "data-now")
			}
		}
		n = n.get("nextSibling")
	}
	s.last, s.size = s.V.Lines, len(s.V.Lines)
	s.invalid(root)
	s.paint(root)
}

// invalid says of the whole text whether something in it is wrong, and where that
// is told.
func (s *surface) invalid(root node) {
	if s.V.Alert == "" {
		root.call("removeAttribute", "aria-invalid")
		root.call("removeAttribute", "aria-describedby")
		return
	}
	root.call("setAttribute", "aria-invalid", "true")
	root.call("setAttribute", "aria-describedby", "mistake")
}

// replace puts a text in that was not typed. One new line is typed in the
// person's stead, so that the browser's undo can take it back.
func (s *surface) replace(root node) {
	lines := strings.Split(s.V.Text, "\n")
	if now, _ := readLines(root); s.rev >= 0 && s.V.Jump > 1 && len(now)+1 == len(lines) && s.V.Jump-1 <= len(now) {
		at := root.get("childNodes").call("item", s.V.Jump-2)
		if at.ok() && now[s.V.Jump-2] == lines[s.V.Jump-2] {
			root.call("focus")
			setCaret(root, at, units16(now[s.V.Jump-2]))
			root.document().call("execCommand", "insertParagraph")
			root.document().call("execCommand", "insertText", false, lines[s.V.Jump-1])
			return
		}
	}
	setLines(root, lines)
	s.size, s.last = 0, nil
}

// remark puts what stands beside and under a line on it.
func remark(n node, l view.Line) {
	for _, a := range [][2]string{{"data-chip", l.Chip}, {"data-kind", l.Kind}, {"data-why", l.Why}} {
		if a[1] == "" {
			n.call("removeAttribute", a[0])
		} else {
			n.call("setAttribute", a[0], a[1])
		}
	}
}

// paint colours the tokens with the browser's highlights, where it has them.
func (s *surface) paint(root node) {
	win := root.window()
	highlight, registry := win.get("Highlight"), win.get("CSS").get("highlights")
	if !highlight.ok() || !registry.ok() {
		return
	}
	sets := map[string]node{}
	for _, kind := range []string{"word", "flag", "text", "name", "note"} {
		sets[kind] = win.get("Reflect").call("construct", highlight, win.get("Array").call("of"))
	}
	line := root.get("firstChild")
	for _, l := range s.V.Lines {
		if !line.ok() {
			break
		}
		if t := line.get("firstChild"); t.ok() && t.int("nodeType") == 3 {
			size := t.int("length")
			for _, tok := range l.Tokens {
				if tok.To > size || tok.From >= tok.To {
					continue
				}
				r := root.document().call("createRange")
				r.call("setStart", t, tok.From)
				r.call("setEnd", t, tok.To)
				sets[tok.Kind].call("add", r)
			}
		}
		line = line.get("nextSibling")
	}
	for kind, set := range sets {
		registry.call("set", "code-"+kind, set)
	}
}

// paste takes text only.
func (s *surface) paste(e *vecty.Event) {
	data := e.Value.Get("clipboardData")
	if !data.Truthy() {
		return
	}
	t := data.Call("getData", "text/plain").String()
	if t == "" {
		return
	}
	e.Value.Call("preventDefault")
	nodeOf(s.html).document().call("execCommand", "insertText", false, strings.ReplaceAll(t, "\r\n", "\n"))
}

// moved tells which line the caret stands on.
func (s *surface) moved(*vecty.Event) { s.tellCaret() }

func moveCaret(o occasion) action.Action {
	o.app.surface.tellCaret()
	return nil
}

func (s *surface) tellCaret() {
	root := nodeOf(s.html)
	sel := root.document().call("getSelection")
	if !sel.ok() || !sel.get("focusNode").ok() {
		return
	}
	line := sel.get("focusNode")
	for line.ok() && !line.get("parentNode").same(root) {
		line = line.get("parentNode")
	}
	at := 1
	for line.ok() {
		if line = line.get("previousSibling"); line.ok() {
			at++
		}
	}
	if at != s.app.State().Editor.Caret {
		s.app.Dispatch(action.MoveCaret{Line: at})
	}
}
