import Contracts

/// The dead letters that a request refers to.
struct DeadLetterSelection: Sendable {
    /// The entries to act on.
    var entries: [IndexedDeadLetter] = []
    var skipped: [SkippedDeadLetter] = []
}

extension DeadLetterSelection {
    /// Skips the entries that were requeued or purged before.
    init(_ entries: [IndexedDeadLetter]) {
        for entry in entries {
            if entry.isOpen {
                self.entries.append(entry)
            } else {
                let reason: SkippedDeadLetter.Reason = entry.isRequeued ? .alreadyQueued : .notDeadLetter
                skipped.append(SkippedDeadLetter(id: entry.record.id, reason: reason))
            }
        }
    }
}
