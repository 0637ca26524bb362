package cli

import (
	"sort"
	"strings"
	"time"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/image"
)

// containerInfo is what `docker container inspect` shows, its fields in Docker's
// order.
type containerInfo struct {
	ID              string `json:"Id"`
	Created         string
	Path            string
	Args            []string
	State           containerState
	Image           string
	ResolvConfPath  string
	HostnamePath    string
	HostsPath       string
	LogPath         string
	Name            string
	RestartCount    int
	Driver          string
	Platform        string
	MountLabel      string
	ProcessLabel    string
	AppArmorProfile string
	ExecIDs         []string
	HostConfig      hostConfig
	GraphDriver     *graphDriver `json:",omitempty"`
	Storage         struct {
		RootFS struct{ Snapshot struct{ Name string } }
	}
	SizeRw                  *int64 `json:",omitempty"`
	SizeRootFs              *int64 `json:",omitempty"`
	Mounts                  []mountInfo
	Config                  containerConfig
	NetworkSettings         networkSettings
	ImageManifestDescriptor *image.Descriptor `json:",omitempty"`
}

type containerState struct {
	Status     string
	Running    bool
	Paused     bool
	Restarting bool
	OOMKilled  bool
	Dead       bool
	Pid        int
	ExitCode   int
	Error      string
	StartedAt  string
	FinishedAt string
	Health     *healthInfo `json:",omitempty"`
}

// healthInfo is what the health check found.
type healthInfo struct {
	Status        string
	FailingStreak int
	Log           []string
}

// graphDriver is where the classic stores keep an image or a container: this one
// has nothing to say there.
type graphDriver struct {
	Name string
	Data map[string]string
}

type mountInfo struct {
	Type, Name, Source, Destination, Driver, Mode string
	RW                                            bool
	Propagation                                   string
}

type containerConfig struct {
	Hostname     string
	Domainname   string
	User         string
	AttachStdin  bool
	AttachStdout bool
	AttachStderr bool
	ExposedPorts map[string]struct{} `json:",omitempty"`
	Tty          bool
	OpenStdin    bool
	StdinOnce    bool
	Env          []string
	Cmd          []string
	Healthcheck  *dockerspec.HealthcheckConfig `json:",omitempty"`
	Image        string
	Volumes      map[string]struct{}
	WorkingDir   string
	Entrypoint   []string
	OnBuild      []string `json:",omitempty"`
	Labels       map[string]string
	StopSignal   string   `json:",omitempty"`
	StopTimeout  *int     `json:",omitempty"`
	Shell        []string `json:",omitempty"`
}

type networkSettings struct {
	SandboxID  string
	SandboxKey string
	Ports      map[string][]portBinding
	Networks   map[string]network
}

type portBinding struct{ HostIp, HostPort string }

type network struct {
	IPAMConfig          *struct{}
	Links, Aliases      []string
	DriverOpts          map[string]string
	GwPriority          int
	NetworkID           string
	EndpointID          string
	Gateway             string
	IPAddress           string
	MacAddress          string
	IPPrefixLen         int
	IPv6Gateway         string
	GlobalIPv6Address   string
	GlobalIPv6PrefixLen int
	DNSNames            []string
}

