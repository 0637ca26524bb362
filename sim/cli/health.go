package cli

import (
	"errors"
	"fmt"
	"time"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/container"
)

// healthcheck is the check that the flags of run and create ask for, or nil. What
// it leaves out is the image's.
func (c *call) healthcheck() (*dockerspec.HealthcheckConfig, error) {
	h := &dockerspec.HealthcheckConfig{Retries: c.num("health-retries", 0)}
	if cmd := c.str("health-cmd"); cmd != "" {
		h.Test = []string{"CMD-SHELL", cmd}
	}
	durations := []struct {
		name string
		to   *time.Duration
	}{{"interval", &h.Interval}, {"timeout", &h.Timeout}, {"start-period", &h.StartPeriod}, {"start-interval", &h.StartInterval}}
	given := h.Test != nil || h.Retries != 0
	for _, d := range durations {
		*d.to, _ = time.ParseDuration(c.str("health-" + d.name))
		given = given || *d.to != 0
	}
	switch {
	case c.on("no-healthcheck") && given:
		return nil, errors.New("--no-healthcheck conflicts with --health-* options")
	case c.on("no-healthcheck"):
		return &dockerspec.HealthcheckConfig{Test: []string{"NONE"}}, nil
	case !given:
		return nil, nil
	case h.Retries < 0:
		return nil, errors.New("--health-retries cannot be negative")
	}
	for _, d := range durations {
		if *d.to < 0 {
			return nil, fmt.Errorf("--health-%s cannot be negative", d.name)
		}
	}
	for i, name := range []string{"Interval", "Timeout", "StartPeriod", "StartInterval"} {
		if d := *durations[i].to; d > 0 && d < time.Millisecond {
			return nil, daemon(fmt.Errorf("%s in Healthcheck cannot be less than 1ms", name))
		}
	}
	return h, nil
}

// healthOf is what `docker ps` knows of a container's health.
func healthOf(ct *container.Container) string {
	if checked(ct) {
		return "starting"
	}
	return "none"
}

// checked reports whether a container has a health check. The simulator does not
// run it: the first has not been yet.
func checked(ct *container.Container) bool {
	h := ct.Run.Config.Healthcheck
	return h != nil && len(h.Test) > 0 && h.Test[0] != "NONE" && ct.Running()
}
