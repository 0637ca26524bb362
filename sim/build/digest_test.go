package build

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ptr[T any](v T) *T { return &v }

// The transcript digest_scratch: the digests that Docker Engine 29.9.3 gave for
// the same Dockerfile, files and SOURCE_DATE_EPOCH.
func TestDigestsOfScratchAreBuildKits(t *testing.T) {
	l := newLab(t).write("a.txt", "alpha\n", "sub/one", "1\n", "sub/deep/two", "22\n", "Dockerfile", `FROM scratch
COPY a.txt /
COPY sub /etc/app/
COPY --chmod=600 --chown=5:6 a.txt /secret/key
LABEL x=y
`)
	res := l.build(Options{BuildArgs: map[string]*string{"SOURCE_DATE_EPOCH": ptr("0")}, RewriteTimestamp: true, Tags: []string{"docker.io/library/r:1"}})
	got := []string{res.Image.Digest.String(), res.Image.ConfigDigest.String()}
	for _, h := range res.Layers {
		got = append(got, h.Digest.String(), h.DiffID.String())
	}
	want := []string{
		"sha256:5a536a504c38b8eff8b73124a43ea71dfa82a59750cf6ed31dcf79646a22428b",
		"sha256:c7662df249f2463fa152244ab9453a5d8cc727a167ce20f6762298a7ec5c6695",
		"sha256:1f76db196dd6c6983a8fb122f443ddbcf534c069cfb1010cab8ebb0372375558", "sha256:c86927f99b743815477b7d1c7a7281d4b026b38435d1b592eb2526a92f35abe7",
		"sha256:8f176e9d966f619b9166629d2c3ee98981f3b94fd3d135567c5527f88d4389fb", "sha256:efd765fbbcc18f0244dd95f58c18a2cc2b51510df400f41714a3632439976b0e",
		"sha256:a966b10cfc21c89a0a5e6c370c75d27d100a82ff2ccd46e4c838c6e5c0fec79d", "sha256:ed90b3f59f8d82093d66ad3872dcb1e53cf78a7b739e2d89d3d2dd6b0f38c5aa",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("digests (-BuildKit +ours):\n%s\n%s\n%s", diff, res.Image.ConfigRaw, res.Image.ManifestRaw)
	}
	wantHistory := []string{"COPY a.txt / # buildkit (layer)", "COPY sub /etc/app/ # buildkit (layer)", "COPY --chown=5:6 --chmod=600 a.txt /secret/key # buildkit (layer)", "LABEL x=y"}
	if diff := cmp.Diff(wantHistory, history(res.Image)); diff != "" {
		t.Errorf("history:\n%s", diff)
	}
	wantLayers := [][]string{
		{"0644 0:0 6 /a.txt"},
		{"d 0755 0:0 /etc", "d 0755 0:0 /etc/app", "d 0755 0:0 /etc/app/deep", "0644 0:0 3 /etc/app/deep/two", "0644 0:0 2 /etc/app/one"},
		{"d 0600 5:6 /secret", "0600 5:6 6 /secret/key"},
	}
	if diff := cmp.Diff(wantLayers, made(res, 0)); diff != "" {
		t.Errorf("layers:\n%s", diff)
	}
}
