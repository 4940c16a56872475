//go:build unix

package faults

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// setTopic changes one setting of a topic; "" gives the broker's own back.
func (c *cluster) setTopic(ctx context.Context, topic, name, value string) error {
	config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	config.Name, config.Value = name, kmsg.StringPtr(value)
	if value == "" {
		config.Op, config.Value = kmsg.IncrementalAlterConfigOpDelete, nil
	}
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, topic
	resource.Configs = append(resource.Configs, config)
	req := kmsg.NewPtrIncrementalAlterConfigsRequest()
	req.Resources = append(req.Resources, resource)
	res, err := req.RequestWith(ctx, c.admin)
	if err == nil {
		err = kerr.ErrorForCode(res.Resources[0].ErrorCode)
	}
	if err != nil {
		return fmt.Errorf("setting %s of %s: %w", name, topic, err)
	}
	return nil
}

// throttle bounds the bytes per second that brokers take from a client and give to it; 0 lifts the bound.
func (c *cluster) throttle(ctx context.Context, clientID string, bytesPerSecond float64) error {
	entry := kmsg.NewAlterClientQuotasRequestEntry()
	entity := kmsg.NewAlterClientQuotasRequestEntryEntity()
	entity.Type, entity.Name = "client-id", kmsg.StringPtr(clientID)
	entry.Entity = append(entry.Entity, entity)
	for _, key := range []string{"producer_byte_rate", "consumer_byte_rate"} {
		op := kmsg.NewAlterClientQuotasRequestEntryOp()
		op.Key, op.Value, op.Remove = key, bytesPerSecond, bytesPerSecond == 0
		entry.Ops = append(entry.Ops, op)
	}
	req := kmsg.NewPtrAlterClientQuotasRequest()
	req.Entries = append(req.Entries, entry)
	res, err := req.RequestWith(ctx, c.admin)
	if err == nil {
		err = kerr.ErrorForCode(res.Entries[0].ErrorCode)
	}
	return err
}

// deleteRecords removes what is before an offset.
func (c *cluster) deleteRecords(ctx context.Context, topic string, partition int32, before int64) error {
	p := kmsg.NewDeleteRecordsRequestTopicPartition()
	p.Partition, p.Offset = partition, before
	t := kmsg.NewDeleteRecordsRequestTopic()
	t.Topic, t.Partitions = topic, append(t.Partitions, p)
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.Topics = append(req.Topics, t)
	res, err := req.RequestWith(ctx, c.admin)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].Partitions[0].ErrorCode)
	}
	return err
}

// deleteTopic removes a topic and waits until nobody knows it.
func (c *cluster) deleteTopic(ctx context.Context, topic string) error {
	t := kmsg.NewDeleteTopicsRequestTopic()
	t.Topic = kmsg.StringPtr(topic)
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.Topics, req.TopicNames, req.TimeoutMillis = append(req.Topics, t), []string{topic}, 30_000
	res, err := req.RequestWith(ctx, c.admin)
	if err == nil {
		err = kerr.ErrorForCode(res.Topics[0].ErrorCode)
	}
	if err != nil {
		return fmt.Errorf("deleting %s: %w", topic, err)
	}
	return poll(ctx, 30*time.Second, "the end of "+topic, func() error {
		l, err := askLayout(ctx, c.admin)
		if err == nil && l.topics[topic] != nil {
			err = errors.New("it is still there")
		}
		return err
	})
}

// grant is one right of the user that instances log in as.
type grant struct {
	kind      kmsg.ACLResourceType
	name      string
	prefixed  bool
	operation kmsg.ACLOperation
}

func (g grant) pattern() kmsg.ACLResourcePatternType {
	if g.prefixed {
		return kmsg.ACLResourcePatternTypePrefixed
	}
	return kmsg.ACLResourcePatternTypeLiteral
}

func (c *cluster) allow(ctx context.Context, user string, grants ...grant) error {
	req := kmsg.NewPtrCreateACLsRequest()
	for _, g := range grants {
		req.Creations = append(req.Creations, kmsg.CreateACLsRequestCreation{ResourceType: g.kind, ResourceName: g.name,
			ResourcePatternType: g.pattern(), Principal: user, Host: "*", Operation: g.operation,
			PermissionType: kmsg.ACLPermissionTypeAllow})
	}
	res, err := req.RequestWith(ctx, c.admin)
	if err != nil {
		return err
	}
	for _, r := range res.Results {
		err = errors.Join(err, kerr.ErrorForCode(r.ErrorCode))
	}
	return err
}

func (c *cluster) deny(ctx context.Context, user string, g grant) error {
	req := kmsg.NewPtrDeleteACLsRequest()
	req.Filters = append(req.Filters, kmsg.DeleteACLsRequestFilter{ResourceType: g.kind, ResourceName: &g.name,
		ResourcePatternType: g.pattern(), Principal: &user, Host: kmsg.StringPtr("*"), Operation: g.operation,
		PermissionType: kmsg.ACLPermissionTypeAllow})
	res, err := req.RequestWith(ctx, c.admin)
	if err != nil {
		return err
	}
	if err := kerr.ErrorForCode(res.Results[0].ErrorCode); err != nil {
		return err
	}
	if n := len(res.Results[0].MatchingACLs); n != 1 {
		return fmt.Errorf("%d rights were taken back instead of one", n)
	}
	return nil
}

// awaitEnd waits until the program ends by itself with this exit code, having said each text in the end of its log.
func (i *instance) awaitEnd(ctx context.Context, limit time.Duration, code int, texts ...string) error {
	err := poll(ctx, limit, i.label()+" ending by itself", func() error {
		if i.running() {
			return fmt.Errorf("it runs, and says of its readiness: %w", i.readiness(ctx))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%w; its log: %s", err, lastLines(i.logFile))
	}
	if i.exitCode() != code {
		return fmt.Errorf("%s ended with exit code %d instead of %d; its log: %s", i.label(), i.exitCode(), code,
			lastLines(i.logFile))
	}
	return i.said(texts...)
}

// said looks for texts in the end of the instance's log.
func (i *instance) said(texts ...string) error {
	for _, text := range texts {
		if lines := lastLines(i.logFile); !strings.Contains(lines, text) {
			return fmt.Errorf("%s did not say %q; its log: %s", i.label(), text, lines)
		}
	}
	return nil
}

// awaitUnready waits until readiness says no, and why.
func (i *instance) awaitUnready(ctx context.Context, limit time.Duration, why ...string) error {
	return poll(ctx, limit, i.label()+" not ready", func() error {
		if !i.running() {
			return fmt.Errorf("it ended with exit code %d; its log: %s", i.exitCode(), lastLines(i.logFile))
		}
		err := i.readiness(ctx)
		if err == nil {
			return errors.New("it says that it is ready")
		}
		for _, text := range why {
			if !strings.Contains(err.Error(), text) {
				return fmt.Errorf("it does not say %q but: %w", text, err)
			}
		}
		return nil
	})
}

// fill takes all the room that is left on a file system.
func fill(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	for block := make([]byte, 64<<10); len(block) > 0; {
		if _, err := f.Write(block); err != nil {
			block = block[:len(block)/2] // down to the last byte
		}
	}
	return nil
}

// notInShort leaves a scenario out of the short form, which has to be short.
func notInShort(t testing.TB) {
	t.Helper()
	if !*allFlag && flag.Lookup("test.run").Value.String() == "" {
		t.Skip("not in the short form: ask for it with -faults.all or -run")
	}
}

func lastLine(file string) string {
	lines := strings.Split(strings.TrimSpace(lastLines(file)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
