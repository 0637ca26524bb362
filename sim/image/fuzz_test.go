package image_test

import (
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/image"
)

// configBudget is what reading a config may cost: a DiffID is three bytes of JSON at
// least, and a row of the history as many.
var configBudget = hazard.Budget{Base: 4 << 20, Factor: 3000}

// FuzzConfig reads image configs. Whatever the history says, each layer has one
// row, in order; and an image made of a config that was read is the same when
// it is made again of what was written.
func FuzzConfig(f *testing.F) {
	for _, name := range []string{"busybox", "digest_scratch"} {
		_, config := recorded(f, name)
		f.Add(config)
	}
	for _, s := range []string{
		`{` + twoLayers + `,"unknown":1,"history":null,"config":null,"created":null}`,
		`{` + twoLayers + `,"created":"","history":[{"created":"yesterday","created_by":"x"}]}`,
		`{` + twoLayers + `,"os":"linux","architecture":"arm","variant":"v7","os.version":"1","history":[{"created":"0001-01-01T00:00:00Z"},{"empty_layer":true},{},{}]}`,
		`{` + twoLayers + `,"OS":"linux","Architecture":"amd64","config":{"Env":["A=1",""],"ExposedPorts":{"80/tcp":{}},"Volumes":{"/v":{}},"Healthcheck":{"Test":["NONE"],"Interval":-1},"OnBuild":["RUN x"],"Shell":[]}}`,
		`{` + twoLayers + `,"history":[{"created_by":"RUN |2 A=1 B=x y /bin/sh -c make B=$B # buildkit"},{"created_by":"|99999999999999999999 x"}]}`,
		`{"rootfs":{"type":"layers","diff_ids":[` + strings.Repeat(`"",`, 2000) + `""]},"history":[` + strings.Repeat(`{},`, 2000) + `{}]}`,
		`{"rootfs":{"type":"layers","diff_ids":["sha256:",":","x","sha256:00","md5:00"]}}`,
		`{"rootfs":{"type":"windows"}}`, `{"rootfs":null}`, `[]`, ``, `{`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 64<<10 {
			return
		}
		hazard.Spend(t, len(raw), configBudget, func() {
			im, err := image.Import(raw, nil)
			if err != nil {
				return
			}
			if im.ConfigDigest != digest.FromBytes(raw) {
				t.Errorf("config digest %s is not that of its bytes", im.ConfigDigest)
			}
			checkRows(t, im)
			if chain := im.ChainIDs(); len(chain) != len(im.DiffIDs()) || len(chain) > 0 && chain[0] != im.DiffIDs()[0] {
				t.Errorf("%d chain IDs for %d DiffIDs", len(chain), len(im.DiffIDs()))
			}
			checkMadeAgain(t, im)
		})
	})
}

// checkRows says that every layer has one row, in order.
func checkRows(t *testing.T, im *image.Image) {
	next := 0
	for _, r := range im.Rows() {
		image.Instruction(r.History.CreatedBy)
		switch r.Layer {
		case next:
			next++
		case -1:
		default:
			t.Errorf("a row of layer %d comes where that of %d should", r.Layer, next)
		}
	}
	if next != len(im.DiffIDs()) {
		t.Errorf("%d of %d layers have a row", next, len(im.DiffIDs()))
	}
}

// checkMadeAgain writes the config anew, reads that and writes it again.
func checkMadeAgain(t *testing.T, im *image.Image) {
	if im.Config.OS == "" || im.Config.Architecture == "" {
		return
	}
	layers := make([]image.Descriptor, len(im.DiffIDs()))
	for i := range layers {
		layers[i] = image.DescriptorOf(ocispec.MediaTypeImageLayer, []byte{byte(i)})
	}
	once, err := image.New(im.Config, layers)
	if err != nil {
		t.Fatalf("writing what was read: %v", err)
	}
	twice, err := image.New(once.Config, layers)
	if err != nil || once.Digest != twice.Digest {
		t.Fatalf("written again it is another: %v\n%s\n%s", err, once.ConfigRaw, twice.ConfigRaw)
	}
	image.Validate(once)
}
