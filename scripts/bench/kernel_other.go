//go:build !linux

package main

import "errors"

// onKernel measures overlayfs, which Linux alone has.
func onKernel([]string) (times, error) {
	return times{}, errors.New("this is not Linux")
}
