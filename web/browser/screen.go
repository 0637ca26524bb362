//go:build js

package browser

import "syscall/js"

func query(media string) js.Value { return global.Call("matchMedia", media) }

const darkMedia = "(prefers-color-scheme: dark)"

func root() js.Value { return document.Get("documentElement") }

func (p *page) Theme() Theme {
	t, _ := p.settings.Get("theme")
	switch t := Theme(t); t {
	case Light, Dark:
		return t
	}
	return Auto
}

func (p *page) SetTheme(t Theme) {
	switch t {
	case Light, Dark:
		root().Get("dataset").Set("theme", string(t))
		p.settings.Set("theme", string(t))
	default:
		root().Get("dataset").Delete("theme")
		p.settings.Remove("theme")
	}
}

func (p *page) Dark() bool {
	t := p.Theme()
	return t == Dark || t == Auto && query(darkMedia).Get("matches").Bool()
}

func (p *page) OnDark(f func(bool)) (stop func()) {
	return listen(query(darkMedia), "change", func(js.Value) { f(p.Dark()) })
}

func (p *page) ReducedMotion() bool {
	return query("(prefers-reduced-motion: reduce)").Get("matches").Bool()
}

func (p *page) Hidden() bool { return document.Get("hidden").Bool() }

func (p *page) Width() int { return global.Get("innerWidth").Int() }

func (p *page) OnResize(f func(int)) (stop func()) {
	return listen(global, "resize", func(js.Value) { f(p.Width()) })
}
