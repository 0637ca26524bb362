// Command serve builds the page if its sources changed and serves it on this
// machine.
//
//	go run ./scripts/serve [-addr 127.0.0.1:8080] [-no-open]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/repo"
	"github.com/layerlab/layerlab/scripts/internal/site"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "the address to serve on; port 0 takes any that is free")
	noOpen := flag.Bool("no-open", false, "do not open the page in a browser")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, !*noOpen); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr string, open bool) error {
	root, err := repo.Root()
	if err != nil {
		return err
	}
	ln, err := listen(addr)
	if err != nil {
		return err
	}
	s, err := site.Build(ctx, root, site.Options{Log: func(m string) { fmt.Fprintln(os.Stderr, m) }})
	if err != nil {
		return err
	}
	var now atomic.Pointer[http.Handler]
	use := func(s *site.Site) { h := s.Handler(); now.Store(&h) }
	use(s)
	go func() { // the best compression takes a while: it comes later
		if best := s.Clone(); best.Recompress(ctx) == nil {
			use(best)
		}
	}()

	server := &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*now.Load()).ServeHTTP(w, r) }),
		ReadHeaderTimeout: 10 * time.Second,
	}
	url := pageURL(ln.Addr())
	fmt.Printf("Layer Lab is at %s (Ctrl-C ends it)\n", url)
	if open {
		openBrowser(url)
	}
	go func() {
		<-ctx.Done()
		soon, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(soon)
	}()
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// listen takes the address before anything is built, so that a port in use is
// told at once.
func listen(addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("another program already uses %s: end it, or choose another port, as in -addr 127.0.0.1:8081 (-addr 127.0.0.1:0 takes any that is free)", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not use %s: choose a port above 1023, as in -addr 127.0.0.1:8080", addr)
	case err != nil:
		return nil, fmt.Errorf("the address %q cannot be used: %w (expected host:port, as in 127.0.0.1:8080)", addr, err)
	}
	return ln, nil
}

// pageURL is how a browser on this machine reaches the address.
func pageURL(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return "http://" + a.String() + "/"
	}
	return fmt.Sprintf("http://127.0.0.1:%d/", tcp.Port)
}
