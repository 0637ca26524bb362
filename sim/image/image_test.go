package image_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
)

// recorded reads the manifest and config that a real engine wrote.
func recorded(t testing.TB, name string) (manifest, config []byte) {
	t.Helper()
	manifest, err := os.ReadFile("testdata/" + name + ".manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	config, err = os.ReadFile("testdata/" + name + ".config.json")
	if err != nil {
		t.Fatal(err)
	}
	return manifest, config
}

func TestParseKeepsDigests(t *testing.T) {
	for name, want := range map[string][2]digest.Digest{
		"digest_scratch": {"sha256:5a536a504c38b8eff8b73124a43ea71dfa82a59750cf6ed31dcf79646a22428b", "sha256:c7662df249f2463fa152244ab9453a5d8cc727a167ce20f6762298a7ec5c6695"},
		"busybox":        {"sha256:a00362450f525269c7592b08378f6c8fd8e1b4bc1419c8dd314f99fb4900ca98", "sha256:f5a8c5e04a23829137de7a30760a4b0a4980d8bf040056c615d2c826a2e3c470"},
	} {
		im, err := image.Parse(recorded(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if im.Digest != want[0] || im.ConfigDigest != want[1] {
			t.Errorf("%s: manifest %s, config %s, want %v", name, im.Digest, im.ConfigDigest, want)
		}
		if err := image.Validate(im); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The image of the transcript digest_scratch, made from its parts, is the one
// that BuildKit made, to the last byte.
func TestNewWritesBuildKitsBytes(t *testing.T) {
	epoch := time.Unix(0, 0).UTC()
	step := func(by string) ocispec.History {
		return ocispec.History{Created: &epoch, CreatedBy: by, Comment: "buildkit.dockerfile.v0"}
	}
	var cfg image.Config
	cfg.OS, cfg.Architecture = "linux", "amd64"
	cfg.Config.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	cfg.Config.WorkingDir = "/"
	cfg.Config.Labels = map[string]string{"x": "y"}
	cfg.History = []ocispec.History{step("COPY a.txt / # buildkit"), step("COPY sub /etc/app/ # buildkit"), step("COPY --chown=5:6 --chmod=600 a.txt /secret/key # buildkit"), step("LABEL x=y")}
	cfg.History[3].EmptyLayer = true
	cfg.RootFS.DiffIDs = []digest.Digest{
		"sha256:c86927f99b743815477b7d1c7a7281d4b026b38435d1b592eb2526a92f35abe7",
		"sha256:efd765fbbcc18f0244dd95f58c18a2cc2b51510df400f41714a3632439976b0e",
		"sha256:ed90b3f59f8d82093d66ad3872dcb1e53cf78a7b739e2d89d3d2dd6b0f38c5aa",
	}
	layer := func(d digest.Digest, size int64) image.Descriptor {
		return image.Descriptor{MediaType: ocispec.MediaTypeImageLayerGzip, Digest: d, Size: size, Annotations: map[string]string{"buildkit/rewritten-timestamp": "0"}}
	}
	im, err := image.New(cfg, []image.Descriptor{
		layer("sha256:1f76db196dd6c6983a8fb122f443ddbcf534c069cfb1010cab8ebb0372375558", 98),
		layer("sha256:8f176e9d966f619b9166629d2c3ee98981f3b94fd3d135567c5527f88d4389fb", 180),
		layer("sha256:a966b10cfc21c89a0a5e6c370c75d27d100a82ff2ccd46e4c838c6e5c0fec79d", 128),
	})
	if err != nil {
		t.Fatal(err)
	}
	manifest, config := recorded(t, "digest_scratch")
	if diff := cmp.Diff(string(config), string(im.ConfigRaw)); diff != "" {
		t.Errorf("config (-BuildKit +ours):\n%s", diff)
	}
	if diff := cmp.Diff(string(manifest), string(im.ManifestRaw)); diff != "" {
		t.Errorf("manifest (-BuildKit +ours):\n%s", diff)
	}
}

// A config read and written anew by New is the same when BuildKit wrote it.
func TestNewOfParsedConfig(t *testing.T) {
	manifest, config := recorded(t, "busybox")
	im, err := image.Parse(manifest, config)
	if err != nil {
		t.Fatal(err)
	}
	again, err := image.New(im.Config, im.Manifest.Layers)
	if err != nil {
		t.Fatal(err)
	}
	if again.Digest != im.Digest {
		t.Errorf("got %s, want %s\n%s", again.Digest, im.Digest, again.ConfigRaw)
	}
}

func TestImportWritesContainerdsManifest(t *testing.T) {
	_, config := recorded(t, "busybox")
	im, err := image.Import(config, []image.Descriptor{{
		MediaType: image.MediaTypeDockerLayerGzip, Size: 1068818,
		Digest: "sha256:c86af36882fab42eacc9867e91e918e605f457a5585f8482a73d6aaa92f036aa",
	}})
	if err != nil {
		t.Fatal(err)
	}
	// What Docker 29 gave the same docker archive on load.
	if want := digest.Digest("sha256:a89b8def01312cc0d5ec844c571ff7dbe0ded3de60cebcd2b0daa5781e748600"); im.Digest != want {
		t.Errorf("got %s, want %s\n%s", im.Digest, want, im.ManifestRaw)
	}
}

// image-spec identity/chainid_test.go names the rule; these digests are of a
// real image.
func TestChainIDs(t *testing.T) {
	diffs := []digest.Digest{digest.FromString("a"), digest.FromString("b"), digest.FromString("c")}
	ab := digest.FromString(string(diffs[0]) + " " + string(diffs[1]))
	abc := digest.FromString(string(ab) + " " + string(diffs[2]))
	if diff := cmp.Diff([]digest.Digest{diffs[0], ab, abc}, image.ChainIDs(diffs)); diff != "" {
		t.Error(diff)
	}
	if got := image.ChainIDs(nil); len(got) != 0 {
		t.Errorf("no layers: %v", got)
	}
}

const twoLayers = `"rootfs":{"type":"layers","diff_ids":["sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef","sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"]}`

func TestRowsNeverPanic(t *testing.T) {
	for _, tt := range []struct{ name, history, want string }{
		{"one for each", `[{"created_by":"a"},{"created_by":"e","empty_layer":true},{"created_by":"b"}]`, "a 0, e -1, b 1"},
		{"more than layers", `[{"created_by":"a"},{"created_by":"b"},{"created_by":"c"}]`, "a 0, b 1, c -1!"},
		{"fewer than layers", `[{"created_by":"a"}]`, "a 0,  1!"},
		{"none", `null`, " 0!,  1!"},
		{"all empty", `[{"created_by":"a","empty_layer":true}]`, "a -1,  0!,  1!"},
	} {
		im, err := image.Import([]byte(`{"os":"linux","architecture":"amd64",`+twoLayers+`,"history":`+tt.history+`}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range im.Rows() {
			s := r.History.CreatedBy + " " + string(rune('0'+r.Layer))
			if r.Layer < 0 {
				s = r.History.CreatedBy + " -1"
			}
			if r.Note != "" {
				s += "!"
			}
			got = append(got, s)
		}
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, s, tt.want)
		}
	}
}

func TestParseConfig(t *testing.T) {
	for _, tt := range []struct{ in, err string }{
		{`{` + twoLayers + `,"unknown":1,"history":null,"config":null,"created":null}`, ""},
		{`{` + twoLayers + `,"created":"","history":[{"created":"yesterday","created_by":"x"}]}`, ""},
		{`{` + twoLayers + `,"created":"0001-01-01T00:00:00Z"}`, ""},
		{`{}`, `no "rootfs"`},
		{`[]`, `reading image config: json: cannot unmarshal array`},
		{``, `reading image config: unexpected end of JSON input`},
		{`{"rootfs":{"type":"squashfs"}}`, `rootfs type "squashfs", expected "layers"`},
		{`{"rootfs":{"type":"layers","diff_ids":7}}`, `diff_ids`},
	} {
		c, _, err := image.ParseConfig([]byte(tt.in))
		switch {
		case tt.err == "" && err != nil:
			t.Errorf("%s: %v", tt.in, err)
		case tt.err == "" && len(c.RootFS.DiffIDs) != 2:
			t.Errorf("%s: %d DiffIDs", tt.in, len(c.RootFS.DiffIDs))
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("%s: error %v, want %q", tt.in, err, tt.err)
		}
	}
}

func TestValidateNamesEveryFault(t *testing.T) {
	manifest, config := recorded(t, "busybox")
	im, err := image.Parse(manifest, append(config, ' '))
	if err != nil {
		t.Fatal(err)
	}
	im.Digest = digest.FromString("other")
	im.Manifest.Layers = append(im.Manifest.Layers, image.Descriptor{Digest: "sha256:ABC"})
	got := image.Validate(im).Error()
	for _, want := range []string{"manifest digest does not match: expected sha256:", "config size does not match: expected 736 bytes, got 737", "manifest has 2 layers, config has 1 DiffID", `layer 2: digest "sha256:ABC"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
}

func TestInstruction(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "",
		"COPY a.txt / # buildkit":         "COPY a.txt /",
		"WORKDIR /app":                    "WORKDIR /app",
		"RUN /bin/sh -c rm /x # buildkit": "RUN rm /x",
		"RUN |2 A=1 B=x y /bin/sh -c make B=$B # buildkit": "RUN make B=$B",
		"RUN |1 A=1 /bin/echo hi # buildkit":               "RUN /bin/echo hi",
		"RUN /bin/echo exec form # buildkit":               "RUN /bin/echo exec form",
		"/bin/sh -c #(nop)  ENV A=1":                       "ENV A=1",
		"/bin/sh -c #(nop) COPY file:abc in /w/ ":          "COPY file:abc in /w/",
		"/bin/sh -c apt-get update":                        "RUN apt-get update",
		"|1 V=1 /bin/sh -c echo $V":                        "RUN echo $V",
		"|x":                                               "|x",
		"|99999999999999999999 x":                          "|99999999999999999999 x",
		"RUN /bin/sh -c cat <<EOF\nhello\nEOF # buildkit":  "RUN cat <<EOF\nhello\nEOF",
		"bazel build //:image":                             "bazel build //:image",
	} {
		if got := image.Instruction(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
