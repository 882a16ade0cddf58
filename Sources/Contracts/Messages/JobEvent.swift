public import Foundation

/// An event of a job. It is published on `hdm.events` under ``routingKey``.
///
/// Receivers may get events late, twice or out of order. ``sequence`` grows with every step of a job. An event with a
/// smaller sequence than the last one is added to the history and does not change the state.
///
/// An event can carry parts of the job document, ``sections`` and ``document``. They are bytes: they leave and arrive as
/// they stand in the document, whatever they contain. ``init(_:)`` and ``encoded()`` preserve them, and so does
/// ``ContractCoding``. Other coders preserve their meaning as far as ``JSONValue`` does.
public struct JobEvent: Sendable, Equatable {
    /// The value of `schema` in events of this version.
    public static let schema = "hdm.event/1"
    /// The maximum size of an event, in bytes.
    public static let largestBody = 2 << 20
    /// The maximum size of a section in an event, in bytes. Larger ones are left out and named.
    public static let largestSection = 256 << 10

    /// The last word of an event's name.
    public enum Name: String, Codable, Sendable, CaseIterable {
        case enqueued, started, completed, retry, waiting, review, duplicate, cancelled
        case deadLettered = "dead_lettered"
        case requeued, purged
        /// An entry of the job's history that does not change its state.
        case step
    }

    public var schema = JobEvent.schema
    /// The id. It is derived from the job and the step, so that a repeated event has the same id.
    public var eventID: String
    /// `job.<stage>.<name>`, for example `job.move.completed`.
    public var event: String
    public var jobID: JobID
    public var batchID: String?
    public var kind: JobKind
    public var stage: Stage
    /// The state of the job after the event.
    public var state: JobState
    public var sequence: Int
    public var attempt: Int
    public var at: Timestamp
    /// The process that published the event.
    public var worker: String
    public var dedupeKey: String
    public var artist: String
    public var title: String
    /// The time at which a waiting or retried job continues.
    public var notBefore: Timestamp?
    /// The reason of a failure or of a snooze.
    public var code: ErrorCode?
    public var message: String?
    /// The data of the event: the library path, the score, bytes; also ``wait``, ``began`` and ``omittedSections``, but
    /// neither ``sections`` nor ``document``.
    public var data: [String: JSONValue]?
    /// The sections that the stage has written, as JSON: `data.sections`. The gateway restarts a job with them.
    ///
    /// A section above ``largestSection`` is left out when the event is encoded, and so are the largest of those that do
    /// not fit into the event together. ``omittedSections`` names them.
    public var sections: [JobSection: Data] = [:]
    /// The document with which the job arrived, as JSON: `data.document`. The first event of a job that another service
    /// published to the stages carries it.
    public var document: Data?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case schema, event, kind, stage, state, sequence, attempt, at, worker, artist, title, code, message, data
        case eventID = "event_id"
        case jobID = "job_id"
        case batchID = "batch_id"
        case dedupeKey = "dedupe_key"
        case notBefore = "not_before"
    }

    /// Creates an event of a job at a stage.
    /// - Parameters:
    ///   - hop: how often the document was published before.
    ///   - requeues: the generation of the job: how often it was requeued.
    public init(
        _ name: Name, of job: JobDocument, at stage: Stage, state: JobState, hop: Int, requeues: Int = 0, attempt: Int,
        worker: String
    ) {
        self.sequence = Self.sequence(name, state, hop: hop, requeues: requeues)
        self.eventID = "\(job.jobID).\(sequence).\(stage.rawValue).\(name.rawValue)"
        self.event = "job.\(stage.rawValue).\(name.rawValue)"
        self.jobID = job.jobID
        self.batchID = job.batchID
        self.kind = job.kind
        self.stage = stage
        self.state = state
        self.attempt = attempt
        self.at = .now
        self.worker = worker
        self.dedupeKey = job.dedupeKey
        self.artist = job.track.artist.isBlank ? job.wanted.artist : job.track.artist
        self.title = job.track.title.isBlank ? job.wanted.title : job.track.title
    }

    /// Creates an entry of the job's history. Each has a random id, because one step can have several entries.
    public static func step(
        _ message: String, of job: JobDocument, at stage: Stage, hop: Int, requeues: Int, attempt: Int, worker: String
    ) -> JobEvent {
        var event = JobEvent(
            .step, of: job, at: stage, state: stage.runningState, hop: hop, requeues: requeues, attempt: attempt,
            worker: worker)
        event.eventID += ".\(UUID().uuidString.lowercased())"
        event.message = message.prefix(utf8: JobError.longestMessage)
        return event
    }

    /// The routing key on `hdm.events`.
    public var routingKey: String { event }

    /// The last word of ``event``.
    public var name: Name? { event.split(separator: ".").last.flatMap { Name(rawValue: String($0)) } }

    /// The number of sequence numbers of one generation.
    private static let generationSpan = 1_000_000
    /// The maximum generation of an event.
    public static let lastGeneration = 999_999
    /// The maximum sequence number.
    static let lastSequence = (lastGeneration + 1) * 2 * generationSpan - 1
    /// The hop of an event that ends a generation, whatever the current hop of the job.
    public static let lastHop = generationSpan / 2 - 1
    /// The hop of an event with which a stage ends a job. A cancellation that the gateway confirmed outweighs it.
    public static let finalHop = lastHop - 1

    /// Returns the generation of an event by its sequence: how often the job was requeued.
    public static func requeues(ofSequence sequence: Int) -> Int { sequence / (2 * generationSpan) }

    /// Returns the sequence number of an event. Each step has two: beginning and end.
    ///
    /// Hops above ``lastHop`` and generations above ``lastGeneration`` count as these.
    /// The end of a job is above every step of the same generation, because a message that is repeated after a crash
    /// can add events of earlier steps. A requeue begins a new generation.
    private static func sequence(_ name: Name, _ state: JobState, hop: Int, requeues: Int) -> Int {
        // The numbers come from headers, which other services can write.
        let generation = min(max(requeues, 0), lastGeneration) * 2 + (state.isFinal ? 1 : 0)
        let hop = min(max(hop, 0), lastHop)
        let step =
            switch name {
            case .enqueued, .started, .step: hop * 2
            case .completed, .retry, .waiting, .review, .duplicate, .cancelled, .deadLettered, .requeued, .purged:
                hop * 2 + 1
            }
        return generation * generationSpan + step
    }
}
