package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// refuse has the brokers refuse settings of this name, as Kafka does: with all others of the request for that topic.
func (s *topicStage) refuse(name string) {
	c := s.cluster.Kafka
	c.ControlKey(int16(kmsg.IncrementalAlterConfigs), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		res := kreq.ResponseKind().(*kmsg.IncrementalAlterConfigsResponse)
		refused := false
		for _, asked := range kreq.(*kmsg.IncrementalAlterConfigsRequest).Resources {
			r := kmsg.NewIncrementalAlterConfigsResponseResource()
			r.ResourceType, r.ResourceName = asked.ResourceType, asked.ResourceName
			for _, config := range asked.Configs {
				if config.Name == name {
					refused, r.ErrorCode = true, kerr.InvalidConfig.Code
					r.ErrorMessage = kmsg.StringPtr("Unknown topic config name: " + name)
				}
			}
			res.Resources = append(res.Resources, r)
		}
		return res, nil, refused
	})
}

// What the brokers would refuse is no part of the plan, and is told in it with what to do. It does not hold up what
// they would do.
func TestAPlanHasNoSettingThatIsNone(t *testing.T) {
	s := newTopicStage(t)
	s.topics(exitOK, "--create")
	s.set("idv.raw.v1", "retention.ms", "1000")
	s.refuse("retention.hours")
	own := []string{"--set", "topics.settings=idv.raw.v1:retention.hours=720"}
	const refusal = "FAILED   idv.raw.v1: retention.hours=720: IncrementalAlterConfigs, topic idv.raw.v1: error 40 " +
		"Invalid Configuration (Unknown topic config name: retention.hours)\n" +
		"         cure: correct the topic's settings in topics.settings\n"
	const change = " idv.raw.v1\n    retention.ms  2592000000 (30 days)  was 1000\n" + refusal
	out, _ := s.topics(exitFailure, append(own, "--plan")...)
	if out != "change"+change+"1 topic refused, wholly or in part\n" {
		t.Errorf("%s", out)
	}
	out, _ = s.topics(exitFailure, append(own, "--apply")...)
	if out != "changed"+change {
		t.Errorf("%s", out)
	}
	out, _ = s.topics(exitFailure, append(own, "--plan")...)
	if out != refusal+"1 topic refused, wholly or in part\n" {
		t.Errorf("%s", out)
	}
	if out, _ = s.topics(exitFailure, append(own, "--plan", "--format", "json")...); !strings.Contains(out,
		`"result": "refused"`) {
		t.Errorf("%s", out)
	}
}

// A topic that could not be made, or could not be written to, is not planned; nor is the state of it.
func TestAPlanHasNoTopicThatCannotBe(t *testing.T) {
	s := newTopicStage(t)
	const writable = "nothing could be written to it: min.insync.replicas is to be 2, but a partition would have 1 replica"
	for want, args := range map[string][]string{
		writable: {"--set", "topics.settings=*:min.insync.replicas=2"},
		"CreateTopics, topic idv.raw.v1: error 38 Invalid Replication Factor": {"--replication-factor", "3"},
	} {
		for _, do := range []string{"--plan", "--apply", "--create"} {
			out, _ := s.topics(exitFailure, append(args, do)...)
			if !strings.HasPrefix(out, "FAILED   idv.raw.v1: "+want+"\n") || strings.Count(out, "cure: ") != 1 ||
				!strings.Contains(out, "FAILED   verdict-state.idv.raw.v1: it goes by its raw topic idv.raw.v1, which "+
					"cannot be created: see there\n") {
				t.Errorf("%s: %s", do, out)
			}
		}
	}
	if s.cluster.Kafka.TopicInfo("idv.raw.v1") != nil {
		t.Error("it was created")
	}
}

// The state follows its raw topic: where that one's settings could not be changed, the state's stay.
func TestTheStateWaitsForItsRawTopic(t *testing.T) {
	s := newTopicStage(t)
	s.topics(exitOK, "--create")
	s.refuseOnce("idv.raw.v1")
	out, _ := s.topics(exitFailure, "--apply", "--set", "topics.settings=idv.raw.v1:retention.ms=31536000000")
	if !strings.Contains(out, "FAILED   verdict-state.idv.raw.v1: it goes by the settings of idv.raw.v1, which were not "+
		"changed: see there") {
		t.Errorf("%s", out)
	}
	if got := s.setting("verdict-state.idv.raw.v1", "retention.ms"); got != "5184000000" {
		t.Errorf("the state keeps %s", got)
	}
}

// refuseOnce has a topic's settings refused when they are to be changed, though not when that is only asked.
func (s *topicStage) refuseOnce(topic string) {
	c := s.cluster.Kafka
	c.ControlKey(int16(kmsg.IncrementalAlterConfigs), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.IncrementalAlterConfigsRequest)
		if req.ValidateOnly || req.Resources[0].ResourceName != topic {
			return nil, nil, false
		}
		res := kreq.ResponseKind().(*kmsg.IncrementalAlterConfigsResponse)
		r := kmsg.NewIncrementalAlterConfigsResponseResource()
		r.ResourceType, r.ResourceName, r.ErrorCode = kmsg.ConfigResourceTypeTopic, topic, kerr.PolicyViolation.Code
		res.Resources = append(res.Resources, r)
		return res, nil, true
	})
}

// A topic that somebody else makes between plan and apply gets the settings that it needs, and its state follows it.
func TestATopicThatIsMadeMeanwhile(t *testing.T) {
	s := newTopicStage(t)
	c := s.cluster.Kafka
	made := false
	c.ControlKey(int16(kmsg.CreateTopics), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.CreateTopicsRequest)
		raw := slices.ContainsFunc(req.Topics, func(t kmsg.CreateTopicsRequestTopic) bool { return t.Topic == "idv.raw.v1" })
		if made || req.ValidateOnly || !raw {
			return nil, nil, false
		}
		made = true
		res := kreq.ResponseKind().(*kmsg.CreateTopicsResponse)
		r := kmsg.NewCreateTopicsResponseTopic()
		r.Topic, r.ErrorCode = "idv.raw.v1", kerr.TopicAlreadyExists.Code
		res.Topics = append(res.Topics, r)
		c.SleepControl(func() {
			if err := c.CreateTopic("idv.raw.v1", 5, map[string]string{"retention.ms": "1000"}); err != nil {
				t.Error(err)
			}
		})
		return res, nil, true
	})
	out, _ := s.topics(exitOK, "--apply")
	if !strings.Contains(out, "changed idv.raw.v1\n    retention.ms  2592000000 (30 days)  was 1000\n") {
		t.Errorf("%s", out)
	}
	if n := len(c.PartitionInfos("verdict-state.idv.raw.v1")); n != 5 {
		t.Errorf("the state has %d partitions", n)
	}
	if out, _ = s.topics(exitOK, "--plan"); out != nothingToDo {
		t.Errorf("%s", out)
	}
}
