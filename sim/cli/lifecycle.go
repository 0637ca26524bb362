package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/container"
)

// each does something to every container named, prints the names of those for
// which it went well, and says at the end what did not.
func (c *call) each(names []string, do func(ct *container.Container, name string) error) error {
	var failed []error
	for _, n := range names {
		ct, err := c.e.Container(n)
		if err == nil {
			err = do(ct, n)
		}
		if err != nil {
			failed = append(failed, daemon(err))
			continue
		}
		c.printf("%s\n", n)
	}
	return c.failures(failed, true)
}

// grace is how long stop and restart wait before they kill.
func (c *call) grace(ct *container.Container) time.Duration {
	def := 10
	if ct.Config.StopTimeout != nil {
		def = *ct.Config.StopTimeout
	}
	return time.Duration(c.num("timeout", def)) * time.Second
}

// stop is `docker stop`.
func (c *call) stop(args []string) error {
	return c.each(args, func(ct *container.Container, _ string) error {
		c.e.Stop(ct, c.grace(ct))
		return nil
	})
}

// restart is `docker restart`.
func (c *call) restart(args []string) error {
	return c.each(args, func(ct *container.Container, _ string) error {
		c.e.Stop(ct, c.grace(ct))
		return c.e.Start(c.ctx, ct, container.IO{}, true)
	})
}

// start is `docker start`.
func (c *call) start(args []string) error {
	if c.on("attach") || c.on("interactive") {
		if len(args) > 1 {
			return plain("you cannot start and attach multiple containers at once")
		}
		return c.startAttached(args[0])
	}
	var bad []string
	for _, n := range args {
		ct, err := c.e.Container(n)
		if err == nil {
			err = c.e.Start(c.ctx, ct, container.IO{}, true)
		}
		if err != nil {
			c.eprintf("%v\n", daemon(err))
			bad = append(bad, n)
			continue
		}
		c.printf("%s\n", n)
	}
	if len(bad) > 0 {
		return plain("failed to start containers: %s", strings.Join(bad, ", "))
	}
	return nil
}

func (c *call) startAttached(name string) error {
	ct, err := c.e.Container(name)
	if err != nil {
		return daemon(err)
	}
	streams := container.IO{Stdout: c.out, Stderr: c.err}
	if c.on("interactive") {
		streams.Stdin = c.in
	}
	if c.tty && ct.Config.TTY && ct.Config.Interactive && !ct.Running() && c.isShell(ct.Argv()) {
		return c.openShell(ct, container.Spec{Args: ct.Argv(), TTY: true}, true)
	}
	if err := c.e.Start(c.ctx, ct, streams, false); err != nil {
		return daemon(err)
	}
	if ct.ExitCode != 0 {
		return silent(ct.ExitCode)
	}
	return nil
}

// kill is `docker kill`.
func (c *call) kill(args []string) error {
	var failed []error
	for _, n := range args {
		ct, err := c.e.Container(n)
		sig := 0
		if err == nil {
			if sig, err = signal(c.str("signal")); err == nil {
				if err = c.e.Kill(ct, sig); err == nil {
					c.printf("%s\n", n)
					continue
				}
			} else {
				err = fmt.Errorf("cannot kill container: %s: %w", n, err)
			}
		} else {
			err = fmt.Errorf("cannot kill container: %s: %w", n, err)
		}
		failed = append(failed, daemon(err))
	}
	return c.failures(failed, true)
}

var signals = map[string]int{
	"HUP": 1, "INT": 2, "QUIT": 3, "ABRT": 6, "KILL": 9, "USR1": 10, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "CHLD": 17,
	"CONT": 18, "STOP": 19, "WINCH": 28,
}

// signal is the number of a signal by name or number; "" is KILL.
func signal(s string) (int, error) {
	if s == "" {
		return 9, nil
	}
	if n, err := strconv.Atoi(s); err == nil && n > 0 && n < 65 {
		return n, nil
	}
	if n, ok := signals[strings.TrimPrefix(strings.ToUpper(s), "SIG")]; ok {
		return n, nil
	}
	return 0, fmt.Errorf("invalid signal: %s", s)
}

