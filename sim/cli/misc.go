package cli

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/distribution/reference"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/gotmpl"
)

// dockerVersion is the version of Docker whose behaviour this is.
const dockerVersion = "29.9.3"

func familiarName(n reference.Named) string { return reference.FamiliarName(n) }

type versionInfo struct {
	Client, Server struct{ Version, APIVersion, GoVersion, GitCommit, BuildTime, Os, Arch string }
}

// version is `docker version`.
func (c *call) version([]string) error {
	var v versionInfo
	v.Client.Version, v.Client.APIVersion, v.Client.Os, v.Client.Arch = dockerVersion, "1.56", "linux", "amd64"
	v.Client.GoVersion, v.Client.GitCommit, v.Client.BuildTime = "go1.26.8", "layerlab", "simulated"
	v.Server = v.Client
	if f := c.str("format"); f != "" {
		if f == "json" {
			f = "{{json .}}"
		}
		return c.template(f, v)
	}
	c.printf("Client:\n Version:           %s\n API version:       1.56\n OS/Arch:           linux/amd64\n Context:           default\n\n"+
		"Server: Layer Lab, a simulator\n Engine:\n  Version:          %s\n  API version:      1.56 (minimum version 1.40)\n  OS/Arch:          linux/amd64\n  Experimental:     false\n",
		dockerVersion, dockerVersion)
	return nil
}

type infoValues struct {
	Containers, ContainersRunning, ContainersPaused, ContainersStopped, Images int
	Driver, ServerVersion, OSType, Architecture, Name                          string
}

// info is `docker info`, as far as there is something to say.
func (c *call) info([]string) error {
	v := infoValues{Driver: "overlayfs", ServerVersion: dockerVersion, OSType: "linux", Architecture: "x86_64", Name: "lab", Images: len(c.e.Store().Images())}
	for _, ct := range c.e.Containers() {
		v.Containers++
		switch {
		case ct.Status == container.Paused:
			v.ContainersPaused++
		case ct.Running():
			v.ContainersRunning++
		default:
			v.ContainersStopped++
		}
	}
	if f := c.str("format"); f != "" {
		return c.template(f, v)
	}
	c.printf("Client:\n Version:    %s\n Context:    default\n Debug Mode: false\n\nServer:\n Containers: %d\n  Running: %d\n  Paused: %d\n  Stopped: %d\n Images: %d\n"+
		" Server Version: %s\n Storage Driver: overlayfs\n  driver-type: io.containerd.snapshotter.v1\n Operating System: Layer Lab (a simulator)\n OSType: linux\n Architecture: x86_64\n Name: lab\n",
		dockerVersion, v.Containers, v.ContainersRunning, v.ContainersPaused, v.ContainersStopped, v.Images, dockerVersion)
	return nil
}

func (c *call) template(format string, v any) error {
	t, err := gotmpl.Parse(format, funcs)
	if err != nil {
		return &statusError{"template parsing error: " + err.Error(), 64}
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return plain("template parsing error: %v", err)
	}
	c.printf("%s\n", b.String())
	return nil
}

// top is `docker top`: the first process, which is all that a container keeps.
func (c *call) top(args []string) error {
	ct, err := c.e.Container(args[0])
	if err != nil {
		return daemon(err)
	}
	if !ct.Running() {
		return daemon(fmt.Errorf("container %s is not running", ct.ID))
	}
	user := ct.Run.Config.User
	if user == "" {
		user = "root"
	}
	row := "%-20s%-20s%-20s%-20s%-20s%-20s%-20s%s\n"
	c.printf(row, "UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD")
	words := append([]string{ct.Path}, ct.Args...)
	c.printf(row, user, fmt.Sprint(ct.Pid), fmt.Sprint(ct.Pid-1), "0", ct.Started.UTC().Format("15:04"), "?", "00:00:00", join(words))
	return nil
}

func join(words []string) string {
	out := ""
	for i, w := range words {
		if i > 0 {
			out += " "
		}
		out += w
	}
	return out
}

// port is `docker port`.
func (c *call) port(args []string) error {
	ct, err := c.e.Container(args[0])
	if err != nil {
		return daemon(err)
	}
	var lines []string
	if ct.Running() {
		for _, p := range ct.Config.Ports {
			port, host := splitPort(p)
			if len(args) == 1 {
				lines = append(lines, port+" -> 0.0.0.0:"+host)
			} else if args[1] == port || args[1]+"/tcp" == port {
				lines = append(lines, "0.0.0.0:"+host)
			}
		}
	}
	if len(args) > 1 && len(lines) == 0 {
		return plain("Error: No public port '%s' published for %s", args[1], args[0])
	}
	slices.Sort(lines)
	for _, l := range lines {
		c.printf("%s\n", l)
	}
	return nil
}

// stats is `docker stats`, once: nothing here is measured.
func (c *call) stats(args []string) error {
	c.printf("CONTAINER ID   NAME      CPU %%     MEM USAGE / LIMIT   MEM %%     NET I/O   BLOCK I/O   PIDS\n")
	for _, ct := range c.e.Containers() {
		if len(args) > 0 && !slices.Contains(args, ct.Name) && !slices.Contains(args, shortID(ct.ID)) {
			continue
		}
		if ct.Running() {
			c.printf("%s   %-7s   0.00%%     0B / 0B             0.00%%     0B / 0B   0B / 0B     1\n", shortID(ct.ID), ct.Name)
		}
	}
	return nil
}

// volumes is `docker volume ls`: volumes are not simulated.
func (c *call) volumes([]string) error {
	if !c.on("quiet") {
		c.printf("DRIVER    VOLUME NAME\n")
	}
	return nil
}

// networks is `docker network ls`: the three that every engine has.
func (c *call) networks([]string) error {
	ids := []string{networkID, "b828b86ca7a6", "2e9d978b2a85"}
	if c.on("quiet") {
		for _, id := range ids {
			c.printf("%s\n", shortID(id))
		}
		return nil
	}
	c.printf("NETWORK ID     NAME      DRIVER    SCOPE\n")
	for i, row := range []string{"bridge    bridge    local", "host      host      local", "none      null      local"} {
		c.printf("%s   %s\n", shortID(ids[i]), row)
	}
	return nil
}
