package kafka_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor/kafka/cluster"

	saslplain "github.com/twmb/franz-go/pkg/sasl/plain"

	"verdict/processor/kafka"
)

// certificate makes one for 127.0.0.1 and what trusts it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
		&tls.Config{RootCAs: pool}
}

func TestLogin(t *testing.T) {
	server, client := certificate(t)
	c := newCluster(t, kfake.TLS(server), kfake.EnableSASL(), kfake.Superuser("PLAIN", "test", "test"),
		kfake.Superuser("PLAIN", "p", "secret-1"), kfake.Superuser("SCRAM-SHA-256", "s256", "secret-2"),
		kfake.Superuser("SCRAM-SHA-512", "s512", "secret-3"))
	login := []kgo.Opt{kgo.DialTLSConfig(client), kgo.SASL(saslplain.Auth{User: "test", Pass: "test"}.AsMechanism())}
	p := producer(t, c.ListenAddrs(), login...)
	for i, sasl := range []cluster.SASL{
		{Mechanism: "PLAIN", Username: "p", Password: "secret-1"},
		{Mechanism: "SCRAM-SHA-256", Username: "s256", Password: "secret-2"},
		{Mechanism: "SCRAM-SHA-512", Username: "s512", Password: "secret-3"},
	} {
		t.Run(sasl.Mechanism, func(t *testing.T) {
			cfg := config(c.ListenAddrs())
			cfg.TLS, cfg.SASL = client, &sasl
			for _, f := range kafka.Check(t.Context(), cfg) {
				if !f.OK {
					t.Errorf("%+v", f)
				}
			}
			r := start(t, cfg)
			produce(t, p, events(100*i, 100)...)
			eventually(t, "all are decided", func() bool { return r.value("verdict_events_total") == 100 })
		})
	}
	t.Run("wrong password", func(t *testing.T) {
		cfg := config(c.ListenAddrs())
		cfg.TLS, cfg.SASL = client, &cluster.SASL{Mechanism: "PLAIN", Username: "p", Password: "not-this-one"}
		r := start(t, cfg)
		select {
		case err := <-r.ended:
			r.ended <- err
			if err == nil || !strings.Contains(err.Error(), "check user name, password and mechanism") ||
				strings.Contains(err.Error(), "not-this-one") {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the runner goes on")
		}
	})
}

func TestSecretsAreNotPrinted(t *testing.T) {
	cfg := cluster.Connection{SASL: &cluster.SASL{Mechanism: "PLAIN", Username: "u", Password: "secret"}}
	for _, text := range []string{fmt.Sprint(cfg.SASL), fmt.Sprintf("%+v %#v %v", *cfg.SASL, *cfg.SASL, cfg.SASL)} {
		if strings.Contains(text, "secret") {
			t.Error(text)
		}
	}
}
