package scan

import (
	"context"
	"slices"
	"sync"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
)

// unknown is an offset that is not known yet.
const unknown = -1

// partition is a range being read.
type partition struct {
	of    Range
	index int       // among the ranges
	at    Partition // what is told of it
	over  bool      // nothing more of it is read

	next     int64 // what the next fetch is to begin with: behind what has been fetched already
	served   int   // the loop's answer that last brought a batch of it
	locating bool
	lost     bool // the log does not have its position: its edges are looked up again

	standing
}

// leader is what a loop remembers of a broker.
type leader struct {
	busy  bool // a fetch to it is under way
	alone bool // its last answer was about one partition asked for alone
}

// loop reads its partitions, one answer of a broker after the other. Nothing of it is used by another goroutine.
type loop struct {
	client     *cluster.Client
	opts       *Options
	each       func(*processor.Record) error
	board      *board
	partitions []*partition

	layout    cluster.Layout
	layoutErr error     // why the last look brought no layout
	written   time.Time // when the board last was

	leaders map[int32]leader // by broker
	answers chan answer
	located chan located
	asking  sync.WaitGroup
	served  int // answers processed

	record   processor.Record
	inflated []byte // memory for a decompressed batch
}

func newLoop(client *cluster.Client, opts *Options, b *board, each func(*processor.Record) error) *loop {
	return &loop{client: client, opts: opts, board: b, each: each,
		leaders: map[int32]leader{}, answers: make(chan answer), located: make(chan located)}
}

func (l *loop) add(r Range, index int) {
	l.partitions = append(l.partitions, &partition{of: r, index: index, at: unread(&r), next: unknown})
}

// over says that nothing is left to read.
func (l *loop) over() bool {
	return !slices.ContainsFunc(l.partitions, func(p *partition) bool { return !p.over })
}

// run reads until all partitions are over; an error ends it before.
func (l *loop) run(ctx context.Context) error {
	defer func() { l.board.write(l.partitions) }()
	ctx, cancel := context.WithCancel(ctx)
	defer l.asking.Wait()
	defer cancel()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		wait, err := l.ask(ctx)
		if err != nil || l.over() {
			return err
		}
		timer.Reset(min(wait, l.opts.ProgressEvery))
		select {
		case a := <-l.answers:
			err = l.take(ctx, a)
		case e := <-l.located:
			err = l.place(e)
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		l.tell()
	}
}

// tell writes to the board now and then.
func (l *loop) tell() {
	if now := time.Now(); now.Sub(l.written) >= l.opts.ProgressEvery {
		l.written = now
		l.board.write(l.partitions)
	}
}

// ask sends each leader what it can be asked for now, and says how long to wait for anything to happen.
func (l *loop) ask(ctx context.Context) (time.Duration, error) {
	if err := l.refresh(ctx); err != nil {
		return 0, err
	}
	now, wait := time.Now(), time.Second // leaders move
	reads, edges := map[int32][]*partition{}, map[int32][]*partition{}
	for _, p := range l.partitions {
		if p.over {
			continue
		}
		leader := l.layout.Leader(p.of.Topic, p.of.Partition)
		switch {
		case now.Before(p.pausedUntil):
		case leader < 0:
			if err := l.lacksLeader(p); err != nil {
				return 0, err
			}
		case p.at.Position == unknown || p.lost:
			if !p.locating {
				edges[leader] = append(edges[leader], p)
			}
		case !l.leaders[leader].busy && p.next < p.at.End:
			reads[leader] = append(reads[leader], p)
		}
		if pause := p.pausedUntil.Sub(now); pause > 0 {
			wait = min(wait, pause)
		}
	}
	for leader, list := range edges {
		l.locate(ctx, leader, list)
	}
	for leader, list := range reads {
		l.fetch(ctx, leader, list)
	}
	return wait, nil
}

// refresh looks once in a while which broker leads what. The client keeps what it knows for two seconds at most.
func (l *loop) refresh(ctx context.Context) error {
	if time.Since(l.layout.ReadAt) < time.Second {
		return nil
	}
	layout, err := l.client.Layout(ctx)
	if err == nil {
		l.layout = layout
	}
	l.layout.ReadAt, l.layoutErr = time.Now(), err
	if ctx.Err() == nil && cluster.Classify(l.layoutErr) == cluster.ClassFatal {
		return l.refusedAll(l.layoutErr)
	}
	return nil
}

// refusedAll is for an error that concerns all partitions.
func (l *loop) refusedAll(err error) error {
	for _, p := range l.partitions {
		if err := l.fail(p, refused(&p.of, p.at.Position, err)); err != nil {
			return err
		}
	}
	return nil
}

// finish is for a partition that has been read to its end.
func (l *loop) finish(p *partition) {
	p.moved()
	p.over = true
	if l.opts.Done != nil {
		l.opts.Done(p.at)
	}
}

// fail gives a partition up; the problem comes back if it ends the scan.
func (l *loop) fail(p *partition, why *Problem) error {
	if p.over {
		return nil
	}
	p.at.Err = why
	l.finish(p)
	if l.opts.KeepGoing {
		return nil
	}
	return why
}
