package chrome

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Click clicks in the middle of n, where whatever lies on top gets it.
func (n *Node) Click() {
	n.p.t.Helper()
	x, y := n.middle()
	n.p.do(fmt.Sprintf("clicking the %s %q", n.Role, n.Name), chromedp.MouseClickXY(x, y))
}

// DoubleClick clicks twice.
func (n *Node) DoubleClick() {
	n.p.t.Helper()
	x, y := n.middle()
	n.p.do(fmt.Sprintf("double-clicking the %s %q", n.Role, n.Name), chromedp.MouseClickXY(x, y), chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
}

// Focus gives n the focus without a click.
func (n *Node) Focus() {
	n.p.t.Helper()
	if _, err := chromedp.Call(n.p.ctx, dom.Focus, dom.FocusParams{BackendNodeID: n.id}); err != nil {
		n.p.t.Fatalf("focusing the %s %q: %v", n.Role, n.Name, err)
	}
}

// Type clicks n and types.
func (n *Node) Type(text string) {
	n.p.t.Helper()
	n.Click()
	n.p.Type(text)
}

// Fill clicks n, selects all that is in it and types over it.
func (n *Node) Fill(text string) {
	n.p.t.Helper()
	n.Click()
	n.p.Press("Control+a")
	if text == "" {
		n.p.Press("Delete")
	}
	n.p.Type(text)
}

// Press gives n the focus and presses keys; see Page.Press.
func (n *Node) Press(keys ...string) {
	n.p.t.Helper()
	n.Focus()
	n.p.Press(keys...)
}

// middle scrolls n into view and is its middle.
func (n *Node) middle() (x, y float64) {
	n.p.t.Helper()
	if _, err := chromedp.Call(n.p.ctx, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{BackendNodeID: n.id}); err != nil {
		n.p.t.Fatalf("scrolling to the %s %q: %v", n.Role, n.Name, err)
	}
	res, err := chromedp.Call(n.p.ctx, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: n.id})
	if err != nil || len(res.Quads) == 0 || len(res.Quads[0]) < 8 {
		n.p.t.Fatalf("looking where the %s %q is: it has no place on the screen (%v)", n.Role, n.Name, err)
	}
	q := res.Quads[0]
	return (q[0] + q[2] + q[4] + q[6]) / 4, (q[1] + q[3] + q[5] + q[7]) / 4
}

// Type types text into what has the focus, key by key; a newline is Enter.
func (p *Page) Type(text string) {
	p.t.Helper()
	p.do("typing", chromedp.KeyEvent(strings.ReplaceAll(text, "\n", kb.Enter)))
}

// keys are the keys that have a name instead of a character.
var keys = map[string]string{
	"Enter": kb.Enter, "Tab": kb.Tab, "Escape": kb.Escape, "Backspace": kb.Backspace, "Delete": kb.Delete, "Space": " ",
	"ArrowUp": kb.ArrowUp, "ArrowDown": kb.ArrowDown, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
	"Home": kb.Home, "End": kb.End, "PageUp": kb.PageUp, "PageDown": kb.PageDown,
	"F1": kb.F1, "F2": kb.F2, "F6": kb.F6,
}

var modifiers = map[string]chromedp.Modifier{
	"Shift": chromedp.ModifierShift, "Control": chromedp.ModifierCtrl, "Alt": chromedp.ModifierAlt, "Meta": chromedp.ModifierMeta,
}

// Press presses keys one after another: "Enter", "ArrowDown", "a", "Shift+Tab".
func (p *Page) Press(chords ...string) {
	p.t.Helper()
	for _, chord := range chords {
		parts := strings.Split(chord, "+")
		key := parts[len(parts)-1]
		if k, ok := keys[key]; ok {
			key = k
		}
		var opts []chromedp.KeyOption
		for _, m := range parts[:len(parts)-1] {
			opts = append(opts, chromedp.KeyModifiers(modifiers[m]))
			if m == "Control" && key == "a" { // a headless Chromium leaves editing shortcuts to the desktop
				opts = append(opts, func(e *input.DispatchKeyEventParams) { e.Commands = []string{"selectAll"} })
			}
		}
		p.do("pressing "+chord, chromedp.KeyEvent(key, opts...))
	}
}

