package catalog

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/store"
	"github.com/layerlab/layerlab/sim/tree"
)

// A Picture is what a data file says of one model image. The file is text:
//
//	image NAME             the familiar name, with its tag
//	about TEXT             one sentence: of what it is a model, and what of it is real
//	from NAME              another image of the catalogue, whose layers are below (may be missing)
//	config JSON            the configuration without its layers
//	layer DIFFID SIZE ENTRIES BYTES BLOB BLOBSIZE   what making the layer would find
//	like FILE [NUMBER]     begin with the files of a layer of another data file, the first if no number is given …
//	edit OLD NEW           … with OLD in its list replaced by NEW: a version's number …
//	drop PATTERN           … without the paths that match (path.Match, * also across /; "drop !PATTERN" keeps them all the same)
//	files                  a list of files follows (see Entries), up to the next layer line
//
// Layers follow one another; the digests and sizes are held to the truth by a test.
type Picture struct {
	Name, About, From string
	Config            image.Config
	Layers            []PictureLayer
}

// A PictureLayer is one layer of a Picture.
type PictureLayer struct {
	DiffID  digest.Digest
	Size    int64
	Entries int
	Bytes   int64
	Blob    digest.Digest
	Packed  int64 // bytes of the blob

	Like  string // data file
	Which int    // which of its layers, from 0
	Edit  []string
	Drop  []string
	List  string // see Entries
}

// ParsePicture reads a data file of an image. Errors name the line.
func ParsePicture(text string) (*Picture, error) {
	p := &Picture{}
	var l *PictureLayer
	for number := 1; text != ""; number++ {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		word, value, _ := strings.Cut(line, " ")
		var err error
		switch {
		case word == "image":
			p.Name = value
		case word == "about":
			p.About = value
		case word == "from":
			p.From = value
		case word == "config":
			err = json.Unmarshal([]byte(value), &p.Config)
		case word == "layer":
			p.Layers = append(p.Layers, PictureLayer{})
			l = &p.Layers[len(p.Layers)-1]
			err = l.facts(strings.Fields(value))
		case l == nil:
			err = fmt.Errorf("want image, about, from, config or layer")
		case word == "like":
			err = l.like(value)
		case word == "edit":
			old, now, _ := strings.Cut(value, " ")
			l.Edit = append(l.Edit, old, now)
		case word == "drop":
			l.Drop = append(l.Drop, value)
		case word == "files":
			l.List = text
			text = ""
			if end := strings.Index(l.List, "\nlayer "); end >= 0 {
				l.List, text = l.List[:end+1], l.List[end+1:]
				number += strings.Count(l.List, "\n")
			}
		default:
			err = fmt.Errorf("want like, edit, drop or files")
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w: %.60q", number, err, line)
		}
	}
	return p, nil
}

func (l *PictureLayer) facts(f []string) error {
	if len(f) == 0 {
		return nil // not known yet: the generator makes it to find out
	}
	if len(f) != 6 {
		return fmt.Errorf("want six facts")
	}
	var numbers [4]int64
	for i, s := range []string{f[1], f[2], f[3], f[5]} {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	l.DiffID, l.Blob = digest.Digest(f[0]), digest.Digest(f[4])
	l.Size, l.Entries, l.Bytes, l.Packed = numbers[0], int(numbers[1]), numbers[2], numbers[3]
	return nil
}

func (l *PictureLayer) like(value string) error {
	file, number, more := strings.Cut(value, " ")
	l.Like = file
	if !more {
		return nil
	}
	n, err := strconv.Atoi(number)
	if err == nil && n < 1 {
		err = fmt.Errorf("want a layer's number from 1")
	}
	l.Which = n - 1
	return err
}

// held is the layer ready for a store.
func (l *PictureLayer) held(t *tree.Tree) *store.Held {
	made := layer.Known(t, l.DiffID, l.Size, l.Entries, l.Bytes)
	return &store.Held{
		Layer: made, Blob: layer.GzipBody(made.Tar(), l.Packed), Digest: l.Blob, Size: l.Packed,
		MediaType: ocispec.MediaTypeImageLayerGzip, DiffID: l.DiffID,
	}
}
