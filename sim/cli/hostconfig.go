package cli

import (
	"strings"

	"github.com/layerlab/layerlab/sim/container"
)

// hostConfig is the part of `docker inspect` that says how a container is tied to
// its machine, in Docker's order. The simulator has no use for most of it and
// shows the defaults.
type hostConfig struct {
	Binds           []string
	ContainerIDFile string
	LogConfig       struct {
		Type   string
		Config map[string]string
	}
	NetworkMode   string
	PortBindings  map[string][]portBinding
	RestartPolicy struct {
		Name              string
		MaximumRetryCount int
	}
	AutoRemove           bool
	VolumeDriver         string
	VolumesFrom          []string
	ConsoleSize          [2]int
	CapAdd               []string
	CapDrop              []string
	CgroupnsMode         string
	Dns                  []string
	DnsOptions           []string
	DnsSearch            []string
	ExtraHosts           []string
	GroupAdd             []string
	IpcMode              string
	Cgroup               string
	Links                []string
	OomScoreAdj          int
	PidMode              string
	Privileged           bool
	PublishAllPorts      bool
	ReadonlyRootfs       bool
	SecurityOpt          []string
	Tmpfs                map[string]string `json:",omitempty"`
	UTSMode              string
	UsernsMode           string
	ShmSize              int64
	Runtime              string
	Isolation            string
	CpuShares            int64
	Memory               int64
	NanoCpus             int64
	CgroupParent         string
	BlkioWeight          int
	BlkioWeightDevice    []string
	BlkioDeviceReadBps   []string
	BlkioDeviceWriteBps  []string
	BlkioDeviceReadIOps  []string
	BlkioDeviceWriteIOps []string
	CpuPeriod            int64
	CpuQuota             int64
	CpuRealtimePeriod    int64
	CpuRealtimeRuntime   int64
	CpusetCpus           string
	CpusetMems           string
	Devices              []string
	DeviceCgroupRules    []string
	DeviceRequests       []string
	MemoryReservation    int64
	MemorySwap           int64
	MemorySwappiness     *int64
	OomKillDisable       bool
	PidsLimit            *int64
	Ulimits              []string
	CpuCount             int64
	CpuPercent           int64
	IOMaximumIOps        int64
	IOMaximumBandwidth   int64
	MaskedPaths          []string
	ReadonlyPaths        []string
}

// networkID is the ID of the network bridge.
const networkID = "3f3f1ceda28c02de2e7f5dee597b943e3aee803f3419c081b502e0114a88f7f0"

func defaultHostConfig(ct *container.Container) hostConfig {
	h := hostConfig{
		Binds: binds(ct), NetworkMode: "bridge", PortBindings: map[string][]portBinding{}, AutoRemove: ct.Config.AutoRemove, ReadonlyRootfs: ct.Config.ReadOnly,
		CgroupnsMode: "private", DnsOptions: []string{}, IpcMode: "private", ShmSize: 64 << 20, Runtime: "runc",
		BlkioWeightDevice: []string{}, BlkioDeviceReadBps: []string{}, BlkioDeviceWriteBps: []string{},
		BlkioDeviceReadIOps: []string{}, BlkioDeviceWriteIOps: []string{}, Devices: []string{},
		MaskedPaths: []string{
			"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
			"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
		},
		ReadonlyPaths: []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"},
	}
	h.LogConfig.Type, h.LogConfig.Config = "json-file", map[string]string{}
	h.RestartPolicy.Name = "no"
	for _, t := range ct.Config.Tmpfs {
		if h.Tmpfs == nil {
			h.Tmpfs = map[string]string{}
		}
		p, options, _ := strings.Cut(t, ":")
		h.Tmpfs[p] = options
	}
	for _, p := range ct.Config.Ports {
		port, host := splitPort(p)
		h.PortBindings[port] = append(h.PortBindings[port], portBinding{"", host})
	}
	return h
}

func binds(ct *container.Container) []string {
	var out []string
	for _, v := range ct.Config.Volumes {
		if len(v) > 0 && v[0] == '/' && len(v) > 1 && containsColon(v) {
			out = append(out, v)
		}
	}
	return out
}

func containsColon(s string) bool {
	for i := range len(s) {
		if s[i] == ':' {
			return true
		}
	}
	return false
}
