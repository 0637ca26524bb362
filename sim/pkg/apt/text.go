package apt

import (
	"fmt"
	"strconv"
	"strings"
)

// width is the width of apt's lines where there is no terminal.
const width = 80

// block is a heading with words below it, wrapped as apt wraps them.
func block(title string, words []string) string {
	if len(words) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(title + "\n")
	used := 0
	for _, w := range words {
		if used > 0 && used+len(w) >= width-3 {
			b.WriteString("\n")
			used = 0
		}
		if used == 0 {
			b.WriteString(" ")
		}
		b.WriteString(" " + w)
		used += len(w) + 1
	}
	return b.String() + "\n"
}

// Text is what apt says of the plan before it asks whether to go on, as far as the
// sizes.
func (p *Plan) Text(verb string) string {
	var b strings.Builder
	for _, n := range p.Notes {
		b.WriteString(n + "\n")
	}
	if verb != "autoremove" && len(p.Unneeded) > 0 {
		title, them := "The following packages were automatically installed and are no longer required:", "them"
		if len(p.Unneeded) == 1 {
			title, them = "The following package was automatically installed and is no longer required:", "it"
		}
		b.WriteString(block(title, p.Unneeded) + "Use 'apt autoremove' to remove " + them + ".\n")
	}
	if verb == "install" {
		b.WriteString(block("The following additional packages will be installed:", p.Extra))
		b.WriteString(block("Suggested packages:", alternatives(p.Suggested)))
		b.WriteString(block("Recommended packages:", alternatives(p.Recommended)))
	}
	removed := p.Remove
	if p.Purge {
		removed = nil
		for _, n := range p.Remove {
			removed = append(removed, n+"*")
		}
	}
	b.WriteString(block("The following packages will be REMOVED:", removed))
	b.WriteString(block("The following NEW packages will be installed:", p.New))
	b.WriteString(block("The following packages will be upgraded:", p.Upgrade))
	fmt.Fprintf(&b, "%d upgraded, %d newly installed, %d to remove and %d not upgraded.\n", len(p.Upgrade), len(p.New), len(p.Remove), p.Held)
	return b.String()
}

// alternatives splits "a | b" where apt may break the line: before the bar.
func alternatives(lines []string) []string {
	var out []string
	for _, l := range lines {
		parts := strings.Split(l, " | ")
		for i, w := range parts {
			if i > 0 {
				w = "| " + w
			}
			out = append(out, w)
		}
	}
	return out
}

// Size is a number of bytes as apt prints it: four digits, decimal units.
func Size(n int64) string {
	v := float64(n)
	units := []string{" B", " kB", " MB", " GB"}
	i := 0
	for v >= 10000 && i < len(units)-1 {
		v /= 1000
		i++
	}
	if v < 100 && i > 0 {
		return strconv.FormatFloat(v, 'f', 1, 64) + units[i]
	}
	return strconv.FormatFloat(v, 'f', 0, 64) + units[i]
}
