package main

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

func init() { more["nginx"] = nginx }

var nginxConf = `user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;

events {
    worker_connections  1024;
}

http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;
    access_log  /var/log/nginx/access.log;
    sendfile        on;
    keepalive_timeout  65;
    include /etc/nginx/conf.d/*.conf;
}
`

var nginxDefault = `server {
    listen       80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`

// nginxOwn is nginx's own files, the same in all of its images.
func nginxOwn(modules string) string {
	var items []item
	for _, f := range []string{"mime.types=5349", "fastcgi_params=1007", "scgi_params=636", "uwsgi_params=664"} {
		items = append(items, alpineFile("/etc/nginx/"+f))
	}
	items = append(items, item{path: "/usr/sbin/nginx", size: 1_580_000, exec: true}, item{path: "/usr/sbin/nginx-debug", size: 1_700_000, exec: true}, item{path: "/etc/nginx/modules", target: "/usr/lib/nginx/modules"},
		item{path: "/var/log/nginx/access.log", target: "/dev/stdout"}, item{path: "/var/log/nginx/error.log", target: "/dev/stderr"})
	for i, m := range []string{"http_geoip", "http_image_filter", "http_js", "http_xslt_filter", "stream_geoip", "stream_js"} {
		items = append(items, item{path: modules + "/ngx_" + m + "_module.so", size: []int64{32_000, 30_000, 1_900_000, 26_000, 28_000, 1_850_000}[i], exec: true})
	}
	var l listing
	l.pkg("", epoch)
	have := map[string]bool{}
	for _, f := range [][2]string{{"/etc/nginx/nginx.conf", nginxConf}, {"/etc/nginx/conf.d/default.conf", nginxDefault}, {"/usr/share/nginx/html/index.html", nginxIndex}, {"/usr/share/nginx/html/50x.html", nginx50x}} {
		putParents(&l, path.Dir(f[0]), have)
		l.text(f[0], f[1], 0o644, 0, 0)
	}
	for _, d := range []string{"/docker-entrypoint.d", "/var/cache/nginx"} {
		putParents(&l, d, have)
	}
	return filesOf(items) + l.b.String()
}

const nginxIndex = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>This page is what a model of the image shows; the real one is longer.</p>
</body>
</html>
`

const nginx50x = `<!DOCTYPE html>
<html>
<head>
<title>Error</title>
</head>
<body>
<h1>An error occurred.</h1>
</body>
</html>
`

// nginxStart is the script that the containers start with.
const nginxStart = `#!/bin/sh
# vim:sw=4:ts=4:et

set -e

entrypoint_log() {
    if [ -z "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ]; then
        echo "$@"
    fi
}

if [ "$1" = "nginx" ] || [ "$1" = "nginx-debug" ]; then
    find "/docker-entrypoint.d/" -follow -type f -print | sort -V | while read -r f; do
        case "$f" in
            *.sh) if [ -x "$f" ]; then entrypoint_log "$0: Launching $f"; "$f"; fi ;;
            *) entrypoint_log "$0: Ignoring $f" ;;
        esac
    done
fi

exec "$@"
`

func nginx(debs string) error {
	libraries, err := aptLayer(debs, "nginx", true)
	if err != nil {
		return err
	}
	small, err := apkLayer(debs, "tzdata", "libintl", "gettext-envsubst", "libgcc", "libxml2", "libxslt")
	if err != nil {
		return err
	}
	for _, v := range []struct{ name, file, from, below, packages, by string }{
		{"nginx:1.27", "nginx-1.27.zst", "debian:bookworm-slim", "debian-bookworm-slim.zst", libraries,
			"RUN /bin/sh -c set -x     && groupadd --system --gid 101 nginx     && useradd --system --gid nginx --no-create-home --home /nonexistent --comment \"nginx user\" --shell /bin/false --uid 101 nginx     && apt-get update     && # install nginx and its modules # buildkit"},
		{"nginx:1.27-alpine", "nginx-1.27-alpine.zst", "alpine:3.20", "alpine-3.20.zst", small,
			"RUN /bin/sh -c set -x     && addgroup -g 101 -S nginx     && adduser -S -D -H -u 101 -h /var/cache/nginx -s /sbin/nologin -G nginx -g nginx nginx     && # install nginx and its modules # buildkit"},
	} {
		c, err := onto(v.below)
		if err != nil {
			return err
		}
		home, shell, modules := "/nonexistent", "/bin/false", "/usr/lib/nginx/modules"
		if v.from == "alpine:3.20" {
			home, shell = "/var/cache/nginx", "/sbin/nologin"
		}
		c.Config.Env = append(slices.Clone(c.Config.Env), "NGINX_VERSION=1.27.3", "NJS_VERSION=0.8.7", "PKG_RELEASE=1", "DYNPKG_RELEASE=1")
		c.Config.Cmd, c.Config.Entrypoint, c.Config.StopSignal = []string{"nginx", "-g", "daemon off;"}, []string{"/docker-entrypoint.sh"}, "SIGQUIT"
		c.Config.ExposedPorts = map[string]struct{}{"80/tcp": {}}
		c.Config.Labels = map[string]string{"maintainer": "NGINX Docker Maintainers <docker-maint@nginx.com>"}
		c.History = append(slices.Clone(c.History), row("LABEL maintainer=NGINX Docker Maintainers <docker-maint@nginx.com>", true), row("ENV NGINX_VERSION=1.27.3", true), row("ENV NJS_VERSION=0.8.7", true), row("ENV PKG_RELEASE=1", true), row("ENV DYNPKG_RELEASE=1", true), row(v.by, false),
			row("COPY docker-entrypoint.sh / # buildkit", false))
		own := ""
		if v.from == "alpine:3.20" { // what Alpine's recipe does not have
			var libs []item
			for i, lib := range []string{"libx265.so.199", "libaom.so.3", "libheif.so.1", "libgd.so.3", "libavif.so.16", "libX11.so.6", "libtiff.so.6", "libGeoIP.so.1", "libedit.so.0"} {
				libs = append(libs, item{path: "/usr/lib/" + lib, size: int64(28_000_000 * (9 - i) / 45), exec: true})
			}
			own = filesOf(libs)
		}
		layers := []stackLayer{{list: v.packages + own + accounts("nginx", 101, home, shell) + nginxOwn(modules)}, {list: script("/docker-entrypoint.sh", nginxStart)}}
		for _, f := range []struct {
			name string
			size int64
		}{{"10-listen-on-ipv6-by-default.sh", 2125}, {"15-local-resolvers.envsh", 389}, {"20-envsubst-on-templates.sh", 3020}, {"30-tune-worker-processes.sh", 4620}} {
			c.History = append(c.History, row("COPY "+f.name+" /docker-entrypoint.d # buildkit", false))
			layers = append(layers, stackLayer{list: script("/docker-entrypoint.d/"+f.name, "#!/bin/sh\n"+strings.Repeat("# a model: this script does nothing here\n", int(f.size-11)/41)+"exit 0\n")})
		}
		c.History = append(c.History, row(`ENTRYPOINT ["/docker-entrypoint.sh"]`, true), row("EXPOSE map[80/tcp:{}]", true), row("STOPSIGNAL SIGQUIT", true), row(`CMD ["nginx" "-g" "daemon off;"]`, true))
		s := stack{name: v.name, file: v.file, from: v.from, config: c, layers: layers, about: aboutModel(v.name, "the model of "+v.from+", with nginx's files and the libraries that its modules need.")}
		if err := s.write(); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
	}
	return nil
}
