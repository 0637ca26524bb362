package chrome

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A Node is something on the page that has a role, as it was when it was found.
type Node struct {
	Role, Name, Value, Description string

	// Props are its states, as "expanded": "true", "level": "2", "checked": "mixed".
	Props map[string]string

	p  *Page
	id cdp.BackendNodeID
}

// Find waits for the first thing with a role and a name.
func (p *Page) Find(role, name string) *Node {
	p.t.Helper()
	return p.findIn(0, "", role, name)
}

// FindAll is all there is now with a role and a name, in document order.
func (p *Page) FindAll(role, name string) []*Node {
	all, err := p.query(0, role, name)
	if err != nil {
		return nil
	}
	return all
}

// Has reports whether there is something with a role and a name now.
func (p *Page) Has(role, name string) bool { return len(p.FindAll(role, name)) > 0 }

// Gone waits until nothing has the role and name.
func (p *Page) Gone(role, name string) {
	p.t.Helper()
	p.Until(fmt.Sprintf("no %s %q is left", role, name), func() bool { return !p.Has(role, name) })
}

// Names are the names of all that has the role now.
func (p *Page) Names(role string) []string {
	var out []string
	for _, n := range p.FindAll(role, "") {
		out = append(out, n.Name)
	}
	return out
}

// Find waits for something inside n.
func (n *Node) Find(role, name string) *Node {
	n.p.t.Helper()
	return n.p.findIn(n.id, fmt.Sprintf(" in the %s %q", n.Role, n.Name), role, name)
}

// FindAll is all inside n with a role and a name now.
func (n *Node) FindAll(role, name string) []*Node {
	all, err := n.p.query(n.id, role, name)
	if err != nil {
		return nil
	}
	return all
}

func (p *Page) findIn(in cdp.BackendNodeID, where, role, name string) *Node {
	p.t.Helper()
	var found *Node
	p.Until(fmt.Sprintf("there is a %s %q%s", role, name, where), func() bool {
		all, err := p.query(in, role, name)
		if err == nil && len(all) > 0 {
			found = all[0]
		}
		return found != nil
	})
	return found
}

// query asks the accessibility tree below a node, or of the document.
func (p *Page) query(in cdp.BackendNodeID, role, name string) ([]*Node, error) {
	params := accessibility.QueryAXTreeParams{BackendNodeID: in, Role: role}
	if in == 0 {
		doc, err := chromedp.Run(p.ctx, chromedp.Evaluate[*runtime.RemoteObject](`document`))
		if err != nil {
			return nil, err
		}
		params.ObjectID = doc.ObjectID
	}
	if !strings.Contains(name, "…") {
		params.AccessibleName = name
	}
	res, err := chromedp.Call(p.ctx, accessibility.QueryAXTree, params)
	if err != nil {
		return nil, err
	}
	var out []*Node
	for _, ax := range res.Nodes {
		if n := p.node(ax); !ax.Ignored && n.id != 0 && n.id != in && matches(n.Name, name) {
			out = append(out, n)
		}
	}
	return out, nil
}

// matches reports whether a name is as the pattern says.
func matches(name, pattern string) bool {
	parts := strings.Split(pattern, "…")
	if len(parts) == 1 {
		return pattern == "" || name == pattern
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, last)
}

func (p *Page) node(ax *accessibility.Node) *Node {
	n := &Node{
		Role: text(ax.Role), Name: text(ax.Name), Value: text(ax.Value), Description: text(ax.Description),
		Props: map[string]string{}, p: p, id: ax.BackendDOMNodeID,
	}
	for _, prop := range ax.Properties {
		n.Props[string(prop.Name)] = text(prop.Value)
	}
	return n
}

func text(v *accessibility.Value) string {
	if v == nil || len(v.Value) == 0 {
		return ""
	}
	var s string
	if json.Unmarshal(v.Value, &s) == nil {
		return s
	}
	return string(v.Value)
}

