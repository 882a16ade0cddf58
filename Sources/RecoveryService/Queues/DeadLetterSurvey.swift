/// What a pass over the dead-letter queues found.
struct DeadLetterSurvey: Sendable, Equatable {
    /// The queues that were read to their end.
    var complete: Set<String> = []
    /// The number of messages that were removed because the same message is in the queue as well, by queue.
    var copies: [String: Int] = [:]
}
