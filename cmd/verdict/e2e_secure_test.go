package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// secure is how to log in to the broker's other port, as the user "verdict".
func (r *realParts) secure(mechanism string) []string {
	r.t.Helper()
	address, ca := os.Getenv("VERDICT_TEST_KAFKA_SECURE"), os.Getenv("VERDICT_TEST_KAFKA_CA")
	if address == "" || ca == "" {
		r.t.Skip("needs a Kafka port with TLS and SCRAM in VERDICT_TEST_KAFKA_SECURE, and VERDICT_TEST_KAFKA_CA, _PASSWORD and _BIN: run `make e2e`")
	}
	password := filepath.Join(r.t.TempDir(), "password")
	writeFile(r.t, password, []byte(os.Getenv("VERDICT_TEST_KAFKA_PASSWORD")+"\n"))
	return []string{
		"VERDICT_KAFKA_BROKERS=" + address, "VERDICT_KAFKA_TLS_ENABLED=true", "VERDICT_KAFKA_TLS_CA_FILE=" + ca,
		"VERDICT_KAFKA_SASL_MECHANISM=" + mechanism, "VERDICT_KAFKA_SASL_USERNAME=verdict",
		"VERDICT_KAFKA_SASL_PASSWORD_FILE=" + password,
	}
}

// acls runs a command of the broker's tools with the super user's rights.
func (r *realParts) acls(name string, args ...string) {
	r.t.Helper()
	command := exec.Command(name, append([]string{"--bootstrap-server", r.brokers}, args...)...)
	command.Env = append(os.Environ(),
		"KAFKA_ACLS="+filepath.Join(os.Getenv("VERDICT_TEST_KAFKA_BIN"),
			"kafka-acls"), "GROUP="+r.group(), "RAW="+r.prefix+"raw",
		"CATALOG="+r.prefix+"catalog",
		"OUTPUTS="+strings.Join([]string{r.prefix + "decisions", r.prefix + "verifications", r.prefix + "billing",
			r.prefix + "risk", r.prefix + "overdue", r.prefix + "deadletter"}, " "))
	if out, err := command.CombinedOutput(); err != nil {
		r.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// check --connect, as this user.
func (r *realParts) checkConnect(settings []string) (string, error) {
	command := exec.Command(r.binary, "check", "--connect")
	command.Env = r.environment(settings...)
	out, err := command.CombinedOutput()
	return string(out), err
}

// A user who has what deploy/acls.sh gives, over TLS and with SCRAM, can do all that Verdict does. Without one of these
// rights, `check --connect` and `run` say which one is missing, and nobody says the password.
func realLeastPrivilege(r *realParts) {
	t := r.t
	settings := r.secure("SCRAM-SHA-512")
	lines := r.generate(2_000, 6)
	r.kcat(lines)

	refused := r.start("without", settings...)
	if code := refused.exitCode(time.Minute); code != 1 {
		t.Errorf("exit code %d without any right, want 1", code)
	}
	if text := refused.output(); !strings.Contains(text, "grant") || !strings.Contains(text, r.group()) {
		t.Errorf("the log does not say which right is missing on what:\n%s", text)
	}

	r.acls("../../deploy/acls.sh")
	if out, err := r.checkConnect(settings); err != nil || strings.Contains(out, "not readable") {
		t.Errorf("check --connect with all rights: %v\n%s", err, out)
	}
	i := r.start("with", settings...)
	r.awaitAll(time.Minute, i)
	i.stop()
	found := r.checkAgainstDecide(lines)
	found.require(t, noneLostNoneTwice)
	r.publishCatalog(nil, "--create") // as the super user
	if said := r.publishCatalog(append(settings, "VERDICT_OUTPUT_FORMAT=json")); !strings.Contains(said, " 0 unchanged") {
		t.Errorf("with all rights, in another format: %s", said)
	}

	kafkaACLs := filepath.Join(os.Getenv("VERDICT_TEST_KAFKA_BIN"), "kafka-acls")
	r.acls(kafkaACLs, "--remove", "--force", "--allow-principal", "User:verdict", "--operation", "Write",
		"--transactional-id", r.group()+"-", "--resource-pattern-type", "prefixed")
	out, err := r.checkConnect(settings)
	if err == nil || !strings.Contains(out, "transactional") {
		t.Errorf("check --connect without the right to transactions: %v\n%s", err, out)
	}
	missing := r.start("no-transactions", settings...)
	if code := missing.exitCode(time.Minute); code != 1 {
		t.Errorf("exit code %d without the right to transactions, want 1", code)
	}
	if text := missing.output(); !strings.Contains(text, "transactional") {
		t.Errorf("the log does not name the transactional id:\n%s", text)
	}
	r.acls(kafkaACLs, "--remove", "--force", "--allow-principal", "User:verdict", "--operation", "Read",
		"--topic", r.group()+"-state.", "--resource-pattern-type", "prefixed")
	r.acls(kafkaACLs, "--remove", "--force", "--allow-principal", "User:verdict", "--operation", "DescribeConfigs",
		"--topic", r.prefix+"raw")
	out, err = r.checkConnect(settings)
	if err == nil || !strings.Contains(out, r.group()+"-state."+r.prefix+"raw") {
		t.Errorf("check --connect without the right to read the state: %v\n%s", err, out)
	}
	if !strings.Contains(out, "warn    settings of "+r.prefix+"raw: not readable (DESCRIBE_CONFIGS is not granted)") {
		t.Errorf("check --connect without the right to see the raw topic's settings:\n%s", out)
	}
	password := os.Getenv("VERDICT_TEST_KAFKA_PASSWORD")
	for _, text := range []string{out, i.output(), missing.output(), refused.output()} {
		if strings.Contains(text, password) {
			t.Error("the password was printed")
		}
	}
}

// A wrong password and a plain connection to a port with TLS end with a message, not in a loop.
func realCannotLogIn(r *realParts) {
	t := r.t
	settings := append(r.secure("SCRAM-SHA-256"), "VERDICT_KAFKA_SASL_PASSWORD_FILE=",
		"VERDICT_KAFKA_SASL_PASSWORD=not-the-password")
	out, err := r.checkConnect(settings)
	if err == nil || !strings.Contains(out, "SASL") && !strings.Contains(out, "password") {
		t.Errorf("check --connect with a wrong password: %v\n%s", err, out)
	}
	if strings.Contains(out, "not-the-password") {
		t.Errorf("the password was printed:\n%s", out)
	}
}
