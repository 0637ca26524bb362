//go:build !(linux && amd64)

package fsops

import "errors"

// A Kernel is the overlayfs of the machine's own kernel; here there is none.
type Kernel struct{ System }

// WithKernel says that there is no overlayfs here.
func WithKernel([]Lower, func(*Kernel) error) error {
	return errors.New("the kernel's overlayfs is there on Linux on x86-64 alone")
}
