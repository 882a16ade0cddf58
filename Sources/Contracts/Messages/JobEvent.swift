import Foundation

/// Something that happened to a job. Published on `hdm.events` under ``routingKey``.
///
/// Receivers may see events late, twice or out of order: `sequence` grows with every step a job takes, so that an
/// event with a smaller one than the last known changes nothing but the history.
public struct JobEvent: Codable, Sendable, Equatable {
    /// The value of `schema` in events of this version.
    public static let schema = "hdm.event/1"

    /// The last word of an event's name.
    public enum Name: String, Codable, Sendable, CaseIterable {
        case enqueued, started, completed, retry, waiting, review, duplicate, cancelled
        case deadLettered = "dead_lettered"
        case requeued, purged
        /// Something worth a line in the job's history, which changes nothing about how the job is shown.
        case step
    }

    public var schema = JobEvent.schema
    /// Derived from the job and its step, so that a repeated event has the same id.
    public var eventID: String
    /// `job.<stage>.<name>`, for example `job.move.completed`.
    public var event: String
    public var jobID: JobID
    public var batchID: String?
    public var kind: JobKind
    public var stage: Stage
    /// What the job is doing now.
    public var state: JobState
    public var sequence: Int
    public var attempt: Int
    public var at: Timestamp
    /// The process that says so.
    public var worker: String
    public var dedupeKey: String
    public var artist: String
    public var title: String
    /// When a waiting or retried job runs again.
    public var notBefore: Timestamp?
    /// Why, where something went wrong or was put off.
    public var code: ErrorCode?
    public var message: String?
    /// What is particular to the event: the library path, the score, bytes.
    public var data: [String: JSONValue]?

    enum CodingKeys: String, CodingKey {
        case schema, event, kind, stage, state, sequence, attempt, at, worker, artist, title, code, message, data
        case eventID = "event_id"
        case jobID = "job_id"
        case batchID = "batch_id"
        case dedupeKey = "dedupe_key"
        case notBefore = "not_before"
    }

    /// An event of a job at a stage.
    /// - Parameters:
    ///   - hop: how often the document was published before.
    ///   - requeues: how often an operator sent the job back to work.
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

    /// A line of the job's history, told by the stage that works on it. There may be several in one step of the job's
    /// way, so that each has an id of its own.
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

    /// The key it is published under on `hdm.events`.
    public var routingKey: String { event }

    /// The last word of its name.
    public var name: Name? { event.split(separator: ".").last.flatMap { Name(rawValue: String($0)) } }

    /// The numbers of one life of a job.
    private static let lifeSpan = 1_000_000
    /// The hop of what is to be the last word of a life, wherever the job is.
    public static let lastHop = lifeSpan / 2 - 1

    /// How often the job had been sent back to work by an event of this sequence.
    public static func requeues(ofSequence sequence: Int) -> Int { sequence / (2 * lifeSpan) }

    /// Two numbers a step: beginning and end. An end of the job outweighs every step of the same life, as a message
    /// repeated after a crash may lag behind with a step or two; a requeue begins a new life.
    private static func sequence(_ name: Name, _ state: JobState, hop: Int, requeues: Int) -> Int {
        let life = requeues * 2 + (state.isFinal ? 1 : 0)
        let step =
            switch name {
            case .enqueued, .started, .step: hop * 2
            case .completed, .retry, .waiting, .review, .duplicate, .cancelled, .deadLettered, .requeued, .purged:
                hop * 2 + 1
            }
        return life * lifeSpan + min(step, lifeSpan - 1)
    }
}
