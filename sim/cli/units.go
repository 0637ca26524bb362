package cli

import (
	"strings"
	"time"

	units "github.com/docker/go-units"
)

// size is a number of bytes with three significant digits, as lists show it.
func size(n int64) string { return units.HumanSizeWithPrecision(float64(n), 3) }

// size4 is a number of bytes with four, as `system df` shows it.
func size4(n int64) string { return units.HumanSize(float64(n)) }

// ago is a time as lists show it; times up to 2000-01-01 are not known.
func (c *call) ago(t time.Time) string {
	if t.IsZero() || !t.After(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) {
		return "N/A"
	}
	return age(c.e.Now().Sub(t)) + " ago"
}

func age(d time.Duration) string { return units.HumanDuration(d) }

// shortID is an ID without its algorithm, cut to twelve digits.
func shortID(id string) string {
	if _, after, ok := strings.Cut(id, ":"); ok {
		id = after
	}
	if len(id) > 12 {
		id = id[:12]
	}
	return id
}

// ellipsis is s cut to n columns, the last an ellipsis.
func ellipsis(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	if n <= 1 {
		return string(r[:n])
	}
	return string(r[:n-1]) + "…"
}
