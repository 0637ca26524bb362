// Command catalog makes the data files of the catalogue: assets/catalog/*.zst and
// the index of names in sim/catalog. It is for developers, on a Debian machine, as
// root, with debootstrap; what it makes is committed.
//
//	go run ./scripts/catalog [-root DIR] [-debs DIR]
//
// It reads what Debian itself says: a minimal system that debootstrap made, the
// lists of packages of the mirror that apt is configured for, and the packages'
// archives, of which only names, modes, owners and sizes are kept. What a
// distribution's image has beside its packages stands in recipes/.
package main

import (
	"flag"
	"log"
	"os"
)

// epoch is the time of the models: no file is newer.
const epoch = 1_766_966_400 // 2025-12-29T00:00:00Z

func main() {
	log.SetFlags(0)
	root := flag.String("root", "", "a directory with a fresh `debootstrap --variant=minbase bookworm`; made when empty")
	debs := flag.String("debs", "", "a directory with the wanted packages' archives; those that are missing are fetched")
	only := flag.String("only", "", "make only images or packages, or one of alpine, ubuntu, buildpack, python, node, nginx, golang, distroless, uv, npm, pip; facts: nothing but the digests")
	flag.Parse()
	if err := run(*root, *debs, *only); err != nil {
		log.Fatal("catalog: ", err)
	}
}

// alpineMirror is what Alpine's models name as the place of their packages.
var alpineMirror = flag.String("alpine", "", "the address that /etc/apk/repositories of the model names, up to the branch")

func run(root, debs, only string) error {
	if f := more[only]; f != nil {
		if err := f(debs); err != nil {
			return err
		}
		return writeIndex()
	}
	if root == "" {
		dir, err := os.MkdirTemp("", "catalog-root-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if err := command("debootstrap", "--variant=minbase", "bookworm", dir); err != nil {
			return err
		}
		root = dir
	}
	if only == "packages" {
		if err := debianPackages(root, debs); err != nil {
			return err
		}
		return writeIndex()
	}
	d, err := readRoot(root)
	if err != nil {
		return err
	}
	if only != "packages" {
		if err := debianImages(d); err != nil {
			return err
		}
	}
	if only != "images" {
		if err := debianPackages(root, debs); err != nil {
			return err
		}
	}
	return writeIndex()
}
