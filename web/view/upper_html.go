package view

import (
	"html"
	"strconv"
	"strings"
)

// KernelHTML and TarHTML are the rows of the two sides of an upper directory as
// HTML, put on the page in one piece as those of the file tree are (see RowsHTML).
func KernelHTML(rows []KernelRow) string {
	var b strings.Builder
	for i, r := range rows {
		openRow(&b, "k", i, r.DOM, r.Kind, r.Selected, r.Mate)
		cell(&b, "um", "", "", r.Mode)
		cell(&b, "ul", "", "", r.Links)
		cell(&b, "uo", "", "", r.Owner)
		cell(&b, "us", "", "", r.Size)
		cell(&b, "ut", "", r.Full, r.Time)
		cell(&b, "un", "", "", r.Name)
		notes(&b, r.Note, r.From, r.Xattrs)
		b.WriteString(`</div>`)
	}
	return b.String()
}

// TarHTML is described at KernelHTML.
func TarHTML(rows []TarRow) string {
	var b strings.Builder
	for i, r := range rows {
		openRow(&b, "t", i, r.DOM, r.Kind, r.Selected, r.Mate)
		b.WriteString(`<span role="gridcell" class="um"><b>` + html.EscapeString(r.Flag) + `</b> ` + html.EscapeString(r.Type) + `</span>`)
		cell(&b, "ul", "", "", r.Mode)
		cell(&b, "uo", "", "", r.Owner)
		cell(&b, "us", "", "", r.Size)
		cell(&b, "ut", "", r.Full, r.Time)
		b.WriteString(`<span role="gridcell" class="un"`)
		attribute(&b, "title", r.Format+" header")
		b.WriteString(`>` + html.EscapeString(r.Name))
		if r.Link != "" {
			element(&b, "target", "", " → "+r.Link)
		}
		b.WriteString(`</span>`)
		notes(&b, r.Note, nil, r.Records)
		b.WriteString(`</div>`)
	}
	return b.String()
}

// notes is the cell below a row: what is to be said of it, and its attributes.
func notes(b *strings.Builder, note string, from *Tag, attrs []string) {
	if note == "" && len(attrs) == 0 {
		return
	}
	b.WriteString(`<span role="gridcell" class="ux">`)
	if note != "" {
		b.WriteString(`<span class="unote">` + html.EscapeString(note))
		if from != nil {
			b.WriteString(` <span class="ltag h` + strconv.Itoa(from.Hue) + `"`)
			attribute(b, "title", from.Said)
			b.WriteString(`><span aria-hidden="true">` + html.EscapeString(from.Text) + `</span><span class="sr">` + html.EscapeString(from.Said) + `</span></span>`)
		}
		b.WriteString(`</span> `)
	}
	for _, x := range attrs {
		element(b, "uattr", "", x)
		b.WriteString(` `)
	}
	b.WriteString(`</span>`)
}

func openRow(b *strings.Builder, side string, i int, dom, kind string, selected, mate bool) {
	b.WriteString(`<div class="urow`)
	for _, c := range []struct {
		on   bool
		name string
	}{{kind != "", " " + kind}, {selected, " sel"}, {mate, " mate"}} {
		if c.on {
			b.WriteString(c.name)
		}
	}
	b.WriteString(`"`)
	attribute(b, "id", dom)
	attribute(b, "role", "row")
	attribute(b, "aria-rowindex", strconv.Itoa(i+2))
	attribute(b, "aria-selected", strconv.FormatBool(selected))
	attribute(b, "data-do", "upper-row")
	attribute(b, "data-arg", side+strconv.Itoa(i))
	b.WriteString(`>`)
}
