/// The state of an expansion after a step. The planner publishes it on `hdm.events` under ``routingKey``.
///
/// Receivers may get events late, twice or out of order. They apply an event only if its ``step`` is higher than the
/// last one that they applied.
public struct ExpansionEvent: Codable, Sendable, Equatable {
    /// The value of `schema` in expansion events of this version.
    public static let schema = "hdm.expansion/1"
    /// The key that the event is published under on `hdm.events`.
    public static let routingKey = "planner.expansion.changed"

    /// What an expansion is doing. The last three are final.
    public enum State: String, Codable, Sendable, CaseIterable {
        /// Not started.
        case queued
        /// Its list is being read.
        case expanding
        /// Suspended until a time; the error says why.
        case waiting
        case completed, failed, cancelled

        public var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }
    }

    /// How many entries were read, and what became of them.
    public struct Counts: Codable, Sendable, Equatable {
        public var read: Int
        public var enqueued: Int
        public var alreadyEnqueued: Int
        public var alreadyProcessed: Int
        /// Entries that became no job, by reason.
        public var skipped: [String: Int]

        public init(
            read: Int = 0, enqueued: Int = 0, alreadyEnqueued: Int = 0, alreadyProcessed: Int = 0,
            skipped: [String: Int] = [:]
        ) {
            self.read = read
            self.enqueued = enqueued
            self.alreadyEnqueued = alreadyEnqueued
            self.alreadyProcessed = alreadyProcessed
            self.skipped = skipped
        }

        enum CodingKeys: String, CodingKey {
            case read, enqueued, skipped
            case alreadyEnqueued = "already_enqueued"
            case alreadyProcessed = "already_processed"
        }

        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            read = try fields.decodeWhole(forKey: .read, in: 0...Limits.number)
            enqueued = try fields.decodeWhole(forKey: .enqueued, in: 0...Limits.number)
            alreadyEnqueued = try fields.decodeWhole(forKey: .alreadyEnqueued, in: 0...Limits.number)
            alreadyProcessed = try fields.decodeWhole(forKey: .alreadyProcessed, in: 0...Limits.number)
            skipped = try fields.decodeCounts(forKey: .skipped)
        }
    }

    /// Why the expansion waits, failed or was cut short.
    public struct Problem: Codable, Sendable, Equatable {
        public var code: String
        public var message: String

        public init(code: String, message: String) {
            self.code = code
            self.message = message
        }
    }

    public var expansionID: JobID
    public var batchID: JobID
    /// The link in its canonical form.
    public var link: String
    /// How many steps were committed; never decreases.
    public var step: Int
    public var state: State
    public var counts: Counts
    /// How many entries the list has, if the catalogue says.
    public var total: Int?
    /// When a waiting expansion continues.
    public var until: Timestamp?
    public var error: Problem?
    public var at: Timestamp

    public init(
        expansionID: JobID, batchID: JobID, link: String, step: Int, state: State, counts: Counts, at: Timestamp
    ) {
        self.expansionID = expansionID
        self.batchID = batchID
        self.link = link
        self.step = step
        self.state = state
        self.counts = counts
        self.at = at
    }

    enum CodingKeys: String, CodingKey {
        case schema, link, step, state, counts, total, until, error, at
        case expansionID = "expansion_id"
        case batchID = "batch_id"
    }
}

extension ExpansionEvent {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try fields.requireSchema(Self.schema, forKey: .schema)
        expansionID = try fields.decode(JobID.self, forKey: .expansionID)
        batchID = try fields.decode(JobID.self, forKey: .batchID)
        link = try fields.decode(String.self, forKey: .link)
        step = try fields.decodeWhole(forKey: .step, in: 0...Limits.number)
        state = try fields.decode(State.self, forKey: .state)
        counts = try fields.decode(Counts.self, forKey: .counts)
        total = try fields.decodeWholeIfPresent(forKey: .total, in: 0...Limits.number)
        until = try fields.decodeIfPresent(Timestamp.self, forKey: .until)
        error = try fields.decodeIfPresent(Problem.self, forKey: .error)
        at = try fields.decode(Timestamp.self, forKey: .at)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(Self.schema, forKey: .schema)
        try fields.encode(expansionID, forKey: .expansionID)
        try fields.encode(batchID, forKey: .batchID)
        try fields.encode(link, forKey: .link)
        try fields.encode(step, forKey: .step)
        try fields.encode(state, forKey: .state)
        try fields.encode(counts, forKey: .counts)
        try fields.encodeIfPresent(total, forKey: .total)
        try fields.encodeIfPresent(until, forKey: .until)
        try fields.encodeIfPresent(error, forKey: .error)
        try fields.encode(at, forKey: .at)
    }
}
