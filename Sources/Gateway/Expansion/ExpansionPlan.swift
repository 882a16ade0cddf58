import Contracts
import Metadata

/// What the jobs of a link have in common: what its item and its submission say.
struct ExpansionPlan: Codable, Sendable, Equatable {
    var batchID: String
    var requestedBy: String?
    var kind: JobKind
    /// Of the first jobs; later ones sink within the band.
    var priority: Int
    /// Put before the key of every track of a list.
    var dedupePrefix: String?
    /// The key of the one track that the link stands for.
    var dedupeKey: String?
    var expiresAt: Timestamp?
    var force: Bool?
    var standing: Bool?
    var traceparent: String?
    /// The place of the link in its submission, from 0.
    var index: Int

    init(batchID: String, kind: JobKind, priority: Int? = nil) {
        self.batchID = batchID
        self.kind = kind
        self.priority = priority ?? kind.defaultPriority
        index = 0
    }

    init(
        _ item: SubmissionItem, at index: Int, of submission: Submission, batchID: String, traceparent: String?
    ) {
        self.init(
            batchID: batchID, kind: submission.kind ?? .manual, priority: item.priority ?? submission.priority)
        requestedBy = item.requestedBy ?? submission.requestedBy
        dedupePrefix = submission.dedupeKey
        dedupeKey = item.dedupeKey
        expiresAt = submission.expiresAt
        force = item.force ?? submission.force
        standing = item.standing ?? submission.standing
        self.traceparent = traceparent
        self.index = index
    }

    /// The key of a track of the list. An item's own key cannot be that of many tracks: it goes before theirs, after the
    /// submission's.
    func key(of track: Track, isOnlyOne: Bool) -> String {
        if isOnlyOne { return DedupeKey.of(track, explicit: dedupeKey, batch: dedupePrefix) }
        let prefixes = [dedupePrefix, dedupeKey].compactMap { $0 }.filter { !$0.isEmpty }
        return DedupeKey.of(track, batch: prefixes.joined(separator: ":"))
    }

    /// The job of a track.
    /// - Parameter place: how many came before it in the list.
    func job(of track: Track, isOnlyOne: Bool, at place: Int, _ now: Timestamp) -> JobDocument {
        var job = JobDocument(
            batchID: batchID, kind: kind, requestedBy: requestedBy, dedupeKey: key(of: track, isOnlyOne: isOnlyOne),
            priority: PriorityBand.priority(base: priority, index: index + place), submittedAt: now, track: track)
        job.expiresAt = expiresAt
        job.force = force
        job.standing = standing
        return job
    }

    func frame(worker: String, at now: Timestamp) -> AdmissionFrame {
        AdmissionFrame(
            batchID: batchID, requestedBy: requestedBy, traceparent: traceparent, worker: worker, now: now)
    }
}

/// A link on its way into the database.
struct NewExpansion: Sendable {
    var id = JobID()
    var link: CatalogueLink
    var plan: ExpansionPlan
}
