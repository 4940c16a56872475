package cluster

import (
	"errors"
	"io"
	"strings"
	"syscall"
)

// Advice says what to look at when no broker gives an answer that could be understood.
func (c Connection) Advice(err error) string {
	cut := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE)
	const cutText = "the listener takes the connection and cuts it: "
	login := "set kafka.sasl.mechanism, kafka.sasl.username and the password, if it is one with logins"
	tls := "kafka.tls.enabled, if it is one with TLS"
	switch {
	case cut && c.TLS == nil && strings.Contains(err.Error(), "expecting TLS"): // kafka-go knows a TLS alert
		const tlsFirst = "the listener seems to be one with TLS: set kafka.tls.enabled"
		if c.SASL == nil {
			return tlsFirst + "; " + login
		}
		return tlsFirst
	case cut && c.SASL == nil && c.TLS == nil:
		return cutText + login + "; set " + tls
	case cut && c.SASL == nil:
		return cutText + login + "; leave out kafka.tls.enabled, if it is a plain one"
	case cut && c.TLS == nil:
		return cutText + "set " + tls
	default:
		return "check the addresses, that the brokers are up and can be reached from here, and that TLS " +
			"(kafka.tls.enabled) and login (kafka.sasl.mechanism) are set as their listener has it"
	}
}
