/// What one pass over the dead-letter queues found.
struct DeadLetterSnapshot: Sendable {
    var records: [DeadLetterRecord] = []
    /// The queues that were read to their end.
    var completeQueues: Set<String> = []
}
