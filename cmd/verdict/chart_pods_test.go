package main

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// object is what one of the chart's renders has of a Kubernetes object, as far as it is looked at here. That its fields
// are Kubernetes's is held by .ci/chart.
type object struct {
	Kind     string
	Metadata struct{ Name string }
	Data     map[string]string // of a ConfigMap
	Spec     struct {
		podSpec  // of a pod
		Template struct{ Spec podSpec }
		Ports    []struct{ Port int } // of a Service
	}
}

type podSpec struct {
	TerminationGracePeriodSeconds int
	Containers                    []container
	Volumes                       []volume
}

type container struct {
	Name         string
	Args         []string
	Env          []variable
	VolumeMounts []struct{ Name, MountPath string }
	Ports        []struct{ ContainerPort int }
	Resources    struct{ Limits struct{ Memory string } }

	StartupProbe, LivenessProbe, ReadinessProbe struct{ HTTPGet struct{ Path string } }
}

type variable struct{ Name, Value string }

type volume struct {
	Name      string
	ConfigMap source
	Projected struct{ Sources []struct{ ConfigMap source } }
	Secret    source
}

// source is where a volume's files come from.
type source struct {
	Name, SecretName string
	Items            []struct{ Key, Path string } // none: each key is a file
}

// chartRenders are the objects of each render that is committed.
func chartRenders(t *testing.T) map[string][]object {
	t.Helper()
	renders := map[string][]object{}
	for _, path := range files(t, "deploy/chart/ci/*.golden.yaml") {
		decoder := yaml.NewDecoder(strings.NewReader(read(t, path)))
		name := strings.TrimSuffix(filepath.Base(path), ".golden.yaml")
		for {
			var whole map[string]any
			err := decoder.Decode(&whole)
			if errors.Is(err, io.EOF) {
				break
			}
			var o object
			if err == nil {
				err = asJSON(whole, &o) // which finds a field whatever its capitals are
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			renders[name] = append(renders[name], o)
		}
	}
	if len(renders) < 3 {
		t.Fatalf("%d renders", len(renders))
	}
	return renders
}

func asJSON(from, to any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}

// pods are the objects that run the program.
func pods(objects []object) map[string]podSpec {
	found := map[string]podSpec{}
	for _, o := range objects {
		switch o.Kind {
		case "Deployment", "Job":
			found[o.Kind+" "+o.Metadata.Name] = o.Spec.Template.Spec
		case "Pod":
			found[o.Kind+" "+o.Metadata.Name] = o.Spec.podSpec
		}
	}
	return found
}

// mountedFiles lays the files of a pod's volumes below a directory, as the kubelet does: what is at the top are links
// through ..data. A Secret has what is listed; a ConfigMap that is not the chart's has nothing.
func mountedFiles(t *testing.T, objects []object, pod *podSpec) (below string) {
	t.Helper()
	below = t.TempDir()
	for _, mount := range pod.Containers[0].VolumeMounts {
		at := slices.IndexFunc(pod.Volumes, func(v volume) bool { return v.Name == mount.Name })
		if at < 0 {
			t.Fatalf("%s is mounted, and there is no such volume", mount.Name)
		}
		v := pod.Volumes[at]
		contents := filesOf(objects, v.ConfigMap)
		for _, item := range v.Secret.Items {
			contents[item.Path] = anAuthority(t)
		}
		for _, s := range v.Projected.Sources {
			maps.Copy(contents, filesOf(objects, s.ConfigMap))
		}
		dir := filepath.Join(below, mount.MountPath)
		must(t, os.MkdirAll(filepath.Join(dir, "..now"), 0o700), os.Symlink("..now", filepath.Join(dir, "..data")))
		for path, text := range contents {
			file := filepath.Join(dir, "..now", path)
			must(t, os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600))
			top, _, _ := strings.Cut(path, "/")
			if err := os.Symlink(filepath.Join("..data", top), filepath.Join(dir, top)); !errors.Is(err, os.ErrExist) {
				must(t, err)
			}
		}
	}
	return below
}

// filesOf is what a volume takes of a ConfigMap of the chart, by path.
func filesOf(objects []object, from source) map[string]string {
	contents := map[string]string{}
	for _, o := range objects {
		if o.Kind != "ConfigMap" || o.Metadata.Name != from.Name {
			continue
		}
		if from.Items == nil {
			maps.Copy(contents, o.Data)
		}
		for _, item := range from.Items {
			contents[item.Path] = o.Data[item.Key]
		}
	}
	return contents
}

// anAuthority is a certificate, which will do for a password too.
func anAuthority(t *testing.T) string {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}
