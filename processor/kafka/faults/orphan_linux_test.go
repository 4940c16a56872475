package faults

import "syscall"

// dieWithParent has the kernel kill the process when the test binary dies without its cleanup.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