// Again is n as it is now. The test ends if it is no longer there.
func (n *Node) Again() *Node {
	n.p.t.Helper()
	res, err := chromedp.Call(n.p.ctx, accessibility.GetPartialAXTree, accessibility.GetPartialAXTreeParams{BackendNodeID: n.id})
	if err != nil || len(res.Nodes) == 0 {
		n.p.t.Fatalf("looking again at the %s %q: %v", n.Role, n.Name, err)
	}
	return n.p.node(res.Nodes[0])
}

// Text is the text of n as it is on the screen now.
func (n *Node) Text() string {
	n.p.t.Helper()
	return Call[string](n, `function() { return this.innerText ?? this.textContent ?? "" }`)
}

// Says waits until the text of n holds every one of the given parts.
func (n *Node) Says(parts ...string) {
	n.p.t.Helper()
	got := ""
	n.p.Until(fmt.Sprintf("the %s %q says %q", n.Role, n.Name, parts), func() bool {
		got = n.Text()
		for _, part := range parts {
			if !strings.Contains(got, part) {
				return false
			}
		}
		return true
	})
}

// Call calls a JavaScript function with n as its this.
func Call[T any](n *Node, function string) T {
	n.p.t.Helper()
	obj, err := chromedp.Call(n.p.ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: n.id})
	if err != nil {
		n.p.t.Fatalf("taking hold of the %s %q: %v", n.Role, n.Name, err)
	}
	v, err := chromedp.Run(n.p.ctx, chromedp.CallFunctionOn[T](function, func(p *runtime.CallFunctionOnParams) {
		p.ObjectID = obj.Object.ObjectID
	}))
	if err != nil {
		n.p.t.Fatalf("calling %s on the %s %q: %v", function, n.Role, n.Name, err)
	}
	return v
}

// Text waits until something with the role and name says every one of the parts,
// and is its text.
func (p *Page) Text(role, name string, parts ...string) string {
	p.t.Helper()
	said := ""
	p.Until(fmt.Sprintf("a %s %q says %q", role, name, parts), func() bool {
	next:
		for _, n := range p.FindAll(role, name) {
			said = n.Text()
			for _, part := range parts {
				if !strings.Contains(said, part) {
					continue next
				}
			}
			return true
		}
		return false
	})
	return said
}

// Focused is what has the focus.
func (p *Page) Focused() *Node {
	p.t.Helper()
	obj, err := chromedp.Run(p.ctx, chromedp.Evaluate[*runtime.RemoteObject](`document.activeElement`))
	if err != nil {
		p.t.Fatalf("looking for the focus: %v", err)
	}
	res, err := chromedp.Call(p.ctx, accessibility.GetPartialAXTree, accessibility.GetPartialAXTreeParams{ObjectID: obj.ObjectID})
	if err != nil || len(res.Nodes) == 0 {
		p.t.Fatalf("looking at what has the focus: %v", err)
	}
	return p.node(res.Nodes[0])
}

// Outline is the page as a screen reader has it, a line a thing.
func (p *Page) Outline() string {
	res, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		return err.Error()
	}
	byID := map[accessibility.NodeID]*accessibility.Node{}
	for _, n := range res.Nodes {
		byID[n.NodeID] = n
	}
	var b strings.Builder
	var show func(id accessibility.NodeID, depth int)
	show = func(id accessibility.NodeID, depth int) {
		ax := byID[id]
		if ax == nil || b.Len() > 20000 {
			return
		}
		n := p.node(ax)
		if !ax.Ignored && n.Role != "generic" && n.Role != "none" && n.Role != "InlineTextBox" {
			fmt.Fprintf(&b, "%*s%s %q", 2*depth, "", n.Role, n.Name)
			if n.Value != "" {
				fmt.Fprintf(&b, " = %q", n.Value)
			}
			b.WriteByte('\n')
			depth++
		}
		for _, c := range ax.ChildIDs {
			show(c, depth)
		}
	}
	if len(res.Nodes) > 0 {
		show(res.Nodes[0].NodeID, 0)
	}
	return b.String()
}
