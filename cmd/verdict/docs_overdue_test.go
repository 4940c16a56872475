package main

import "testing"

const examplePending = `{"event_id":"01J2FSY1G6Z4R0T2M8D5K3B7QX","provider":"yousign","product":"video",` +
	`"verification_id":"5d3c8a40-1a7e-4d8e-9a55-0c9a9f0f6b11","subject_ref":"cust-700412","status":"pending",` +
	`"occurred_at":"2026-11-21T09:59:58.5Z"}`

// exampleNotice is what is published once nothing has followed a pending verification in time.
func exampleNotice(t *testing.T) string {
	t.Helper()
	told := newTeller(t)
	m := told.tell(examplePending).Memory
	if err := told.processor.Overdue(&told.record, &m, told.processor.Deadline(&m), &told.result); err != nil {
		t.Fatal(err)
	}
	return exampleRecord(t, &told.result.Outputs[0])
}