// rm is `docker rm`. With -f, a container that is not there is no mistake.
func (c *call) rm(args []string) error {
	var failed []error
	for _, n := range args {
		ct, err := c.e.Container(n)
		if err != nil && c.on("force") && isNotFound(err) {
			continue
		}
		if err == nil {
			err = c.e.Remove(ct, n, c.on("force"))
		}
		if err != nil {
			failed = append(failed, daemon(err))
			continue
		}
		c.printf("%s\n", n)
	}
	return c.failures(failed, true)
}

// pause is `docker pause`.
func (c *call) pause(args []string) error {
	return c.each(args, func(ct *container.Container, _ string) error { return c.e.Pause(ct) })
}

// unpause is `docker unpause`.
func (c *call) unpause(args []string) error {
	return c.each(args, func(ct *container.Container, _ string) error { return c.e.Unpause(ct) })
}

// rename is `docker rename`.
func (c *call) rename(args []string) error {
	ct, err := c.e.Container(args[0])
	if err == nil {
		err = c.e.Rename(ct, args[1])
	}
	if err != nil {
		return plain("failed to rename container: %v", daemon(err))
	}
	return nil
}

// wait is `docker wait`: the engine's clock moves to the containers' ends.
func (c *call) wait(args []string) error {
	var failed []error
	for _, n := range args {
		ct, err := c.e.Container(n)
		code := 0
		if err == nil {
			code, err = c.e.Wait(ct)
		}
		if err != nil {
			failed = append(failed, daemon(err))
			continue
		}
		c.printf("%d\n", code)
	}
	return c.failures(failed, true)
}

// attach is `docker attach`.
func (c *call) attach(args []string) error {
	ct, err := c.e.Container(args[0])
	switch {
	case err != nil:
		return daemon(err)
	case ct.Status == container.Paused:
		return plain("cannot attach to a paused container, unpause it first")
	case !ct.Running():
		return plain("cannot attach to a stopped container, start it first")
	}
	code, err := c.e.Wait(ct)
	if err != nil {
		return plain("the simulator cannot attach to %s: its process waits for input that was not kept open (use docker exec -it %s sh)", args[0], args[0])
	}
	ct.Logs(c.out, c.err, c.e.Now(), func(l container.LogLine) string { return l.Text })
	if code != 0 {
		return silent(code)
	}
	return nil
}

// update is `docker update`: there are no limits to change here.
func (c *call) update(args []string) error {
	return c.each(args, func(*container.Container, string) error { return nil })
}

func (c *call) isShell(argv []string) bool {
	return len(argv) > 0 && slices.Contains([]string{"sh", "ash", "bash"}, argv[0][strings.LastIndex(argv[0], "/")+1:])
}

// logs is `docker logs`.
func (c *call) logs(args []string) error {
	ct, err := c.e.Container(args[0])
	if err != nil {
		return daemon(err)
	}
	now := c.e.Now()
	lines := slices.DeleteFunc(slices.Clone(ct.Log), func(l container.LogLine) bool { return l.At.After(now) })
	for flag, after := range map[string]bool{"since": true, "until": false} {
		if !c.given(flag) {
			continue
		}
		at, err := c.parseTime(c.str(flag))
		if err != nil {
			return plain("invalid value for %q: %v", flag, err)
		}
		lines = slices.DeleteFunc(lines, func(l container.LogLine) bool { return l.At.Before(at) == after })
	}
	if n, err := strconv.Atoi(c.str("tail")); err == nil && n >= 0 && n < len(lines) {
		lines = lines[len(lines)-n:]
	}
	for _, l := range lines {
		w := c.out
		if l.Stream == 2 {
			w = c.err
		}
		if c.on("timestamps") {
			writef(w, "%s ", l.At.UTC().Format("2006-01-02T15:04:05.000000000Z"))
		}
		writef(w, "%s", l.Text)
	}
	if c.on("follow") && ct.Running() {
		if _, err := c.e.Wait(ct); err != nil {
			return errors.New("(the process waits and prints no more: following ends here)")
		}
	}
	return nil
}
