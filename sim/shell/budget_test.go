package shell

import (
	"context"
	"strings"
	"testing"
	"time"
)

// endless are scripts that would never end, or fill memory, with a budget smaller
// than a RUN's: what they print at last and their exit status.
var endless = []struct {
	script string
	want   string
	exit   int
}{
	{"while true; do :; done", "stopped by the simulator after 20000 commands: this looks endless\n", 137},
	{"cat /dev/zero > f", "after 134217728 bytes of input: this looks endless\n", 137},
	{"head -c 10G /dev/zero > f", "after 134217728 bytes of input: this looks endless\n", 137},
	{"truncate -s 10T f; cmp f f", "after 134217728 bytes of input: this looks endless\n", 137},
	{"dd if=/dev/zero bs=1G count=10 | wc -c", "after 134217728 bytes of input: this looks endless\n", 137},
	{"yes > /dev/null", "after 500000 loop turns: this looks endless\n", 137},
	{"seq 1000000000 > /dev/null", "after 500000 loop turns: this looks endless\n", 137},
	{"yes | sort", "after 500000 loop turns: this looks endless\n", 137},
	{"yes | tac", "after 67108864 bytes of input held at once: this looks endless\n", 137},
	{"xxd /dev/zero > /dev/null", "after 67108864 bytes of input held at once: this looks endless\n", 137},
	{"od -An -N4 -tx1 /dev/zero", " 00 00 00 00\n", 0},
	{"printf abcdef > a; printf ghij > b; od -An -j4 -N4 -tx1 a b", " 65 66 67 68\n", 0},
	{"yes | sh -s", "after 4194304 bytes of input held at once: this looks endless\n", 137},
	{"yes | xargs", "after 4194304 bytes of input held at once: this looks endless\n", 137},
	{"a=x; while :; do a=$a$a; done", "after 16777216 bytes in one word: this looks endless\n", 137},
	{"x=$(yes)", "after 16777216 bytes in one word: this looks endless\n", 137},
	{"echo x | sed ':a;s/x/xx/g;ta'", "after 16777216 bytes in sed's buffers: this looks endless\n", 137},
	{"echo | sed ':a;s/$/xx/;ta'", "after 500000 loop turns: this looks endless\n", 137},
	{"awk 'BEGIN { while (1) ; }'", "after 500000 loop turns: this looks endless\n", 137},
	{"awk '{ x = x $0 }' /dev/zero", "record is too long\n", 1},
	{"f='eval \"$f\"'; eval \"$f\"", "scripts run each other more than 500 deep\n", 2},
	{"echo '. ./self' > self; . ./self", "scripts run each other more than 500 deep\n", 2},
	{"echo 'sh self' > self; sh self", "can't fork: Resource temporarily unavailable\n", 2},
	{"f() { f; }; f", "functions call each other more than 500 deep\n", 2},
	{"touch $(seq 40000)", "after 500000 loop turns: this looks endless\n", 137},
	{"truncate -s 10T f; wc -c f", "10995116277760 f\n", 0},
	{"yes | head -3", "y\ny\ny\n", 0},
	{"printf '%3000000000d' 1 | wc -c", "0\n", 0},
	{"printf '%2000000d' 1 | wc -c", "2000000\n", 0},
	{"printf '%-2000000d|%05d' 1 2 | tail -c 7", " |00002", 0},
	{"printf '%02000000d' -1 | head -c 5", "-0000", 0},
	{"printf '%.2000000f' 1.5 | head -c 5", "1.500", 0},
	{"printf '%1000000000d%1000000000d' 1 1 | wc -c", "after 134217728 bytes of input: this looks endless\n", 137},
	{"echo a | fold -w 0", "fold: number 0 is not in 1..10000 range\n", 1},
}

// TestBudget holds that each ends by itself, with its message and status. The
// context is only there to fail the test where one does not.
func TestBudget(t *testing.T) {
	for _, c := range endless {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		p, out := world()
		p.Budget = Budget{Commands: 20_000, Turns: 500_000, Output: 128 << 20, Input: 128 << 20}
		p.Args = []string{"sh", "-c", c.script}
		exit, err := Exec(ctx, p)
		if ctx.Err() != nil {
			t.Errorf("%s: does not end: %v", c.script, err)
		}
		cancel()
		text := out.String()
		if exit != c.exit || !strings.HasSuffix(text, c.want) {
			t.Errorf("%s: ends with %q, exit %d; want %q, exit %d", c.script, text[max(0, len(text)-120):], exit, c.want, c.exit)
		}
	}
}

// TestBudgetCancelled holds that what works on one thing for long is cancelled
// where it is: in the middle of reading, of writing, of making files.
func TestBudgetCancelled(t *testing.T) {
	for _, script := range []string{
		"sha256sum /dev/zero", "yes | sort", "printf '%2000000000d' 1 > f", "touch $(seq 10000)",
		"a=x; while :; do a=$a$a; done", "echo x | sed ':a;s/$/x/;ta'", "yes | gzip > f", "dd if=/dev/zero bs=1G count=10 | wc -c",
	} {
		ctx, cancel := context.WithCancel(context.Background())
		p, _ := world()
		pauses := 0
		p.Pause = func(ctx context.Context) error {
			if pauses++; pauses == 3 {
				cancel()
			}
			return ctx.Err()
		}
		p.Args = []string{"sh", "-c", script}
		if exit, err := Exec(ctx, p); err != context.Canceled || pauses != 3 {
			t.Errorf("%s: exit %d, error %v after %d pauses; want it cancelled at the third", script, exit, err, pauses)
		}
		cancel()
	}
}
