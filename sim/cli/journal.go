package cli

import (
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/shell"
)

// shellState is what the terminal itself remembers between two lines.
type shellState struct {
	host  shell.Saved
	inner *innerState
}

func (s *Session) shellState() shellState {
	out := shellState{host: s.host.Save()}
	if s.inner != nil {
		out.inner = s.inner.save()
	}
	return out
}

// Journal is all that was typed, from the first; with entries after the present
// moment if the session was taken back.
func (s *Session) Journal() []Entry { return s.journal }

// At is the present moment: the number of journal entries that have happened.
func (s *Session) At() int { return s.at }

// Goto takes everything to the moment after the first n entries, 0 being before
// the first. What was typed later stays in the journal until something else is
// typed.
func (s *Session) Goto(n int) {
	n = min(max(n, 0), len(s.journal))
	if len(s.journal) == 0 {
		return
	}
	state, sh := s.journal[0].Before, s.journal[0].before
	if n > 0 {
		state, sh = s.journal[n-1].After, s.journal[n-1].after
	}
	s.restore(state, sh)
	s.at = n
}

// restore takes the engine and the terminal to a moment.
func (s *Session) restore(state engine.State, sh shellState) {
	s.e.Restore(state)
	s.host.Restore(sh.host)
	s.host.Process().FS = s.e.Host().Root()
	s.inner = nil
	if sh.inner != nil {
		s.inner = s.reopen(sh.inner)
	}
}

// Back goes n entries back.
func (s *Session) Back(n int) { s.Goto(s.at - n) }

// Forward goes n entries forward again.
func (s *Session) Forward(n int) { s.Goto(s.at + n) }
