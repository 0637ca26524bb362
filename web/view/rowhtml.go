package view

import (
	"html"
	"strconv"
	"strings"
)

// MaxIndent is the level from which on rows are indented no further.
const MaxIndent = 24

// RowsHTML is the rows of the tree as HTML. While someone scrolls, thirty rows
// change in every frame; one piece of HTML is put there in a tenth of the time
// that thirty components take. Every text in it is escaped here, attributes are
// always quoted, and colours and indents are classes, as the page's policy allows
// no styles in HTML.
func RowsHTML(rows []FileRow, first int) string {
	var b strings.Builder
	b.Grow(len(rows) * 640)
	for i, r := range rows {
		rowHTML(&b, r, first+i)
	}
	return b.String()
}

func rowHTML(b *strings.Builder, r FileRow, index int) {
	b.WriteString(`<div class="frow d`)
	b.WriteString(strconv.Itoa(min(r.Level, MaxIndent)))
	for _, c := range []struct {
		on   bool
		name string
	}{{r.Selected, " sel"}, {r.Mark == "D", " gone"}, {r.Expands, " dir"}} {
		if c.on {
			b.WriteString(c.name)
		}
	}
	b.WriteString(`"`)
	attribute(b, "id", r.DOM)
	attribute(b, "role", "row")
	attribute(b, "aria-rowindex", strconv.Itoa(index+2)) // after the head, from 1
	attribute(b, "aria-level", strconv.Itoa(r.Level))
	attribute(b, "aria-setsize", strconv.Itoa(r.Size))
	attribute(b, "aria-posinset", strconv.Itoa(r.Pos))
	attribute(b, "aria-selected", strconv.FormatBool(r.Selected))
	if r.Expands {
		attribute(b, "aria-expanded", strconv.FormatBool(r.Open))
	}
	attribute(b, "data-do", "file")
	attribute(b, "data-arg", r.Path)
	b.WriteString(`>`)
	nameHTML(b, r)
	cell(b, "size", "", "", r.Bytes)
	cell(b, "mode", "", r.ModeLong, r.Mode)
	cell(b, "own", "", "", r.Owner)
	merged := ""
	if r.Merged {
		merged = " merged"
	}
	cell(b, "ltag h"+strconv.Itoa(r.Tag.Hue)+merged, r.Tag.Said, r.Tag.Said, r.Tag.Text)
	b.WriteString(`</div>`)
}

// nameHTML is the first cell: the letter that says what became of a file, its
// name, where it points to.
func nameHTML(b *strings.Builder, r FileRow) {
	b.WriteString(`<span class="fname" role="gridcell"`)
	attribute(b, "aria-label", r.Spoken())
	b.WriteString(`>`)
	if r.Mark != "" {
		element(b, "fmark "+r.Mark, r.Said, r.Mark)
	}
	element(b, "name clip", r.Path, r.Shown())
	if r.Target != "" {
		element(b, "target clip", "", " → "+r.Target)
	}
	if r.Opaque {
		element(b, "chip warn", "", "opaque")
	}
	b.WriteString(`</span>`)
}

func cell(b *strings.Builder, class, label, title, text string) {
	b.WriteString(`<span role="gridcell" class="` + class + `"`)
	if label != "" {
		attribute(b, "aria-label", label)
	}
	if title != "" {
		attribute(b, "title", title)
	}
	b.WriteString(`>` + html.EscapeString(text) + `</span>`)
}

func element(b *strings.Builder, class, title, text string) {
	b.WriteString(`<span class="` + class + `"`)
	if title != "" {
		attribute(b, "title", title)
	}
	b.WriteString(`>` + html.EscapeString(text) + `</span>`)
}

func attribute(b *strings.Builder, name, value string) {
	b.WriteString(` ` + name + `="` + html.EscapeString(value) + `"`)
}