// stamp is a time as the API gives it: the zero time is year 1.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func (c *call) containerInfo(ct *container.Container, sized bool) containerInfo {
	out := containerInfo{
		ID: ct.ID, Created: stamp(ct.Created), Path: ct.Path, Args: ct.Args, Image: ct.ImageID, Name: "/" + ct.Name,
		RestartCount: ct.Restarts, Driver: "overlayfs", Platform: "linux", Mounts: []mountInfo{},
		State: containerState{
			Status: string(ct.Status), Running: ct.Running(), Paused: ct.Status == container.Paused, Pid: ct.Pid,
			ExitCode: ct.ExitCode, Error: ct.Error, StartedAt: stamp(ct.Started), FinishedAt: stamp(ct.Finished),
		},
		HostConfig: defaultHostConfig(ct),
	}
	if out.Args == nil {
		out.Args = []string{}
	}
	if checked(ct) {
		out.State.Health = &healthInfo{Status: "starting", Log: []string{}}
	}
	out.Storage.RootFS.Snapshot.Name = "overlayfs"
	if !ct.Started.IsZero() {
		dir := "/var/lib/docker/containers/" + ct.ID + "/"
		out.ResolvConfPath, out.HostnamePath, out.HostsPath, out.LogPath = dir+"resolv.conf", dir+"hostname", dir+"hosts", dir+ct.ID+"-json.log"
	}
	if sized {
		rw, root := ct.SizeRw(), ct.SizeRootFs()
		out.SizeRw, out.SizeRootFs = &rw, &root
	}
	for v := range ct.Run.Config.Volumes {
		id := digest.FromString(ct.ID + v).Encoded()
		out.Mounts = append(out.Mounts, mountInfo{Type: "volume", Name: id, Source: "/var/lib/docker/volumes/" + id + "/_data", Destination: v, Driver: "local", RW: true})
	}
	sort.Slice(out.Mounts, func(i, j int) bool { return out.Mounts[i].Destination < out.Mounts[j].Destination })
	out.Config = configInfo(ct)
	out.NetworkSettings = networkInfo(ct)
	if im := c.e.Store().Get(digest.Digest(ct.ImageID)); im != nil {
		d := image.DescriptorOf(im.Manifest.MediaType, im.ManifestRaw)
		d.Annotations = im.Annotations
		d.Platform = &ocispec.Platform{Architecture: im.Config.Architecture, OS: im.Config.OS, Variant: im.Config.Variant}
		out.ImageManifestDescriptor = &d
	}
	return out
}

func configInfo(ct *container.Container) containerConfig {
	run := ct.Run.Config
	return containerConfig{
		Hostname: ct.Hostname(), User: run.User, ExposedPorts: ports(ct), Tty: ct.Config.TTY, OpenStdin: ct.Config.Interactive,
		AttachStdout: !ct.Config.Detached, AttachStderr: !ct.Config.Detached, AttachStdin: !ct.Config.Detached && ct.Config.Interactive,
		StdinOnce: !ct.Config.Detached && ct.Config.Interactive,
		Env:       run.Env, Cmd: run.Cmd, Healthcheck: run.Healthcheck, Image: ct.Image, Volumes: run.Volumes, WorkingDir: run.WorkingDir,
		Entrypoint: run.Entrypoint, OnBuild: run.OnBuild, Labels: run.Labels, StopSignal: run.StopSignal, StopTimeout: ct.Config.StopTimeout, Shell: run.Shell,
	}
}

// ports are the exposed ports: the image's and those of -p.
func ports(ct *container.Container) map[string]struct{} {
	out := map[string]struct{}{}
	for p := range ct.Run.Config.ExposedPorts {
		out[p] = struct{}{}
	}
	for _, p := range ct.Config.Ports {
		port, _ := splitPort(p)
		out[port] = struct{}{}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// splitPort is the container's port with its protocol, and the host's, of a -p
// as typed: [[IP:]HOST:]PORT[/PROTOCOL].
func splitPort(s string) (port, host string) {
	s, proto, ok := strings.Cut(s, "/")
	if !ok {
		proto = "tcp"
	}
	parts := strings.Split(s, ":")
	if len(parts) > 1 {
		host = parts[len(parts)-2]
	}
	return parts[len(parts)-1] + "/" + proto, host
}

func networkInfo(ct *container.Container) networkSettings {
	out := networkSettings{Ports: map[string][]portBinding{}}
	n := network{}
	if ct.Running() {
		out.SandboxID = digest.FromString("sandbox" + ct.ID).Encoded()
		out.SandboxKey = "/var/run/docker/netns/" + out.SandboxID[:12]
		n.NetworkID = networkID
		n.EndpointID = digest.FromString("endpoint" + ct.ID).Encoded()
		n.Gateway, n.IPAddress, n.IPPrefixLen = "172.17.0.1", "172.17.0.2", 16
		n.MacAddress = "02:42:ac:11:00:02"
		for p := range ct.Run.Config.ExposedPorts {
			out.Ports[p] = nil
		}
		for _, p := range ct.Config.Ports {
			port, host := splitPort(p)
			out.Ports[port] = append(out.Ports[port], portBinding{"0.0.0.0", host})
		}
	}
	out.Networks = map[string]network{"bridge": n}
	return out
}
