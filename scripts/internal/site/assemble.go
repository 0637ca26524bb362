package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// hashLen is the number of hex digits in an asset's name.
const hashLen = 12

var (
	// hashed matches the file names that hold a hash, with compressed forms.
	hashed = regexp.MustCompile(`\.[0-9a-f]{12}\.[a-z0-9]+(\.br|\.gz)?$`)
	// reference matches an asset named in index.html.
	reference = regexp.MustCompile(`assets/([A-Za-z0-9_.-]+)`)
	// cssURL matches url(x) in a style sheet.
	cssURL = regexp.MustCompile(`url\(["']?([A-Za-z0-9_.-]+)["']?\)`)
	// sizeHole is where index.html learns the size of the page's program.
	sizeHole = []byte(`data-size="0"`)
)

// hashedName is the name of an asset with the hash of its content in it.
func hashedName(name string, b []byte) string {
	sum := sha256.Sum256(b)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:])[:hashLen] + ext
}

// assemble gives the assets their hashed names and puts those into the style
// sheets and the page.
func assemble(key string, page []byte, raw map[string][]byte) (*Site, error) {
	s := &Site{Key: key}
	names := map[string]string{} // asset -> hashed name
	add := func(name string, b []byte) {
		names[name] = hashedName(name, b)
		s.Files = append(s.Files, &File{Path: "assets/" + names[name], Body: b})
	}
	var sheets []string
	for _, name := range sorted(raw) {
		if path.Ext(name) == ".css" {
			sheets = append(sheets, name)
		} else {
			add(name, raw[name])
		}
	}
	if b, err := catalogNames(names); err != nil {
		return nil, err
	} else if b != nil {
		add("catalog.json", b)
	}
	for _, name := range sheets {
		b, err := rewrite(raw[name], cssURL, "assets/"+name, names)
		if err != nil {
			return nil, err
		}
		add(name, b)
	}
	page, err := rewrite(page, reference, "index.html", names)
	if err != nil {
		return nil, err
	}
	size := strconv.Itoa(len(raw["app.wasm"]))
	page = bytes.Replace(page, sizeHole, []byte(`data-size="`+size+`"`), 1)
	s.Files = append(s.Files, &File{Path: "index.html", Body: page})
	return s, nil
}

// packedModel is how the names of the catalogue's data files end.
const packedModel = ".zst"

// catalogNames is a JSON object that gives the hashed name of each data file of
// the catalogue, for the page to fetch them by; nil when there is none.
func catalogNames(names map[string]string) ([]byte, error) {
	models := map[string]string{}
	for name, hashed := range names {
		if path.Ext(name) == packedModel {
			models[name] = hashed
		}
	}
	if len(models) == 0 {
		return nil, nil
	}
	return json.Marshal(models)
}

// rewrite replaces the asset names that re finds in a text by the hashed ones.
func rewrite(text []byte, re *regexp.Regexp, file string, names map[string]string) ([]byte, error) {
	var missing error
	out := re.ReplaceAllFunc(text, func(m []byte) []byte {
		name := string(re.FindSubmatch(m)[1])
		to, ok := names[name]
		if !ok {
			missing = fmt.Errorf("putting the page together: %s names the asset %q, which does not exist", file, name)
			return m
		}
		return bytes.Replace(m, []byte(name), []byte(to), 1)
	})
	return out, missing
}
