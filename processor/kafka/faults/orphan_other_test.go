//go:build unix && !linux

package faults

import "syscall"

// dieWithParent is for Linux only: elsewhere a killed test binary leaves its processes behind.
func dieWithParent(*syscall.SysProcAttr) {}
