package shell

import (
	"context"
	"time"

	"github.com/layerlab/layerlab/sim/tree"
)

func cmdTouch(_ context.Context, p *Process) int {
	o, ok := p.getopt("amcd:t:r:h", "no-create=c", "date:=d", "reference:=r", "no-dereference=h", "time:")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("missing file operand")
	}
	at := tree.TimeOf(p.now())
	if text, ok := o.get("d"); ok {
		t, ok := p.parseDate(text)
		if !ok {
			if p.busybox {
				return p.say("invalid date '%s'", text)
			}
			return p.say("invalid date format %s", quoted(text))
		}
		at = tree.TimeOf(t)
	}
	if text, ok := o.get("t"); ok {
		t, ok := parseTouchTime(text, p.now())
		if !ok {
			return p.say("invalid date format %s", quoted(text))
		}
		at = tree.TimeOf(t)
	}
	if ref, ok := o.get("r"); ok {
		st, err := p.stat(ref)
		if err != nil {
			if p.busybox {
				return p.say("%s: %s", ref, why(err))
			}
			return p.say("failed to get attributes of %s: %s", quoted(ref), why(err))
		}
		at = st.MTime
	}
	status := 0
	for _, name := range o.args {
		err := p.utimes(name, at, !o.has("h"))
		if err != nil && isNotFound(err) {
			if d, n := p.devFd(p.follow(name)); n >= 0 && d != nil {
				continue
			}
			if o.has("c", "h") {
				continue
			}
			if err = p.mknod(name, tree.Regular|0o666, 0, 0); err == nil && o.has("d", "t", "r") {
				err = p.utimes(name, at, true)
			}
		}
		if err != nil {
			if p.busybox {
				status = p.say("%s: %s", name, why(err))
			} else {
				status = p.say("cannot touch %s: %s", quoted(name), why(err))
			}
		}
	}
	return status
}

// parseTouchTime reads [[CC]YY]MMDDhhmm[.ss].
func parseTouchTime(text string, now time.Time) (time.Time, bool) {
	for _, f := range []string{"200601021504.05", "200601021504", "0601021504.05", "0601021504"} {
		if t, err := time.Parse(f, text); err == nil && len(text) == len(f) {
			return t, true
		}
	}
	for _, f := range []string{"01021504.05", "01021504"} {
		if t, err := time.Parse(f, text); err == nil && len(text) == len(f) {
			return t.AddDate(now.Year(), 0, 0), true
		}
	}
	return time.Time{}, false
}
