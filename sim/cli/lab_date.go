package cli

import (
	"strconv"
	"strings"
	"time"
)

// labDate tells the lab's clock, or moves it on: by "+40d", "+6h" or "+2w", or to a
// day. The repositories of the package managers move on with it, so lists that
// were fetched before grow old.
func (c *call) labDate(args []string) error {
	if len(args) > 1 {
		return plain("lab: \"date\" takes at most 1 argument, not %d\n\n%s", len(args), labUsage)
	}
	if len(args) == 1 {
		by, err := dateStep(c.e.Now(), args[0])
		if err != nil {
			return err
		}
		c.e.Advance(by)
	}
	c.printf("%s\n", c.e.Now().UTC().Format("Mon 2006-01-02 15:04:05 MST"))
	return nil
}

// dateStep is how far text is from now: "+3d" or "2026-03-01".
func dateStep(now time.Time, text string) (time.Duration, error) {
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if rest, ok := strings.CutPrefix(text, "+"); ok && rest != "" {
		unit, known := units[rest[len(rest)-1]]
		n, err := strconv.Atoi(rest[:len(rest)-1])
		if known && err == nil && n >= 0 && n <= 100_000 {
			return time.Duration(n) * unit, nil
		}
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", time.DateTime, time.RFC3339} {
		at, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if by := at.Sub(now); by >= 0 {
			return by, nil
		}
		return 0, plain("lab date: %q is in the past: the clock goes forward only", text)
	}
	return 0, plain("lab date: want a step (+40d, +6h, +2w) or a day (2026-03-01), not %q", text)
}
