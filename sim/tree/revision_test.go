package tree

import "testing"

// TestEveryChangeIsANewRevision: by its revision alone those who read a tree know
// whether they have to read it again.
func TestEveryChangeIsANewRevision(t *testing.T) {
	tr := New(Time{})
	file := Inode{Mode: Regular | 0o644}
	dir := tr.Add(Root, "d", Inode{Mode: Directory | 0o755})
	old := tr.Add(Root, "f", file)
	seen := map[uint64]string{}
	note := func(what string) {
		t.Helper()
		if was, ok := seen[tr.Revision()]; ok {
			t.Errorf("after %s the revision is that after %s", what, was)
		}
		seen[tr.Revision()] = what
	}
	note("the beginning")
	for _, change := range []struct {
		name string
		do   func()
	}{
		{"adding a file", func() { tr.Add(dir, "a", file) }},
		{"changing a mode", func() { tr.Update(old, func(n *Inode) { n.Mode = Regular | 0o600 }) }},
		{"changing it once more", func() { tr.Update(old, func(n *Inode) { n.Mode = Regular | 0o644 }) }},
		{"a second name", func() { tr.Link(dir, "g", old) }},
		{"renaming", func() { tr.Rename(dir, "a", Root, "b") }},
		{"removing", func() { tr.Remove(dir, "g") }},
		{"making directories", func() { tr.MkdirAll("x/y", Inode{Mode: Directory | 0o755}) }},
	} {
		before := tr.Snapshot()
		was := before.Revision()
		change.do()
		note(change.name)
		if before.Revision() != was {
			t.Errorf("%s gave a snapshot from before another revision", change.name)
		}
	}
	a, b := tr.Snapshot(), tr.Snapshot()
	if a.Revision() != tr.Revision() {
		t.Error("a snapshot has another revision than what it was taken of")
	}
	a.Remove(Root, "f")
	b.Remove(Root, "b")
	if a.Revision() == b.Revision() {
		t.Error("two trees that were changed apart have one revision")
	}
	tr.Remove(Root, "nothing")
	if _, ok := seen[tr.Revision()]; !ok {
		t.Error("removing what is not there is no change")
	}
}
