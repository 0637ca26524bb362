// Package view turns the page's state into rows, labels and geometry.
//
// Everything here is a pure function of a [state.State]: what a plate of the
// stack says, which chip stands beside a line, what a screen reader hears. The
// components of package ui only paint these values, so that what a person sees
// can be tested as text, without a browser.
package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Bytes is a size as Docker writes it, in powers of 1000 and three digits, with
// a thin distance: "12.3 kB".
func Bytes(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	f, units := float64(n), []string{"B", "kB", "MB", "GB", "TB", "PB"}
	i := 0
	for f >= 1000 && i < len(units)-1 {
		f /= 1000
		i++
	}
	return strconv.FormatFloat(f, 'g', 3, 64) + " " + units[i]
}

// Seconds is a time as Docker's progress writes it: "0.2 s".
func Seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// Count is a number with its noun: "1 layer", "2 layers".
func Count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	many := one + "s"
	switch {
	case strings.HasSuffix(one, "y"):
		many = strings.TrimSuffix(one, "y") + "ies"
	case strings.HasSuffix(one, "ch"), strings.HasSuffix(one, "s"):
		many = one + "es"
	}
	return thousands(n) + " " + many
}

// thousands is a number with a comma every three digits.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// hues are the layers' colours by number: far apart for neighbours, away from
// the red that containers have. They are angles of OKLCH; lightness and chroma
// are the theme's.
var hues = [...]int{85, 150, 205, 255, 300, 345, 115, 178, 230, 278, 322, 60}

// Hue is the colour of the layer with the given number, from 1. The number
// always stands beside it, as colours come again after twelve.
func Hue(number int) int {
	if number < 1 {
		return containerHue
	}
	return hues[(number-1)%len(hues)]
}

const containerHue = 20

// Percent is part of whole in whole percent, 0 for an empty whole.
func Percent(part, whole int64) int {
	if whole <= 0 {
		return 0
	}
	return int(min(100, part*100/whole))
}

// Mode is permission bits as ls shows them, "rwxr-xr-x", with s and t.
func Mode(m uint32) string {
	b := []byte("rwxrwxrwx")
	for i := range b {
		if m&(1<<(8-i)) == 0 {
			b[i] = '-'
		}
	}
	for _, x := range []struct {
		bit uint32
		at  int
		on  byte
	}{{0o4000, 2, 's'}, {0o2000, 5, 's'}, {0o1000, 8, 't'}} {
		if m&x.bit == 0 {
			continue
		}
		if b[x.at] == 'x' {
			b[x.at] = x.on
		} else {
			b[x.at] = x.on - 'a' + 'A'
		}
	}
	return string(b)
}

// Octal is permission bits as chmod takes them: "644", "1777".
func Octal(m uint32) string { return fmt.Sprintf("%03o", m&0o7777) }

// one is the first line of a text, cut to n characters.
func one(s string, n int) string {
	s, _, more := strings.Cut(s, "\n")
	r := []rune(s)
	if len(r) > n {
		return string(r[:n-1]) + "…"
	}
	if more {
		return s + " …"
	}
	return s
}

// list is words joined for a sentence: "a, b and c".
func list(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
