//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package state

import "syscall"

// fromSystem maps anonymous pages; nil if there are none to be had.
func fromSystem(size int) []byte {
	mem, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	return mem
}

// toSystem unmaps what fromSystem has mapped, whole: that cannot fail.
func toSystem(mem []byte) { _ = syscall.Munmap(mem) }
