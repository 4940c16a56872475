package state

import "syscall"

// adviseHuge asks, and no more: where the kernel cannot, all is as before.
func adviseHuge(mem []byte) { _ = syscall.Madvise(mem, syscall.MADV_HUGEPAGE) }
