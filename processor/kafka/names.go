package kafka

import (
	"fmt"
	"strconv"
	"strings"
)

// names are how instances and units are known to brokers and to each other.
type names struct{ group, instance string }

// transactionalID names a unit for ever: a unit with the same name fences this one.
func (n names) transactionalID(unit int) string {
	return fmt.Sprintf("%s-%s-%d", n.group, n.instance, unit)
}

// ours says whether a transactional id is one of this group's.
func (n names) ours(transactionalID string) bool {
	return strings.HasPrefix(transactionalID, n.group+"-")
}

// instanceOf takes a transactional id of this group apart.
func (n names) instanceOf(transactionalID string) string {
	id := strings.TrimPrefix(transactionalID, n.group+"-")
	if i := strings.LastIndexByte(id, '-'); i >= 0 {
		if _, err := strconv.Atoi(id[i+1:]); err == nil {
			return id[:i]
		}
	}
	return id
}
