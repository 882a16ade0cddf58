/// How much one submission may ask for, and for how long its effects last.
struct IntakeLimits: Sendable, Equatable {
    /// Items of one submission.
    var maxItems = 2000
    /// Entries of one link that are read.
    var expansionItems = 10_000
    /// Bytes of one submission.
    var maxBodyBytes = 2 << 20
    /// How long a finished job answers for its key.
    var processedFor: Duration = .seconds(30 * 86_400)
    /// How long an answer is kept to be given again.
    var answersFor: Duration = .seconds(86_400)
}
