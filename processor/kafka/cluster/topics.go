package cluster

// ByTopic gathers what belongs to the topics of a list, in the order in which they come up: as requests have them. of
// names an item's topic, begin makes a topic's entry and add adds an item to it.
func ByTopic[I, T any](items []I, of func(I) string, begin func(topic string) T, add func(*T, I)) []T {
	var topics []T
	at := map[string]int{}
	for _, item := range items {
		topic := of(item)
		i, ok := at[topic]
		if !ok {
			i = len(topics)
			at[topic] = i
			topics = append(topics, begin(topic))
		}
		add(&topics[i], item)
	}
	return topics
}
