package rules

import (
	"math/rand/v2"
	"testing"

	"go.yaml.in/yaml/v3"
)

// SplitOverlays are files of overlays as a catalog that is split at random has them.
func SplitOverlays(t *testing.T) (files [][]byte) {
	for seed := range uint64(4) {
		chance := rand.New(rand.NewPCG(seed, 14))
		for _, s := range sheetsOf(t) {
			for _, part := range splitInFiles(chance, s) {
				content, err := yaml.Marshal(part)
				if err != nil {
					t.Fatal(err)
				}
				files = append(files, content)
			}
		}
	}
	return files
}
