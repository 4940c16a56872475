package codec

import (
	"fmt"
	"net/url"
	"strings"
)

// checkURL says what is wrong with a base address, and gives it without a password. The error does not quote one
// either.
func checkURL(address string) (string, error) {
	full := address
	if !strings.Contains(full, "://") {
		full = "http://" + full // as the client does
	}
	u, err := url.Parse(full)
	if err != nil {
		return "", fmt.Errorf("a schema registry URL cannot be read: write it like https://registry.example.com:8081")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("schema registry URL %s: write it like https://registry.example.com:8081", u.Redacted())
	}
	if u.User != nil {
		return "", fmt.Errorf("schema registry URL %s: give username and password apart from the URL", u.Redacted())
	}
	return u.Redacted(), nil
}
