//go:build !linux

package state

func adviseHuge([]byte) {}