// DropFile drags files from the desktop and drops them in the middle of the page.
func (p *Page) DropFile(paths ...string) {
	p.t.Helper()
	size := Eval[[]float64](p, `[innerWidth, innerHeight]`)
	p.drop(size[0]/2, size[1]/2, paths)
}

// Drop drops files on n.
func (n *Node) Drop(paths ...string) {
	n.p.t.Helper()
	x, y := n.middle()
	n.p.drop(x, y, paths)
}

func (p *Page) drop(x, y float64, paths []string) {
	p.t.Helper()
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: p.absolute(paths), DragOperationsMask: 1}
	for _, step := range []input.DispatchDragEventType{"dragEnter", "dragOver", "drop"} {
		if _, err := chromedp.Call(p.ctx, input.DispatchDragEvent, input.DispatchDragEventParams{Type: step, X: x, Y: y, Data: data}); err != nil {
			p.t.Fatalf("dropping %s (%s): %v", paths, step, err)
		}
	}
}

func (p *Page) absolute(paths []string) []string {
	p.t.Helper()
	var out []string
	for _, f := range paths {
		abs, err := filepath.Abs(f)
		if err != nil {
			p.t.Fatalf("%v", err)
		}
		out = append(out, abs)
	}
	return out
}

// ChooseFile clicks n, which is to open the file dialog, and chooses files in it.
func (n *Node) ChooseFile(paths ...string) {
	n.p.t.Helper()
	x, y := n.middle()
	n.p.choose(fmt.Sprintf("clicking the %s %q", n.Role, n.Name), chromedp.MouseClickXY(x, y), paths)
}

// EnterFile presses Enter on what has the focus, which is to open the file
// dialog, and chooses files in it.
func (p *Page) EnterFile(paths ...string) {
	p.t.Helper()
	p.choose("pressing Enter", chromedp.KeyEvent(keys["Enter"]), paths)
}

func (p *Page) choose(how string, open chromedp.Action[chromedp.Void], paths []string) {
	p.t.Helper()
	p.intercept(true)
	defer p.intercept(false)
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	ev, err := chromedp.Run(ctx, chromedp.WaitEvent(cdppage.FileChooserOpened, nil, open))
	if err != nil {
		p.t.Fatalf("%s: no file dialog opened: %v", how, err)
	}
	if _, err := chromedp.Call(p.ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: p.absolute(paths), BackendNodeID: ev.BackendNodeID}); err != nil {
		p.t.Fatalf("choosing %s: %v", paths, err)
	}
}

func (p *Page) intercept(on bool) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, cdppage.SetInterceptFileChooserDialog, cdppage.SetInterceptFileChooserDialogParams{Enabled: on}); err != nil {
		p.t.Fatalf("watching for the file dialog: %v", err)
	}
}

// Wheel turns the mouse wheel above n by so many CSS pixels.
func (n *Node) Wheel(dy float64) {
	n.p.t.Helper()
	x, y := n.middle()
	n.p.do("turning the wheel", chromedp.MouseEvent(chromedp.MouseWheel, x, y, func(e *input.DispatchMouseEventParams) {
		e.DeltaX, e.DeltaY = 0.001, dy // a zero would be left out, and both are wanted
	}))
}

// Reload loads the page again and waits until its program runs.
func (p *Page) Reload() {
	p.t.Helper()
	p.do("reloading", chromedp.Reload())
	p.Until("the program runs", func() bool { return p.State() == "ready" })
}

// Within sets the limit of waiting for the rest of the test.
func Within(t TB, d time.Duration) {
	was := Patience
	Patience = d
	t.Cleanup(func() { Patience = was })
}

// tabs is how many times TabTo presses Tab at most.
const tabs = 80

// TabTo presses Tab until something with the role and name has the focus.
func (p *Page) TabTo(role, name string) *Node {
	p.t.Helper()
	var passed []string
	for range tabs {
		n := p.Focused()
		if n.Role == role && matches(n.Name, name) {
			return n
		}
		passed = append(passed, n.Role+" "+n.Name)
		p.Press("Tab")
	}
	p.t.Fatalf("pressed Tab %d times and did not come to the %s %q, but to: %q", tabs, role, name, passed)
	return nil
}
