//go:build js

package browser

import (
	"context"
	"syscall/js"
	"time"

	"github.com/layerlab/layerlab/sim/content"
)

// New is the browser that runs this program. It is to be called once.
func New() Browser {
	y := newYields()
	p := &page{yields: y, pool: newPool(y)}
	p.session = storage{area: "sessionStorage"}
	p.settings = storage{area: "localStorage"}
	return p
}

type page struct {
	*yields
	*pool
	session, settings storage
}

var _ Browser = (*page)(nil)

func (p *page) Storage() Storage  { return p.session }
func (p *page) Settings() Storage { return p.settings }
func (p *page) Restart() Restart  { return Restart(lab.Get("restart").String()) }

// Working changes nothing: it is for who collects the program's garbage.
func (p *page) Working(bool) {}

func (p *page) WriteClipboard(ctx context.Context, text string) (err error) {
	var promise js.Value
	if err := try(func() { promise = global.Get("navigator").Get("clipboard").Call("writeText", text) }); err != nil {
		return err
	}
	_, err = await(ctx, promise)
	return err
}

// held is how many bytes Download puts together by itself, for a body that is
// not one of a File.
const held = 512 << 20

func (p *page) Download(ctx context.Context, name string, body content.Body) error {
	blob, ok := blobOf(body)
	if !ok {
		r, err := body.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		if blob, err = gather(ctx, r, p.Pause); err != nil {
			return err
		}
	}
	url := global.Get("URL").Call("createObjectURL", blob)
	a := document.Call("createElement", "a")
	a.Set("href", url)
	a.Set("download", name)
	a.Call("click")
	p.After(time.Minute, func() { global.Get("URL").Call("revokeObjectURL", url) })
	return nil
}
